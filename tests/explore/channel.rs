//! Channels: no value is lost or doubled, the capacity stays, and everybody who waits is served.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::{Channel, PutTimeoutError};
use coro_explore::{Builder, finally};
use coro_sync::Semaphore;
use coro_time::Elapsed;

// With its path, as this file is the root of a test program too.
#[path = "channel/fair.rs"]
mod fair;

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("channel, {name}: {report}");
    assert!(report.is_exhaustive());
}

/// Strikes coros of this name; then wakes any of them for nothing.
#[track_caller]
fn explore_strikes<F>(name: &str, builder: &Builder, victim: &str, body: F)
where
    F: Fn() + Clone + Send + Sync + 'static,
{
    explore(name, &builder.clone().victims([victim]), body.clone());
    let spurious = Builder::new().spurious(2);
    explore(&format!("{name}, spurious"), &spurious, body);
}

fn faults() -> Builder {
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(desc: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(desc).spawn(f)
}

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_millis(2);

/// The form of a channel, and its capacity.
#[derive(Clone, Copy, Debug)]
enum Form {
    Plain(usize),
    Fair(usize),
}
use Form::{Fair, Plain};

/// A channel, and what went in and came out.
struct Watched {
    channel: Channel<u8>,
    is_fair: bool,
    put: RefCell<Vec<u8>>,
    got: RefCell<Vec<u8>>,
    /// How many gets have found nothing, after a shutdown.
    nothing: Cell<usize>,
}

impl Watched {
    fn new(form: Form) -> Rc<Watched> {
        let watched = Rc::new(Watched {
            channel: match form {
                Plain(capacity) => Channel::bounded(capacity),
                Fair(capacity) => Channel::fair(capacity),
            },
            is_fair: matches!(form, Fair(_)),
            put: RefCell::default(),
            got: RefCell::default(),
            nothing: Cell::new(0),
        });
        let seen = watched.clone();
        finally(move || seen.look_back());
        watched
    }

    /// A put that is interrupted has put; in the fair form, it has not.
    fn put(&self, value: u8) {
        if self.is_fair {
            self.channel.put(value);
            self.put.borrow_mut().push(value);
        } else {
            self.put.borrow_mut().push(value);
            self.channel.put(value);
        }
    }

    fn get(&self) -> Option<u8> {
        let value = self.channel.get();
        match value {
            Some(value) => self.got.borrow_mut().push(value),
            None => self.nothing.set(self.nothing.get() + 1),
        }
        value
    }

    fn get_timeout(&self, limit: Duration) {
        match self.channel.get_timeout(limit) {
            Ok(value) => self.got.borrow_mut().extend(value),
            // Who is late, and finds a value, takes it.
            Err(Elapsed) => assert!(self.channel.is_empty()),
        }
    }

    /// What was put came out or is there, in this order, and as much fits in as at first.
    fn look_back(&self) {
        let mut out = self.got.take();
        while let Some(value) = self.channel.try_get() {
            out.push(value);
        }
        assert_eq!(out, *self.put.borrow(), "what came out, and what went in");
        let room = (0..9).take_while(|&n| self.channel.try_put(n).is_ok());
        let room = room.count();
        // As documented, each get of nothing lets one more put pass, but in the fair form.
        let more = if self.is_fair { 0 } else { self.nothing.get() };
        assert_eq!(Some(room), self.channel.capacity().map(|old| old + more));
    }
}

/// Shuts the channel down when it is dropped.
struct Closer(Rc<Watched>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.channel.shutdown();
    }
}

// A coro that gets, and the body, which nothing strikes, get what others put. Hazards: a getter that
// was woken or was given a value, and ends; a putter that owes a slot, or was lent one, and ends.
fn exchange(form: Form, putters: u8, each: u8) {
    let watched = Watched::new(form);
    let closer = Rc::new(Closer(watched.clone()));
    let putters = (0..putters).map(|n| {
        let (watched, closer) = (watched.clone(), closer.clone());
        named("putter", move || {
            (0..each).for_each(|i| watched.put(10 * n + i));
            drop(closer);
        })
    });
    let mut all: Vec<_> = putters.collect();
    drop(closer);
    let theirs = watched.clone();
    all.push(named("getter", move || while theirs.get().is_some() {}));
    while watched.get().is_some() {}
    all.into_iter().for_each(|c| _ = c.join());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn no_value_is_lost_or_doubled() {
    explore("0, one puts two", &faults(), || exchange(Plain(0), 1, 2));
    explore("0, two put", &faults().spurious(1), || {
        exchange(Plain(0), 2, 1)
    });
    explore("1, one puts two", &faults(), || exchange(Plain(1), 1, 2));
    explore("1, two put", &faults(), || exchange(Plain(1), 2, 1));
    explore("2, one puts three", &faults(), || exchange(Plain(2), 1, 3));
}

// Some are woken at the end of their limit, some shortly before; some are marked as overdue.
#[test]
fn overdue_coros_lose_and_double_nothing() {
    let overdue = Builder::new().spurious(1).timeouts(2);
    for form in [Plain(0), Plain(1), Fair(0), Fair(1)] {
        explore(&format!("overdue, {form:?}"), &overdue, move || {
            exchange(form, 1, 2)
        });
    }
}

// Two wait, and one of them is served. Hazard: the one that was woken ends, and the other waits on.
#[test]
fn a_getter_that_ends_passes_its_wake_up_on() {
    for form in [Plain(1), Fair(1)] {
        explore(&format!("pass on, {form:?}"), &faults(), move || {
            let watched = Watched::new(form);
            let getters = [1, 2].map(|_| {
                let watched = watched.clone();
                named("getter", move || {
                    if watched.get().is_some() {
                        watched.channel.shutdown();
                    }
                })
            });
            coro::cede();
            watched.put(1);
            getters.into_iter().for_each(|c| _ = c.join());
        });
    }
}

// Hazard: a spurious wake-up makes one look that is not the oldest, or gives it another place.
#[test]
fn who_came_first_gets_first() {
    // In the default form, whoever looks first may take it.
    let punctual = Builder::new().spurious(0);
    for (form, builder) in [(Plain(1), punctual), (Fair(0), Builder::new().spurious(2))] {
        explore(&format!("first get, {form:?}"), &builder, move || {
            let watched = Watched::new(form);
            let (arrived, arrivals) = (Rc::new(Semaphore::new(0)), Rc::new(RefCell::new(vec![])));
            let served = Rc::new(Cell::new(None));
            let getters = [1, 2].map(|n| {
                let (watched, served) = (watched.clone(), served.clone());
                let (arrived, arrivals) = (arrived.clone(), arrivals.clone());
                named("getter", move || {
                    arrivals.borrow_mut().push(n);
                    arrived.up();
                    if watched.get().is_some() {
                        served.set(Some(n));
                        watched.channel.shutdown();
                    }
                })
            });
            arrived.down();
            arrived.down();
            watched.put(1);
            getters.into_iter().for_each(|c| c.join().unwrap());
            assert_eq!(served.get(), arrivals.borrow().first().copied());
        });
    }
}

#[test]
fn newcomers_lose_and_double_nothing() {
    for form in [Plain(0), Plain(1), Fair(0), Fair(1)] {
        explore(&format!("newcomers, {form:?}"), &faults(), move || {
            let watched = Watched::new(form);
            let closer = Closer(watched.clone());
            let theirs = watched.clone();
            let putter = named("putter", move || {
                theirs.put(1);
                drop(closer);
            });
            let theirs = watched.clone();
            let newcomer = named("newcomer", move || {
                if theirs.channel.try_put(2).is_ok() {
                    theirs.put.borrow_mut().push(2);
                }
                coro::cede();
                theirs.got.borrow_mut().extend(theirs.channel.try_get());
            });
            while watched.get().is_some() {}
            _ = (putter.join(), newcomer.join());
        });
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_shutdown_releases_all_getters() {
    for form in [Plain(1), Fair(1)] {
        explore(
            &format!("shutdown, {form:?}"),
            &faults().spurious(1),
            move || {
                let watched = Watched::new(form);
                let getters = [1, 2, 3].map(|_| {
                    let watched = watched.clone();
                    named("getter", move || while watched.get().is_some() {})
                });
                coro::cede();
                watched.put(1);
                watched.channel.shutdown();
                getters.into_iter().for_each(|c| _ = c.join());
            },
        );
    }
}

#[test]
fn an_adjustment_serves_the_putters() {
    for form in [Plain(0), Fair(0)] {
        explore(&format!("adjust, {form:?}"), &faults(), move || {
            let watched = Watched::new(form);
            let putters = [1, 2].map(|n| {
                let watched = watched.clone();
                named("putter", move || watched.put(n))
            });
            coro::cede();
            watched.channel.adjust(3);
            watched.channel.adjust(-1);
            putters.into_iter().for_each(|c| _ = c.join());
            assert_eq!(watched.channel.capacity(), Some(2));
        });
    }
}

// Hazards: a limit is over when its coro has been woken; who gives up leaves its place, or a slot.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn limits_lose_and_double_nothing() {
    let builder = faults().spurious(1).timers(2);
    for form in [Plain(0), Plain(1), Fair(0), Fair(1)] {
        explore(&format!("limits, {form:?}"), &builder, move || {
            let watched = Watched::new(form);
            let getters = [SHORT, LONG].map(|limit| {
                let watched = watched.clone();
                named("getter", move || {
                    watched.get_timeout(limit);
                })
            });
            match watched.channel.put_timeout(1, SHORT) {
                Ok(()) => watched.put.borrow_mut().push(1),
                Err(PutTimeoutError(value)) => assert_eq!(value, 1),
            }
            getters.into_iter().for_each(|c| _ = c.join());
        });
    }
    // Two give up, or put.
    for form in [Plain(0), Fair(0)] {
        explore(&format!("put limits, {form:?}"), &builder, move || {
            let watched = Watched::new(form);
            let putters = [SHORT, LONG].map(|limit| {
                let watched = watched.clone();
                named("putter", move || {
                    if watched.channel.put_timeout(1, limit).is_ok() {
                        watched.put.borrow_mut().push(1);
                    }
                })
            });
            watched.get_timeout(LONG);
            putters.into_iter().for_each(|c| _ = c.join());
        });
    }
}
