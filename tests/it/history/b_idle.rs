//! Section B: what is done when nothing is ready, and event loops.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use coro::{
    Builder, Clock, Coro, Driver, Outlook, RouseCallback, Timers, Turn, cede, current, ready_count,
    rouse, schedule, set_clock, set_driver, set_idle, set_timers, spawn, unblock_fn, wait_for,
};
use coro_channel::Channel;

use super::settle;
use crate::support::{Log, fresh, in_a_process, outcome, semaphore};

/// A call that would block, with its name.
type Attempt = (&'static str, Box<dyn FnOnce()>);

/// Tries every call that would block, none of which may.
fn all_refused() -> Vec<String> {
    let sem = semaphore(0);
    let channel = Channel::<u8>::bounded(0);
    let never = Builder::new().build(|| ());
    let attempts: [Attempt; 8] = [
        ("schedule", Box::new(schedule)),
        ("cede", Box::new(cede)),
        ("down", Box::new(move || sem.down())),
        ("get", Box::new(move || _ = channel.get())),
        ("join", Box::new(move || never.coro().join())),
        ("rouse", {
            let (callback, answer) = rouse::<u8>();
            Box::new(move || {
                let _callback = callback;
                _ = answer.wait();
            })
        }),
        ("cede_to", Box::new(|| _ = spawn(|| ()).cede_to())),
        (
            "scope",
            Box::new(|| coro::scope(|s| drop(s.spawn(|| unreachable!("it never ran"))))),
        ),
    ];
    let tell = |(what, attempt)| format!("{what}: {}", outcome(attempt));
    attempts.into_iter().map(tell).collect()
}

#[test]
fn bug_34_the_idle_hook_may_do_all_but_block_and_loses_nothing() {
    fresh(|| {
        let log = Log::new();
        let (victim, target) = (spawn(schedule), spawn(|| outcome(schedule)));
        settle();
        let refused = Rc::new(RefCell::new(Vec::new()));
        drop(set_idle(Some(Box::new({
            let refused = Rc::clone(&refused);
            let (main, victim) = (current(), victim.coro().clone());
            let target = target.coro().clone();
            let later = unblock_fn(move |n: i32| log.say(format!("callback {n}")));
            move || {
                (0..3).for_each(&later);
                spawn(move || log.say("spawned"));
                refused.replace(all_refused());
                victim.cancel();
                drop(target.throw("ex"));
                main.ready();
                Outlook::Progress
            }
        }))));
        schedule();
        drop(set_idle(None));
        settle();
        log.expect(["callback 0", "callback 1", "callback 2", "spawned"]);
        for attempt in refused.take() {
            let (_, said) = attempt.split_once(": ").unwrap();
            assert!(
                said.starts_with("cannot switch inside the idle hook"),
                "{attempt}"
            );
        }
        assert!(victim.is_finished());
        assert_eq!(target.join().unwrap(), "ex");
    });
}

/// Takes its turns with a closure.
struct Loop<F>(F);

impl<F: FnMut(Turn) -> Outlook> Driver for Loop<F> {
    fn turn(&mut self, how: Turn) -> Outlook {
        (self.0)(how)
    }
    fn waker(&self) -> Waker {
        Waker::noop().clone()
    }
}

fn drive(turn: impl FnMut(Turn) -> Outlook + 'static) {
    drop(set_driver(Some(Box::new(Loop(turn)))));
}

#[test]
fn bug_35_blocking_in_a_callback_of_the_event_loop_is_a_clear_error() {
    fresh(|| {
        let refused = Rc::new(RefCell::new(Vec::new()));
        let (said, main) = (Rc::clone(&refused), current());
        drive(move |_| {
            if said.borrow().is_empty() {
                said.replace(all_refused());
            }
            main.ready();
            Outlook::Progress
        });
        schedule();
        drop(set_driver(None));
        let refused = refused.take();
        assert_eq!(refused.len(), 8);
        for attempt in refused {
            let (_, said) = attempt.split_once(": ").unwrap();
            assert!(
                said.starts_with("cannot switch inside a driver"),
                "{attempt}"
            );
        }
        settle();
        assert_eq!(spawn(|| 1).join().unwrap(), 1);
    });
}

#[test]
fn bug_36_an_idle_hook_that_has_given_up_makes_a_deadlock_error() {
    fresh(|| {
        let calls = Rc::new(Cell::new(0));
        for _ in 0..3 {
            let count = Rc::clone(&calls);
            drop(set_idle(Some(Box::new(move || {
                count.set(count.get() + 1);
                Outlook::Hopeless
            }))));
            assert!(outcome(schedule).starts_with("deadlock"));
        }
        assert_eq!(calls.get(), 3);
        drop(set_idle(None));
        drive(|_| Outlook::Hopeless);
        assert!(outcome(schedule).starts_with("deadlock"));
        drop(set_driver(None));
        assert!(outcome(schedule).starts_with("deadlock"));
    });
}

/// Who waits, and until when.
type Waiting = Rc<RefCell<Vec<(Instant, Coro)>>>;

/// Readies whoever waits for a time.
struct Alarms(Waiting);

impl Timers for Alarms {
    fn fire(&mut self, now: Instant) {
        self.0.borrow_mut().retain(|(at, coro)| {
            if *at <= now {
                coro.ready();
            }
            *at > now
        });
    }
    fn deadline(&self) -> Option<Instant> {
        self.0.borrow().iter().map(|(at, _)| *at).min()
    }
}

/// Moves when all wait, and never else.
struct Virtual(Rc<Cell<Instant>>);

impl Clock for Virtual {
    fn now(&self) -> Instant {
        self.0.get()
    }
    fn skip_to(&self, deadline: Instant) -> bool {
        self.0.set(deadline);
        true
    }
}

/// Installs alarms and a clock that begins at the time returned.
fn alarms() -> (Waiting, Rc<Cell<Instant>>) {
    let alarms = Rc::new(RefCell::new(Vec::new()));
    let time = Rc::new(Cell::new(coro::now()));
    drop(set_timers(Some(Box::new(Alarms(Rc::clone(&alarms))))));
    drop(set_clock(Some(Box::new(Virtual(Rc::clone(&time))))));
    (alarms, time)
}

#[test]
fn bug_37_a_timer_alone_wakes_a_blocked_main() {
    fresh(|| {
        let (alarms, time) = alarms();
        let start = time.get();
        // At once, by main; later, by a coro that is gone when it is due; and within the idle hook.
        alarms
            .borrow_mut()
            .push((start + Duration::from_secs(3600), current()));
        schedule();
        assert_eq!(time.get() - start, Duration::from_secs(3600));
        let (later, main) = (Rc::clone(&alarms), current());
        let at = time.get() + Duration::from_secs(1);
        spawn(move || later.borrow_mut().push((at, main)));
        schedule();
        assert_eq!(time.get(), at);
        let (later, main) = (Rc::clone(&alarms), current());
        let at = time.get() + Duration::from_secs(1);
        drop(set_idle(Some(Box::new(move || {
            later.borrow_mut().push((at, main.clone()));
            Outlook::Hopeless
        }))));
        schedule();
        assert_eq!(time.get(), at);
        drop(set_idle(None));
        assert!(outcome(schedule).starts_with("deadlock"));
        drop((set_timers(None), set_clock(None)));
    });
}

#[test]
fn bug_38_the_loop_blocks_when_all_wait_and_only_then() {
    fresh(|| {
        let turns = Rc::new(RefCell::new(Vec::new()));
        let (log, main) = (Rc::clone(&turns), current());
        drive(move |how| {
            log.borrow_mut().push((how, ready_count()));
            if how != Turn::Look {
                main.ready();
            }
            Outlook::Waiting
        });
        let waits = || {
            let all = turns.take();
            for (how, ready) in &all {
                // It may block only while nothing is ready.
                assert!(
                    *how == Turn::Look || *ready == 0,
                    "{how:?} with {ready} ready"
                );
            }
            all.iter().filter(|(how, _)| *how != Turn::Look).count()
        };
        for _ in 0..10 {
            schedule();
        }
        assert_eq!(
            waits(),
            10,
            "once for each time that all wait: no busy wait"
        );
        let c = spawn(|| (0..1_000).for_each(|_| cede()));
        while !c.is_finished() {
            cede();
        }
        assert_eq!(waits(), 0, "a ready coro is not kept waiting by the loop");
        drop(set_driver(None));
        // And without a loop: somebody else will wake us, and until then the OS thread sleeps.
        let idles = Rc::new(Cell::new(0));
        let count = Rc::clone(&idles);
        drop(set_idle(Some(Box::new(move || {
            count.set(count.get() + 1);
            Outlook::Waiting
        }))));
        let (waker, (go, gone)) = (current().waker(), std::sync::mpsc::channel());
        let other = std::thread::spawn(move || {
            gone.recv().unwrap();
            waker.wake();
        });
        go.send(()).unwrap();
        schedule();
        other.join().unwrap();
        assert!(idles.get() <= 3, "{} idle steps for one sleep", idles.get());
        drop(set_idle(None));
    });
}

/// Returns how many files and OS threads this process has; `None` where the system does not tell.
fn descriptors_and_threads() -> Option<(usize, usize)> {
    let count = |folder| Some(std::fs::read_dir(folder).ok()?.count());
    Some((count("/proc/self/fd")?, count("/proc/self/task")?))
}

#[test]
fn bug_39_the_library_opens_nothing_and_starts_no_threads() {
    let name = "history::b_idle::bug_39_the_library_opens_nothing_and_starts_no_threads";
    in_a_process(name, || {
        let before = descriptors_and_threads();
        let sem = semaphore(0);
        let c = spawn(move || sem.down());
        spawn(|| ()).join().unwrap();
        let waker = c.waker();
        waker.wake();
        settle();
        drop(waker);
        assert!(outcome(schedule).starts_with("deadlock"));
        assert_eq!(descriptors_and_threads(), before);
        c.cancel();
    });
}

#[test]
fn bug_40_an_idle_hook_that_was_set_first_survives() {
    fresh(|| {
        let idles = Rc::new(Cell::new(0));
        let (count, main) = (Rc::clone(&idles), Rc::new(RefCell::new(None::<Coro>)));
        let whom = Rc::clone(&main);
        // Before anything else is used.
        assert!(
            set_idle(Some(Box::new(move || {
                count.set(count.get() + 1);
                if let Some(coro) = &*whom.borrow() {
                    coro.ready();
                }
                Outlook::Progress
            })))
            .is_none()
        );
        *main.borrow_mut() = Some(current());
        settle();
        schedule();
        assert_eq!(idles.get(), 1);
        // Timers, a clock, a driver and wakers come after it; it has the first word all the same.
        let (_alarms, _time) = alarms();
        let waits = Rc::new(Cell::new(0));
        let count = Rc::clone(&waits);
        drive(move |how| {
            count.set(count.get() + u32::from(how != Turn::Look));
            Outlook::Waiting
        });
        let _waker = current().waker();
        schedule();
        assert_eq!((idles.get(), waits.get()), (2, 0));
        drop((set_timers(None), set_clock(None)));
        drop(set_driver(None));
        schedule();
        assert_eq!(idles.get(), 3);
        assert!(set_idle(None).is_some());
    });
}

#[test]
fn bug_41_two_waiters_get_an_event_each_and_each_its_own() {
    fresh(|| {
        let sources = Rc::new(RefCell::new(Vec::<(u32, RouseCallback<u32>)>::new()));
        let waiter = |id: u32| {
            let (callback, answer) = rouse();
            sources.borrow_mut().push((id, callback));
            spawn(move || answer.wait())
        };
        let all = [1, 2, 3].map(|id| (id, waiter(id)));
        settle();
        let events = Rc::clone(&sources);
        // All events come in one turn, the youngest first.
        drive(move |_| {
            for (id, callback) in events.take().into_iter().rev() {
                callback.call(id * 10);
            }
            Outlook::Progress
        });
        for (id, c) in all {
            assert_eq!(c.join().unwrap(), Some(id * 10));
        }
        drop(set_driver(None));
    });
}

/// Waits for a flag, which it takes.
struct Flag(Cell<bool>);

impl coro::Wait for Flag {
    fn what(&self) -> &'static str {
        "flag"
    }
}

#[test]
fn bug_42_a_readiness_that_is_told_twice_is_harmless() {
    fresh(|| {
        let flags = [(); 2].map(|()| Rc::new(Flag(Cell::new(false))));
        let c = spawn({
            let flags = flags.clone();
            move || {
                for flag in flags {
                    while !flag.0.take() {
                        wait_for(&*flag);
                    }
                }
            }
        });
        settle();
        let (waiter, flag, main) = (c.coro().clone(), Rc::clone(&flags[0]), current());
        let mut turns = 0;
        drive(move |_| {
            turns += 1;
            flag.0.set(turns == 1);
            // The event, told twice; and in the next turn once more, for nothing.
            waiter.ready();
            waiter.ready();
            if turns == 2 {
                main.ready();
            }
            Outlook::Progress
        });
        schedule();
        drop(set_driver(None));
        settle();
        assert!(!c.is_finished());
        flags[1].0.set(true);
        c.ready();
        c.join().unwrap();
    });
}
