//! The states: a solid bar, a hatched one of half the height, a line.

use std::fmt::Write;

use super::super::spans::{Span, State};
use super::super::story::Story;
use super::super::words::{clip, short};
use super::layout::{BAR, Band, Layout, SMALL};
use super::pen::{Anchor, BLUE, GREY, Pen, RED, RUST, width};

/// Fewer letters and dots say nothing.
const FEWEST: usize = 4;

/// Draws the part of a state that is in this band.
pub(super) fn draw(pen: &mut Pen, story: &Story, layout: &Layout, band: &Band, span: &Span) {
    let Some(y) = band.row(span.coro) else {
        return;
    };
    let is_before = span.to.step <= band.from && band.from > 0;
    // It may take time, and no step.
    let is_short = span.from.step == span.to.step && !span.is_open;
    if is_before || is_short || span.from.step >= band.to {
        return;
    }
    let (from, to) = (layout.x(band, span.from.step), layout.x(band, span.to.step));
    let data = format!(
        r#"data-coro="{}" data-state="{}" data-from="{}" data-to="{}""#,
        span.coro,
        span.state.name(),
        span.from.step,
        span.to.step
    );
    pen.begin(&data, &title(story, span));
    match span.state {
        State::Running => running(pen, from, to, y),
        State::Ready => ready(pen, from, to, y),
        State::New => new(pen, from, to, y),
        State::Blocked { wait, place } => {
            blocked(pen, from, to, y);
            // In a later band it goes on, and so it does if it began before the recording.
            if span.from.step >= band.from && place.is_some() {
                begins(pen, from, y);
            }
            // Who says nothing has just called the scheduler; and who knows what was before?
            let silent = place.map_or("blocked", |_| "schedule");
            let wait = fitting(wait.unwrap_or(silent), to - from - 10);
            if let Some(wait) = wait {
                pen.text((from + 6, y - 4), Anchor::Start, RUST, SMALL, &wait);
            }
        }
    }
    pen.end();
}

pub(super) fn running(pen: &mut Pen, from: i32, to: i32, y: i32) {
    pen.rect((from, y - BAR), (to - from, 2 * BAR), BLUE);
}

pub(super) fn ready(pen: &mut Pen, from: i32, to: i32, y: i32) {
    let half = BAR / 2;
    pen.frame((from, y - half), (to - from - 1, 2 * half - 1));
    pen.hatch((from + half, y), to - from - 2 * half, 2 * half - 1);
}

pub(super) fn blocked(pen: &mut Pen, from: i32, to: i32, y: i32) {
    pen.line((from, y), (to, y), RED, "2");
}

/// Where a coro blocks.
pub(super) fn begins(pen: &mut Pen, from: i32, y: i32) {
    pen.line((from + 1, y - 4), (from + 1, y + 4), RED, "2");
}

pub(super) fn new(pen: &mut Pen, from: i32, to: i32, y: i32) {
    pen.dashed((from, y), (to, y), GREY, "1", "2 3");
}

/// Returns as much of a text as there is room for, if that says anything.
fn fitting(text: &str, room: i32) -> Option<String> {
    let mut shorter = (1..=text.chars().count())
        .rev()
        .map(|most| clip(text, most));
    let kept = shorter.find(|text| width(text, SMALL) <= room)?;
    let is_enough = kept == text || kept.chars().count() > FEWEST;
    is_enough.then_some(kept)
}

/// What is told of a state when the mouse is over it.
fn title(story: &Story, span: &Span) -> String {
    let name = story.name(span.coro);
    let mut title = match span.state {
        State::Running => format!("{name} runs"),
        State::Ready => format!("{name} is ready"),
        State::New => format!("{name} is new: nobody has readied it"),
        State::Blocked { wait: None, .. } => format!("{name} is blocked"),
        State::Blocked {
            wait: Some(wait), ..
        } => format!("{name} is blocked: {wait}"),
    };
    if let State::Blocked {
        place: Some(place), ..
    } = span.state
    {
        _ = write!(title, " at {}", short(place));
    }
    match span.by {
        Some(by) if by == span.coro => title += ", as it cedes",
        Some(by) if span.state == State::Ready => {
            _ = write!(title, ", made ready by {}", story.name(by));
        }
        _ => {}
    }
    let (from, to) = (span.from.step, span.to.step);
    match span.is_open {
        true => _ = write!(title, "; from time {from} to the end of the recording"),
        false => _ = write!(title, "; from time {from} to {to}"),
    }
    if let (Some(from), Some(to)) = (span.from.time, span.to.time) {
        _ = write!(title, ", for {:?}", to.saturating_sub(from));
    }
    title
}
