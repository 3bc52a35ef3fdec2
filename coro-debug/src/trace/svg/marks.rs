//! What happens at a step: arrows from one coro to another, ends, notes.

use coro::End;

use super::super::spans::HandOver;
use super::super::story::{Happened, Number, Story, What};
use super::super::words::{clip, deed, end, short};
use super::layout::{BAR, Band, LANE, Layout, Note, SMALL};
use super::pen::{Anchor, BLACK, GREY, PURPLE, Pen, width};

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
    /// What one coro does to the other.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Arrow::Spawns => "spawns",
            Arrow::Wakes => "wakes",
            Arrow::Throws => "throws into",
            Arrow::Cancels => "cancels",
            Arrow::HandsOver => "switches straight to",
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
                pen.circle((x, to), 4);
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
                pen.flash((x, to));
            }
            Arrow::Cancels => {
                pen.line((x, from), (x, to), PURPLE, "2");
                pen.cross((x, to));
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
    let mut arrow = |kind, coro| arrow(pen, story, band, happened, kind, (x, coro));
    match happened.what {
        What::Spawns { coro, .. } => arrow(Arrow::Spawns, coro),
        What::Readies(coro) => arrow(Arrow::Wakes, coro),
        What::Throws(coro) => arrow(Arrow::Throws, coro),
        What::Cancels(coro) => arrow(Arrow::Cancels, coro),
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
            "{} switches to {}, which was not ready; after time {}",
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

/// Draws an arrow from who did it to a coro.
fn arrow(
    pen: &mut Pen,
    story: &Story,
    band: &Band,
    happened: &Happened,
    kind: Arrow,
    (x, coro): (i32, Number),
) {
    let Some(y) = band.row(coro) else {
        return;
    };
    let (by, step) = (happened.by, happened.step);
    let verb = kind.verb();
    let (word, _) = verb.split_once(' ').unwrap_or((verb, ""));
    let data_by = by.map_or(String::new(), |by| format!(r#" data-by="{by}""#));
    let data = format!(r#"data-arrow="{word}"{data_by} data-coro="{coro}" data-step="{step}""#);
    let who = by.map_or("somebody outside", |by| story.name(by));
    let name = story.name(coro);
    let title = format!("time {step}: {who} {verb} {name}{}", at(happened));
    pen.begin(&data, &title);
    let end = match kind {
        Arrow::Wakes => BAR / 2,
        _ => 0,
    };
    let top = y - BAR - 12;
    match by.and_then(|by| band.row(by)) {
        Some(from) if from != y => {
            let (from, to) = edges(from, y, BAR, end);
            kind.draw(pen, x, from, to);
        }
        Some(_) => kind.draw(pen, x, top, y - if end > 0 { BAR } else { 0 }),
        None => kind.draw(pen, x, top, y - end),
    }
    if by.is_none() {
        outside(pen, x, top);
    }
    pen.end();
}

/// The sign of a timer or another OS thread, as the beginning of an arrow.
pub(super) fn outside(pen: &mut Pen, x: i32, y: i32) {
    pen.circle((x, y), 5);
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
        "time {}: {} {}{}",
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
        End::Cancelled => pen.cross((x, y)),
        End::Thrown => pen.flash((x, y)),
        End::Returned => pen.rect((x - 2, y - BAR - 3), (4, 2 * BAR + 6), BLACK),
        _ => pen.star((x, y)),
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
            "time {}: {} says: {}",
            note.step,
            story.name(note.coro),
            note.whole
        ),
    );
    let x = note.x - 1;
    pen.line((x, note.y - LANE + 5), (x, y - BAR), BLACK, "1");
    pen.tip((x, y - BAR));
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
