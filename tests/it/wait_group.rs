//! Wait groups: who waits is released when the last token goes, however it goes.

use std::cell::Cell;
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, schedule, spawn};
use coro_sync::{WaitGroup, WaitGroupToken};
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, random, settle, waiter};
use crate::support::{Log, die, fresh, outcome};

assert_not_impl_any!(WaitGroup: Send, Sync);
assert_not_impl_any!(WaitGroupToken: Send, Sync);

fn in_wait(log: Log, name: &'static str, group: &WaitGroup) -> JoinHandle<()> {
    let group = group.clone();
    waiter(log, name, move || group.wait())
}

#[test]
fn without_a_token_nobody_waits() {
    let group = WaitGroup::default();
    no_switch(|| group.wait());
    let token = group.token();
    drop(token);
    no_switch(|| group.wait());
}

#[test]
fn all_who_wait_are_released_in_order_when_the_last_token_goes() {
    let log = Log::new();
    let group = WaitGroup::new();
    for _ in 0..3 {
        let (one, two) = (group.token(), group.token());
        let _all = ["a", "b"].map(|name| in_wait(log, name, &group));
        assert_eq!((group.tokens(), group.waiters()), (2, 2));
        drop(one);
        settle();
        log.expect([]);
        no_switch(|| drop(two));
        assert_eq!((group.tokens(), group.waiters()), (0, 0));
        settle();
        log.expect(["a: returned", "b: returned"]);
    }
}

#[test]
fn a_clone_of_a_token_is_a_token_and_a_clone_of_a_group_the_same_group() {
    let log = Log::new();
    let group = WaitGroup::new();
    let token = group.clone().token();
    let other = token.clone();
    assert_eq!(group.tokens(), 2);
    let _waits = in_wait(log, "waits", &group);
    drop(token);
    settle();
    log.expect([]);
    drop(other);
    settle();
    log.expect(["waits: returned"]);
}

#[test]
fn tokens_taken_after_the_last_one_went_hold_nobody_back() {
    let log = Log::new();
    let group = WaitGroup::new();
    let token = group.token();
    let _waits = in_wait(log, "waits", &group);
    drop(token);
    let _next = group.token();
    settle();
    log.expect(["waits: returned"]);
    let late = in_wait(log, "late", &group);
    assert!(!late.is_finished());
    late.cancel();
}

#[test]
fn a_job_gives_its_token_back_however_it_ends() {
    let group = WaitGroup::new();
    let jobs: [fn(); 4] = [|| (), || cede(), || die("in a job"), schedule];
    let all: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let token = group.token();
            spawn(move || {
                let _token = token;
                job();
            })
        })
        .collect();
    settle();
    assert_eq!(group.tokens(), 1);
    all[3].cancel();
    let never_run = spawn({
        let token = group.token();
        move || drop(token)
    });
    never_run.cancel();
    no_switch(|| group.wait());
}

#[test]
fn spurious_wake_ups_release_nobody() {
    let log = Log::new();
    let group = WaitGroup::new();
    let token = group.token();
    let waits = in_wait(log, "waits", &group);
    for _ in 0..3 {
        waits.ready();
        settle();
    }
    log.expect([]);
    assert_eq!(group.waiters(), 1);
    drop(token);
    settle();
    log.expect(["waits: returned"]);
}

#[test]
fn an_interrupted_waiter_leaves_and_the_others_wait_on() {
    for (name, interrupt, result) in INTERRUPTIONS {
        for released in [false, true] {
            let log = Log::new();
            let group = WaitGroup::new();
            let token = group.token();
            let first = in_wait(log, "first", &group);
            let _second = in_wait(log, "second", &group);
            let mut token = Some(token);
            if released {
                drop(token.take());
            }
            interrupt(&first);
            settle();
            assert_eq!(group.waiters(), usize::from(!released), "{name}");
            drop(token);
            settle();
            let mut said: Vec<_> = result.iter().map(|text| format!("first: {text}")).collect();
            said.push("second: returned".to_owned());
            assert_eq!(log.sorted(), said, "{name}");
        }
    }
}

#[test]
fn a_wait_where_nothing_may_switch_leaves_nothing_behind() {
    let group = WaitGroup::new();
    let _token = group.token();
    assert!(outcome(|| no_switch(|| group.wait())).contains("no_switch"));
    assert_eq!(group.waiters(), 0);
    coro::current().throw("ex");
    assert_eq!(outcome(|| WaitGroup::new().wait()), "ex");
    cede();
}

#[test]
fn the_debug_form_lists_the_waiters() {
    let log = Log::new();
    let group = WaitGroup::new();
    let token = group.token();
    let first = in_wait(log, "first", &group);
    let listed = format!("WaitGroup {{ tokens: 1, waiters: [{:?}] }}", first.coro());
    assert_eq!(format!("{group:?}"), listed);
    assert_eq!(format!("{token:?}"), "WaitGroupToken { .. }");
    first.cancel();
}

#[test]
fn random_programs_release_everybody_whenever_the_count_is_zero() {
    fresh(|| {
        for seed in 0..200 {
            let mut below = random(seed);
            let (group, released) = (WaitGroup::new(), Rc::new(Cell::new(0)));
            let (mut tokens, mut waiting, mut expected) = (Vec::new(), Vec::new(), 0);
            for step in 0..100 {
                match below(6) {
                    0 => tokens.push(group.token()),
                    1 | 2 if !tokens.is_empty() => drop(tokens.swap_remove(below(tokens.len()))),
                    3 | 4 => {
                        let (theirs, released) = (group.clone(), released.clone());
                        let c = spawn(move || {
                            theirs.wait();
                            released.set(released.get() + 1);
                        });
                        settle();
                        waiting.push(c);
                    }
                    _ if !waiting.is_empty() => {
                        let c: JoinHandle<()> = waiting.swap_remove(below(waiting.len()));
                        INTERRUPTIONS[below(3)].1(&c);
                    }
                    _ => {}
                }
                settle();
                if tokens.is_empty() {
                    expected += waiting.len();
                    waiting.clear();
                }
                let place = format!("seed {seed}, step {step}");
                assert_eq!(
                    (group.tokens(), group.waiters()),
                    (tokens.len(), waiting.len()),
                    "{place}"
                );
                assert_eq!(released.get(), expected, "{place}");
            }
            waiting.iter().for_each(|c| c.cancel());
        }
    });
}
