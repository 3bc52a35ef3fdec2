//! The forms of the primitives that end in `_timeout`.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use coro_channel::{Channel, JoinSet, Select, oneshot};
use coro_explore::{finally, invariant};
use coro_sync::{Condvar, Mutex, RwLock, Semaphore, Signal, WaitGroup};
use coro_time::{join_timeout, sleep};

use super::{SECOND, faults, named, no_timer_is_left, prove};

// Hazard: who leaves at the moment of the end takes a wake-up along, or has what it says it has not.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_semaphore_loses_no_permit() {
    for (fair, want) in [(false, 1), (false, 2), (true, 1), (true, 2)] {
        let builder = faults().spurious(1).name(&format!("permits {fair} {want}"));
        prove(&builder, move || {
            no_timer_is_left();
            let semaphore = Rc::new(if fair {
                Semaphore::fair(0)
            } else {
                Semaphore::new(0)
            });
            // What was given and not taken.
            let left = Rc::new(Cell::new(0));
            let (theirs, mine) = (semaphore.clone(), left.clone());
            let timed = named("timed", move || {
                if theirs.down_many_timeout(want, SECOND).is_ok() {
                    mine.set(mine.get() - want as isize);
                }
            });
            let (theirs, mine) = (semaphore.clone(), left.clone());
            let patient = named("patient", move || {
                theirs.down();
                mine.set(mine.get() - 1);
            });
            let (theirs, mine) = (semaphore.clone(), left.clone());
            let giver = named("giver", move || {
                sleep(SECOND);
                mine.set(mine.get() + 1);
                theirs.up();
            });
            _ = (giver.join(), timed.join());
            // The patient one shall have one, whatever became of the others.
            if left.get() == 0 && !patient.is_finished() {
                left.set(1);
                semaphore.up();
            }
            _ = patient.join();
            finally(move || {
                assert_eq!(semaphore.count(), left.get());
                assert_eq!(semaphore.waiters(), 0);
            });
        });
    }
}

// Hazard: the lock is given to one that has gone.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_mutex_keeps_others_out() {
    for fair in [false, true] {
        prove(
            &faults().spurious(1).name(&format!("mutex {fair}")),
            move || {
                no_timer_is_left();
                let mutex = Rc::new(if fair { Mutex::fair(0) } else { Mutex::new(0) });
                let theirs = mutex.clone();
                let holder = named("holder", move || {
                    let mut number = theirs.lock();
                    sleep(SECOND);
                    *number += 1;
                });
                let theirs = mutex.clone();
                let timed = named("timed", move || {
                    let number = theirs.lock_timeout(SECOND);
                    if let Ok(mut number) = number {
                        let old = *number;
                        coro::cede();
                        *number = old + 1;
                    }
                });
                let theirs = mutex.clone();
                let patient = named("patient", move || {
                    let mut number = theirs.lock();
                    let old = *number;
                    coro::cede();
                    *number = old + 1;
                });
                _ = (holder.join(), timed.join(), patient.join());
                finally(move || {
                    assert!(!mutex.is_locked() && mutex.waiters() == 0);
                    assert!(*mutex.lock() <= 3);
                });
            },
        );
    }
}

// Hazard: a notification goes to a waiter whose time is over, and nobody else is notified.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_out_condvar_waiter_takes_no_notification() {
    prove(&faults().throws(0).cancels(0).spurious(2), || {
        no_timer_is_left();
        let pair = Rc::new((Mutex::new(0_u8), Condvar::new()));
        let theirs = pair.clone();
        let timed = named("timed", move || {
            let (mutex, condvar) = &*theirs;
            let guard = mutex.lock();
            let (mut number, result) = condvar.wait_timeout(guard, SECOND);
            if result.is_ok() && *number > 0 {
                *number -= 1;
            }
        });
        let theirs = pair.clone();
        let patient = named("patient", move || {
            let (mutex, condvar) = &*theirs;
            let mut number = condvar.wait_while(mutex.lock(), |number| *number == 0);
            *number -= 1;
        });
        let theirs = pair.clone();
        let giver = named("giver", move || {
            let (mutex, condvar) = &*theirs;
            sleep(SECOND);
            let mut number = mutex.lock();
            *number += 1;
            // The time of the other one is over, and it waits for the mutex.
            coro::cede();
            condvar.notify_one();
        });
        timed.join().unwrap();
        giver.join().unwrap();
        let (mutex, condvar) = &*pair;
        let mut number = mutex.lock();
        if *number == 0 {
            *number += 1;
            condvar.notify_one();
        }
        drop(number);
        patient.join().unwrap();
        finally(move || assert_eq!(pair.1.waiters(), 0));
    });
}

// Hazard: readers behind a writer whose time is over are not let in.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_out_writer_lets_the_readers_in() {
    for fair in [false, true] {
        prove(
            &faults().spurious(1).name(&format!("rwlock {fair}")),
            move || {
                no_timer_is_left();
                let lock = Rc::new(if fair {
                    RwLock::fair(())
                } else {
                    RwLock::new(())
                });
                let (readers, writers) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
                let (r, w) = (readers.clone(), writers.clone());
                invariant("a writer is alone", move || {
                    w.get() == 0 || (w.get() == 1 && r.get() == 0)
                });
                let held = lock.clone();
                let first = named("first", move || {
                    let _guard = held.read();
                    sleep(2 * SECOND);
                });
                let (theirs, inside) = (lock.clone(), writers.clone());
                let writer = named("writer", move || {
                    if let Ok(_guard) = theirs.write_timeout(SECOND) {
                        let _inside = Inside::new(&inside);
                        coro::cede();
                    }
                });
                let (theirs, inside) = (lock.clone(), readers.clone());
                let second = named("second", move || {
                    if let Ok(_guard) = theirs.read_timeout(3 * SECOND) {
                        let _inside = Inside::new(&inside);
                        coro::cede();
                    }
                });
                _ = (first.join(), writer.join(), second.join());
                finally(move || assert!(lock.try_write().is_some()));
            },
        );
    }
}

/// Counts those inside.
struct Inside(Rc<Cell<u32>>);

impl Inside {
    fn new(count: &Rc<Cell<u32>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

// Hazard: a send that comes at the moment of the end wakes nobody, and is not remembered either.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_out_signal_waiter_leaves_the_send_to_others() {
    prove(&faults().spurious(1), || {
        no_timer_is_left();
        let signal = Rc::new(Signal::new());
        let received = Rc::new(Cell::new(0));
        let (theirs, count) = (signal.clone(), received.clone());
        let timed = named("timed", move || {
            if theirs.wait_timeout(SECOND).is_ok() {
                count.set(count.get() + 1);
            }
        });
        let (theirs, count) = (signal.clone(), received.clone());
        let other = named("other", move || {
            if theirs.wait_timeout(2 * SECOND).is_ok() {
                count.set(count.get() + 1);
            }
        });
        let theirs = signal.clone();
        let sender = named("sender", move || {
            sleep(SECOND);
            theirs.send();
        });
        let sent = sender.join().is_ok();
        _ = (timed.join(), other.join());
        finally(move || {
            let left = u32::from(signal.wait_timeout(Duration::ZERO).is_ok());
            assert_eq!(received.get() + left, u32::from(sent));
            assert_eq!(signal.awaited(), 0);
        });
    });
}

// Hazard: the group is empty at the moment of the end, and is said to be late for nothing.
#[test]
fn a_timed_wait_for_a_group_ends_with_the_last_token_or_in_time() {
    prove(&faults(), || {
        no_timer_is_left();
        let group = WaitGroup::new();
        let token = group.token();
        let worker = named("worker", move || {
            sleep(SECOND);
            drop(token);
        });
        let waits = group.clone();
        let waiter = named("waiter", move || {
            let begin = coro::now();
            match waits.wait_timeout(SECOND) {
                Ok(()) => assert_eq!(waits.tokens(), 0),
                Err(_) => assert!(coro::now() >= begin + SECOND),
            }
        });
        _ = (worker.join(), waiter.join());
        finally(move || assert_eq!((group.tokens(), group.waiters()), (0, 0)));
    });
}

// Hazard: a value goes to a getter whose time is over, or is still there for two.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn timed_puts_and_gets_lose_and_double_nothing() {
    for fair in [false, true] {
        let builder = faults().name(&format!("channel {fair}"));
        prove(&builder, move || {
            no_timer_is_left();
            let channel = Rc::new(if fair {
                Channel::fair(1)
            } else {
                Channel::bounded(1)
            });
            let (put, got) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
            let (theirs, puts) = (channel.clone(), put.clone());
            let putter = named("putter", move || {
                for bit in [1, 2] {
                    if theirs.put_timeout(bit, SECOND).is_ok() {
                        puts.set(puts.get() + bit);
                    }
                }
            });
            let getters = ["a", "b"].map(|name| {
                let (theirs, gets) = (channel.clone(), got.clone());
                named(name, move || {
                    if let Ok(Some(bit)) = theirs.get_timeout(SECOND) {
                        gets.set(gets.get() + bit);
                    }
                })
            });
            _ = putter.join();
            for getter in getters {
                _ = getter.join();
            }
            finally(move || {
                let left: i32 = channel.try_iter().sum();
                assert_eq!(put.get(), got.get() + left);
            });
        });
    }
}

// Hazard: a select whose time is over has taken from an arm, or has left an entry at one.
#[test]
fn a_timed_select_takes_from_one_arm_or_none() {
    prove(&faults().delays(3), || {
        no_timer_is_left();
        let channels = Rc::new([0, 1].map(|_| Channel::<i32>::unbounded()));
        let got = Rc::new(Cell::new(0));
        let (theirs, gets) = (channels.clone(), got.clone());
        let getter = named("getter", move || {
            let me = coro::current();
            let before = me.handle_count();
            let result = catch_unwind(AssertUnwindSafe(|| {
                let (a, b) = (theirs[0].get_arm(), theirs[1].get_arm());
                let taken = Select::new(&[&a, &b]).wait_timeout(SECOND);
                let values = taken.map(|index| [a, b].into_iter().nth(index));
                if let Ok(Some(arm)) = values {
                    let value = coro_channel::Arm::take(arm);
                    gets.set(gets.get() + value.unwrap_or_default());
                }
            }));
            _ = result;
            assert_eq!(me.handle_count(), before, "an entry was left");
        });
        let theirs = channels.clone();
        let putter = named("putter", move || {
            sleep(SECOND);
            theirs[0].put(1);
            theirs[1].put(2);
            3
        });
        let put = putter.join().unwrap_or_default();
        _ = getter.join();
        finally(move || {
            let left: i32 = channels.iter().flat_map(Channel::try_iter).sum();
            assert!(put == 0 || got.get() + left == put);
        });
    });
}

// Hazard: the value is sent at the moment of the end, and neither side has it.
#[test]
fn a_timed_oneshot_hands_over_or_gives_back() {
    prove(&faults().delays(3), || {
        no_timer_is_left();
        let (sender, receiver) = oneshot();
        let value = Rc::new(());
        let sent = value.clone();
        let sending = named("sender", move || {
            sleep(SECOND);
            sender.send(sent).is_ok()
        });
        let got = Rc::new(Cell::new(None));
        let here = got.clone();
        let receiving = named("receiver", move || {
            let value = receiver.get_timeout(SECOND);
            here.set(value.ok().and_then(Result::ok));
        });
        let accepted = sending.join();
        let ended = receiving.join();
        finally(move || {
            let got = got.take().is_some();
            assert!(!got || accepted.unwrap_or_default());
            assert!(ended.is_err() || Rc::strong_count(&value) == 1);
        });
    });
}

// Hazard: a coro has ended at the moment of the end, and is said to be late; its joiner stays in.
#[test]
fn a_timed_join_tells_the_end_or_leaves() {
    prove(&faults().delays(3), || {
        no_timer_is_left();
        let target = named("target", || sleep(SECOND));
        let coro = target.coro().clone();
        let joiner = named("joiner", move || {
            let me = coro::current();
            let (before, begin) = (me.handle_count(), coro::now());
            let result = catch_unwind(AssertUnwindSafe(|| join_timeout(&coro, SECOND)));
            assert_eq!(me.handle_count(), before, "an entry was left");
            match result {
                Ok(Ok(())) => assert!(coro.is_finished()),
                Ok(Err(_)) => assert!(!coro.is_finished() && coro::now() >= begin + SECOND),
                Err(_) => coro::check(),
            }
        });
        _ = (target.join(), joiner.join());
    });
}

// Hazard: the end of a member is consumed by a call that says that its time is over.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_timed_join_of_a_set_tells_each_end_once() {
    prove(&faults().delays(3).victims(["member"]), || {
        no_timer_is_left();
        let set = JoinSet::new();
        for n in [1, 2] {
            let builder = coro::Builder::new().desc("member");
            set.spawn_with(builder, move || sleep(n * SECOND));
        }
        let mut ends = 0;
        while !set.is_empty() {
            if let Ok(Some(_)) = set.join_next_timeout(SECOND) {
                ends += 1;
            }
        }
        assert_eq!(ends, 2);
    });
}
