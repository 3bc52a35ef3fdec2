//! The real clock: the two tests that wait, some milliseconds.

use std::time::{Duration, Instant};

use coro::{cede, schedule, spawn};
use coro_time::{Elapsed, armed, set_slack, sleep, timeout};

use crate::support::fresh;

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn no_sleep_is_shorter_than_it_is_to_be() {
    fresh(|| {
        for slack in [MILLI, Duration::ZERO] {
            set_slack(slack);
            let start = Instant::now();
            let other = spawn(move || {
                sleep(2 * MILLI);
                assert!(start.elapsed() >= 2 * MILLI);
            });
            sleep(MILLI);
            assert!(start.elapsed() >= MILLI);
            assert_eq!(timeout(2 * MILLI, schedule_for_ever), Err(Elapsed));
            assert!(start.elapsed() >= 3 * MILLI);
            other.join().unwrap();
            assert_eq!(armed(), 0);
        }
    });
}

fn schedule_for_ever() {
    loop {
        schedule();
    }
}

#[test]
fn timers_are_served_while_all_are_busy() {
    fresh(|| {
        let busy = spawn(|| {
            loop {
                cede();
            }
        });
        // Twice: when the first is served, no timer is armed for a while.
        for _ in 0..2 {
            let start = Instant::now();
            let cut = timeout(2 * MILLI, || {
                loop {
                    cede();
                }
            });
            assert_eq!(cut, Err(Elapsed));
            assert!(start.elapsed() >= 2 * MILLI);
            sleep(MILLI);
            assert!(start.elapsed() >= 3 * MILLI);
            assert_eq!(armed(), 0);
            while start.elapsed() < 4 * MILLI {
                cede();
            }
        }
        busy.cancel();
    });
}
