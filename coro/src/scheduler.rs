//! The scheduler: switching out, and the dispatcher that switches in.
//!
//! There is one dispatcher for an OS thread. It runs on the root's stack, inside the root's own
//! call into the scheduler; every coro is switched in by it and switches out to it. So no coro
//! ever resumes another, and "cancel now" or `cede_to` is a choice of who is next.
//!
//! Everything between a caller's loop and the switch is inlined (see `switch.rs`): the hot
//! functions here are `inline(always)`, what is rare is out of line and cold, and nothing switches
//! inside a closure.
//!
//! # Invariants
//!
//! D1. The dispatcher runs only while the root is switched out, and on the root's stack.
//! D2. No code of users runs on the dispatcher's frames but hooks, and those cannot switch.
//! D3. Directed switches leave `READY` flags and queue entries alone.
#![allow(unsafe_code, reason = "calls the switch")]

use std::mem;
use std::panic::Location;
use std::ptr::{self, NonNull};

use crate::control::{Control, Coro};
use crate::foreign;
use crate::hooks::Wait;
use crate::idle;
use crate::kernel::Kernel;
use crate::life;
use crate::next;
use crate::passage;
use crate::root;
use crate::state::kernel::{BACK as BACKS, DIRECT, REAP};
use crate::state::{
    ATTEND, BACK, DEAD, INTERRUPT, NEW, PRIO, READY, ROOT, SUSPENDED, UNUSUAL, WINDERS,
};
use crate::switch::{Yielder, stack_pointer, switch_out};

/// What the caller waits for, if it says so.
pub(crate) type On = Option<NonNull<dyn Wait>>;

/// Where the user's code called.
pub(crate) type Place = &'static Location<'static>;

/// Switches the current coro out until somebody readies it.
#[inline(always)]
#[track_caller]
pub(crate) fn schedule(on: On, place: Place) {
    let k = Kernel::get();
    let yielder = k.yielder.get();
    if yielder.is_null() {
        return schedule_root(on, place);
    }
    let sp = stack_pointer();
    let c = k.current();
    if !foreign::is_own(c, yielder, sp) {
        foreign::refuse(c);
    }
    k.release_current(c);
    c.place.set(place);
    c.wait.set(on);
    if c.has(WINDERS | INTERRUPT) || passage::somebody_unwinds() {
        passage::leave(k, c);
    }
    // SAFETY: K2, the current coro's own, and F1, it is its stack that we run on.
    unsafe { out(k, c, yielder, sp) }
}

/// As `schedule`, and says what for.
#[inline(always)]
#[track_caller]
pub(crate) fn schedule_on(on: &dyn Wait, place: Place) {
    let on = NonNull::from(on);
    // SAFETY: only the lifetime changes. C4: it is looked at only while the coro is switched out,
    // that is, while this call, which borrows it, has not returned.
    let on = unsafe { mem::transmute::<NonNull<dyn Wait + '_>, NonNull<dyn Wait>>(on) };
    schedule(Some(on), place);
}

/// Readies the current coro and switches it out.
#[inline(always)]
#[track_caller]
pub(crate) fn cede() {
    let k = Kernel::get();
    let yielder = k.yielder.get();
    if yielder.is_null() {
        return cede_root();
    }
    let sp = stack_pointer();
    let c = k.current();
    if !foreign::is_own(c, yielder, sp) {
        foreign::refuse(c);
    }
    c.place.set(Location::caller());
    c.wait.set(None);
    if c.has(READY | PRIO | WINDERS | INTERRUPT) || passage::somebody_unwinds() {
        cede_unusual(k, c);
    } else {
        k.ready_usual_current(c);
    }
    // SAFETY: as in `schedule`.
    unsafe { out(k, c, yielder, sp) }
}

#[cold]
#[inline(never)]
fn cede_unusual(k: &'static Kernel, c: &Control) {
    k.ready_current();
    if c.has(WINDERS | INTERRUPT) || passage::somebody_unwinds() {
        passage::leave(k, c);
    }
}

/// # Safety
///
/// `c` is the current coro, `yielder` its own, and the caller runs on its stack.
#[inline(always)]
#[track_caller]
unsafe fn out(k: &'static Kernel, c: &Control, yielder: *const Yielder, sp: usize) {
    c.sp.set(sp);
    // SAFETY: the caller's promise.
    unsafe { switch_out(yielder) };
    if c.has(ATTEND) {
        passage::enter(k, c);
    }
}

/// `schedule` where the current coro has no yielder: the root, or nobody may switch.
#[inline(never)]
#[track_caller]
fn schedule_root(on: On, place: Place) {
    let k = root::kernel();
    root::may_switch(k);
    k.release_current(k.root());
    out_root(k, on, place);
}

#[inline(never)]
#[track_caller]
fn cede_root() {
    let k = root::kernel();
    root::may_switch(k);
    k.ready_current();
    out_root(k, None, Location::caller());
}

#[inline(always)]
#[track_caller]
fn out_root(k: &'static Kernel, on: On, place: Place) {
    let c = k.root();
    c.place.set(place);
    c.wait.set(on);
    if c.has(WINDERS | INTERRUPT) || passage::somebody_unwinds() {
        passage::leave(k, c);
    }
    dispatch(k);
    if c.has(ATTEND) {
        passage::enter(k, c);
    }
}

/// Switches to other coros until it is the root's turn again.
#[inline(never)]
fn dispatch(k: &'static Kernel) {
    loop {
        let usual = if k.has(!0) {
            None
        } else {
            k.ready.pop_normal()
        };
        match usual {
            Some(next) if is_usual(k, next.control()) => {
                let c = next.control();
                c.clear(READY);
                c.uses.set(c.uses.get() + 1);
                k.set_current(next);
            }
            next => match prepare(k, next) {
                Prepared::Coro => {}
                Prepared::Root => return,
                Prepared::Nobody => continue,
            },
        }
        let c = k.current();
        k.yielder.set(c.yielder.get());
        // SAFETY: W1: this is the dispatcher; started, not dead, and nobody but us runs.
        if unsafe { c.context.switch_in() } {
            life::finish(k, c);
        }
    }
}

/// Returns `true` if nothing is to be seen to before a switch to this coro.
#[inline(always)]
fn is_usual(k: &Kernel, c: &Control) -> bool {
    !c.has(UNUSUAL) && !ptr::eq(c, k.current())
}

/// Who was made current.
enum Prepared {
    Coro,
    Root,
    Nobody,
}

/// Sees to what is unusual, and makes `next` current, or whoever is next, if there is anybody.
#[inline(always)]
fn prepare(k: &'static Kernel, next: Option<Coro>) -> Prepared {
    let next = next.map(|coro| (coro, READY));
    let Some((next, entry)) = next.or_else(|| next::consider(k)) else {
        rest(k);
        return Prepared::Nobody;
    };
    let c = next.control();
    if c.has(DEAD) {
        k.unearth(entry);
        return Prepared::Nobody;
    }
    c.clear(entry);
    if c.has(SUSPENDED) || c.has(NEW) && !life::begin(k, &next) {
        return Prepared::Nobody;
    }
    // To be switched back to at once is no use.
    let is_switch = !ptr::eq(c, k.current());
    c.uses.set(c.uses.get() + u64::from(is_switch));
    let is_root = c.has(ROOT);
    k.set_current(next);
    if is_root {
        k.yielder.set(ptr::null());
        k.stand_down(is_switch);
        return Prepared::Root;
    }
    Prepared::Coro
}

/// Sees to an empty ready queue.
#[cold]
fn rest(k: &'static Kernel) {
    k.yielder.set(ptr::null());
    k.stand_in();
    if !k.has(REAP | DIRECT) {
        idle::idle(k);
    }
}

/// Switches to whoever is next, whatever its priority, and queues the current coro; returns at once
/// if nobody else is ready.
#[track_caller]
pub(crate) fn cede_notself() {
    let k = root::kernel();
    root::may_switch(k);
    if let Some(next) = next::take(k) {
        // Whoever cancelled the caller and waits for the way back goes on when its turn comes.
        if let Some(canceller) = k.forget_way_back(k.current()) {
            k.ready(canceller.control());
        }
        k.ready(k.current());
        switch_to(next, None, Location::caller());
    }
}

/// Switches out of the current coro and to `target`, whatever the ready queue says.
#[track_caller]
pub(crate) fn switch_to(target: Coro, on: On, place: Place) {
    let k = root::kernel();
    root::may_switch(k);
    k.direct.set(Some(target));
    k.set(DIRECT);
    schedule(on, place);
}

/// What who has cancelled another waits for: until that one has unwound, or blocks.
struct Cancelling;

impl Wait for Cancelling {
    fn what(&self) -> &'static str {
        "cancel"
    }
}

/// Switches to `target`, as `switch_to`, and is switched back to when `target` switches out.
///
/// The way back is for one use: it lapses when the current coro is switched to by others before.
#[track_caller]
pub(crate) fn switch_there_and_back(target: Coro) {
    let k = root::kernel();
    root::may_switch(k);
    let c = k.current();
    // A target that has a way back already was switched to by one who is no longer there.
    k.forget_way_back(target.control());
    target
        .control()
        .rare()
        .back
        .set(Some((c.handle(), c.uses.get())));
    target.control().set(BACK);
    k.backs.set(k.backs.get() + 1);
    k.set(BACKS);
    let on: &'static dyn Wait = &Cancelling;
    switch_to(target, Some(NonNull::from(on)), Location::caller());
}
