//! Stacks: their sizes, their guards, their reuse, and what happens when there is none: DESIGN §3.4; NEEDS H10.

use std::hint::black_box;
use std::ptr;

use coro::{Builder, cede, schedule, spawn};

use crate::programs::{ABORTED, run, run_under_valgrind, run_with};
use crate::support::fresh;

const OVERFLOW: &str = env!("CARGO_BIN_EXE_overflow");
const MAP_LIMIT: &str = env!("CARGO_BIN_EXE_map_limit");
const TEARDOWN: &str = env!("CARGO_BIN_EXE_teardown");
const PROTECT: (&str, &str) = ("CORO_STACK_GUARD", "mprotect");

/// Returns the address of a local, so about the stack pointer.
#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    ptr::from_ref(black_box(&local)).addr()
}

/// Uses about `bytes` of the stack, every page of it; returns how many it did use.
fn dig(bytes: usize) -> usize {
    let start = here();
    start - dig_to(start - bytes)
}

#[inline(never)]
fn dig_to(depth: usize) -> usize {
    let frame = black_box([1_u8; 512]);
    let lowest = if here() > depth {
        dig_to(depth)
    } else {
        here()
    };
    // The frame is still needed, so that this is no tail call.
    black_box(frame);
    lowest
}

#[test]
fn every_coro_runs_on_a_stack_of_its_own() {
    let mut tops: Vec<usize> = (0..100)
        .map(|_| {
            spawn(|| {
                cede();
                let top = here();
                cede();
                top
            })
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|c| c.join().unwrap())
        .collect();
    tops.sort_unstable();
    // Default stacks are 256 KiB apart, but for their colours.
    assert!(
        tops.windows(2).all(|pair| pair[1] - pair[0] >= 252 * 1024),
        "{tops:x?}"
    );
}

#[test]
fn a_default_stack_holds_deep_calls() {
    assert!(spawn(|| dig(240 * 1024)).join().unwrap() >= 240 * 1024);
}

#[test]
fn a_wish_of_any_size_is_granted() {
    for size in [
        0,
        1,
        4096,
        16 * 1024,
        16 * 1024 + 1,
        100_000,
        1 << 20,
        64 << 20,
    ] {
        let c = Builder::new().stack_size(size).spawn(move || dig(size / 2));
        assert!(c.join().unwrap() >= size / 2, "{size}");
    }
}

#[test]
fn a_big_stack_is_big() {
    let c = Builder::new()
        .stack_size(256 << 20)
        .spawn(|| dig(100 << 20));
    assert!(c.join().unwrap() >= 100 << 20);
}

#[test]
fn a_stack_may_be_larger_than_any() {
    // Rounded down to the largest there is, of address space alone.
    let c = Builder::new().stack_size(usize::MAX).spawn(|| dig(1 << 20));
    assert!(c.join().unwrap() >= 1 << 20);
}

#[test]
fn the_stack_of_an_ended_coro_is_the_next_ones() {
    fresh(|| {
        let first = spawn(here).join().unwrap();
        for _ in 0..100 {
            assert_eq!(spawn(here).join().unwrap(), first);
        }
    });
}

#[test]
fn the_last_stack_given_back_is_the_first_taken() {
    fresh(|| {
        let at = || {
            spawn(|| {
                let top = here();
                schedule();
                top
            })
        };
        let coros: Vec<_> = (0..8).map(|_| at()).collect();
        cede();
        let mut tops = Vec::new();
        // They end in this order, so the last one's stack is the warmest.
        for c in coros {
            c.ready();
            tops.push(c.join().unwrap());
        }
        tops.reverse();
        let again: Vec<_> = (0..8).map(|_| at()).collect();
        cede();
        let mut reused = Vec::new();
        for c in again {
            c.ready();
            reused.push(c.join().unwrap());
        }
        assert_eq!(reused, tops);
    });
}

#[test]
fn the_stacks_of_cancelled_and_of_panicking_coros_come_back_too() {
    fresh(|| {
        let first = spawn(here).join().unwrap();
        let cancelled = spawn(schedule);
        cede();
        cancelled.cancel();
        assert_eq!(spawn(here).join().unwrap(), first);
        let panicked = spawn(|| crate::support::die("of a panic"));
        assert!(
            panicked
                .join()
                .is_err_and(|error: coro::JoinError| error.is_panic())
        );
        assert_eq!(spawn(here).join().unwrap(), first);
    });
}

#[test]
fn sizes_do_not_mix() {
    fresh(|| {
        let size = |bytes| Builder::new().stack_size(bytes);
        let small = size(16 * 1024).spawn(here).join().unwrap();
        let large = size(1 << 20).spawn(here).join().unwrap();
        assert_ne!(small, large);
        assert_eq!(size(16 * 1024).spawn(here).join().unwrap(), small);
        assert_eq!(size(1 << 20).spawn(here).join().unwrap(), large);
    });
}

/// As what SIMD instructions want.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line([u64; 8]);

#[test]
fn locals_are_aligned_as_their_types_ask() {
    // Every colour of the stack tops.
    let coros: Vec<_> = (0..64_u64)
        .map(|i| {
            spawn(move || {
                let line = black_box(Line([i; 8]));
                cede();
                let aligned = ptr::from_ref(&line).addr().is_multiple_of(64);
                (aligned, line.0.iter().sum::<u64>())
            })
        })
        .collect();
    for (i, c) in (0_u64..).zip(coros) {
        assert_eq!(c.join().unwrap(), (true, i * 8));
    }
}

#[test]
fn floats_in_registers_survive_switches() {
    let work = |seed: f64| {
        move || {
            let mut values = [seed; 8];
            for _ in 0..100 {
                for (i, v) in (0_u8..).zip(&mut values) {
                    *v = black_box(*v) * 1.000_1 + f64::from(i);
                }
                cede();
            }
            values
        }
    };
    let alone = spawn(work(3.0)).join().unwrap();
    let others: Vec<_> = (0_u8..10).map(|i| spawn(work(f64::from(i)))).collect();
    for (i, c) in others.into_iter().enumerate() {
        let values = c.join().unwrap();
        assert_eq!(values == alone, i == 3);
    }
}

#[test]
fn an_overflow_hits_the_guard() {
    for env in [&[][..], &[PROTECT][..]] {
        let ran = run_with(OVERFLOW, &[], env).killed_by(ABORTED);
        assert_eq!(ran.said, "before\n");
        assert!(
            ran.complained.contains("has overflowed its stack")
                && !ran.complained.contains("overwritten"),
            "{}",
            ran.complained
        );
    }
}

#[test]
fn guards_by_mprotect_do_as_well() {
    let ran = run_with(
        TEARDOWN,
        &["thread", "return", "entering", "before"],
        &[PROTECT],
    );
    ran.exited_with(0);
    let ran = run_with(MAP_LIMIT, &["1000"], &[PROTECT]).exited_with(0);
    assert_eq!(ran.said.trim(), "1000 1000 0 Ok(7)");
}

#[test]
fn at_the_limit_of_mappings_further_coros_end_and_nothing_else_is_lost() {
    let Ok(limit) = std::fs::read_to_string("/proc/sys/vm/max_map_count") else {
        return;
    };
    let Some(limit) = limit
        .trim()
        .parse()
        .ok()
        .filter(|limit: &usize| *limit <= 1 << 18)
    else {
        eprintln!("skipped: vm.max_map_count is {} here", limit.trim());
        return;
    };
    let count = limit / 2 + 2_000;
    let ran = run_with(MAP_LIMIT, &[&count.to_string()], &[PROTECT]).exited_with(0);
    let mut lines = ran.said.lines();
    let counts = lines.next().unwrap();
    let [blocked, finished, without] = counts
        .splitn(4, ' ')
        .take(3)
        .map(|n| n.parse().unwrap())
        .collect::<Vec<usize>>()[..]
    else {
        panic!("{counts}");
    };
    assert!(counts.ends_with("Ok(7)"), "{counts}");
    assert_eq!(blocked, finished);
    assert_eq!(finished + without, count);
    // Two mappings a stack, and some for the rest of the process.
    assert!(
        (limit / 2 - 200..=limit / 2).contains(&blocked),
        "{counts} of {limit}"
    );
    let told = lines.next().unwrap();
    assert!(
        told.contains(&format!("vm.max_map_count is {limit}")),
        "{told}"
    );
}

#[test]
fn there_is_no_limit_of_mappings_where_the_advice_is_known() {
    // Where the kernel refuses the advice this is what the test above says.
    let ran = run(MAP_LIMIT, &["40000"]).exited_with(0);
    let no_advice = ran.said.contains("mprotect");
    assert!(
        no_advice || ran.said.starts_with("40000 40000 0 Ok(7)"),
        "{}",
        ran.said
    );
}

#[test]
fn valgrind_knows_the_stacks() {
    if let Some(ran) = run_under_valgrind(MAP_LIMIT, &["50"]) {
        let ran = ran.exited_with(0);
        assert!(
            !ran.complained.contains("switching stacks"),
            "{}",
            ran.complained
        );
    }
}
