//! Selects: exactly one arm is taken, and the others are as if nobody had asked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Coro, JoinHandle, Policy, cede, no_switch, schedule, set_policy, spawn};
use coro_channel::{Arm, Channel, Select, join_arm, select};
use coro_semaphore::Semaphore;
use coro_sync::Signal;

use crate::semaphore::settle;
use crate::support::{caught, fresh, text};

mod given;
mod join;
mod losing;
mod macro_form;
mod put;
mod random;

/// How many kinds of arms there are.
pub(crate) const KINDS: usize = 6;

/// What each kind of arm waits for; nothing of it can be had yet.
pub(crate) struct Things {
    /// Empty.
    pub(crate) get: Channel<i32>,
    /// Full, with one value.
    pub(crate) put: Channel<i32>,
    pub(crate) down: Semaphore,
    pub(crate) acquire: Semaphore,
    pub(crate) signal: Signal,
    /// Blocks.
    pub(crate) target: JoinHandle<()>,
}

impl Things {
    pub(crate) fn new(fair: bool) -> Rc<Things> {
        let channel = if fair {
            Channel::fair
        } else {
            Channel::bounded
        };
        let semaphore = if fair {
            Semaphore::fair
        } else {
            Semaphore::new
        };
        let things = Things {
            get: channel(9),
            put: channel(1),
            down: semaphore(0),
            acquire: semaphore(0),
            signal: Signal::new(),
            target: spawn(schedule),
        };
        things.put.put(-1);
        cede();
        Rc::new(things)
    }

    /// Makes one arm of this kind possible.
    pub(crate) fn give(&self, kind: usize) {
        match kind {
            0 => self.get.put(7),
            1 => assert!(self.put.try_get().is_some()),
            2 => self.down.up(),
            3 => self.acquire.up(),
            4 => self.signal.send(),
            _ => self.target.cancel(),
        }
    }

    /// Waits for all of them; the arm of kind `first` is the first one, and earlier ones are
    /// preferred. Returns the kind that was taken.
    pub(crate) fn select(&self, first: usize) -> usize {
        let (get, put) = (self.get.get_arm(), self.put.put_arm(8));
        let (down, acquire) = (self.down.down_arm(), self.acquire.acquire_arm());
        let (signal, join) = (self.signal.wait_arm(), join_arm(self.target.coro()));
        let mut all: [&dyn Arm; KINDS] = [&get, &put, &down, &acquire, &signal, &join];
        all.rotate_left(first);
        let kind = (Select::new(&all).biased().wait() + first) % KINDS;
        match kind {
            0 => assert_eq!(get.take(), Some(7)),
            1 => assert_eq!(put.into_value(), None),
            3 => acquire.take().forget(),
            _ => {}
        }
        kind
    }

    /// Waits for one of them, as who is not in a select.
    pub(crate) fn wait(&self, kind: usize) {
        match kind {
            0 => assert_eq!(self.get.get(), Some(7)),
            1 => self.put.put(9),
            2 => self.down.down(),
            3 => self.acquire.acquire().forget(),
            4 => self.signal.wait(),
            _ => self.target.coro().join(),
        }
    }

    /// Returns how much of each there is to be had; of slots, the values that take them.
    pub(crate) fn state(&self) -> [isize; KINDS] {
        [
            self.get.len() as isize,
            self.put.len() as isize,
            self.down.count(),
            self.acquire.count(),
            isize::from(format!("{:?}", self.signal).contains("sent: true")),
            isize::from(self.target.is_finished()),
        ]
    }

    /// Asserts that nobody is in a queue.
    #[track_caller]
    pub(crate) fn nobody_waits(&self, name: &str) {
        for channel in [&self.get, &self.put] {
            let shown = format!("{channel:?}");
            assert!(shown.contains("getters: []"), "{name}: {shown}");
            assert!(shown.contains("putters: []"), "{name}: {shown}");
        }
        let waiters = (self.down.waiters(), self.acquire.waiters());
        assert_eq!((waiters, self.signal.awaited()), ((0, 0), 0), "{name}");
    }
}

/// What [`Things::state`] is before anything was given.
pub(crate) const NOTHING: [isize; KINDS] = [0, 1, 0, 0, 0, 0];
/// What it is when one of each can be had.
const ALL: [isize; KINDS] = [1, 0, 1, 1, 1, 1];

#[test]
fn of_many_that_can_be_had_one_is_taken_and_the_others_stay() {
    for fair in [false, true] {
        for first in 0..KINDS {
            let things = Things::new(fair);
            (0..KINDS).for_each(|kind| things.give(kind));
            assert_eq!(things.state(), ALL);
            let taken = no_switch(|| things.select(first));
            assert_eq!(taken, first, "biased");
            let mut expected = ALL;
            if first < 5 {
                expected[first] = NOTHING[first];
            }
            assert_eq!(things.state(), expected, "fair: {fair}, kind {first}");
            things.nobody_waits("after the select");
        }
    }
}

#[test]
fn a_select_blocks_until_any_one_can_be_had_and_leaves_no_entry_behind() {
    for fair in [false, true] {
        for kind in 0..KINDS {
            let things = Things::new(fair);
            let theirs = things.clone();
            let c = spawn(move || theirs.select(0));
            settle();
            assert!(!c.is_finished());
            assert_eq!(things.state(), NOTHING);
            let waiters = (things.down.waiters(), things.acquire.waiters());
            assert_eq!((waiters, things.signal.awaited()), ((1, 1), 1));
            things.give(kind);
            settle();
            assert_eq!(c.join().unwrap(), kind, "fair: {fair}");
            let mut expected = NOTHING;
            expected[5] = isize::from(kind == 5);
            assert_eq!(things.state(), expected, "fair: {fair}, kind {kind}");
            things.nobody_waits("after the select");
        }
    }
}

#[test]
fn an_arm_that_can_be_had_is_taken_even_if_it_is_the_last() {
    for fair in [false, true] {
        for kind in 0..KINDS {
            let things = Things::new(fair);
            things.give(kind);
            assert_eq!(no_switch(|| things.select((kind + 1) % KINDS)), kind);
            things.nobody_waits("never entered");
        }
    }
}

#[test]
fn a_pending_throw_is_raised_on_entry_and_nothing_is_taken() {
    for fair in [false, true] {
        let things = Things::new(fair);
        (0..KINDS).for_each(|kind| things.give(kind));
        let theirs = things.clone();
        let c = spawn(move || {
            coro::current().throw("pending");
            let payload = caught(|| theirs.select(0)).unwrap_err();
            assert_eq!(text(&*payload), "pending");
        });
        assert!(c.join().is_ok());
        assert_eq!(things.state(), ALL);
    }
}

#[test]
fn try_now_takes_one_or_none_and_enters_no_queue() {
    let things = Things::new(true);
    let (get, down) = (things.get.get_arm(), things.down.down_arm());
    let all: [&dyn Arm; 2] = [&get, &down];
    no_switch(|| assert_eq!(Select::new(&all).try_now(), None));
    things.nobody_waits("after try_now");
    assert_eq!(Select::new(&[]).try_now(), None);
    things.give(2);
    no_switch(|| assert_eq!(Select::new(&all).try_now(), Some(1)));
    assert_eq!(Select::new(&all).try_now(), None);
    assert_eq!(things.state(), NOTHING);
}

#[test]
fn two_arms_of_the_same_thing_take_it_once() {
    for fair in [false, true] {
        let things = Things::new(fair);
        let theirs = things.clone();
        let c = spawn(move || {
            select! {
                () = theirs.down.down_arm() => {}
                guard = theirs.down.acquire_arm() => guard.forget(),
                () = theirs.down.down_arm() => {}
            }
            select! {
                n = theirs.get.get_arm() => n,
                n = theirs.get.get_arm() => n,
            }
        });
        settle();
        assert_eq!(things.down.waiters(), 3);
        things.down.adjust(3);
        settle();
        assert_eq!(
            (things.down.count(), things.down.waiters()),
            (2, 0),
            "{fair}"
        );
        things.get.put(1);
        things.get.put(2);
        settle();
        assert_eq!(c.join().unwrap(), Some(1));
        assert_eq!(things.get.try_get(), Some(2));
        things.nobody_waits("after both");
    }
}

#[test]
fn a_get_arm_yields_none_once_the_channel_was_shut_down() {
    for fair in [false, true] {
        let things = Things::new(fair);
        let theirs = things.clone();
        let c = spawn(move || {
            select! {
                n = theirs.get.get_arm() => n,
                () = theirs.down.down_arm() => Some(0),
            }
        });
        settle();
        things.get.shutdown();
        settle();
        assert_eq!(c.join().unwrap(), None);
        assert_eq!(things.down.waiters(), 0);
        select! {
            biased;
            n = things.get.get_arm() => assert_eq!(n, None),
            default => unreachable!("a get of nothing is ready"),
        }
    }
}

#[test]
fn of_arms_that_can_all_be_had_each_is_taken_about_equally_often() {
    for fair in [false, true] {
        for count in [2, 3, 6] {
            let mut taken = vec![0; count];
            let semaphore = if fair {
                Semaphore::fair
            } else {
                Semaphore::new
            };
            let all: Vec<_> = (0..count).map(|_| semaphore(1)).collect();
            for _ in 0..1_000 {
                let arms: Vec<_> = all.iter().map(Semaphore::down_arm).collect();
                let arms: Vec<_> = arms.iter().map(|arm| arm as &dyn Arm).collect();
                let index = Select::new(&arms).wait();
                taken[index] += 1;
                all[index].up();
            }
            let share = 1_000 / count;
            let about = share * 3 / 4..share * 5 / 4;
            assert!(taken.iter().all(|n| about.contains(n)), "{taken:?}");
        }
    }
}

#[test]
fn a_biased_select_takes_the_first_that_can_be_had_always() {
    let all = [0, 5, 5].map(Semaphore::new);
    for round in 0..10 {
        let arms = [all[0].down_arm(), all[1].down_arm(), all[2].down_arm()];
        let index = Select::new(&[&arms[0], &arms[1], &arms[2]]).biased().wait();
        assert_eq!(index, if round < 5 { 1 } else { 2 });
    }
    let all = [0, 99, 99].map(Semaphore::new);
    for _ in 0..20 {
        let index = select! {
            biased;
            () = all[0].down_arm() => 0,
            () = all[1].down_arm() => 1,
            () = all[2].down_arm() => 2,
            default => 3,
        };
        assert_eq!(index, 1);
    }
}

/// Answers each `choose` with the next of these, and notes what it was asked.
struct Chooses(Vec<usize>, Rc<RefCell<Vec<usize>>>);

impl Policy for Chooses {
    fn next(&mut self, _: &[Coro]) -> usize {
        0
    }

    fn choose(&mut self, count: usize) -> Option<usize> {
        self.1.borrow_mut().push(count);
        self.0.pop()
    }
}

#[test]
fn a_policy_that_chooses_decides_which_arm_is_taken() {
    fresh(|| {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let wanted = [2, 0, 1, 1, 0, 2, 2, 2];
        let answers = wanted.iter().rev().copied().collect();
        drop(set_policy(Some(Box::new(Chooses(answers, asked.clone())))));
        let all = [9, 9, 9].map(Semaphore::new);
        for expected in wanted {
            let arms = [all[0].down_arm(), all[1].down_arm(), all[2].down_arm()];
            let taken = Select::new(&[&arms[0], &arms[1], &arms[2]]).wait();
            assert_eq!(taken, expected);
        }
        let arms = [all[0].down_arm(), all[1].down_arm()];
        assert_eq!(Select::new(&[&arms[0], &arms[1]]).biased().wait(), 0);
        drop(set_policy(None));
        assert_eq!(*asked.borrow(), [3; 8], "a biased select asks nobody");
    });
}

#[test]
fn the_choice_is_the_same_in_each_run() {
    let run = || {
        let taken = Rc::new(Cell::new(0_u64));
        let all = [99, 99, 99].map(Semaphore::new);
        for _ in 0..30 {
            let arms = [all[0].down_arm(), all[1].down_arm(), all[2].down_arm()];
            let index = Select::new(&[&arms[0], &arms[1], &arms[2]]).wait();
            taken.set(taken.get() * 3 + index as u64);
        }
        taken.get()
    };
    let both = [(); 2].map(|()| std::thread::spawn(run).join().unwrap());
    assert_eq!(both[0], both[1]);
}

#[test]
fn a_report_says_that_a_coro_waits_in_a_select() {
    fresh(|| {
        let things = Things::new(false);
        let theirs = things.clone();
        let line = line!() + 1;
        let c = spawn(move || theirs.select(0));
        settle();
        let report = coro::report().to_string();
        assert!(report.contains("on a select"), "{report}");
        let place = format!("{}:{line}", file!());
        assert!(report.contains(&place), "spawned at {place}: {report}");
        c.cancel();
        things.nobody_waits("cancelled");
    });
}
