//! What is recorded: fixed-size records, all of them or the last ones.
//!
//! What belongs together is one record: to cede is one, with the switch to who is next.
//!
//! # Invariants
//!
//! T1. No record copies a string that is there already: places and waits are `'static`, names are
//!     shared. Only what a note says is copied.
//! T2. A record says who a coro is by its number, and never holds it: to be watched keeps nobody
//!     alive. So names are in the records where a coro is new to us or is lost from sight, and a ring
//!     of records is bounded with all that it names.

use std::mem;
use std::panic::Location;
use std::rc::Rc;
use std::time::Instant;

use coro::{Coro, End, Event};

use super::text::Text;

/// The lower half of [`coro::Coro::id`]: so a record is small, and who is told apart by it, four
/// thousand million coros later, is not in the same recording.
pub(crate) type Id = u32;

fn id(coro: &Coro) -> Id {
    coro.id() as Id
}

/// One thing that the kernel told.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Spawned {
        coro: Id,
        name: Option<Rc<str>>,
    },
    Readied {
        coro: Id,
        by: Id,
    },
    Out {
        coro: Id,
        ready: bool,
        place: &'static Location<'static>,
        wait: Option<&'static str>,
        /// Who came next, if nothing was between.
        next: Option<Id>,
    },
    In {
        coro: Id,
    },
    Ended {
        coro: Id,
        how: End,
        name: Option<Rc<str>>,
    },
    Thrown {
        coro: Id,
        by: Id,
    },
    Cancelled {
        coro: Id,
        by: Id,
    },
    Noted {
        coro: Id,
        text: Text,
    },
}

const _: () = assert!(size_of::<Record>() <= 40);

impl Record {
    /// Returns what is to be kept of an event, if that is anything.
    #[inline]
    pub(crate) fn of(event: &Event<'_>) -> Option<Record> {
        Some(match *event {
            Event::SwitchedIn { coro } => Record::In { coro: id(coro) },
            Event::SwitchedOut { coro, place, wait } => Record::Out {
                coro: id(coro),
                ready: coro.is_ready(),
                place,
                wait,
                next: None,
            },
            Event::Readied { coro, by } => Record::Readied {
                coro: id(coro),
                by: id(by),
            },
            Event::Spawned { coro } => Record::Spawned {
                coro: id(coro),
                name: coro.desc(),
            },
            Event::Ended { coro, how } => Record::Ended {
                coro: id(coro),
                how,
                name: coro.desc(),
            },
            Event::Thrown { coro, by } => Record::Thrown {
                coro: id(coro),
                by: id(by),
            },
            Event::Cancelled { coro, by } => Record::Cancelled {
                coro: id(coro),
                by: id(by),
            },
            Event::Noted { coro, text } => Record::Noted {
                coro: id(coro),
                text: Text::of(text),
            },
            _ => return None,
        })
    }

    /// Returns `true` if `coro` has readied itself.
    #[inline]
    fn is_cede_of(&self, coro: Id) -> bool {
        matches!(self, Record::Readied { coro: ready, by } if (*ready, *by) == (coro, coro))
    }
}

/// The records, oldest first but for a ring's seam.
#[derive(Debug)]
pub(crate) struct Tape {
    records: Vec<Record>,
    /// When each was made, if that is asked for.
    times: Vec<Instant>,
    is_timed: bool,
    most: usize,
    /// Where the oldest is, once there are as many as there may be.
    oldest: usize,
    forgotten: u64,
    /// Who ran before the oldest.
    ran_before: Option<Id>,
}

impl Tape {
    pub(crate) fn new(most: Option<usize>, is_timed: bool, runs: Option<Id>) -> Tape {
        Tape {
            records: Vec::new(),
            times: Vec::new(),
            is_timed,
            most: most.unwrap_or(usize::MAX).max(1),
            oldest: 0,
            forgotten: 0,
            ran_before: runs,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, record: Record) {
        match (&record, self.newest()) {
            // Nobody had to be waited for, so it is the same time.
            (Record::In { coro }, Some(Record::Out { next, .. })) if next.is_none() => {
                *next = Some(*coro);
            }
            // It is ready because it cedes.
            (Record::Out { coro, .. }, Some(newest)) if newest.is_cede_of(*coro) => {
                *newest = record;
            }
            _ => self.add(record),
        }
    }

    #[inline]
    fn newest(&mut self) -> Option<&mut Record> {
        match self.oldest {
            0 => self.records.last_mut(),
            oldest => self.records.get_mut(oldest - 1),
        }
    }

    #[inline]
    fn add(&mut self, record: Record) {
        if self.records.len() < self.most {
            self.records.push(record);
            if self.is_timed {
                self.times.push(coro::now());
            }
        } else {
            self.replace_oldest(record);
        }
    }

    #[inline]
    fn replace_oldest(&mut self, record: Record) {
        let at = self.oldest;
        match mem::replace(&mut self.records[at], record) {
            Record::In { coro } => self.ran_before = Some(coro),
            Record::Out { next, .. } => self.ran_before = next,
            _ => {}
        }
        if self.is_timed {
            self.times[at] = coro::now();
        }
        self.oldest = if at + 1 == self.most { 0 } else { at + 1 };
        self.forgotten += 1;
    }

    /// Returns the records with their times, oldest first.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&Record, Option<Instant>)> {
        let (newer, older) = self.records.split_at(self.oldest);
        let (newer_times, older_times) = self.times.split_at(self.oldest.min(self.times.len()));
        let times = older_times.iter().chain(newer_times).copied().map(Some);
        let times = times.chain(std::iter::repeat(None));
        older.iter().chain(newer).zip(times)
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(crate) fn ran_before(&self) -> Option<Id> {
        self.ran_before
    }
}
