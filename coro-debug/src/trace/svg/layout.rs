//! Where everything is: steps from left to right, in bands one below the other, like lines of text.

use super::super::spans::Span;
use super::super::story::{Happened, Number, Step, Story, What};
use super::super::words::clip;
use super::pen::width;

/// A picture shows so many steps, and coros, at most.
pub(super) const STEPS: Step = 300;
pub(super) const COROS: usize = 24;

/// The size of names, and that of all that is written between the bars.
pub(super) const TEXT: i32 = 12;
pub(super) const SMALL: i32 = 11;

/// Half the height of the bar of who runs.
pub(super) const BAR: i32 = 10;

pub(super) const MARGIN: i32 = 14;
const WIDEST: i32 = 900;
/// A step is so wide, if all fit into one band.
const UNIT: (i32, i32) = (18, 36);
/// What follows the last step: how a coro ends, and its last words.
const RIGHT: (i32, i32) = (78, 150);
const NAME: usize = 24;
/// So many characters of a note are shown, if its row would need more than `LANES` lines otherwise.
const NOTE: [usize; 4] = [48, 28, 16, 8];
const LANES: i32 = 5;
/// The height of a line of notes.
pub(super) const LANE: i32 = 14;
/// From the bottom of a row's bar to the notes of the next.
const GAP: i32 = 14;
/// The height of the axis.
const AXIS: i32 = 22;
/// The foot of its numbers, from the top of the band.
pub(super) const AT_AXIS: i32 = 12;

/// A note, and where it is written.
pub(super) struct Note {
    pub(super) coro: Number,
    pub(super) step: Step,
    pub(super) text: String,
    pub(super) whole: Box<str>,
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A coro's part of a band.
pub(super) struct Row {
    pub(super) coro: Number,
    /// The middle of its bars.
    pub(super) y: i32,
}

/// A part of the steps.
pub(super) struct Band {
    pub(super) from: Step,
    pub(super) to: Step,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<Note>,
}

impl Band {
    pub(super) fn row(&self, coro: Number) -> Option<i32> {
        let row = self.rows.iter().find(|row| row.coro == coro);
        row.map(|row| row.y)
    }

    /// Returns `true` if what happens at the end of this step is shown here.
    pub(super) fn has(&self, step: Step) -> bool {
        !self.begins_after(step) && step <= self.to
    }

    /// Returns what is shown here.
    pub(super) fn happened<'a>(&self, story: &'a Story) -> &'a [Happened] {
        let all = &story.happened;
        let from = all.partition_point(|happened| self.begins_after(happened.step));
        let all = &all[from..];
        &all[..all.partition_point(|happened| happened.step <= self.to)]
    }

    /// Returns `true` if the end of this step is shown in an earlier band.
    fn begins_after(&self, step: Step) -> bool {
        // What is before the first step is in the first band.
        step <= self.from && self.from > 0
    }
}

pub(super) struct Layout {
    pub(super) unit: i32,
    pub(super) left: i32,
    pub(super) width: i32,
    /// Where the bands end.
    pub(super) bottom: i32,
    pub(super) bands: Vec<Band>,
    pub(super) coros: usize,
    pub(super) steps: Step,
}

impl Layout {
    pub(super) fn of(story: &Story, spans: &[Span]) -> Layout {
        let coros = story.coros.len().min(COROS);
        let steps = story.end().clamp(1, most_steps(coros));
        let names = story.coros[..coros].iter();
        let widest = names.map(|who| width(&name(&who.name), TEXT)).max();
        let left = MARGIN + widest.unwrap_or(0).max(width("time", TEXT)) + 12;
        let mut layout = Layout {
            unit: 0,
            left,
            width: 0,
            bottom: MARGIN,
            bands: Vec::new(),
            coros,
            steps,
        };
        let mut per_band = layout.fit(RIGHT.0);
        let over = layout.notes_beyond(story, per_band);
        if over > 0 {
            per_band = layout.fit((RIGHT.0 + over).min(RIGHT.1));
        }
        for from in (0..steps).step_by(per_band as usize) {
            layout.add(story, spans, from, (from + per_band).min(steps));
        }
        layout
    }

    /// Finds how wide a step is, with so much room after the last one; returns how many are in a band.
    fn fit(&mut self, right: i32) -> Step {
        let room = WIDEST - self.left - right;
        let one = room / i32::try_from(self.steps).unwrap_or(i32::MAX);
        let per_band;
        (self.unit, per_band) = if one >= UNIT.0 {
            (one.min(UNIT.1), self.steps)
        } else {
            let unit = UNIT.0 + 2;
            let most = Step::try_from(room / unit).unwrap_or(1).max(1);
            (unit, self.steps.div_ceil(self.steps.div_ceil(most)))
        };
        let steps = self.unit * i32::try_from(per_band).unwrap_or(0);
        self.width = (self.left + steps + right).max(620);
        per_band
    }

    /// Returns how much wider the picture should be for the notes.
    fn notes_beyond(&self, story: &Story, per_band: Step) -> i32 {
        let notes = story.happened.iter().filter_map(|happened| {
            let What::Notes(coro, text) = &happened.what else {
                return None;
            };
            let is_shown = *coro < self.coros && (1..=self.steps).contains(&happened.step);
            let in_band = (happened.step.max(1) - 1) % per_band + 1;
            let x = self.left + self.unit * i32::try_from(in_band).unwrap_or(0);
            is_shown.then(|| x + width(&clip(text, NOTE[0]), SMALL) + 8 - self.width)
        });
        notes.max().unwrap_or(0)
    }

    fn add(&mut self, story: &Story, spans: &[Span], from: Step, to: Step) {
        let mut band = Band {
            from,
            to,
            top: self.bottom,
            bottom: 0,
            rows: Vec::new(),
            notes: Vec::new(),
        };
        let mut y = band.top + AXIS;
        for coro in 0..self.coros {
            let is_here = |span: &Span| {
                span.coro == coro && span.from.step <= to && (span.to.step > from || from == 0)
            };
            if !spans.iter().any(is_here) {
                continue;
            }
            let mut notes = self.notes(story, &band, coro);
            let lanes = notes.iter().map(|note| note.y + 1).max().unwrap_or(0);
            y += GAP + lanes * LANE + BAR;
            for note in &mut notes {
                note.y = y - BAR - 7 - note.y * LANE;
            }
            band.notes.extend(notes);
            band.rows.push(Row { coro, y });
            y += BAR;
        }
        band.bottom = y + GAP;
        self.bottom = band.bottom + 6;
        self.bands.push(band);
    }

    /// Returns the notes of a coro, each with its lane in place of its height.
    fn notes(&self, story: &Story, band: &Band, coro: Number) -> Vec<Note> {
        let mut notes = Vec::new();
        for most in NOTE {
            notes = self.notes_up_to(most, story, band, coro);
            if notes.iter().all(|note| note.y < LANES) {
                break;
            }
        }
        notes
    }

    /// Puts them so that no text is over another, nor over the line from another to its step.
    fn notes_up_to(&self, most: usize, story: &Story, band: &Band, coro: Number) -> Vec<Note> {
        // Where the text begins that is farthest to the left, in each lane. From the right to the
        // left, so that who comes later is nearer to the bar.
        let mut lanes: Vec<i32> = Vec::new();
        let mut notes = Vec::new();
        for happened in band.happened(story).iter().rev() {
            let What::Notes(who, whole) = &happened.what else {
                continue;
            };
            if *who != coro {
                continue;
            }
            let x = self.x(band, happened.step);
            let room = (self.width - 8 - x) / width("m", SMALL);
            let most = usize::try_from(room).map_or(1, |room| most.min(room.max(1)));
            let text = clip(whole, most);
            let free = lanes
                .iter()
                .position(|taken| x + width(&text, SMALL) + 8 <= *taken);
            let lane = free.unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(x);
            }
            // The line to the step goes through all lanes below.
            lanes[..=lane].fill(x);
            notes.push(Note {
                coro,
                step: happened.step,
                text,
                whole: whole.clone(),
                x,
                y: i32::try_from(lane).unwrap_or(0),
            });
        }
        notes
    }

    /// Returns where the end of a step is.
    pub(super) fn x(&self, band: &Band, step: Step) -> i32 {
        let steps = step.clamp(band.from, band.to) - band.from;
        self.left + self.unit * i32::try_from(steps).unwrap_or(0)
    }
}

/// Returns how many steps are shown of so many coros, so that no picture is large.
fn most_steps(coros: usize) -> Step {
    match coros {
        0..=8 => STEPS,
        _ => STEPS / 2,
    }
}

/// Returns a name as it is written at a row.
pub(super) fn name(name: &str) -> String {
    clip(name, NAME)
}
