//! Programs that forget no wake-up: whatever is interrupted, cut short and frozen in them, nobody is ever stranded
//! when nobody is ready.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, JoinHandle, Outlook, spawn};
use coro_channel::{Channel, JoinSet, Select, join_arm, oneshot};
use coro_sync::{
    Barrier, Condvar, Mutex, Once, RwLock, Semaphore, SemaphoreSet, Signal, WaitGroup,
};
use coro_time::{VirtualClock, after, interval, join_timeout, sleep};

use super::{either_way, stranded};
use crate::signal::random;
use crate::support::{caught, fresh};

/// Returns random numbers below its argument.
type Random<'a> = &'a mut dyn FnMut(usize) -> usize;
/// What every coro of a program does, again and again. It ends, whatever the others do.
type Step = Rc<dyn Fn(Random<'_>)>;

const CROWD: usize = 6;
const STEPS: usize = 40;

fn ms(n: usize) -> Duration {
    Duration::from_millis(n as u64)
}

/// A short rest, or none.
fn rest(random: Random<'_>) {
    match random(4) {
        0 => coro::cede(),
        n => sleep(ms(n)),
    }
}

/// Runs a program many times, and asks for stranded coros whenever nobody is ready.
#[track_caller]
fn check(program: fn() -> Step) {
    let mut asked = 0;
    for seed in 0..12 {
        let times = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let theirs = times.clone();
        fresh(move || theirs.store(run(program(), seed), std::sync::atomic::Ordering::Relaxed));
        asked += times.load(std::sync::atomic::Ordering::Relaxed);
    }
    assert!(asked > 300, "nobody was ready only {asked} times");
}

/// Runs a program once, and returns how often somebody was blocked when nobody was ready.
fn run(step: Step, seed: u64) -> usize {
    let _clock = VirtualClock::install();
    let (found, asked) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(0)));
    let (theirs, count) = (found.clone(), asked.clone());
    coro::set_idle(Some(Box::new(move || {
        count.set(count.get() + 1);
        theirs.borrow_mut().extend(stranded());
        Outlook::Hopeless
    })));
    let crowd: Vec<JoinHandle<()>> = (0..CROWD)
        .map(|who| {
            let step = step.clone();
            let c = spawn(move || {
                let mut random = random(seed * 100 + who as u64);
                for _ in 0..STEPS {
                    // What is thrown in ends the step. What cancels does not come here.
                    let _ = coro::catch(|| step(&mut random));
                    rest(&mut random);
                }
            });
            c.set_desc(format!("{who}"));
            c
        })
        .collect();
    let victims: Vec<Coro> = crowd.iter().map(|c| c.coro().clone()).collect();
    let pest = spawn(move || torment(&victims, random(seed + 7_000)));
    pest.join().expect("nobody torments it");
    let ended = caught(|| crowd.iter().for_each(|c| c.coro().join()));
    coro::set_idle(None);
    // Found first, though it may be what has kept the crowd from its end.
    found.borrow_mut().dedup();
    assert_eq!(*found.borrow(), [""; 0]);
    assert!(ended.is_ok(), "a deadlock: {}", coro::report());
    asked.get()
}

/// Interrupts, wakes and freezes coros that mean no harm.
fn torment(victims: &[Coro], mut random: impl FnMut(usize) -> usize) {
    for _ in 0..STEPS {
        sleep(ms(1 + random(5)));
        let victim = &victims[random(victims.len())];
        match random(9) {
            0..4 => drop(victim.ready()),
            4..7 => drop(victim.throw("torment")),
            7 => {
                victim.suspend();
                sleep(ms(1 + random(9)));
                victim.resume();
                victim.ready();
            }
            _ if random(8) == 0 => victim.cancel(),
            _ => {}
        }
    }
}

#[test]
fn semaphores() {
    fn program(new: fn(isize) -> Semaphore) -> Step {
        let semaphore = Rc::new(new(2));
        Rc::new(move |random| match random(6) {
            0 => {
                let permit = semaphore.acquire();
                rest(random);
                drop(permit);
            }
            1 => {
                if let Ok(permits) = semaphore.acquire_many_timeout(2, ms(random(4))) {
                    rest(random);
                    drop(permits);
                }
            }
            2 => drop(semaphore.wait_timeout(ms(random(4)))),
            3 => {
                let arm = semaphore.acquire_arm();
                if Select::new(&[&arm, &after(ms(random(4)))]).wait() == 0 {
                    let permit = coro_channel::Arm::take(arm);
                    rest(random);
                    drop(permit);
                }
            }
            4 => semaphore.wait_with(|| ()),
            _ => {
                if let Ok(permit) = semaphore.acquire_timeout(ms(random(4))) {
                    rest(random);
                    drop(permit);
                }
            }
        })
    }
    check(|| program(Semaphore::new));
    check(|| program(Semaphore::fair));
}

#[test]
fn semaphore_sets() {
    check(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        Rc::new(move |random| {
            let key = random(2);
            if random(2) == 0 {
                let _permit = set.acquire(key);
                rest(random);
            } else if let Ok(_permit) = set.acquire_timeout(key, ms(random(4))) {
                rest(random);
            }
        })
    });
}

#[test]
fn mutexes_and_condvars() {
    fn program(new: fn(usize) -> Mutex<usize>) -> Step {
        let shared = Rc::new((new(0), Condvar::new()));
        Rc::new(move |random| {
            let (mutex, condvar) = &*shared;
            match random(4) {
                0 => {
                    let mut guard = mutex.lock();
                    rest(random);
                    *guard = random(5);
                    condvar.notify_all();
                    rest(random);
                }
                1 => {
                    if let Ok(mut guard) = mutex.lock_timeout(ms(random(4))) {
                        rest(random);
                        *guard += 1;
                        drop(guard);
                        condvar.notify_all();
                    }
                }
                2 => drop(condvar.wait_timeout(mutex.lock(), ms(random(4)))),
                _ => {
                    let wanted = random(5);
                    let guard = mutex.lock();
                    let limit = ms(random(9));
                    drop(condvar.wait_while_timeout(guard, limit, |n| *n != wanted));
                }
            }
        })
    }
    check(|| program(Mutex::new));
    check(|| program(Mutex::fair));
}

#[test]
fn locks() {
    fn program(new: fn(()) -> RwLock<()>) -> Step {
        let lock = Rc::new(new(()));
        Rc::new(move |random| match random(5) {
            0 => {
                let _guard = lock.read();
                rest(random);
            }
            1 => {
                let _guard = lock.write();
                rest(random);
            }
            2 => {
                if let Ok(_guard) = lock.read_timeout(ms(random(4))) {
                    rest(random);
                }
            }
            3 => {
                let guard = lock.write();
                rest(random);
                let _guard = coro_sync::RwLockWriteGuard::downgrade(guard);
                rest(random);
            }
            _ => {
                if let Ok(_guard) = lock.write_timeout(ms(random(4))) {
                    rest(random);
                }
            }
        })
    }
    check(|| program(RwLock::new));
    check(|| program(RwLock::fair));
}

#[test]
fn signals_and_groups() {
    check(|| {
        let (signal, event) = (Rc::new(Signal::new()), Rc::new(Signal::new()));
        let count = Rc::new(Cell::new(0));
        let group = WaitGroup::new();
        Rc::new(move |random| match random(9) {
            0 => signal.send(),
            1 => signal.broadcast(),
            2 | 3 => drop(signal.wait_timeout(ms(random(4)))),
            4 => {
                let arms: [&dyn coro_channel::Arm; 2] = [&signal.wait_arm(), &after(ms(random(4)))];
                Select::new(&arms).wait();
            }
            5 => {
                count.set(count.get() + 1);
                event.broadcast();
            }
            6 => {
                let wanted = count.get() + random(3);
                either_way(event.wait_until_timeout(ms(random(9)), || count.get() >= wanted));
            }
            7 => {
                let _token = group.token();
                rest(random);
            }
            _ => drop(group.wait_timeout(ms(random(4)))),
        })
    });
}

#[test]
fn onces_and_barriers() {
    check(|| {
        let onces: Rc<[Once<u8>; 8]> = Rc::default();
        let (barrier, crowd) = (Rc::new(Barrier::new(3)), Rc::new(Cell::new(0)));
        Rc::new(move |random| {
            if random(3) > 0 {
                let fails = random(4) > 0;
                let _ = onces[random(8)].get_or_try_init(|| {
                    rest(random);
                    if fails { Err(()) } else { Ok(1) }
                });
            } else {
                // Nobody may be left there for ever.
                crowd.set(crowd.get() + 1);
                let _ = coro_time::timeout(ms(1 + random(9)), || barrier.wait());
            }
        })
    });
}

#[test]
fn channels() {
    fn program(new: fn() -> Channel<usize>) -> Step {
        let channel = Rc::new(new());
        Rc::new(move |random| match random(8) {
            0 => drop(channel.try_put(random(9))),
            1 => drop(channel.try_get()),
            2 => drop(coro_time::timeout(ms(random(4)), || channel.put(1))),
            3 => drop(coro_time::timeout(ms(random(4)), || channel.get())),
            4 => drop(channel.put_timeout(2, ms(random(4)))),
            5 => drop(channel.get_timeout(ms(random(4)))),
            6 => {
                let (arm, timer) = (channel.get_arm(), after(ms(random(4))));
                Select::new(&[&arm, &timer]).wait();
            }
            _ => {
                let (arm, timer) = (channel.put_arm(3), after(ms(random(4))));
                Select::new(&[&arm, &timer]).wait();
            }
        })
    }
    check(|| program(|| Channel::bounded(0)));
    check(|| program(|| Channel::bounded(2)));
    check(|| program(|| Channel::fair(0)));
    check(|| program(|| Channel::fair(2)));
    check(|| program(Channel::unbounded));
}

#[test]
fn selects_that_get_and_put() {
    fn program(new: fn(usize) -> Channel<usize>) -> Step {
        let channels = Rc::new([new(0), new(1)]);
        Rc::new(move |random| {
            let (get, put) = (&channels[random(2)], &channels[random(2)]);
            let (get, put) = (get.get_arm(), put.put_arm(1));
            Select::new(&[&get, &put, &after(ms(random(6)))]).wait();
        })
    }
    check(|| program(Channel::bounded));
    check(|| program(Channel::fair));
}

#[test]
fn ends_and_times() {
    check(|| {
        let set = Rc::new(JoinSet::new());
        Rc::new(move |random| match random(8) {
            0 | 1 => {
                let short = ms(random(4));
                set.spawn(move || sleep(short));
            }
            2 => drop(set.join_next_timeout(ms(random(4)))),
            3 => {
                let (arm, timer) = (set.join_next_arm(), after(ms(random(4))));
                Select::new(&[&arm, &timer]).wait();
            }
            4 => {
                let (short, limit) = (ms(random(4)), ms(random(4)));
                let c = spawn(move || sleep(short));
                either_way(join_timeout(c.coro(), limit));
                let timer = after(limit);
                Select::new(&[&join_arm(c.coro()), &timer]).wait();
            }
            5 => {
                let (sender, receiver) = oneshot();
                let short = ms(random(4));
                spawn(move || {
                    sleep(short);
                    sender.send(1)
                });
                if random(2) == 0 {
                    either_way(receiver.get_timeout(ms(random(4))));
                } else {
                    either_way(receiver.get());
                }
            }
            6 => {
                let mut ticks = interval(ms(1 + random(2)));
                (0..3).for_each(|_| either_way(ticks.tick()));
            }
            _ => {
                let timer = Rc::new(after(ms(random(4))));
                let theirs = timer.clone();
                let c = spawn(move || theirs.wait());
                timer.wait();
                c.coro().join();
            }
        })
    });
}
