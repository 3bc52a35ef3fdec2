//! What was recorded, told step by step: who did what to whom.

use std::collections::HashMap;
use std::panic::Location;
use std::time::{Duration, Instant};

use coro::End;

use super::tape::{Id, Record, Tape};

/// The number of a coro within its story: in the order of appearance.
pub(crate) type Number = usize;

/// A number of steps.
pub(crate) type Step = u32;

/// A place in a source.
pub(crate) type Place = &'static Location<'static>;

/// The kernel's number of main.
const MAIN: Id = 0;

/// What somebody did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// It was switched to.
    Runs(Number),
    Spawns {
        coro: Number,
        /// It was readied at once, which is of the same step.
        is_ready: bool,
    },
    /// One that was there before.
    Readies(Number),
    Throws(Number),
    Cancels(Number),
    Notes(Number, Box<str>),
    /// It switched out.
    Leaves {
        coro: Number,
        place: Place,
        wait: Option<&'static str>,
        is_ready: bool,
    },
    Ends(Number, End),
}

/// What happened, when, and who did it.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    /// At the end of this step.
    pub(crate) step: Step,
    pub(crate) time: Option<Duration>,
    /// Who ran; nobody between two switches, when timers and other OS threads have their say.
    pub(crate) by: Option<Number>,
    pub(crate) what: What,
}

/// All that happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    /// How they are called: `main`, `#1`; and their descriptions.
    pub(crate) coros: Vec<Who>,
    /// By their steps.
    pub(crate) happened: Vec<Happened>,
    pub(crate) forgotten: u64,
    /// Who ran at the beginning.
    pub(crate) first: Option<Number>,
}

/// How coros are called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Names {
    /// By their order of appearance.
    InOrder,
    /// By their ids, as the kernel's reports call them.
    ById,
}

/// Who somebody is.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// `main` or `#1`.
    pub(crate) number: String,
    /// `main` or `#1 getter`.
    pub(crate) name: String,
}

impl Story {
    pub(crate) fn of(tape: &Tape, names: Names) -> Story {
        let mut teller = Teller::default();
        if let Some(runs) = tape.ran_before() {
            teller.runs = Some(teller.number(runs));
            teller.story.first = teller.runs;
        }
        let mut records = tape.records().peekable();
        let start = records.peek().and_then(|(_, time)| *time);
        while let Some((record, time)) = records.next() {
            let since = |(time, start): (Instant, _)| time.saturating_duration_since(start);
            // A virtual clock that came or went has set the time back, perhaps.
            teller.time = teller.time.max(time.zip(start).map(since));
            teller.tell(record, records.peek().map(|(next, _)| *next));
        }
        teller.story.forgotten = tape.forgotten();
        teller.name_all(names)
    }

    /// How many steps there are.
    pub(crate) fn steps(&self) -> Step {
        self.happened.last().map_or(0, |last| last.step)
    }

    /// Where what goes on at the end is over: one step later, if somebody was just switched to.
    pub(crate) fn end(&self) -> Step {
        let last = self.happened.last();
        let has_begun = last.is_some_and(|last| matches!(last.what, What::Runs(_)));
        self.steps() + Step::from(has_begun)
    }

    /// `main` or `#1`.
    pub(crate) fn number(&self, coro: Number) -> &str {
        &self.coros[coro].number
    }

    /// `main` or `#1 getter`.
    pub(crate) fn name(&self, coro: Number) -> &str {
        &self.coros[coro].name
    }
}

/// Goes through the records.
#[derive(Default)]
struct Teller {
    story: Story,
    numbers: HashMap<Id, Number>,
    ids: Vec<Id>,
    names: HashMap<Id, Box<str>>,
    runs: Option<Number>,
    time: Option<Duration>,
    /// The coro that runs has ended, and all it did since was to ready its joiners.
    is_over: bool,
}

impl Teller {
    fn number(&mut self, id: Id) -> Number {
        *self.numbers.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }

    /// `next` is the record after this one.
    fn tell(&mut self, record: &Record, next: Option<&Record>) {
        let was_over = std::mem::take(&mut self.is_over);
        match *record {
            Record::Spawned { coro, ref name } => {
                self.call(coro, name.as_deref());
                if let Some(Record::Readied { by, .. }) = next {
                    self.is_told_by(*by);
                }
                let coro = self.number(coro);
                self.happens(
                    1,
                    What::Spawns {
                        coro,
                        is_ready: false,
                    },
                );
            }
            Record::Readied { coro, by } => {
                let is_its_own = self.is_told_by(by);
                let coro = self.number(coro);
                if let Some(last) = self.story.happened.last_mut()
                    && let What::Spawns {
                        coro: new,
                        is_ready,
                    } = &mut last.what
                    && *new == coro
                {
                    *is_ready = true;
                    return;
                }
                self.is_over = was_over && is_its_own;
                self.happens(Step::from(!self.is_over), What::Readies(coro));
            }
            Record::Out {
                coro,
                ready,
                place,
                wait,
                next,
            } => {
                let coro = self.number(coro);
                self.runs = Some(coro);
                self.happens(
                    1,
                    What::Leaves {
                        coro,
                        place,
                        wait,
                        is_ready: ready,
                    },
                );
                self.runs = None;
                if let Some(next) = next {
                    self.goes_in(next);
                }
            }
            Record::In { coro } => self.goes_in(coro),
            Record::Ended {
                coro,
                how,
                ref name,
            } => {
                self.call(coro, name.as_deref());
                let coro = self.number(coro);
                self.happens(1, What::Ends(coro, how));
                self.is_over = self.runs == Some(coro);
            }
            Record::Thrown { coro, by } => {
                self.is_told_by(by);
                let coro = self.number(coro);
                self.happens(1, What::Throws(coro));
            }
            Record::Cancelled { coro, by } => {
                self.is_told_by(by);
                let coro = self.number(coro);
                self.happens(1, What::Cancels(coro));
            }
            Record::Noted { coro, ref text } => {
                self.is_told_by(coro);
                let coro = self.number(coro);
                self.happens(1, What::Notes(coro, text.as_str().into()));
            }
        }
    }

    /// Returns `true` if it is the one that runs who does something, as the kernel knows it. A coro
    /// that has ended runs on, but nobody tells when it is gone; then main stands in for nobody.
    fn is_told_by(&mut self, by: Id) -> bool {
        let by = self.numbers.get(&by).copied();
        if by.is_none() || by != self.runs {
            self.runs = None;
        }
        self.runs.is_some()
    }

    fn happens(&mut self, steps: Step, what: What) {
        self.story.happened.push(Happened {
            step: self.story.steps() + steps,
            time: self.time,
            by: self.runs,
            what,
        });
    }

    fn goes_in(&mut self, coro: Id) {
        let coro = self.number(coro);
        self.happens(0, What::Runs(coro));
        self.runs = Some(coro);
    }

    fn call(&mut self, id: Id, name: Option<&str>) {
        if let Some(name) = name {
            self.names.insert(id, name.into());
        }
    }

    /// Names all that have appeared.
    fn name_all(mut self, names: Names) -> Story {
        for coro in coro::all() {
            let id = coro.id() as Id;
            if self.numbers.contains_key(&id) {
                self.call(id, coro.desc().as_deref());
            }
        }
        let mut numbers = 1..;
        let named = self.ids.iter().map(|id| {
            let short = match *id {
                MAIN => "main".to_owned(),
                id if names == Names::ById => format!("#{id}"),
                _ => format!("#{}", numbers.next().unwrap_or(0)),
            };
            let name = match self.names.get(id) {
                Some(name) if *id != MAIN => format!("{short} {name}"),
                _ => short.clone(),
            };
            Who {
                number: short,
                name,
            }
        });
        self.story.coros = named.collect();
        self.story
    }
}
