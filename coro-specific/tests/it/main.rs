//! What a coro-local variable promises: one value a coro, dropped with the coro or the variable.

use std::cell::Cell;
use std::rc::Rc;

use coro_specific::Specific;
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(Specific<u8>: Send, Sync);

/// Counts its drops, and tells in which coro the last one was.
#[derive(Clone, Default)]
struct Drops {
    count: Rc<Cell<u32>>,
    coro: Rc<Cell<u64>>,
}

struct Noisy(Drops);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() + 1);
        self.0.coro.set(coro::current().id());
    }
}

#[test]
fn interleaved_coros_keep_their_own_values() {
    let variable = Rc::new(Specific::new());
    let coros: Vec<_> = (0..10)
        .map(|i| {
            let variable = variable.clone();
            coro::spawn(move || {
                variable.set(i);
                for _ in 0..3 {
                    coro::cede();
                    assert_eq!(variable.get(), Some(i));
                }
            })
        })
        .collect();
    coros.into_iter().for_each(|c| c.join().unwrap());
    assert_eq!(variable.get(), None);
}

#[test]
fn a_value_is_dropped_with_its_coro_in_its_context() {
    let drops = Drops::default();
    let variable = Rc::new(Specific::new());
    let (theirs, noisy) = (variable.clone(), Noisy(drops.clone()));
    let c = coro::spawn(move || theirs.set(noisy));
    let id = c.id();
    c.join().unwrap();
    assert_eq!((drops.count.get(), drops.coro.get()), (1, id));
}

#[test]
fn a_cancelled_coros_value_is_dropped() {
    let drops = Drops::default();
    let variable = Rc::new(Specific::new());
    let (theirs, noisy) = (variable.clone(), Noisy(drops.clone()));
    let c = coro::spawn(move || {
        theirs.set(noisy);
        coro::schedule();
    });
    coro::cede();
    assert_eq!(drops.count.get(), 0);
    c.cancel();
    assert_eq!(drops.count.get(), 1);
}

#[test]
fn values_are_dropped_with_the_variable_and_its_place_is_empty_for_the_next() {
    let drops = Drops::default();
    let variable = Rc::new(Specific::new());
    let (theirs, noisy) = (variable.clone(), Noisy(drops.clone()));
    let c = coro::spawn(move || {
        theirs.set(noisy);
        drop(theirs);
        coro::schedule();
        let next = Specific::<u8>::new();
        assert_eq!(next.get(), None);
    });
    coro::cede();
    drop(variable);
    assert_eq!(drops.count.get(), 1);
    c.ready();
    c.join().unwrap();
}

#[test]
fn a_destructor_may_use_the_variable() {
    struct Sets(Rc<Specific<u8>>);
    impl Drop for Sets {
        fn drop(&mut self) {
            self.0.set(7);
        }
    }
    let number = Rc::new(Specific::new());
    let holder = Rc::new(Specific::new());
    let (theirs, sets) = (holder.clone(), Sets(number.clone()));
    coro::spawn(move || theirs.set(sets)).join().unwrap();
    assert_eq!(number.get(), None);
}
