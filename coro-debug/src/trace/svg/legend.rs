//! What the shapes mean: those that are in the picture, and three of the states.

use coro::End;

use super::super::spans::{HandOver, Span, State};
use super::super::story::{Story, What};
use super::super::words::end;
use super::bars;
use super::layout::{BAR, Layout, MARGIN, SMALL};
use super::marks::{self, Arrow};
use super::pen::{Anchor, BLACK, Pen, RUST, width};

/// The height of a line, and the room for a sample.
const LINE: i32 = 30;
const SAMPLE: i32 = 36;

#[derive(Clone, Copy, PartialEq)]
enum Item {
    Running,
    Ready,
    Blocked,
    New,
    Arrow(Arrow),
    Outside,
    Ends(End),
    Note,
}

impl Item {
    fn text(self) -> &'static str {
        match self {
            Item::Running => "runs",
            Item::Ready => "is ready to run",
            Item::Blocked => "is blocked, on what",
            Item::New => "is new, nobody has readied it",
            Item::Arrow(kind) => kind.verb(),
            Item::Outside => "is woken by a timer, or from outside",
            Item::Ends(how) => end(how),
            Item::Note => "says",
        }
    }

    fn sample(self, pen: &mut Pen, x: i32, y: i32) {
        let middle = x + SAMPLE / 2 - 4;
        let right = x + SAMPLE - 8;
        match self {
            Item::Running => bars::running(pen, x, right, y),
            Item::Ready => bars::ready(pen, x, right, y),
            Item::Blocked => {
                bars::blocked(pen, x, right, y);
                bars::begins(pen, x, y);
            }
            Item::New => bars::new(pen, x, right, y),
            Item::Arrow(kind) => {
                let end = match kind {
                    Arrow::Wakes | Arrow::HandsOver => y + BAR,
                    _ => y + 5,
                };
                kind.draw(pen, middle, y - BAR, end);
            }
            Item::Outside => {
                Arrow::Wakes.draw(pen, middle, y - 5, y + BAR);
                marks::outside(pen, middle, y - 5);
            }
            Item::Ends(how) => marks::sign(pen, how, middle, y),
            Item::Note => {
                pen.text((middle - 13, y + 1), Anchor::Start, BLACK, SMALL, "text");
                pen.tip((middle, y + 5));
            }
        }
    }
}

/// Draws the legend from `top` on; returns where it ends.
pub(super) fn draw(
    pen: &mut Pen,
    layout: &Layout,
    story: &Story,
    (spans, overs): (&[Span], &[HandOver]),
    top: i32,
) -> i32 {
    let (mut x, mut y) = (MARGIN, top + LINE / 2);
    for item in items(story, layout, spans, overs) {
        let wide = SAMPLE + width(item.text(), SMALL) + 18;
        if x + wide > layout.width && x > MARGIN {
            x = MARGIN;
            y += LINE;
        }
        item.sample(pen, x, y);
        let colour = if item == Item::Blocked { RUST } else { BLACK };
        pen.text(
            (x + SAMPLE, y + 4),
            Anchor::Start,
            colour,
            SMALL,
            item.text(),
        );
        x += wide;
    }
    y + LINE / 2
}

fn items(story: &Story, layout: &Layout, spans: &[Span], overs: &[HandOver]) -> Vec<Item> {
    let mut items = vec![Item::Running, Item::Ready, Item::Blocked];
    let mut has = |item| {
        if !items.contains(&item) {
            items.push(item);
        }
    };
    let is_shown = |span: &&Span| span.coro < layout.coros && span.from.step < layout.steps;
    let mut shown = spans.iter().filter(is_shown);
    if shown.any(|span| span.state == State::New) {
        has(Item::New);
    }
    let shown = story
        .happened
        .iter()
        .filter(|happened| happened.step <= layout.steps);
    let mut what: Vec<_> = shown.collect();
    // In an order of their own, so that all pictures have the same.
    what.sort_by_key(|happened| match happened.what {
        What::Spawns { .. } => 0,
        What::Readies(_) => 1,
        What::Notes(..) => 2,
        What::Throws(_) => 3,
        What::Cancels(_) => 4,
        What::Ends(_, how) => 5 + how as u32,
        What::Runs(_) | What::Leaves { .. } => u32::MAX,
    });
    for happened in what {
        match happened.what {
            What::Spawns { .. } => has(Item::Arrow(Arrow::Spawns)),
            What::Readies(_) if happened.by.is_none() => has(Item::Outside),
            What::Readies(_) => has(Item::Arrow(Arrow::Wakes)),
            What::Throws(_) => has(Item::Arrow(Arrow::Throws)),
            What::Cancels(_) => has(Item::Arrow(Arrow::Cancels)),
            What::Ends(_, how) => has(Item::Ends(how)),
            What::Notes(..) => has(Item::Note),
            What::Runs(_) | What::Leaves { .. } => {}
        }
    }
    if overs.iter().any(|over| over.at.step <= layout.steps) {
        has(Item::Arrow(Arrow::HandsOver));
    }
    items
}
