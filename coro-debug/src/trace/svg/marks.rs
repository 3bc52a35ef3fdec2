//! What happens at a step: arrows from one coro to another, ends, notes.

use coro::End;

use super::super::spans::HandOver;
use super::super::story::{Happened, Number, Story, What};
use super::super::words::{clip, deed, end, short};
use super::layout::{BAR, Band, LANE, Layout, Note, SMALL};
use super::pen::{Anchor, BLACK, GREY, PURPLE, Pen, RED, width};

/// The kinds of arrows.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Arrow {
    Spawns,
    Wakes,
    Throws,
    Cancels,
    HandsOver,
}

impl Arrow {
    fn name(self) -> &'static str {
        match self {
            Arrow::Spawns => "spawns",
            Arrow::Wakes => "wakes",
            Arrow::Throws => "throws",
            Arrow::Cancels => "cancels",
            Arrow::HandsOver => "hands over",
        }
    }

    /// Draws it from one height to another.
    pub(super) fn draw(self, pen: &mut Pen, x: i32, from: i32, to: i32) {
        let is_down = from < to;
        let shaft = if is_down { to - 6 } else { to + 6 };
        match self {
            Arrow::Spawns => {
                let end = if is_down { to - 4 } else { to + 4 };
                pen.dashed((x, from), (x, end), BLACK, "1.5", "4 3");
                pen.circle((x, to), 4, "#ffffff", BLACK);
            }
            Arrow::Wakes => {
                pen.line((x, from), (x, shaft), BLACK, "1.5");
                pen.head((x, to), is_down, BLACK);
            }
            Arrow::HandsOver => {
                pen.dashed((x, from), (x, shaft), GREY, "1.5", "1 2");
                pen.head((x, to), is_down, GREY);
            }
            Arrow::Throws => {
                pen.line((x, from), (x, to), PURPLE, "2");
                pen.flash((x, to), PURPLE);
            }
            Arrow::Cancels => {
                pen.line((x, from), (x, to), PURPLE, "2");
                pen.cross((x, to), PURPLE);
            }
        }
    }
}

/// Draws what happened.
pub(super) fn draw(
    pen: &mut Pen,
    story: &Story,
    layout: &Layout,
    band: &Band,
    happened: &Happened,
) {
    let x = layout.x(band, happened.step);
    let arrow = |kind, coro: Number| Points {
        kind,
        coro,
        by: happened.by,
        x,
    };
    match happened.what {
        What::Spawns(coro) => arrow(Arrow::Spawns, coro).draw(pen, story, band, happened),
        What::Readies(coro) => {
            let is_new = story
                .happened
                .iter()
                .any(|other| other.step == happened.step && other.what == What::Spawns(coro));
            if !is_new {
                arrow(Arrow::Wakes, coro).draw(pen, story, band, happened);
            }
        }
        What::Throws(coro) => arrow(Arrow::Throws, coro).draw(pen, story, band, happened),
        What::Cancels(coro) => arrow(Arrow::Cancels, coro).draw(pen, story, band, happened),
        What::Ends(coro, how) => ends(pen, story, layout, band, (coro, how), happened),
        What::Runs(_) | What::Notes(..) | What::Leaves { .. } => {}
    }
}

/// Draws how one switches to another that was not ready.
pub(super) fn hand_over(
    pen: &mut Pen,
    story: &Story,
    layout: &Layout,
    band: &Band,
    over: &HandOver,
) {
    if let (Some(from), Some(to)) = (band.row(over.from), band.row(over.to)) {
        let (below, above) = edges(from, to, BAR, BAR);
        let title = format!(
            "{} switches to {}, which was not ready; after step {}",
            story.name(over.from),
            story.name(over.to),
            over.at.step
        );
        pen.begin("", &title);
        Arrow::HandsOver.draw(pen, layout.x(band, over.at.step), below, above);
        pen.end();
    }
}

/// Where an arrow begins and ends that goes from the middle of one row to that of another.
fn edges(from: i32, to: i32, begin: i32, end: i32) -> (i32, i32) {
    match from < to {
        true => (from + begin, to - end),
        false => (from - begin, to + end),
    }
}

struct Points {
    kind: Arrow,
    coro: Number,
    by: Option<Number>,
    x: i32,
}

impl Points {
    fn draw(&self, pen: &mut Pen, story: &Story, band: &Band, happened: &Happened) {
        let Some(y) = band.row(self.coro) else {
            return;
        };
        let who = self.by.map_or("somebody outside", |by| story.name(by));
        let name = story.name(self.coro);
        let what = match self.kind {
            Arrow::Spawns => format!("{who} spawns {name}"),
            Arrow::Wakes => format!("{who} wakes {name}"),
            Arrow::Throws => format!("{who} throws into {name}"),
            Arrow::Cancels => format!("{who} cancels {name}"),
            Arrow::HandsOver => String::new(),
        };
        let by = self
            .by
            .map_or(String::new(), |by| format!(r#" data-by="{by}""#));
        let data = format!(
            r#"data-arrow="{}"{by} data-coro="{}" data-step="{}""#,
            self.kind.name(),
            self.coro,
            happened.step
        );
        pen.begin(
            &data,
            &format!("step {}: {what}{}", happened.step, at(happened)),
        );
        let end = match self.kind {
            Arrow::Wakes => BAR / 2,
            _ => 0,
        };
        match self.by.and_then(|by| band.row(by)) {
            Some(from) if from != y => {
                let (from, to) = edges(from, y, BAR, end);
                self.kind.draw(pen, self.x, from, to);
            }
            Some(_) => self
                .kind
                .draw(pen, self.x, y - BAR - 12, y - if end > 0 { BAR } else { 0 }),
            None => {
                let top = y - BAR - 12;
                self.kind.draw(pen, self.x, top, y - end);
                if self.by.is_none() {
                    outside(pen, self.x, top);
                }
            }
        }
        pen.end();
    }
}

/// The sign of a timer or another OS thread, as the beginning of an arrow.
pub(super) fn outside(pen: &mut Pen, x: i32, y: i32) {
    pen.circle((x, y), 5, "#ffffff", BLACK);
    pen.path(&format!("M{x} {}v3h3", y - 3), "none", BLACK, "1");
}

fn ends(
    pen: &mut Pen,
    story: &Story,
    layout: &Layout,
    band: &Band,
    (coro, how): (Number, End),
    happened: &Happened,
) {
    let Some(y) = band.row(coro) else {
        return;
    };
    let x = layout.x(band, happened.step);
    let data = format!(
        r#"data-end="{}" data-coro="{coro}" data-step="{}""#,
        end(how),
        happened.step
    );
    let title = format!(
        "step {}: {} {}{}",
        happened.step,
        story.name(coro),
        end(how),
        at(happened)
    );
    pen.begin(&data, &title);
    sign(pen, how, x, y);
    let word = end(how);
    let word = word.strip_prefix("ends: ").unwrap_or(word);
    let begin = x + 12;
    if begin + width(word, SMALL) < layout.width {
        pen.text((begin, y + 4), Anchor::Start, GREY, SMALL, word);
    }
    pen.end();
}

/// Draws the sign of an end.
pub(super) fn sign(pen: &mut Pen, how: End, x: i32, y: i32) {
    match how {
        End::Cancelled => pen.cross((x, y), PURPLE),
        End::Thrown => pen.flash((x, y), PURPLE),
        End::Returned => pen.rect((x - 2, y - BAR - 3), (4, 2 * BAR + 6), BLACK),
        _ => pen.star((x, y), RED),
    }
}

/// Writes a note above the bar of who says it.
pub(super) fn note(pen: &mut Pen, story: &Story, band: &Band, note: &Note) {
    let Some(y) = band.row(note.coro) else {
        return;
    };
    let data = format!(
        r#"data-note="" data-coro="{}" data-step="{}""#,
        note.coro, note.step
    );
    pen.begin(
        &data,
        &format!(
            "step {}: {} says: {}",
            note.step,
            story.name(note.coro),
            note.whole
        ),
    );
    let x = note.x - 1;
    pen.line((x, note.y - LANE + 5), (x, y - BAR), BLACK, "1");
    pen.path(
        &format!("M{} {}h6l-3 5z", x - 3, y - BAR),
        BLACK,
        "none",
        "0",
    );
    pen.text((x + 4, note.y), Anchor::Start, BLACK, SMALL, &note.text);
    pen.end();
}

/// When it happened, if that is known.
fn at(happened: &Happened) -> String {
    happened
        .time
        .map_or(String::new(), |time| format!(", at {time:?}"))
}

/// One thing that happened, as a sentence.
pub(super) fn sentence(story: &Story, happened: &Happened) -> Option<String> {
    let by = happened
        .by
        .map_or("somebody outside", |by| story.number(by));
    let step = happened.step;
    Some(match &happened.what {
        What::Runs(_) => return None,
        What::Leaves {
            coro,
            place,
            wait: Some(wait),
            ..
        } => {
            format!(
                "{step}: {} blocks on {wait} at {}.",
                story.number(*coro),
                short(place)
            )
        }
        What::Leaves {
            coro,
            place,
            wait: None,
            is_ready,
        } => {
            let does = if *is_ready { "cedes" } else { "blocks" };
            format!(
                "{step}: {} {does} at {}.",
                story.number(*coro),
                short(place)
            )
        }
        What::Ends(coro, how) => format!("{step}: {} {}.", story.number(*coro), end(*how)),
        What::Notes(coro, text) => {
            format!("{step}: {} says “{}”.", story.number(*coro), clip(text, 60))
        }
        what => format!("{step}: {by} {}.", deed(story, what)),
    })
}
