//! Random programs on channels of both forms: against a model whenever nobody is ready, and in chaos.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{Builder, Coro, JoinHandle, Prio, cede, spawn};
use coro_channel::Channel;

use crate::channel::{FORMS, has_its_capacity};
use crate::signal::{INTERRUPTIONS, random, settle};
use crate::support::fresh;

/// What a channel is for whoever looks when nobody is ready: each form is a queue of values and two of waiters.
struct Model {
    fair: bool,
    capacity: usize,
    values: VecDeque<i32>,
    getters: VecDeque<usize>,
    /// Who waits, and with what in the fair form; in the default form `values` has it.
    putters: VecDeque<(usize, i32)>,
    got: Vec<(usize, i32)>,
    put: Vec<usize>,
}

impl Model {
    /// Serves whoever can be served.
    fn settle(&mut self) {
        loop {
            if let (Some(&id), Some(&value)) = (self.getters.front(), self.values.front()) {
                self.getters.pop_front();
                self.values.pop_front();
                self.got.push((id, value));
            } else if self.has_room()
                && let Some((id, value)) = self.putters.pop_front()
            {
                if self.fair {
                    self.values.push_back(value);
                }
                self.put.push(id);
            } else {
                return;
            }
        }
    }

    fn has_room(&self) -> bool {
        let owed = if self.fair { 0 } else { self.putters.len() };
        let invited = if self.fair { self.getters.len() } else { 0 };
        self.values.len() < self.capacity + owed + invited
    }

    fn begin_put(&mut self, id: usize, value: i32) {
        if !self.fair {
            self.values.push_back(value);
        }
        self.putters.push_back((id, value));
        self.settle();
    }

    fn leave(&mut self, id: usize) {
        self.getters.retain(|&getter| getter != id);
        self.putters.retain(|&(putter, _)| putter != id);
        self.settle();
    }
}

#[test]
fn random_programs_do_what_the_model_does() {
    fresh(|| (0..400).for_each(compare_with_the_model));
}

fn compare_with_the_model(seed: u64) {
    let mut below = random(seed);
    let (form, make) = FORMS[seed as usize % 2];
    let capacity = below(4);
    let channel = Rc::new(make(capacity));
    let mut model = Model {
        fair: form == "fair",
        capacity,
        values: VecDeque::new(),
        getters: VecDeque::new(),
        putters: VecDeque::new(),
        got: Vec::new(),
        put: Vec::new(),
    };
    let (got, put) = (
        Rc::new(RefCell::new(Vec::new())),
        Rc::new(RefCell::new(Vec::new())),
    );
    let mut coros: Vec<(usize, JoinHandle<()>)> = Vec::new();
    for step in 0..150 {
        let about = format!("{form}, seed {seed}, step {step}");
        let value = step as i32;
        match below(10) {
            0..=2 => {
                let (channel, got) = (channel.clone(), got.clone());
                let c = spawn(move || {
                    let value = channel.get().expect("it is not shut down");
                    got.borrow_mut().push((step, value));
                });
                coros.push((step, c));
                model.getters.push_back(step);
                model.settle();
            }
            3..=5 => {
                let (channel, put) = (channel.clone(), put.clone());
                let c = spawn(move || {
                    channel.put(value);
                    put.borrow_mut().push(step);
                });
                coros.push((step, c));
                model.begin_put(step, value);
            }
            6 => {
                let fits = model.has_room() && model.putters.is_empty()
                    || !model.fair && !model.getters.is_empty();
                assert_eq!(channel.try_put(value).is_ok(), fits, "{about}");
                if fits {
                    model.values.push_back(value);
                    model.settle();
                }
            }
            7 => {
                assert_eq!(channel.try_get(), model.values.pop_front(), "{about}");
                model.settle();
            }
            8 => {
                let up = below(2) == 1 || model.capacity == 0;
                channel.adjust(if up { 1 } else { -1 });
                model.capacity = model.capacity.wrapping_add_signed(if up { 1 } else { -1 });
                model.settle();
            }
            _ if !coros.is_empty() => {
                let (id, c) = coros.swap_remove(below(coros.len()));
                if below(2) == 0 {
                    c.ready();
                    coros.push((id, c));
                } else {
                    INTERRUPTIONS[below(3)].1(&c);
                    model.leave(id);
                }
            }
            _ => {}
        }
        settle();
        assert_eq!(got.take(), std::mem::take(&mut model.got), "{about}");
        assert_eq!(put.take(), std::mem::take(&mut model.put), "{about}");
        assert_eq!(channel.len(), model.values.len(), "{about}");
        coros.retain(|(_, c)| !c.is_finished());
        let waiting = model.getters.len() + model.putters.len();
        assert_eq!(coros.len(), waiting, "{about}");
    }
    coros.iter().for_each(|(_, c)| c.cancel());
    settle();
    channel.try_iter().for_each(drop);
    has_its_capacity(&channel, form);
}

/// What a random program has seen of its channel.
#[derive(Default)]
struct Seen {
    /// In the order in which they went in.
    stored: RefCell<Vec<i32>>,
    got: RefCell<Vec<i32>>,
    /// How many wait in a get, and in a put.
    getting: Cell<usize>,
    putting: Cell<usize>,
}

/// Counts a call while it lives.
struct Inside<'a>(&'a Cell<usize>);

impl<'a> Inside<'a> {
    fn new(count: &'a Cell<usize>) -> Inside<'a> {
        count.set(count.get() + 1);
        Inside(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn get(channel: &Channel<i32>, seen: &Seen) {
    let _inside = Inside::new(&seen.getting);
    let value = channel.get();
    seen.got.borrow_mut().extend(value);
}

fn put(fair: bool, channel: &Channel<i32>, seen: &Seen, value: i32) {
    let _inside = Inside::new(&seen.putting);
    if !fair {
        seen.stored.borrow_mut().push(value);
    }
    channel.put(value);
    if fair {
        seen.stored.borrow_mut().push(value);
        assert!(channel.capacity() >= Some(channel.len()), "{channel:?}");
    }
}

#[test]
fn in_chaos_nothing_is_lost_doubled_or_overtaken_and_nobody_sleeps_who_need_not() {
    fresh(|| (0..400).for_each(run_chaos));
}

fn run_chaos(seed: u64) {
    let mut below = random(seed + 1_000);
    let (form, make) = FORMS[seed as usize % 2];
    let fair = form == "fair";
    let capacity = below(4);
    let (channel, seen) = (Rc::new(make(capacity)), Rc::new(Seen::default()));
    let prios = [Prio::LOW, Prio::NORMAL, Prio::NORMAL, Prio::HIGH];
    let mut coros: Vec<Coro> = Vec::new();
    let mut interrupted = 0;
    for step in 0..200 {
        let about = format!("{form}, capacity {capacity}, seed {seed}, step {step}");
        let (theirs, seeing) = (channel.clone(), seen.clone());
        let builder = Builder::new().prio(prios[below(4)]);
        match below(12) {
            0..=2 => coros.push(builder.spawn(move || get(&theirs, &seeing)).coro().clone()),
            3..=5 => {
                let c = builder.spawn(move || put(fair, &theirs, &seeing, step));
                coros.push(c.coro().clone());
            }
            6 => {
                if channel.try_put(step).is_ok() {
                    seen.stored.borrow_mut().push(step);
                    assert!(!fair || channel.len() <= capacity, "{about}: {channel:?}");
                }
            }
            7 => seen.got.borrow_mut().extend(channel.try_get()),
            8 | 9 if !coros.is_empty() => {
                let c = coros.swap_remove(below(coros.len()));
                INTERRUPTIONS[below(3)].1(&c);
                interrupted += 1;
            }
            10 if !coros.is_empty() => drop(coros[below(coros.len())].ready()),
            _ => cede(),
        }
        let (stored, got) = (seen.stored.borrow(), seen.got.borrow());
        assert!(stored.starts_with(&got), "{about}: {got:?} of {stored:?}");
        // What interrupted getters give back comes on top.
        let most = capacity + interrupted;
        assert!(!fair || channel.len() <= most, "{about}: {channel:?}");
        drop((stored, got));
        if below(8) == 0 {
            settle();
            let (stored, got) = (seen.stored.borrow().len(), seen.got.borrow().len());
            let (getting, putting) = (seen.getting.get(), seen.putting.get());
            assert_eq!(stored - got, channel.len(), "{about}: {channel:?}");
            assert!(getting == 0 || channel.is_empty(), "{about}: {channel:?}");
            if putting > 0 {
                let owed = if fair { 0 } else { putting };
                assert!(channel.len() >= capacity + owed, "{about}: {channel:?}");
                assert_eq!(getting, 0, "{about}: {channel:?}");
            }
        }
    }
    coros.iter().for_each(Coro::cancel);
    settle();
    seen.got.borrow_mut().extend(channel.try_iter());
    assert_eq!(
        *seen.got.borrow(),
        *seen.stored.borrow(),
        "{form}, seed {seed}"
    );
    assert_eq!((seen.getting.get(), seen.putting.get()), (0, 0));
    has_its_capacity(&channel, &format!("{form}, seed {seed}"));
}
