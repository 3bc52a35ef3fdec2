//! Selects of eight arms, so many rounds of them: whoever runs this counts the allocations.

use std::rc::Rc;

use coro_channel::{Channel, join_arm, select};
use coro_semaphore::Semaphore;
use coro_sync::Signal;

/// What eight arms wait for.
struct Things {
    get: Channel<u32>,
    put: Channel<u32>,
    fair_get: Channel<u32>,
    fair_put: Channel<u32>,
    down: Semaphore,
    acquire: Semaphore,
    signal: Signal,
}

impl Things {
    fn new() -> Things {
        let things = Things {
            get: Channel::bounded(1),
            put: Channel::bounded(1),
            fair_get: Channel::fair(1),
            fair_put: Channel::fair(1),
            down: Semaphore::new(0),
            acquire: Semaphore::fair(0),
            signal: Signal::new(),
        };
        things.put.put(0);
        things.fair_put.put(0);
        things
    }

    /// Makes one arm possible.
    fn give(&self, round: usize) {
        match round % 7 {
            0 => self.get.put(1),
            1 => drop(self.put.get()),
            2 => self.fair_get.put(1),
            3 => drop(self.fair_put.get()),
            4 => self.down.up(),
            5 => self.acquire.up(),
            _ => self.signal.send(),
        }
    }

    fn select(&self, target: &coro::Coro) {
        select! {
            value = self.get.get_arm() => assert_eq!(value, Some(1)),
            () = self.put.put_arm(2) => {}
            value = self.fair_get.get_arm() => assert_eq!(value, Some(1)),
            () = self.fair_put.put_arm(2) => {}
            () = self.down.down_arm() => {}
            guard = self.acquire.acquire_arm() => guard.forget(),
            () = self.signal.wait_arm() => {}
            () = join_arm(target) => unreachable!(),
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().expect("a mode");
    let rounds = arguments
        .next()
        .and_then(|n| n.parse().ok())
        .expect("how many rounds");
    let things = Rc::new(Things::new());
    let target = spawn_target();
    let gives = things.clone();
    let giver = coro::spawn(move || {
        for round in 0.. {
            gives.give(round);
            coro::schedule();
        }
    });
    for round in 0..rounds {
        match mode.as_str() {
            "ready" => things.give(round),
            "boxed" => {
                drop(std::hint::black_box(Box::new(round)));
                things.give(round);
            }
            // The giver runs once main waits.
            "blocked" => drop(giver.ready()),
            _ => panic!("no mode {mode}"),
        }
        things.select(target.coro());
    }
    giver.cancel();
    target.cancel();
}

fn spawn_target() -> coro::JoinHandle<()> {
    let target = coro::spawn(coro::schedule);
    coro::cede();
    target
}
