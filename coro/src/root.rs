//! The root: the coro of the OS thread's own stack, and the slow path into the scheduler.

use std::panic::Location;

use crate::foreign;
use crate::kernel::Kernel;
use crate::overflow;
use crate::prio::Prio;
use crate::state::ROOT;
use crate::task::{self, Plan};
use crate::teardown;

/// Returns this OS thread's kernel, with a root.
#[inline(always)]
#[track_caller]
pub(crate) fn kernel() -> &'static Kernel {
    let k = Kernel::get();
    if !k.is_made() {
        make(k);
    }
    k
}

#[cold]
#[inline(never)]
#[track_caller]
fn make(k: &'static Kernel) {
    let plan = Plan {
        flags: ROOT,
        prio: Prio::NORMAL,
        stack_class: 0,
        spawned: Location::caller(),
    };
    let root = task::new(k, plan, || ()).coro.clone();
    root.control().rare().desc.set(Some("main".into()));
    k.living.add(root.control());
    k.make(root);
    if !k.base.find() {
        k.torn_down.set(true);
    }
    overflow::arm();
    teardown::register();
}

/// Panics if the OS thread is ending: then no frame, and no closure, of a coro may be touched.
#[inline]
#[track_caller]
pub(crate) fn must_not_be_over(k: &Kernel) {
    assert!(
        !k.is_over(),
        "cannot switch: this OS thread is ending, and a coro may borrow what is gone"
    );
}

/// Panics if the scheduler may not be entered now.
#[inline]
#[track_caller]
pub(crate) fn may_switch(k: &Kernel) {
    must_not_be_over(k);
    if let Some((what, place)) = k.forbidden() {
        panic!("cannot switch inside {what}, which began at {place}");
    }
    foreign::must_be_own(k);
}

/// Returns `true` if `may_switch` does not refuse for what lasts: a region, or the end of the OS
/// thread.
#[inline]
pub(crate) fn can_switch(k: &Kernel) -> bool {
    k.forbidden().is_none() && !k.is_over()
}
