//! Semaphore sets: CORO-SEMANTICS §4, and entries that vanish: HISTORY-BUGS 25 to 28.

use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_sync::{SemaphoreSet, SemaphoreSetEntry, SemaphoreSetGuard};
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, settle, waiter};
use crate::support::{Log, in_a_process, outcome};

mod keys;
mod random;

assert_not_impl_any!(SemaphoreSet<u8>: Send, Sync);
assert_not_impl_any!(SemaphoreSetGuard<'static, u8>: Send, Sync);
assert_not_impl_any!(SemaphoreSetEntry<'static, u8>: Send, Sync);

type Set = Rc<SemaphoreSet<&'static str>>;

fn set(initial: isize) -> Set {
    Rc::new(SemaphoreSet::new(initial))
}

fn in_down(log: Log, name: &'static str, set: &Set) -> JoinHandle<()> {
    let set = set.clone();
    waiter(log, name, move || set.down("key"))
}

#[test]
fn each_key_has_a_count_of_its_own() {
    let set = set(2);
    no_switch(|| {
        set.down("a");
        set.down("a");
        assert!(!set.try_down("a"));
        assert!(set.try_down("b"));
    });
    assert_eq!(
        (set.count(&"a"), set.count(&"b"), set.count(&"c")),
        (0, 1, 2)
    );
    assert_eq!(set.len(), 2);
}

#[test]
fn an_entry_goes_when_its_count_is_the_initial_one_again() {
    for initial in [-1, 0, 1, 5] {
        let set = set(initial);
        assert!(set.is_empty());
        set.up("a");
        assert_eq!((set.count(&"a"), set.len()), (initial + 1, 1));
        let semaphore = set.sem("a");
        semaphore.adjust(-1);
        assert_eq!(set.len(), 1, "the handle keeps it");
        drop(semaphore);
        assert!(set.is_empty());
        if initial > 0 {
            set.down("a");
            assert_eq!(set.len(), 1);
            set.up("a");
            assert!(set.is_empty());
        }
        assert_eq!(set.count(&"a"), initial);
    }
}

#[test]
fn what_only_looks_makes_no_entry() {
    let set = set(0);
    no_switch(|| {
        assert_eq!((set.count(&"a"), set.waiters(&"a")), (0, 0));
        assert!(!set.try_down("a"));
        assert!(set.try_acquire("a").is_none());
        // As Coro has it, though a down would block.
        set.wait(&"a");
    });
    assert!(set.is_empty());
}

#[test]
fn a_try_that_succeeds_has_taken_the_permit() {
    let set = set(1);
    assert!(set.try_down("a"));
    assert_eq!((set.count(&"a"), set.len()), (0, 1));
    set.up("a");
    let guard = set.try_acquire("a");
    assert!(guard.is_some() && set.try_acquire("a").is_none());
    drop(guard);
    assert!(set.is_empty());
}

#[test]
fn a_guard_releases_what_it_took_and_lets_the_entry_go() {
    let set: SemaphoreSet<String> = SemaphoreSet::new(1);
    let mut name = String::from("a");
    let guard = set.acquire(name.clone());
    name.push('b');
    assert_eq!((guard.key().as_str(), set.count(&"a".to_owned())), ("a", 0));
    drop(guard);
    assert!(set.is_empty());
    set.acquire(name.clone()).forget();
    assert_eq!((set.count(&name), set.len()), (0, 1));
    set.up(name);
    assert!(set.is_empty());
}

#[test]
fn a_woken_waiter_keeps_its_entry_until_it_has_run() {
    let log = Log::new();
    let set = set(0);
    let _first = in_down(log, "first", &set);
    assert_eq!((set.len(), set.waiters(&"key")), (1, 1));
    set.up("key");
    assert_eq!(
        (set.len(), set.waiters(&"key"), set.count(&"key")),
        (1, 0, 1)
    );
    settle();
    log.expect(["first: returned"]);
    assert!(set.is_empty());
}

#[test]
fn handles_of_a_key_are_of_the_same_semaphore_while_one_of_them_lives() {
    let set = set(1);
    let one = set.sem("key");
    assert_eq!((set.len(), set.count(&"key")), (1, 1));
    let other = set.sem("key");
    set.down("key");
    set.up("key");
    assert_eq!(set.len(), 1);
    one.adjust(2);
    assert_eq!(
        (other.count(), set.count(&"key"), one.key()),
        (3, 3, &"key")
    );
    drop(one);
    other.adjust(-2);
    assert_eq!(set.len(), 1);
    drop(other);
    assert!(set.is_empty());
}

#[test]
fn a_callback_keeps_its_entry_until_it_is_called() {
    let log = Log::new();
    let set = set(0);
    let theirs = set.clone();
    set.sem("key")
        .wait_with(move || log.say(theirs.try_down("key")));
    assert_eq!((set.len(), set.waiters(&"key")), (1, 1));
    set.up("key");
    log.expect(["true"]);
    assert!(set.is_empty());
}

#[test]
fn spurious_wake_ups_cost_no_place_and_no_entry() {
    let log = Log::new();
    let set = set(0);
    let first = in_down(log, "first", &set);
    let _second = in_down(log, "second", &set);
    for _ in 0..3 {
        first.ready();
        settle();
    }
    assert_eq!((set.len(), set.waiters(&"key")), (1, 2));
    set.up("key");
    settle();
    log.expect(["first: returned"]);
    set.up("key");
    settle();
    log.expect(["second: returned"]);
    assert!(set.is_empty());
}

/// The calls that may block.
fn blocks(how: &str, set: &Set) {
    match how {
        "down" => set.down("key"),
        "acquire" => set.acquire("key").forget(),
        _ => {
            // An entry, or there is nothing to wait for.
            let semaphore = set.sem("key");
            set.wait(&"key");
            drop(semaphore);
            set.down("key");
        }
    }
}

#[test]
fn an_interrupted_waiter_leaves_no_entry_and_swallows_no_permit() {
    for how in ["down", "acquire", "wait"] {
        for (name, interrupt, result) in INTERRUPTIONS {
            for woken in [false, true] {
                for others in [false, true] {
                    let log = Log::new();
                    let set = set(0);
                    let theirs = set.clone();
                    let first = waiter(log, "first", move || blocks(how, &theirs));
                    let second = others.then(|| in_down(log, "second", &set));
                    if woken {
                        set.up("key");
                    }
                    interrupt(&first);
                    settle();
                    let case = format!("{how}, {name}, woken: {woken}, others: {others}");
                    let mut said: Vec<_> =
                        result.iter().map(|text| format!("first: {text}")).collect();
                    if woken && others {
                        said.push("second: returned".to_owned());
                    }
                    assert_eq!(log.sorted(), said, "{case}");
                    match (woken, others) {
                        (false, true) => {
                            assert_eq!((set.len(), set.waiters(&"key")), (1, 1), "{case}");
                            set.up("key");
                            settle();
                            log.expect(["second: returned"]);
                        }
                        (true, false) => {
                            assert_eq!((set.len(), set.count(&"key")), (1, 1), "{case}");
                            set.down("key");
                        }
                        _ => {}
                    }
                    assert!(set.is_empty(), "{case}: {set:?}");
                    drop(second);
                }
            }
        }
    }
}

#[test]
fn a_wait_where_nothing_may_switch_leaves_no_entry() {
    let set = set(0);
    assert!(outcome(|| no_switch(|| set.down("key"))).contains("no_switch"));
    assert!(outcome(|| no_switch(|| set.acquire("key").forget())).contains("no_switch"));
    assert!(set.is_empty());
    coro::current().throw("ex");
    assert_eq!(outcome(|| set.down("key")), "ex");
    coro::current().throw("ex");
    assert_eq!(outcome(|| set.wait(&"key")), "ex");
    assert!(set.is_empty());
    cede();
}

#[test]
fn the_debug_form_shows_the_entries() {
    let set = set(1);
    let guard = set.acquire("a");
    let semaphore = set.sem("a");
    let inner = format!("{:?}", *semaphore);
    assert_eq!(format!("{set:?}"), format!("{{\"a\": {inner}}}"));
    let shown = format!("key: \"a\", semaphore: {inner} }}");
    assert_eq!(
        format!("{semaphore:?}"),
        format!("SemaphoreSetEntry {{ {shown}")
    );
    assert_eq!(
        format!("{guard:?}"),
        format!("SemaphoreSetGuard {{ {shown}")
    );
    drop((guard, semaphore));
    assert_eq!(format!("{set:?}"), "{}");
}

#[test]
fn a_million_keys_leave_no_memory_behind() {
    in_a_process(
        "semaphore_set::a_million_keys_leave_no_memory_behind",
        || {
            let set: Rc<SemaphoreSet<u64>> = Rc::new(SemaphoreSet::new(1));
            let resident = || -> Option<usize> {
                let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
                let mut pages = statm.split(' ').map(|field| field.parse::<usize>().ok());
                let (resident, shared) = (pages.nth(1)??, pages.next()??);
                Some(resident - shared)
            };
            let round = |from: u64| {
                // One after the other; and some at once, of which the coros that hold them are killed.
                for key in from..from + 100_000 {
                    drop(set.acquire(key));
                    assert!(set.try_down(key));
                    set.up(key);
                }
                let guards: Vec<_> = (from..from + 20_000).map(|key| set.acquire(key)).collect();
                let waiters: Vec<_> = (from..from + 100)
                    .map(|key| {
                        let set = set.clone();
                        spawn(move || set.down(key))
                    })
                    .collect();
                cede();
                assert_eq!(set.len(), 20_000);
                for (n, c) in waiters.iter().enumerate() {
                    INTERRUPTIONS[n % 3].1(c);
                }
                settle();
                drop(guards);
                assert_eq!(set.len(), 0);
            };
            round(0);
            let before = resident();
            (1..10).for_each(|n| round(n * 1_000_000));
            let after = resident();
            // A word left for each key would be 1 700 pages.
            let slack = before.map(|pages| pages + 512);
            assert!(after <= slack, "{before:?} pages, then {after:?}");
        },
    );
}
