//! Coro-local variables and OS threads: each has values of its own, and what its end does to them.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;

use coro::{cede, schedule, spawn};
use coro_specific::{Inherited, Specific, coro_local};

use crate::specific::{KEPT, REVIVED};
use crate::support::{Counted, counted, fresh};

#[test]
fn os_threads_have_values_of_their_own() {
    coro_local!(static SHARED: Cell<u32> = Cell::new(0));
    SHARED.set(1);
    let threads = [2, 3].map(|n| {
        std::thread::spawn(move || {
            assert_eq!(SHARED.replace(n), 0);
            let c = spawn(move || SHARED.replace(10 * n));
            assert_eq!((c.join().unwrap(), SHARED.get()), (0, n));
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(SHARED.get(), 1);
}

thread_local! {
    static FIRST: RefCell<Option<Specific<Counted>>> = const { RefCell::new(None) };
    static HEIR: RefCell<Option<Inherited<Counted>>> = const { RefCell::new(None) };
}

#[test]
fn the_end_of_an_os_thread_drops_no_value() {
    let (values, drops): (Vec<_>, Vec<_>) = (0..6).map(|_| counted()).unzip();
    fresh(move || {
        let mut values = values.into_iter();
        let mut value = move || values.next().expect("six");
        // These variables are older than the kernel, so their keys are destroyed after its.
        FIRST.with_borrow_mut(|first| assert!(first.is_none()));
        HEIR.with_borrow_mut(|heir| assert!(heir.is_none()));
        FIRST.set(Some(Specific::new()));
        HEIR.set(Some(Inherited::new()));
        let (a, b, c) = (value(), value(), value());
        let parked = spawn(move || {
            FIRST.with_borrow(|first| first.as_ref().unwrap().set(a));
            HEIR.with_borrow(|heir| heir.as_ref().unwrap().set(b));
            KEPT.with_borrow_mut(|kept| kept.push(c));
            schedule();
        });
        cede();
        FIRST.with_borrow(|first| first.as_ref().unwrap().set(value()));
        HEIR.with_borrow(|heir| heir.as_ref().unwrap().set(value()));
        KEPT.with_borrow_mut(|kept| kept.push(value()));
        assert!(!parked.is_finished());
        KEPT.with_borrow(|kept| assert_eq!(kept.len(), 1));
        // Held, so that it is not reaped.
        Box::leak(Box::new(parked));
    });
    let drops: Vec<_> = drops.iter().map(crate::support::Drops::get).collect();
    assert_eq!(drops, [0; 6]);
}

#[test]
fn variables_that_go_before_the_end_of_their_os_thread_drop_their_values() {
    let (value, drops) = counted();
    fresh(move || {
        let variable = Specific::new();
        variable.set(value);
    });
    assert_eq!(drops.get(), 1);
}

/// Reads and writes statics when it is destroyed with the thread-locals.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let variable = Specific::new();
        variable.set(3);
        let saw = [REVIVED.replace(2), variable.take().unwrap_or(0)];
        LATE_SAW.lock().expect("nobody panics").extend(saw);
    }
}

static LATE_SAW: Mutex<Vec<u32>> = Mutex::new(Vec::new());

#[test]
fn thread_local_destructors_may_use_variables() {
    thread_local!(static LATE: Late = const { Late });
    fresh(|| {
        REVIVED.set(1);
        LATE.with(|_| ());
    });
    assert_eq!(*LATE_SAW.lock().unwrap(), [1, 3]);
    // This one outlives the kernel, and main with it: it finds a new main.
    fresh(|| LATE.with(|_| REVIVED.set(1)));
    assert_eq!(*LATE_SAW.lock().unwrap(), [1, 3, 0, 3]);
}
