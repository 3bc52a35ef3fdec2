//! The picture.
//!
//! It is read in documentation, so: it is one line after the other with none blank, and the first has
//! the opening tag alone, by which Markdown knows a block of HTML. It has no style sheet and no ids,
//! which would meet those of the page. Whoever cannot see it is told all by its description.

use std::fmt::Write;

use super::spans;
use super::story::{Happened, Story, What};
use super::words::clip;

mod bars;
mod layout;
mod legend;
mod marks;
mod pen;

use self::layout::{AT_AXIS, Band, COROS, Layout, MARGIN, SMALL, STEPS, TEXT};
use self::pen::{Anchor, BLACK, FAINT, GREY, Pen, escape};

/// Draws it.
pub(crate) fn draw(story: &Story) -> String {
    let (mut spans, overs) = spans::of(story);
    spans.retain(|span| span.from.step <= STEPS);
    let layout = Layout::of(story, &spans);
    let mut pen = Pen::default();
    for band in &layout.bands {
        grid(&mut pen, story, &layout, band);
        for span in &spans {
            bars::draw(&mut pen, story, &layout, band, span);
        }
        for over in overs.iter().filter(|over| band.has(over.at.step)) {
            marks::hand_over(&mut pen, story, &layout, band, over);
        }
        let is_end = |happened: &&Happened| matches!(happened.what, What::Ends(..));
        let (ends, others): (Vec<_>, Vec<_>) = band.happened(story).iter().partition(is_end);
        // Signs above arrows, and texts above all.
        for happened in others.into_iter().chain(ends) {
            marks::draw(&mut pen, story, &layout, band, happened);
        }
        for note in &band.notes {
            marks::note(&mut pen, story, band, note);
        }
    }
    let mut bottom = layout.bottom;
    for line in left_out(story, &layout) {
        pen.text((MARGIN, bottom + 14), Anchor::Start, BLACK, SMALL, &line);
        bottom += 20;
    }
    pen.line(
        (MARGIN, bottom),
        (layout.width - MARGIN, bottom),
        FAINT,
        "1",
    );
    bottom = legend::draw(&mut pen, &layout, story, (&spans, &overs), bottom + 4) + 8;
    frame(story, &layout, bottom, &pen.finish())
}

/// Puts the picture together.
fn frame(story: &Story, layout: &Layout, height: i32, inside: &str) -> String {
    let width = layout.width;
    let mut pen = Pen::default();
    pen.raw(&format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" style="max-width:100%;height:auto" role="img" font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace">"#
    ));
    pen.raw(&format!("<title>{}</title>", escape(&heading(story))));
    pen.raw(&format!("<desc>{}</desc>", escape(&description(story))));
    pen.raw(&format!(
        r##"<rect width="{width}" height="{height}" rx="4" fill="#ffffff"/>"##
    ));
    let head = pen.finish();
    format!("{head}{inside}</svg>\n")
}

fn heading(story: &Story) -> String {
    let names: Vec<_> = story.coros.iter().map(|who| clip(&who.name, 40)).collect();
    let names = match &names[..] {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [some @ .., last] if names.len() <= 8 => format!("{} and {last}", some.join(", ")),
        _ => format!("{} coros", names.len()),
    };
    format!("Timeline of {names}, in {} steps", story.steps())
}

/// So many sentences describe what happens, at most.
const SENTENCES: usize = 60;

fn description(story: &Story) -> String {
    let mut text = "What happens, step by step.".to_owned();
    let sentences = story.happened.iter();
    let mut sentences = sentences.filter_map(|happened| marks::sentence(story, happened));
    for sentence in sentences.by_ref().take(SENTENCES) {
        _ = write!(text, " {sentence}");
    }
    match sentences.count() {
        0 => {}
        more => _ = write!(text, " And {more} more."),
    }
    text
}

/// What is not in the picture, in sentences.
fn left_out(story: &Story, layout: &Layout) -> Vec<String> {
    let mut lines = Vec::new();
    let forgotten = match story.forgotten {
        0 => None,
        1 => Some("1 event before the first step was".to_owned()),
        count => Some(format!("{count} events before the first step were")),
    };
    lines.extend(forgotten.map(|what| format!("{what} forgotten: the last ones were recorded.")));
    if story.end() > layout.steps {
        lines.push(format!(
            "These are the first {} of {} steps; the text of the trace has them all.",
            layout.steps,
            story.steps()
        ));
    }
    if story.coros.len() > layout.coros {
        lines.push(format!(
            "These are the first {COROS} of {} coros; the text of the trace has them all.",
            story.coros.len()
        ));
    }
    lines
}

/// Draws the axis and the names.
fn grid(pen: &mut Pen, story: &Story, layout: &Layout, band: &Band) {
    let y = band.top + AT_AXIS;
    pen.text((MARGIN, y), Anchor::Start, GREY, SMALL, "time");
    let every = if layout.unit >= 24 { 1 } else { 5 };
    for step in band.from..=band.to {
        let x = layout.x(band, step);
        let is_numbered = step % every == 0;
        if is_numbered {
            pen.line((x, y + 5), (x, band.bottom), FAINT, "1");
            pen.text((x, y), Anchor::Middle, GREY, SMALL, &step.to_string());
        } else {
            pen.line((x, y + 5), (x, y + 8), FAINT, "1");
        }
    }
    for row in &band.rows {
        let name = story.name(row.coro);
        pen.begin("", name);
        pen.text(
            (MARGIN, row.y + 4),
            Anchor::Start,
            BLACK,
            TEXT,
            &layout::name(name),
        );
        pen.end();
    }
}
