//! Many values between many coros of several OS threads: nothing is lost, nothing comes out twice, and what one producer
//! puts comes out in its order.

use std::thread;

use coro::{cede, spawn};
use coro_channel::shared::{self, Receiver, Sender};

use crate::support::caught;

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(3), None];
const OS_THREADS: u32 = 2;
const COROS: u32 = 3;
const VALUES: u32 = 300;

/// Who has put it, and its number there.
type Value = (u32, u32);

fn channel(capacity: Option<usize>) -> (Sender<Value>, Receiver<Value>) {
    capacity.map_or_else(shared::unbounded, shared::bounded)
}

/// Runs `COROS` coros in each of `OS_THREADS` OS threads, numbered through, and returns what they return.
fn run<R: Send + 'static>(
    body: impl Fn(u32) -> R + Clone + Send + 'static,
) -> thread::JoinHandle<Vec<R>> {
    thread::spawn(move || {
        let others: Vec<_> = (0..OS_THREADS)
            .map(|t| {
                let body = body.clone();
                thread::spawn(move || {
                    let coros: Vec<_> = (0..COROS)
                        .map(|c| {
                            let body = body.clone();
                            spawn(move || body(t * COROS + c))
                        })
                        .collect();
                    drop(body);
                    let join = |c: coro::JoinHandle<R>| c.join().unwrap();
                    coros.into_iter().map(join).collect::<Vec<_>>()
                })
            })
            .collect();
        drop(body);
        others.into_iter().flat_map(|o| o.join().unwrap()).collect()
    })
}

/// Checks what each consumer got.
fn check(got: Vec<Vec<Value>>) {
    for of_one in &got {
        for producer in 0..OS_THREADS * COROS {
            let numbers = of_one.iter().filter(|v| v.0 == producer).map(|v| v.1);
            assert!(numbers.is_sorted(), "{of_one:?}");
        }
    }
    let mut all: Vec<_> = got.into_iter().flatten().collect();
    all.sort_unstable();
    let producers = 0..OS_THREADS * COROS;
    let put: Vec<_> = producers
        .flat_map(|p| (0..VALUES).map(move |n| (p, n)))
        .collect();
    assert_eq!(all, put);
}

#[test]
fn nothing_is_lost_or_doubled_between_os_threads() {
    for capacity in CAPACITIES {
        let (sender, receiver) = channel(capacity);
        let producers = run(move |me| (0..VALUES).all(|n| sender.put((me, n)).is_ok()));
        let consumers = run(move |_| receiver.iter().collect::<Vec<_>>());
        check(consumers.join().unwrap());
        assert!(producers.join().unwrap().into_iter().all(|all| all));
    }
}

/// A sequence of numbers below 8, other for each seed.
fn dice(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_769).wrapping_add(1);
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 29
    }
}

/// Runs `body` in a coro, and beside it one that throws at it, or readies it for nothing, again and again.
fn pestered<R: 'static>(seed: u32, body: impl FnOnce() -> R + 'static) -> R {
    let c = spawn(body);
    let victim = c.coro().clone();
    let mut roll = dice(seed);
    drop(spawn(move || {
        // Not for ever: it never sleeps, and others need the processors.
        for _ in 0..3 * VALUES {
            match roll() {
                0 => drop(victim.throw("a pest")),
                1 => drop(victim.ready()),
                _ => {}
            }
            cede();
        }
    }));
    c.join().unwrap()
}

/// Does it again until it is not interrupted. No throw is left pending.
fn persistently<R>(mut f: impl FnMut() -> R) -> R {
    loop {
        if let Ok(result) = caught(&mut f) {
            return result;
        }
    }
}

#[test]
fn nothing_is_lost_or_doubled_by_those_who_are_interrupted() {
    for capacity in CAPACITIES {
        let (sender, receiver) = channel(capacity);
        let producers = run(move |me| {
            let sender = sender.clone();
            pestered(me, move || {
                let mut put = 0;
                while put < VALUES {
                    // The put may succeed and the number be counted before anything is raised.
                    persistently(|| assert!(sender.put((me, put)).is_ok()));
                    put += 1;
                }
            });
        });
        let consumers = run(move |me| {
            let receiver = receiver.clone();
            pestered(me + 100, move || {
                let mut got = Vec::new();
                while let Some(value) = persistently(|| receiver.get()) {
                    got.push(value);
                }
                got
            })
        });
        check(consumers.join().unwrap());
        assert_eq!(
            producers.join().unwrap().len(),
            (OS_THREADS * COROS) as usize
        );
    }
}
