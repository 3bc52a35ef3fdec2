//! Section A: sets of semaphores, and guards.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use coro::{cede, schedule, spawn};
use coro_sync::SemaphoreSet;

use super::{INTERRUPTIONS, every_sequence, settle};
use crate::support::{fresh, semaphore};

#[test]
fn bug_25_no_entries_are_left_after_balanced_downs_and_ups_and_cancels() {
    fresh(|| {
        for initial in 0..2 {
            // What is done to one of three coros of two keys.
            every_sequence::<3>(13, |moves| {
                let set = Rc::new(SemaphoreSet::new(initial));
                let all = [1, 1, 2].map(|key| {
                    let set = Rc::clone(&set);
                    spawn(move || {
                        let _guard = set.acquire(key);
                        cede();
                    })
                });
                for &what in moves {
                    match what {
                        0 => cede(),
                        1..=3 => _ = all[what - 1].ready(),
                        _ => INTERRUPTIONS[(what - 4) / 3].1(&all[(what - 4) % 3]),
                    }
                }
                settle();
                if initial == 0 {
                    // Nobody got through; who waits does until there is an up, which is taken back.
                    for key in [1, 2] {
                        set.up(key);
                        settle();
                        set.down(key);
                    }
                }
                assert!(all.iter().all(|c| c.is_finished()), "{moves:?}: {set:?}");
                assert_eq!(set.len(), 0, "{moves:?}: {set:?}");
            });
        }
        let set = Rc::new(SemaphoreSet::new(1));
        for key in 0..100 {
            set.down(key);
        }
        assert_eq!(set.len(), 100);
        (0..100).for_each(|key| set.up(key));
        assert_eq!(set.len(), 0);
    });
}

#[test]
fn bug_26_a_try_takes_the_permit_and_makes_the_entry() {
    let set = SemaphoreSet::new(2);
    assert!(set.try_down("key"));
    assert_eq!((set.len(), set.count(&"key")), (1, 1));
    let guard = set.try_acquire("key");
    assert!(guard.is_some());
    assert_eq!((set.len(), set.count(&"key")), (1, 0));
    assert!(!set.try_down("key") && set.try_acquire("key").is_none());
    assert_eq!(set.count(&"key"), 0);
    drop(guard);
    set.up("key");
    assert_eq!((set.len(), set.count(&"key")), (0, 2));
}

#[test]
fn bug_27_a_failed_try_leaves_no_entry() {
    fresh(|| {
        for initial in [0, -1] {
            let set = Rc::new(SemaphoreSet::new(initial));
            for _ in 0..3 {
                assert!(!set.try_down("key"));
                assert!(set.try_acquire("key").is_none());
                assert_eq!(
                    (set.len(), set.count(&"key"), set.waiters(&"key")),
                    (0, initial, 0)
                );
            }
            // Nor a broken one: it is made, and goes, as ever.
            let theirs = Rc::clone(&set);
            let c = spawn(move || theirs.down("key"));
            settle();
            assert_eq!((set.len(), set.waiters(&"key")), (1, 1));
            (initial..1).for_each(|_| set.up("key"));
            settle();
            assert!(c.is_finished());
            (initial..0).for_each(|_| set.sem("key").adjust(-1));
            assert_eq!(set.len(), 0);
        }
    });
}

/// A key that can be changed from outside.
struct Key(Rc<Cell<u32>>);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.get().hash(state);
    }
}

#[test]
fn bug_28_a_guard_releases_the_semaphore_it_took() {
    let mut sem = semaphore(1);
    let old = Rc::clone(&sem);
    let guard = sem.acquire_rc();
    sem = semaphore(5);
    drop(guard);
    assert_eq!((old.count(), sem.count()), (1, 5));

    let set = SemaphoreSet::new(1);
    let mut name = String::from("a");
    let guard = set.acquire(name.clone());
    name.push('b');
    let other = set.acquire(name.clone());
    drop(guard);
    assert_eq!(
        (set.count(&"a".into()), set.count(&name), set.len()),
        (1, 0, 1)
    );
    drop(other);
    assert_eq!(set.len(), 0);

    let set = SemaphoreSet::new(1);
    let value = Rc::new(Cell::new(1));
    let guard = set.acquire(Key(Rc::clone(&value)));
    value.set(2);
    drop(guard);
    assert_eq!(set.len(), 0);
    // And in a coro that is cancelled.
    let set = Rc::new(SemaphoreSet::new(1));
    let theirs = Rc::clone(&set);
    let c = spawn(move || {
        let _guard = theirs.acquire("key");
        schedule();
    });
    cede();
    assert_eq!(set.count(&"key"), 0);
    c.cancel();
    assert_eq!((set.count(&"key"), set.len()), (1, 0));
}
