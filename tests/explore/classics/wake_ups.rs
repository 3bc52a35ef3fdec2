//! Wake-ups that are missed, taken for another, or counted wrong.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{Coro, Wait};
use coro_explore::{Builder, Verdict};
use coro_sync::Signal;

use super::{join, right, spawn, wrong};

/// Looks, does something else, and then waits: the broadcast in between is for nobody. One delay: the
/// opener runs while the guest is at its log.
#[test]
fn a_broadcast_is_missed() {
    /// As a call that writes a log: others may run before it returns.
    fn log() {
        coro::cede();
    }
    fn party(enter: fn(&Cell<bool>, &Signal)) {
        let door = Rc::new((Cell::new(false), Signal::new()));
        let theirs = door.clone();
        let opener = spawn("opener", move || {
            coro::cede();
            coro::cede();
            theirs.0.set(true);
            theirs.1.broadcast();
        });
        let guest = spawn("guest", move || enter(&door.0, &door.1));
        join([opener, guest]);
    }
    let explorer = Builder::new();
    wrong("missed_broadcast", &explorer, Verdict::Deadlock, || {
        party(|is_open, opened| {
            if !is_open.get() {
                log();
                opened.wait();
            }
        });
    });
    right("missed_broadcast", &explorer, 432, || {
        party(|is_open, opened| {
            while !is_open.get() {
                log();
                opened.wait_until(|| is_open.get());
            }
        });
    });
}

/// A bare `schedule` takes any wake-up for the one it waits for. One spurious wake-up.
#[test]
fn a_wake_up_is_taken_for_another() {
    fn order(wait: fn(&dyn Fn() -> bool)) {
        let guest = coro::current();
        let meal = Rc::new(Cell::new(None));
        let theirs = meal.clone();
        let cook = spawn("cook", move || {
            coro::cede();
            theirs.set(Some("soup"));
            guest.ready();
        });
        let is_there = meal.clone();
        wait(&|| is_there.get().is_some());
        assert_eq!(meal.get(), Some("soup"));
        join([cook]);
    }
    let explorer = Builder::new();
    wrong("bare_schedule", &explorer, Verdict::Panic, || {
        order(|_| coro::schedule());
    });
    right("bare_schedule", &explorer, 6, || {
        order(|is_there| {
            while !is_there() {
                coro::schedule();
            }
        });
    });
}

/// Work that is announced by a flag: two announcements in a row are one, and the second worker waits
/// for ever. No deviation is needed.
#[test]
fn two_announcements_are_one() {
    fn work<N: Default + Copy + 'static>(add: fn(N) -> N, take: fn(N) -> Option<N>) {
        let news = Rc::new((Cell::new(N::default()), Signal::new()));
        let workers = ["ann", "bob"].map(|name| {
            let news = news.clone();
            spawn(name, move || {
                let (count, come) = &*news;
                come.wait_until(|| take(count.get()).map(|left| count.set(left)).is_some());
            })
        });
        for _ in 0..2 {
            news.0.set(add(news.0.get()));
            news.1.send();
        }
        join(workers);
    }
    let explorer = Builder::new();
    wrong("two_sends_one_flag", &explorer, Verdict::Deadlock, || {
        work(|_| true, |is_set| is_set.then_some(false));
    });
    right("two_sends_one_flag", &explorer, 14, || {
        work(|count| count + 1, |count: u32| count.checked_sub(1));
    });
}

/// Permits by hand.
#[derive(Default)]
struct Permits {
    count: Cell<usize>,
    queue: RefCell<VecDeque<Coro>>,
}

/// It waits for a permit.
struct Down<'a>(&'a Permits);

impl Wait for Down<'_> {
    fn what(&self) -> &'static str {
        "permits"
    }

    fn is_stranded(&self) -> bool {
        self.0.count.get() > 0
    }
}

impl Permits {
    fn down(&self) {
        let me = coro::current();
        while self.count.get() == 0 {
            if !self.queue.borrow().contains(&me) {
                self.queue.borrow_mut().push_back(me.clone());
            }
            coro::wait_for(&Down(self));
        }
        self.count.set(self.count.get() - 1);
        self.queue.borrow_mut().retain(|coro| *coro != me);
    }

    fn up(&self) {
        self.count.set(self.count.get() + 1);
        let first = self.queue.borrow_mut().pop_front();
        if let Some(first) = first {
            first.ready();
        }
    }

    fn up_and_leave_it_in(&self) {
        self.count.set(self.count.get() + 1);
        if let Some(first) = self.queue.borrow().front() {
            first.ready();
        }
    }
}

/// A waiter leaves the queue when it runs, not when it is woken: two `up`s in a row wake the same
/// one, and the other does not get what is there. No deviation is needed.
#[test]
fn two_wake_ups_go_to_one() {
    fn rush(up: fn(&Permits)) {
        let permits = Rc::new(Permits::default());
        let all = ["ann", "bob"].map(|name| {
            let permits = permits.clone();
            spawn(name, move || permits.down())
        });
        coro::cede();
        (0..2).for_each(|_| up(&permits));
        join(all);
    }
    let explorer = Builder::new();
    wrong("two_ups_one_waiter", &explorer, Verdict::LostWakeUp, || {
        rush(Permits::up_and_leave_it_in);
    });
    right("two_ups_one_waiter", &explorer, 124, || rush(Permits::up));
}

/// A barrier by hand.
#[derive(Default)]
struct Barrier {
    arrived: Cell<usize>,
    round: Cell<usize>,
    opened: Signal,
}

impl Barrier {
    const PARTIES: usize = 2;

    fn wait(&self) {
        let round = self.round.get();
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == Barrier::PARTIES {
            self.arrived.set(0);
            self.round.set(round + 1);
            self.opened.broadcast();
        }
        self.opened.wait_until(|| self.round.get() > round);
    }

    fn wait_by_count(&self) {
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get().is_multiple_of(Barrier::PARTIES) {
            self.opened.broadcast();
        }
        self.opened
            .wait_until(|| self.arrived.get().is_multiple_of(Barrier::PARTIES));
    }
}

/// A barrier that is used twice with one counter: who leaves fast arrives anew before the other one
/// has looked, and that one stays. No deviation is needed.
#[test]
fn a_barrier_is_used_twice() {
    fn march(wait: fn(&Barrier)) {
        let barrier = Rc::new(Barrier::default());
        let all = ["left", "right"].map(|name| {
            let barrier = barrier.clone();
            spawn(name, move || (0..2).for_each(|_| wait(&barrier)))
        });
        join(all);
    }
    let explorer = Builder::new();
    wrong("barrier_twice", &explorer, Verdict::Deadlock, || {
        march(Barrier::wait_by_count);
    });
    right("barrier_twice", &explorer, 49, || march(Barrier::wait));
}
