//! Semaphore sets whose keys do strange things when they are hashed, compared and dropped.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use coro::{cede, schedule, spawn};
use coro_sync::SemaphoreSet;

use crate::support::{defer, die, outcome};

/// What a key does, and with which set.
type Hook = Rc<(Box<dyn Fn(&SemaphoreSet<Key>)>, Rc<SemaphoreSet<Key>>)>;

thread_local! {
    /// What keys do, when they are hashed, compared and dropped.
    static HOOKS: RefCell<[Option<Hook>; 3]> = const { RefCell::new([None, None, None]) };
}

/// A key whose `Hash`, `Eq` and `Drop` do what the test wants; all have the same hash.
#[derive(Debug)]
struct Key(u32);

fn hook(which: usize) {
    // Not again within itself.
    let hook = HOOKS.with_borrow_mut(|hooks| hooks[which].take());
    if let Some(hook) = hook {
        let _back = defer(|| HOOKS.with_borrow_mut(|hooks| hooks[which] = Some(hook.clone())));
        hook.0(&hook.1);
    }
}

/// Runs `f` while keys do `event` when they are hashed (0), compared (1) or dropped (2).
fn hooked<R>(
    which: usize,
    set: &Rc<SemaphoreSet<Key>>,
    event: impl Fn(&SemaphoreSet<Key>) + 'static,
    f: impl FnOnce() -> R,
) -> R {
    let hook: Hook = Rc::new((Box::new(event), set.clone()));
    HOOKS.with_borrow_mut(|hooks| hooks[which] = Some(hook));
    let _off = defer(move || drop(HOOKS.with_borrow_mut(|hooks| hooks[which].take())));
    f()
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hook(0);
        state.write_u8(0);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        hook(1);
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        hook(2);
    }
}

#[test]
fn hash_and_drop_of_a_key_may_use_the_set_and_switch() {
    for which in [0, 2] {
        let set = Rc::new(SemaphoreSet::new(1));
        hooked(
            which,
            &set,
            |set| {
                set.down(Key(7));
                set.up(Key(8));
                cede();
                assert_eq!((set.count(&Key(7)), set.count(&Key(8))), (0, 2));
                set.down(Key(8));
                set.up(Key(7));
            },
            || {
                let other = set.clone();
                let c = spawn(move || {
                    (0..20).for_each(|n| {
                        let _guard = other.acquire(Key(100 + n));
                        cede();
                    })
                });
                for n in 0..5 {
                    let guard = set.acquire(Key(n));
                    assert!(!set.try_down(Key(n)));
                    assert_eq!(set.count(&Key(n)), 0);
                    drop(guard);
                }
                c.join().unwrap();
            },
        );
        assert!(set.is_empty(), "{set:?}");
    }
}

#[test]
fn an_eq_that_looks_at_the_set_does_no_harm() {
    let set = Rc::new(SemaphoreSet::new(1));
    let _kept = set.acquire(Key(1));
    hooked(
        1,
        &set,
        |set| assert!(set.count(&Key(1)) == 0 && !set.is_empty()),
        || {
            let guard = set.acquire(Key(2));
            assert_eq!((set.count(&Key(2)), set.len()), (0, 2));
            drop(guard);
            assert_eq!(set.len(), 1);
        },
    );
}

#[test]
fn an_eq_that_changes_the_set_is_told_so_and_the_set_stays_usable() {
    let set = Rc::new(SemaphoreSet::new(1));
    let kept = set.acquire(Key(1));
    let text = hooked(
        1,
        &set,
        |set| set.up(Key(9)),
        || outcome(|| set.down(Key(2))),
    );
    assert!(
        text.contains("the Eq of a key changed the SemaphoreSet"),
        "{text}"
    );
    assert_eq!(
        (set.len(), set.count(&Key(9)), set.count(&Key(2))),
        (2, 2, 1)
    );
    set.down(Key(9));
    set.down(Key(2));
    set.up(Key(2));
    drop(kept);
    assert!(set.is_empty());
}

#[test]
fn an_eq_that_switches_blames_itself_alone() {
    let set = Rc::new(SemaphoreSet::new(1));
    let kept = set.acquire(Key(1));
    let (theirs, went) = (set.clone(), Rc::new(Cell::new(false)));
    let done = went.clone();
    let c = spawn(move || {
        let _guard = theirs.acquire(Key(3));
        done.set(true);
        schedule();
    });
    let text = hooked(1, &set, |_| cede(), || outcome(|| set.down(Key(2))));
    assert!(text.contains("or switched"), "{text}");
    assert!(went.get());
    c.cancel();
    // Nobody changes anything meanwhile: then it is as good as any other.
    hooked(1, &set, |_| cede(), || set.down(Key(2)));
    set.up(Key(2));
    drop(kept);
    assert!(set.is_empty());
}

#[test]
fn keys_that_panic_leave_the_set_usable() {
    for which in 0..3 {
        let set = Rc::new(SemaphoreSet::new(1));
        let kept = set.acquire(Key(1));
        let calls: [fn(&SemaphoreSet<Key>); 4] = [
            |set| set.down(Key(2)),
            |set| drop(set.acquire(Key(2))),
            |set| assert!(set.try_down(Key(2))),
            |set| assert_eq!(set.count(&Key(2)), 1),
        ];
        for call in calls {
            let died = Rc::new(Cell::new(false));
            let once = died.clone();
            let text = hooked(
                which,
                &set,
                move |_| {
                    if !once.replace(true) {
                        die("a key")
                    }
                },
                || outcome(|| call(&set)),
            );
            assert!(text == "a key" || !died.get(), "{text}");
            // What had been taken before the panic is still taken, and is given back here.
            if set.count(&Key(2)) == 0 {
                set.up(Key(2));
            }
            assert_eq!(set.len(), 1, "{which}: {set:?}");
        }
        drop(kept);
        assert!(set.is_empty());
    }
}

#[test]
fn a_guard_that_is_dropped_in_an_eq_gives_its_permit_back() {
    let set: &'static SemaphoreSet<Key> = Box::leak(Box::new(SemaphoreSet::new(1)));
    let shared = Rc::new(SemaphoreSet::new(1));
    let guard = RefCell::new(Some(set.acquire(Key(5))));
    let text = hooked(
        1,
        &shared,
        move |_| drop(guard.take()),
        || outcome(|| set.down(Key(2))),
    );
    assert!(text.contains("changed the SemaphoreSet"), "{text}");
    assert!(set.is_empty());
}

#[test]
fn a_key_whose_drop_is_cancelled_leaves_no_entry() {
    let calls: [fn(&SemaphoreSet<Key>); 4] = [
        |set| _ = set.try_down(Key(1)),
        |set| set.down(Key(1)),
        |set| set.up(Key(1)),
        |set| drop(set.acquire(Key(1))),
    ];
    for call in calls {
        let set = Rc::new(SemaphoreSet::new(1));
        let kept = set.acquire(Key(1));
        let theirs = set.clone();
        hooked(
            2,
            &set,
            |_| schedule(),
            || {
                // It finds the entry, and its own key goes.
                let c = spawn(move || call(&theirs));
                cede();
                assert!(!c.is_finished());
                c.cancel();
                assert!(c.is_finished());
            },
        );
        assert_eq!((set.len(), set.count(&Key(1))), (1, 0));
        drop(kept);
        assert!(set.is_empty(), "{set:?}");
    }
}

#[test]
fn a_key_whose_drop_panics_leaves_no_entry() {
    let set = Rc::new(SemaphoreSet::new(1));
    let kept = set.acquire(Key(1));
    let text = hooked(
        2,
        &set,
        |_| die("a key"),
        || outcome(|| set.try_down(Key(1))),
    );
    assert_eq!(text, "a key");
    assert_eq!((set.len(), set.count(&Key(1))), (1, 0));
    drop(kept);
    assert!(set.is_empty(), "{set:?}");
}

#[test]
fn a_search_that_is_cancelled_in_the_drop_of_a_key_leaves_no_entry() {
    let set: &'static SemaphoreSet<Key> = Box::leak(Box::new(SemaphoreSet::new(1)));
    let first = RefCell::new(Some(set.acquire(Key(1))));
    // The newest is looked at first.
    let second = RefCell::new(Some(set.acquire(Key(2))));
    let none = Rc::new(SemaphoreSet::new(1));
    // The search alone keeps the second entry then, and drops it when it goes on to the first;
    // and that entry goes meanwhile.
    let eq = move |_: &SemaphoreSet<Key>| drop(second.take());
    let drops = move |_: &SemaphoreSet<Key>| {
        if let Some(guard) = first.take() {
            drop(guard);
            schedule();
        }
    };
    hooked(1, &none, eq, || {
        hooked(2, &none, drops, || {
            let c = spawn(move || set.count(&Key(3)));
            cede();
            assert!(!c.is_finished());
            c.cancel();
            assert!(c.is_finished());
        });
    });
    assert!(set.is_empty(), "{set:?}");
}
