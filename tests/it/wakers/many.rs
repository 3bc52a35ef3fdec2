//! Many wakes, many wakers, many OS threads: nothing is lost, and nothing piles up.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;

use coro::{Waker, cede, current, schedule, set_patience, spawn};

use crate::support::{fresh, in_a_process, outcome};

/// Returns the resident pages of this process but for those of files; `None` where the system does
/// not tell.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = statm.split(' ').map(|field| field.parse::<usize>().ok());
    let (resident, shared) = (pages.nth(1)??, pages.next()??);
    Some(resident - shared)
}

/// Asserts that `step` leaves no memory behind, in a process of its own.
#[track_caller]
fn constant(name: &str, times: usize, mut step: impl FnMut() + Send + 'static) {
    in_a_process(name, || {
        fresh(move || {
            (0..times / 10).for_each(|_| step());
            let before = resident();
            (times / 10..times).for_each(|_| step());
            let after = resident();
            let slack = before.map(|pages| pages + 128);
            assert!(after <= slack, "{before:?} pages, then {after:?}");
        });
    });
}

/// What one OS thread is to do: wake each of these coros, and count before each wake.
type Work = [(Waker, Arc<AtomicUsize>); COROS];

const COROS: usize = 4;
const OS_THREADS: usize = 4;
const ROUNDS: usize = 1_000;
const WAKES: usize = 1_000;

/// Wakes at a pace that is random enough, so that the owner parks now and then.
fn wake_at_random(work: mpsc::Receiver<Work>, seed: u32) {
    let mut random = seed;
    for lines in work {
        for i in 0..WAKES {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if random >> 24 == 0 {
                (0..random >> 12 & 0x3FF).for_each(|_| std::hint::spin_loop());
            }
            let (waker, count) = &lines[(i + seed as usize) % COROS];
            count.fetch_add(1, Relaxed);
            waker.wake();
        }
        // Here the wakers go. If a wake-up was lost, nobody makes up for it: the owner says deadlock.
    }
}

#[test]
fn none_of_four_million_wake_ups_is_lost() {
    fresh(|| {
        // Else the owner would look again after ten seconds, and find what was lost.
        set_patience(None);
        let threads: Vec<_> = (0..OS_THREADS)
            .map(|seed| {
                let (give, work) = mpsc::channel();
                (
                    give,
                    thread::spawn(move || wake_at_random(work, seed as u32)),
                )
            })
            .collect();
        let counts: [_; COROS] = std::array::from_fn(|_| Arc::new(AtomicUsize::new(0)));
        for round in 1..=ROUNDS {
            let coros = counts.clone().map(|count| {
                spawn(move || {
                    while count.load(Relaxed) < round * OS_THREADS * WAKES / COROS {
                        schedule();
                    }
                })
            });
            for (give, _) in &threads {
                let work: Work =
                    std::array::from_fn(|i| (coros[i].waker(), Arc::clone(&counts[i])));
                give.send(work).unwrap();
            }
            for c in coros {
                c.join().unwrap();
            }
        }
        for (give, thread) in threads {
            drop(give);
            thread.join().unwrap();
        }
        let total: usize = counts.iter().map(|count| count.load(Relaxed)).sum();
        assert_eq!(total, ROUNDS * OS_THREADS * WAKES);
        assert!(outcome(schedule).starts_with("deadlock"));
    });
}

#[test]
fn two_kernels_wake_each_other_in_turns() {
    const TURNS: usize = 5_000;
    fresh(|| {
        let ball = Arc::new(AtomicUsize::new(0));
        let (give, take) = mpsc::channel::<Waker>();
        let (give_back, take_back) = mpsc::channel::<Waker>();
        let play = |ball: Arc<AtomicUsize>, mine: usize, other: Waker| {
            for turn in (mine..TURNS).step_by(2) {
                while ball.load(Relaxed) != turn {
                    schedule();
                }
                ball.store(turn + 1, Relaxed);
                other.wake();
            }
        };
        let theirs = Arc::clone(&ball);
        let other = thread::spawn(move || {
            give_back.send(current().waker()).unwrap();
            play(theirs, 1, take.recv().unwrap());
        });
        give.send(current().waker()).unwrap();
        play(Arc::clone(&ball), 0, take_back.recv().unwrap());
        other.join().unwrap();
        assert_eq!(ball.load(Relaxed), TURNS);
    });
}

#[test]
fn a_million_wakes_before_a_switch_are_one() {
    let name = "wakers::many::a_million_wakes_before_a_switch_are_one";
    in_a_process(name, || {
        let runs = Rc::new(Cell::new(0));
        let count = Rc::clone(&runs);
        let c = spawn(move || {
            loop {
                schedule();
                count.set(count.get() + 1);
            }
        });
        cede();
        let waker = c.waker();
        let before = resident();
        let other = thread::spawn(move || (0..1_000_000).for_each(|_| waker.wake()));
        other.join().unwrap();
        let after = resident();
        let slack = before.map(|pages| pages + 128);
        assert!(after <= slack, "{before:?} pages, then {after:?}");
        assert!(!c.is_ready(), "not before a switch");
        (0..3).for_each(|_| cede());
        assert_eq!(runs.get(), 1);
    });
}

#[test]
fn a_million_wakers_made_and_dropped_without_a_switch_take_no_memory() {
    let name = "wakers::many::a_million_wakers_made_and_dropped_without_a_switch_take_no_memory";
    constant(name, 1_000_000, || {
        let waker = current().waker();
        waker.wake();
        drop(waker.clone());
    });
}

#[test]
fn wakers_made_here_and_dropped_there_take_no_memory() {
    let name = "wakers::many::wakers_made_here_and_dropped_there_take_no_memory";
    let (give, take) = mpsc::sync_channel::<Waker>(16);
    thread::spawn(move || take.into_iter().for_each(drop));
    constant(name, 200_000, move || {
        give.send(current().waker()).unwrap();
    });
}

#[test]
fn an_ended_os_thread_keeps_nothing_for_wakers_that_outlive_it() {
    let name = "wakers::many::an_ended_os_thread_keeps_nothing_for_wakers_that_outlive_it";
    constant(name, 1_000, || {
        let wakers = thread::spawn(|| {
            let ended: Vec<_> = (0..50).map(|i| spawn(move || i)).collect();
            let wakers: Vec<_> = ended.iter().map(|c| c.waker()).collect();
            // In the box when the OS thread ends, which must not keep the box alive.
            wakers.iter().for_each(Waker::wake);
            ended.into_iter().for_each(|c| drop(c.join()));
            wakers.iter().for_each(Waker::wake);
            wakers
        });
        let wakers = wakers.join().unwrap();
        (0..3).for_each(|_| wakers.iter().for_each(Waker::wake));
    });
}
