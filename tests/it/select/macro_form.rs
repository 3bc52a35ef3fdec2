//! What may stand in a `select!`.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_channel::{Arm, Channel, join_arm, select};
use coro_semaphore::Semaphore;
use coro_sync::Signal;
use coro_sync::wait_queue::{Left, WaitQueue, Waiter};

use crate::semaphore::settle;
use crate::support::Log;

#[test]
fn one_arm_is_a_wait_for_it() {
    let sem = Semaphore::new(3);
    select! { () = sem.down_arm() => () }
    select! { () = sem.down_arm() => (), }
    select! { () = sem.down_arm() => {} }
    assert_eq!(sem.count(), 0);
}

#[test]
fn blocks_need_no_comma_and_may_have_one() {
    let (free, none) = (Semaphore::new(1), Semaphore::new(0));
    let taken = select! {
        () = none.down_arm() => { 1 }
        () = none.down_arm() => { 2 },
        () = none.down_arm() => 3,
        () = free.down_arm() => { 4 }
        () = none.down_arm() => 5
    };
    assert_eq!(taken, 4);
}

#[test]
fn a_dozen_arms_run_what_stands_behind_the_one_that_is_taken() {
    for n in 0..12 {
        let all: Vec<_> = (0..12)
            .map(|i| Semaphore::new(isize::from(i == n)))
            .collect();
        let taken = select! {
            () = all[0].down_arm() => 0,
            () = all[1].down_arm() => 1,
            () = all[2].down_arm() => { 2 }
            () = all[3].down_arm() => 3,
            () = all[4].down_arm() => 4,
            () = all[5].down_arm() => { 5 }
            () = all[6].down_arm() => { 6 },
            () = all[7].down_arm() => 7,
            () = all[8].down_arm() => 8,
            () = all[9].down_arm() => 9,
            () = all[10].down_arm() => 10,
            () = all[11].down_arm() => 11,
        };
        assert_eq!(taken, n);
        assert!(all.iter().all(|sem| sem.count() == 0));
    }
}

#[test]
fn default_is_taken_only_if_nothing_can_be_had() {
    let sem = Semaphore::new(1);
    let try_it = || {
        select! {
            () = sem.down_arm() => "taken",
            default => "default",
        }
    };
    assert_eq!((try_it(), try_it()), ("taken", "default"));
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
    assert_eq!(select! { default => 3 }, 3);
    assert_eq!(select! { biased; default => { 4 } }, 4);
    let taken = select! {
        biased;
        () = sem.down_arm() => 1,
        guard = sem.acquire_arm() => { guard.permits() }
        default => { 0 },
    };
    assert_eq!(taken, 0);
}

#[test]
fn a_default_may_block_and_nobody_is_in_a_queue_meanwhile() {
    let sem = Rc::new(Semaphore::new(0));
    let theirs = sem.clone();
    let c = spawn(move || {
        select! {
            () = theirs.down_arm() => unreachable!(),
            default => cede(),
        }
    });
    cede();
    assert!(!c.is_finished());
    assert_eq!(sem.waiters(), 0);
    sem.up();
    c.join().unwrap();
    assert_eq!(sem.count(), 1);
}

/// An arm that can always be had and yields two things.
struct Pair(Cell<u32>);

impl Arm for Pair {
    type Output = (u32, String);

    fn commit(&self) -> bool {
        self.0.set(self.0.get() + 1);
        true
    }

    fn enter(&self) {
        unreachable!("it commits at once");
    }

    fn quit(&self) {
        unreachable!("it is in no queue");
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        ("pair", None)
    }

    fn take(self) -> (u32, String) {
        (self.0.get(), "two".to_owned())
    }
}

#[test]
fn any_irrefutable_pattern_may_stand_before_an_arm() {
    let sem = Semaphore::new(9);
    let (n, text) = select! { (n, text) = Pair(Cell::new(0)) => (n, text) };
    assert_eq!((n, text.as_str()), (1, "two"));
    select! { (.., ref text) = Pair(Cell::new(0)) => assert_eq!(text, "two") }
    select! { (mut n, _) = Pair(Cell::new(0)) => { n += 1; assert_eq!(n, 2) } }
    select! { pair @ (_, _) = Pair(Cell::new(0)) => assert_eq!(pair.0, 1) }
    select! { _ = sem.acquire_arm() => assert_eq!(sem.count(), 9) }
    select! { _guard = sem.acquire_arm() => assert_eq!(sem.count(), 8) }
    assert_eq!(sem.count(), 9);
    let guard = select! { guard = sem.acquire_arm() => guard };
    assert_eq!((sem.count(), guard.permits()), (8, 1));
}

#[test]
fn bodies_may_return_and_ask() {
    fn leaves(sem: &Semaphore, by: u8) -> Result<u8, String> {
        let got = select! {
            () = sem.down_arm() => match by {
                0 => return Ok(10),
                1 => "x".parse::<u8>().map_err(|_| "no number".to_owned())?,
                _ => by,
            },
            default => return Err("default".to_owned()),
        };
        Ok(got + 1)
    }
    let sem = Semaphore::new(3);
    let all = [0, 1, 2, 3].map(|by| leaves(&sem, by));
    let expected = [
        Ok(10),
        Err("no number".to_owned()),
        Ok(3),
        Err("default".to_owned()),
    ];
    assert_eq!(all, expected);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn bodies_may_break_and_continue() {
    let (numbers, stop) = (Channel::unbounded(), Semaphore::new(0));
    (1..=6).for_each(|n| numbers.put(n));
    let mut odd = 0;
    let last = 'outer: loop {
        loop {
            select! {
                biased;
                n = numbers.get_arm() => {
                    let n = n.unwrap_or(0);
                    if n % 2 == 0 {
                        if n == 6 {
                            stop.up();
                        }
                        continue 'outer;
                    }
                    odd += n;
                }
                () = stop.down_arm() => break 'outer odd * 10,
            }
        }
    };
    assert_eq!(last, 90);
}

#[test]
fn selects_may_stand_in_bodies_and_the_names_of_others_mean_what_they_meant() {
    let (sem, arm, taken) = (Semaphore::new(5), 7, 8);
    let sum = select! {
        () = sem.down_arm() => {
            let inner = select! {
                () = sem.down_arm() => arm + taken,
                guard = sem.acquire_arm() => guard.permits() + 14,
            };
            inner + arm
        }
    };
    assert_eq!((sum, sem.count() >= 3), (22, true));
}

#[test]
fn all_arms_are_made_once_and_in_order_before_the_select_waits() {
    let log = Log::new();
    let sem = Semaphore::new(0);
    let free = Semaphore::new(1);
    let made = |name: &'static str, sem| {
        log.say(name);
        Semaphore::down_arm(sem)
    };
    select! {
        () = made("first", &free) => log.say("body"),
        () = made("second", &sem) => {}
        () = { log.say("in a block"); sem.down_arm() } => {}
    }
    log.expect(["first", "second", "in a block", "body"]);
}

#[test]
fn arms_may_be_made_of_temporaries_in_their_arguments() {
    let all = [Rc::new(Channel::bounded(1)), Rc::new(Channel::bounded(1))];
    let cell = RefCell::new(vec![3, 4]);
    select! {
        () = all[0].put_arm(cell.borrow().iter().sum::<i32>() + "text".to_owned().len() as i32) => {}
        default => unreachable!(),
    }
    assert_eq!(all[0].get(), Some(11));
    let both = (&all[0], spawn(|| ()));
    select! {
        n = both.0.get_arm() => panic!("{n:?}"),
        () = join_arm(both.1.coro()) => {}
    }
}

#[test]
fn a_value_may_be_moved_into_each_body() {
    let (one, other) = (Semaphore::new(0), Semaphore::new(1));
    let value = "moved".to_owned();
    let got = select! {
        () = one.down_arm() => value + "?",
        () = other.down_arm() => value,
    };
    assert_eq!(got, "moved");
}

#[test]
fn bodies_may_block_and_take_the_same_things_again() {
    let sem = Rc::new(Semaphore::fair(1));
    let signal = Rc::new(Signal::new());
    let (theirs, sends) = (sem.clone(), signal.clone());
    let c = spawn(move || {
        select! {
            guard = theirs.acquire_arm() => {
                sends.wait();
                drop(guard);
                theirs.down();
            }
            () = sends.wait_arm() => unreachable!(),
        }
    });
    settle();
    assert_eq!((sem.count(), sem.waiters(), signal.awaited()), (0, 0, 1));
    signal.send();
    settle();
    assert!(c.is_finished());
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

/// Something that is open or not, as in the documentation of [`Arm`].
struct Gate {
    open: Cell<bool>,
    waiters: WaitQueue,
}

struct Pass<'a> {
    gate: &'a Gate,
    waiter: Waiter<'a, fn(Left)>,
}

impl Arm for Pass<'_> {
    type Output = &'static str;

    fn commit(&self) -> bool {
        let open = self.gate.open.get();
        if open {
            self.waiter.done();
        }
        open
    }

    fn enter(&self) {
        self.waiter.stay();
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.gate.waiters.what()
    }

    fn take(self) -> &'static str {
        "passed"
    }
}

#[test]
fn an_arm_of_ones_own_stands_beside_the_others() {
    let gate = Rc::new(Gate {
        open: Cell::new(false),
        waiters: WaitQueue::new("gate"),
    });
    let sem = Rc::new(Semaphore::new(0));
    let (theirs, downs) = (gate.clone(), sem.clone());
    let c = spawn(move || {
        let pass = Pass {
            gate: &theirs,
            waiter: theirs.waiters.waiter(|_| ()),
        };
        select! {
            () = downs.down_arm() => "lowered",
            how = pass => how,
        }
    });
    settle();
    assert_eq!((gate.waiters.len(), sem.waiters()), (1, 1));
    gate.waiters.wake_one();
    settle();
    assert_eq!(
        (gate.waiters.len(), sem.waiters()),
        (1, 1),
        "it was no more than a hint"
    );
    gate.open.set(true);
    gate.waiters.wake_all();
    settle();
    assert_eq!(c.join().unwrap(), "passed");
    assert_eq!((gate.waiters.len(), sem.waiters()), (0, 0));
}
