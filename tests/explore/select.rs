//! Selects: one arm is taken, the others take nothing, and what they were given passes on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::{Channel, Select, oneshot, select};
use coro_explore::{Builder, finally};
use coro_sync::Semaphore;

// With its path, as this file is the root of a test program too.
#[path = "select/kinds.rs"]
mod kinds;

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("select, {name}: {report}");
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

fn channel(is_fair: bool, capacity: usize) -> Rc<Channel<u8>> {
    Rc::new(match is_fair {
        true => Channel::fair(capacity),
        false => Channel::bounded(capacity),
    })
}

fn form(is_fair: bool) -> &'static str {
    if is_fair { "fair" } else { "plain" }
}

const SHORT: Duration = Duration::from_millis(1);

/// As much fits in as the capacity says, after what is there was taken out.
fn keeps_capacity(channel: &Channel<u8>) {
    while channel.try_get().is_some() {}
    let room = (0..9).take_while(|&n| channel.try_put(n).is_ok()).count();
    assert_eq!(Some(room), channel.capacity());
}

// Two wait for either of two channels, into which one value goes each. Hazards: an arm is woken while
// another one is taken, and nobody else looks; a select that was woken is struck.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn each_value_is_got_by_one_select() {
    for is_fair in [false, true] {
        let name = format!("get, {}", form(is_fair));
        explore(&name, &faults().spurious(1), move || {
            let (first, second) = (channel(is_fair, 1), channel(is_fair, 1));
            let got = Rc::new(RefCell::new(vec![]));
            let getters = [1, 2].map(|_| {
                let (first, second, got) = (first.clone(), second.clone(), got.clone());
                named("getter", move || {
                    let value = select! {
                        value = first.get_arm() => value,
                        value = second.get_arm() => value,
                    };
                    got.borrow_mut().extend(value);
                })
            });
            coro::cede();
            first.put(1);
            second.put(2);
            // Neither waits for ever: there is a value for each.
            getters.into_iter().for_each(|c| _ = c.join());
            let mut all = got.take();
            all.extend(first.try_get());
            all.extend(second.try_get());
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
            finally(move || [first, second].iter().for_each(|c| keeps_capacity(c)));
        });
    }
}

// Hazard: a select was woken for a value, takes another one, and the getter behind it waits on.
#[test]
fn a_select_passes_on_what_it_does_not_take() {
    for is_fair in [false, true] {
        let name = format!("pass on, {}", form(is_fair));
        explore_strikes(&name, &faults(), "select", move || {
            let (first, second) = (channel(is_fair, 1), channel(is_fair, 1));
            let (theirs, other) = (first.clone(), second.clone());
            let selecting = named("select", move || {
                select! {
                    _ = theirs.get_arm() => theirs.put(3),
                    _ = other.get_arm() => {}
                }
            });
            let theirs = first.clone();
            let getter = named("getter", move || theirs.get());
            coro::cede();
            first.put(1);
            second.put(2);
            _ = selecting.join();
            _ = getter.join();
        });
    }
}

// Hazards: both arms put; a select that was woken for a slot is struck; it stays in a queue.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn each_value_is_put_once() {
    for is_fair in [false, true] {
        let name = format!("put, {}", form(is_fair));
        explore(&name, &faults(), move || {
            let (first, second) = (channel(is_fair, 1), channel(is_fair, 1));
            first.put(8);
            second.put(9);
            let put = Rc::new(Cell::new(0));
            let putters = [1, 2].map(|n| {
                let (first, second, put) = (first.clone(), second.clone(), put.clone());
                named("putter", move || {
                    select! {
                        () = first.put_arm(n) => {}
                        () = second.put_arm(n) => {}
                    }
                    put.set(put.get() + 1);
                })
            });
            coro::cede();
            assert_eq!((first.get(), second.get()), (Some(8), Some(9)));
            putters.into_iter().for_each(|c| _ = c.join());
            assert_eq!(first.len() + second.len(), put.get());
            finally(move || [first, second].iter().for_each(|c| keeps_capacity(c)));
        });
    }
}

// Hazard: each of the two waits for the other one to come.
#[test]
fn two_selects_meet_without_a_buffer() {
    for is_fair in [false, true] {
        let name = format!("meet, {}", form(is_fair));
        explore(&name, &faults().throws(0).cancels(0), move || {
            let (there, back) = (channel(is_fair, 0), channel(is_fair, 0));
            let (to, from) = (there.clone(), back.clone());
            let putter = named("putter", move || {
                select! {
                    () = to.put_arm(1) => None,
                    value = from.get_arm() => value,
                }
            });
            let got = select! {
                () = back.put_arm(2) => None,
                value = there.get_arm() => value,
            };
            let theirs = putter.join().unwrap();
            assert!(matches!((got, theirs), (Some(1), None) | (None, Some(2))));
            assert_eq!(there.len() + back.len(), 0);
        });
    }
}

// The oldest is woken, and somebody comes by. Hazard: it waits again, and nobody knows of it.
#[test]
fn a_select_that_found_nothing_waits_again() {
    for is_fair in [false, true] {
        let name = format!("again, {}", form(is_fair));
        explore(&name, &faults(), move || {
            let (first, second) = (channel(is_fair, 2), channel(is_fair, 1));
            let (theirs, other) = (first.clone(), second);
            let selecting = named("select", move || {
                select! {
                    _ = theirs.get_arm() => {}
                    _ = other.get_arm() => {}
                }
            });
            let theirs = first.clone();
            let newcomer = named("newcomer", move || theirs.try_get());
            coro::cede();
            first.put(1);
            _ = newcomer.join();
            first.put(2);
            _ = selecting.join();
        });
    }
}

// Hazard: who only gets does not tell who can put only to somebody that waits.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_get_arm_invites_a_put_arm() {
    for is_fair in [false, true] {
        let name = format!("one way, {}", form(is_fair));
        explore_strikes(&name, &faults(), "other", move || {
            let meeting = channel(is_fair, 0);
            let never = Rc::new(Channel::<u8>::unbounded());
            let (theirs, away) = (meeting.clone(), never.clone());
            let putter = named("putter", move || {
                select! {
                    () = theirs.put_arm(1) => {}
                    _ = away.get_arm() => unreachable!(),
                }
            });
            let theirs = meeting.clone();
            // It comes, and may go without having got anything.
            let other = named("other", move || {
                let arm = theirs.get_arm();
                Select::new(&[&arm]).wait_timeout(SHORT).is_ok()
            });
            if !other.join().is_ok_and(|has_got| has_got) {
                select! {
                    value = meeting.get_arm() => assert_eq!(value, Some(1)),
                    _ = never.get_arm() => unreachable!(),
                }
            }
            putter.join().unwrap();
        });
    }
}

// A putter that is a select finds getters that come and go. Hazard: who waits is never told of it.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_put_arm_learns_of_getters() {
    for is_fair in [false, true] {
        let name = format!("invite, {}", form(is_fair));
        explore(&name, &faults().spurious(1), move || {
            let meeting = channel(is_fair, 0);
            let (put, got) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
            let (sender, receiver) = oneshot::<()>();
            let (receiver, theirs, seen) = (Rc::new(receiver), meeting.clone(), got.clone());
            let getter = named("getter", move || {
                // When this coro ends, in whatever way, it is dropped.
                let _sender = sender;
                seen.set(theirs.get().iter().count());
            });
            let selecting = [1, 2].map(|n| {
                let (meeting, receiver, put) = (meeting.clone(), receiver.clone(), put.clone());
                named("select", move || {
                    select! {
                        () = meeting.put_arm(n) => put.set(put.get() + 1),
                        _ = receiver.get_arm() => {}
                    }
                })
            });
            selecting.into_iter().for_each(|c| _ = c.join());
            meeting.shutdown();
            _ = getter.join();
            assert_eq!(put.get(), got.get() + meeting.len());
        });
    }
}

// Hazard: a permit goes with an arm that was not taken.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn permits_are_conserved_by_selects() {
    for is_fair in [false, true] {
        let name = format!("permits, {}", form(is_fair));
        explore(&name, &faults(), move || {
            let permits = Rc::new(match is_fair {
                true => Semaphore::fair(0),
                false => Semaphore::new(0),
            });
            let values = Rc::new(Channel::unbounded());
            let (sem, channel) = (permits.clone(), values.clone());
            let selecting = named("select", move || {
                select! {
                    () = sem.down_arm() => sem.up(),
                    value = channel.get_arm() => channel.put(value.unwrap()),
                }
            });
            let sem = permits.clone();
            let other = named("other", move || {
                let _guard = sem.acquire();
                coro::cede();
            });
            coro::cede();
            permits.up();
            values.put(1);
            _ = (selecting.join(), other.join());
            assert_eq!((permits.count(), permits.waiters()), (1, 0));
            assert_eq!((values.try_get(), values.len()), (Some(1), 0));
        });
    }
}

// Hazards: the limit is over together with what was waited for; the timer stays armed.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_loses_nothing() {
    let builder = faults().timers(2);
    explore("timer arm", &builder, || {
        let values = Rc::new(Channel::bounded(1));
        let theirs = values.clone();
        let got = Rc::new(Cell::new(0));
        let seen = got.clone();
        let selecting = named("select", move || {
            select! {
                biased;
                _ = theirs.get_arm() => seen.set(1),
                () = coro_time::after(SHORT) => {}
            }
        });
        let theirs = values.clone();
        let putter = named("putter", move || {
            coro_time::sleep(SHORT);
            theirs.put(1);
            true
        });
        _ = selecting.join();
        let put = putter.join().is_ok();
        assert_eq!(usize::from(put), values.len() + got.get());
        assert_eq!(coro_time::armed(), 0);
    });
    explore("wait_timeout", &builder.spurious(1), || {
        let (first, second) = (channel(true, 1), channel(true, 0));
        let (get, put) = (first.clone(), second.clone());
        let taken = Rc::new(Cell::new(None));
        let seen = taken.clone();
        let selecting = named("select", move || {
            let (get, put) = (get.get_arm(), put.put_arm(2));
            seen.set(Select::new(&[&get, &put]).wait_timeout(SHORT).ok());
        });
        let (put, get) = (first.clone(), second.clone());
        let (put_one, got_two) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let (has_put, has_got) = (put_one.clone(), got_two.clone());
        let other = named("other", move || {
            coro_time::sleep(SHORT);
            put.put(1);
            has_put.set(true);
            has_got.set(get.get_timeout(SHORT).is_ok());
        });
        _ = (selecting.join(), other.join());
        let taken = |arm| usize::from(taken.get() == Some(arm));
        assert_eq!(usize::from(put_one.get()), taken(0) + first.len());
        assert_eq!(taken(1), usize::from(got_two.get()) + second.len());
        finally(move || [first, second].iter().for_each(|c| keeps_capacity(c)));
    });
}

// The kernel chooses among those that can be had: each is chosen in some execution.
#[test]
fn none_is_passed_over_but_by_a_biased_select() {
    let all = Arc::new(AtomicUsize::new(0));
    let seen = all.clone();
    explore("choice", &Builder::new(), move || {
        let channels = [(); 3].map(|()| Channel::unbounded());
        channels.iter().for_each(|channel| channel.put(1));
        let arms = channels.each_ref().map(|channel| channel.get_arm());
        let taken = Select::new(&[&arms[0], &arms[1], &arms[2]]).wait();
        seen.fetch_or(1 << taken, Ordering::Relaxed);
        assert!((0..3).all(|at| channels[at].len() == usize::from(at != taken)));
    });
    assert_eq!(all.load(Ordering::Relaxed), 0b111);
    explore("bias", &Builder::new(), || {
        let (first, second) = (Rc::new(Channel::unbounded()), Rc::new(Channel::unbounded()));
        let (theirs, other) = (first.clone(), second.clone());
        let putter = named("putter", move || {
            other.put(1);
            theirs.put(1);
        });
        coro::cede();
        let index = select! {
            biased;
            _ = first.get_arm() => 0,
            _ = second.get_arm() => 1,
        };
        // Both are there when it looks, however it was woken.
        assert_eq!(index, 0);
        putter.join().unwrap();
    });
}
