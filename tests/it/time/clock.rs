//! The virtual clock, the slack, and what else the kernel and an observer see of timers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use coro::{Clock, Driver, Event, Observer, Outlook, Timers, Turn, cede, spawn};
use coro_time::{Timer, VirtualClock, armed, set_slack, sleep};

use super::{begin, secs};
use crate::support::{Log, fresh};

#[test]
fn time_stands_still_while_a_coro_can_run() {
    let clock = VirtualClock::install();
    let sleeper = begin(|| sleep(secs(1)));
    let busy = spawn(|| (0..10_000).for_each(|_| cede()));
    busy.join().unwrap();
    assert_eq!(clock.elapsed(), secs(0));
    sleeper.join().unwrap();
    assert_eq!(clock.elapsed(), secs(1));
}

#[test]
fn to_advance_readies_all_in_order_and_runs_none() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let all: Vec<_> = [3, 1, 2, 9]
        .into_iter()
        .map(|time| {
            let clock = clock.clone();
            begin(move || {
                sleep(secs(time));
                log.say(format!("{time} at {}", clock.elapsed().as_secs()));
            })
        })
        .collect();
    clock.advance(secs(5));
    log.expect([]);
    assert_eq!(coro::ready_count(), 3);
    cede();
    log.expect(["1 at 5", "2 at 5", "3 at 5"]);
    all[3].coro().join();
    log.expect(["9 at 9"]);
}

#[test]
fn clocks_are_put_back_one_by_one() {
    let outer = VirtualClock::install();
    outer.advance(secs(1));
    {
        let inner = VirtualClock::install();
        sleep(secs(5));
        assert_eq!((inner.elapsed(), outer.elapsed()), (secs(5), secs(1)));
    }
    sleep(secs(1));
    assert_eq!(outer.elapsed(), secs(2));
    assert_eq!(outer.now(), coro::now());
}

#[test]
fn to_advance_a_clock_that_is_not_installed_serves_nobody() {
    let _clock = VirtualClock::install();
    let other = VirtualClock::new();
    let c = begin(|| sleep(secs(1)));
    other.advance(secs(9));
    assert!(!c.is_ready());
    assert_eq!(other.elapsed(), secs(9));
    c.cancel();
}

#[test]
fn the_slack_is_none_while_a_virtual_clock_is_there() {
    assert_eq!(set_slack(secs(7)), Duration::from_millis(1));
    let clock = VirtualClock::install();
    sleep(secs(1));
    assert_eq!(clock.elapsed(), secs(1));
    drop(clock);
    assert_eq!(set_slack(Duration::from_millis(1)), secs(7));
}

/// A clock that is told the time, as the real one, and a driver that waits so long for nothing.
#[derive(Clone)]
struct World {
    start: Instant,
    now: Rc<Cell<Instant>>,
    waits: Rc<RefCell<Vec<Duration>>>,
}

impl World {
    /// Calls `f` in a world, and returns how long after its beginning each wait was to end.
    fn waits(f: impl FnOnce(&World)) -> Vec<Duration> {
        let start = Instant::now();
        let world = World {
            start,
            now: Rc::new(Cell::new(start)),
            waits: Rc::default(),
        };
        coro::set_clock(Some(Box::new(world.clone())));
        coro::set_driver(Some(Box::new(world.clone())));
        f(&world);
        coro::set_driver(None);
        coro::set_clock(None);
        world.waits.take()
    }
}

impl Clock for World {
    fn now(&self) -> Instant {
        self.now.get()
    }

    fn skip_to(&self, _: Instant) -> bool {
        false
    }
}

impl Driver for World {
    fn turn(&mut self, how: Turn) -> Outlook {
        if let Turn::Wait(until) = how {
            let until = until.expect("a timer is armed");
            self.now.set(until);
            self.waits.borrow_mut().push(until - self.start);
        }
        Outlook::Waiting
    }

    fn waker(&self) -> Waker {
        Waker::noop().clone()
    }
}

#[test]
fn neighbours_share_a_wake_up_of_the_thread() {
    fresh(|| {
        let micros = Duration::from_micros;
        let log = Log::new();
        let sleepers = |world: &World| {
            let all = [2_900, 2_000, 5_000, 2_300].map(|time| {
                let world = world.clone();
                begin(move || {
                    sleep(micros(time));
                    assert!(world.now.get() - world.start >= micros(time), "early");
                    log.say(time);
                })
            });
            all.into_iter().for_each(|c| c.join().unwrap());
            log.expect(["2000", "2300", "2900", "5000"]);
        };
        // Served at 2 ms and 1 ms of slack, three of them at once.
        assert_eq!(World::waits(sleepers), [micros(3_000), micros(6_000)]);
        set_slack(Duration::ZERO);
        let exact = [2_000, 2_300, 2_900, 5_000].map(micros);
        assert_eq!(World::waits(sleepers), exact);
        set_slack(Duration::MAX);
        // The first one's deadline and the slack is no time at all: then it is the deadline.
        assert_eq!(World::waits(sleepers), exact);
    });
}

#[test]
fn timers_that_were_installed_before_are_served_too() {
    struct Alarm(Option<Instant>, coro::Coro);
    impl Timers for Alarm {
        fn fire(&mut self, now: Instant) {
            if self.0.is_some_and(|at| at <= now) {
                self.0 = None;
                self.1.ready();
            }
        }
        fn deadline(&self) -> Option<Instant> {
            self.0
        }
    }
    fresh(|| {
        let clock = VirtualClock::install();
        let alarm = Alarm(Some(clock.now() + secs(2)), coro::current());
        coro::set_timers(Some(Box::new(alarm)));
        let c = begin(|| sleep(secs(3)));
        coro::schedule();
        assert_eq!(clock.elapsed(), secs(2));
        c.join().unwrap();
        assert_eq!(clock.elapsed(), secs(3));
    });
}

#[test]
fn an_observer_may_arm_and_disarm_while_timers_are_served() {
    struct Meddler(Vec<Timer>, VirtualClock);
    impl Observer for Meddler {
        fn event(&mut self, event: &Event<'_>) {
            if matches!(event, Event::Readied { .. }) {
                // Due at once, so that it is served in this very round, or in the next.
                self.0.push(coro_time::at(self.1.now()));
                self.0.push(coro_time::after(secs(1)));
                if self.0.len() > 7 {
                    drop(self.0.drain(..5));
                }
                assert!(armed() > 0);
                self.1.advance(Duration::from_millis(1));
            }
        }
    }
    fresh(|| {
        let clock = VirtualClock::install();
        let log = Log::new();
        // The kernel drops a hook in which another is installed, as the first timer does.
        drop(coro_time::after(secs(1)));
        coro::set_observer(Some(Box::new(Meddler(Vec::new(), clock.clone()))));
        let all = [1, 2, 3, 3].map(|time| {
            begin(move || {
                sleep(secs(time));
                log.say(time);
            })
        });
        all.into_iter().for_each(|c| c.join().unwrap());
        assert!(coro::set_observer(None).is_some());
        log.expect(["1", "2", "3", "3"]);
        assert_eq!(armed(), 0);
    });
}
