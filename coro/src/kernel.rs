//! The kernel of an OS thread: what it remembers, and the steps that touch nothing else.
//!
//! It lives in a thread-local that needs no destructor, so that it can be reached at any time, in
//! the destructors of other thread-locals too, and so that the end of the OS thread unwinds and
//! drops nothing.
//!
//! # Invariants
//!
//! K1. `current` and `root` are null until [`Kernel::make`]; `root` stands for a count ever after.
//!     `current` stands for one while a coro runs: it takes that over from the entry of the ready
//!     queue, and gives it up, to its next entry or altogether, before it switches out. The coro
//!     that `current` points to then is still counted, by its queue or by the reap list.
//! K2. `yielder` is the current coro's while it may switch, else null: then every call takes the
//!     slow path, which knows why (the root, `no_switch`, teardown, no kernel yet).
//! K3. What is in a `Cell` that is not `Copy` is taken out, changed, and put back, with no call of
//!     foreign code in between.
#![allow(unsafe_code, reason = "reaches through the pointers of K1")]

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::blocks::Blocks;
use crate::control::{Control, Coro, Living};
use crate::hooks::{Clock, Driver, Observer, Outlook, Policy, Timers};
use crate::inbox::Inbox;
use crate::installed::Installed;
use crate::ready_queue::ReadyQueue;
use crate::roll::Roll;
use crate::stack::Pool;
use crate::state::kernel::{ABOVE, BACK as BACKS, REAP, TIMES};
use crate::state::{BACK, DEAD, ENDED, REAPED, ROOT};
use crate::switch::Yielder;
use crate::teardown::Base;

/// The kernel of an OS thread.
#[repr(C, align(64))]
pub(crate) struct Kernel {
    pub(crate) yielder: Cell<*const Yielder>,
    current: Cell<*const Control>,
    pub(crate) flags: Cell<u32>,
    pub(crate) ready: ReadyQueue,

    root: Cell<*const Control>,
    /// Where the root's stack lies; both zero until somebody asked.
    pub(crate) root_from: Cell<usize>,
    pub(crate) root_to: Cell<usize>,
    pub(crate) blocks: Blocks,
    pub(crate) stacks: Pool,
    pub(crate) living: Living,
    ids: Cell<u64>,
    /// Entries of the ready queue whose coro is dead.
    pub(crate) stale: Cell<usize>,

    /// Who is to be switched to next, whatever the queue says.
    pub(crate) direct: Cell<Option<Coro>>,
    /// Coros that nobody holds, to be unwound.
    pub(crate) reap: Cell<VecDeque<Coro>>,
    /// Coros that are switched out in mid-unwind, or may be.
    pub(crate) marked: Cell<Roll<Coro>>,
    /// Coros that are owed a throw or a cancel once it is known that they do not unwind.
    pub(crate) deferred: Cell<Roll<Coro>>,
    /// How many coros are waited for with a way back.
    pub(crate) backs: Cell<usize>,

    /// Why nothing may switch now: what, and where it began; the outermost of `forbids`.
    pub(crate) forbidden: Cell<Option<(&'static str, &'static Location<'static>)>>,
    pub(crate) forbids: Cell<u32>,
    /// The root is current only because the last coro is gone, or because the dispatcher idles.
    pub(crate) stands_in: Cell<bool>,
    /// The OS thread runs its thread-local destructors.
    pub(crate) torn_down: Cell<bool>,
    pub(crate) base: Base,
    /// How many coros have begun to run.
    pub(crate) first_runs: Cell<u64>,
    /// The report of the deadlock that is about to be raised in the root.
    pub(crate) deadlock: Cell<String>,

    /// How many places for coro-local values there are, and which of them are free.
    pub(crate) slots: Cell<usize>,
    pub(crate) free_slots: Cell<Vec<usize>>,
    /// How many slots were ever made.
    pub(crate) slot_keys: Cell<u64>,

    /// What a probed coro has seen.
    pub(crate) probe: Cell<Option<Backtrace>>,
    /// A wait is being asked for a report.
    pub(crate) reporting: Cell<bool>,

    /// Where [`choose`](crate::choose) is in its sequence.
    pub(crate) choices: Cell<u64>,

    pub(crate) policy: Installed<Box<dyn Policy>>,
    pub(crate) observer: Installed<Box<dyn Observer>>,
    pub(crate) driver: Installed<Box<dyn Driver>>,
    pub(crate) timers: Installed<Box<dyn Timers>>,
    pub(crate) clock: Installed<Box<dyn Clock>>,
    pub(crate) idle: Installed<Box<dyn FnMut() -> Outlook>>,
    /// Switches until the next glance at the clock, and how many there are from one to the next.
    pub(crate) until_glance: Cell<u32>,
    pub(crate) glance_every: Cell<u32>,
    pub(crate) last_glance: Cell<Option<Instant>>,
    /// When the driver last had a turn.
    pub(crate) last_look: Cell<Option<Instant>>,
    pub(crate) inbox: Cell<Option<Arc<Inbox>>>,
    /// What the wakers of other OS threads wake, by their keys.
    pub(crate) wakers: Cell<BTreeMap<u64, Coro>>,
    /// How long to wait for them in silence, and whether that was too long once.
    pub(crate) patience: Cell<Option<Duration>>,
    pub(crate) has_complained: Cell<bool>,
}

thread_local! {
    static KERNEL: ManuallyDrop<Kernel> = const { ManuallyDrop::new(Kernel::new()) };
}

impl Kernel {
    const fn new() -> Kernel {
        Kernel {
            yielder: Cell::new(ptr::null()),
            current: Cell::new(ptr::null()),
            flags: Cell::new(0),
            ready: ReadyQueue::new(),
            root: Cell::new(ptr::null()),
            root_from: Cell::new(0),
            root_to: Cell::new(0),
            blocks: Blocks::new(),
            stacks: Pool::new(),
            living: Living::new(),
            ids: Cell::new(0),
            stale: Cell::new(0),
            direct: Cell::new(None),
            reap: Cell::new(VecDeque::new()),
            marked: Cell::new(Roll::new()),
            deferred: Cell::new(Roll::new()),
            backs: Cell::new(0),
            forbidden: Cell::new(None),
            forbids: Cell::new(0),
            stands_in: Cell::new(false),
            torn_down: Cell::new(false),
            base: Base::unknown(),
            first_runs: Cell::new(0),
            deadlock: Cell::new(String::new()),
            slots: Cell::new(0),
            free_slots: Cell::new(Vec::new()),
            slot_keys: Cell::new(0),
            probe: Cell::new(None),
            reporting: Cell::new(false),
            choices: Cell::new(0),
            policy: Installed::nothing(),
            observer: Installed::nothing(),
            driver: Installed::nothing(),
            timers: Installed::nothing(),
            clock: Installed::nothing(),
            idle: Installed::nothing(),
            until_glance: Cell::new(0),
            glance_every: Cell::new(0),
            last_glance: Cell::new(None),
            last_look: Cell::new(None),
            inbox: Cell::new(None),
            wakers: Cell::new(BTreeMap::new()),
            patience: Cell::new(Some(Duration::from_secs(10))),
            has_complained: Cell::new(false),
        }
    }

    /// Returns this OS thread's kernel, which may not have a root yet.
    #[inline(always)]
    pub(crate) fn get() -> &'static Kernel {
        // The reference is taken out of the closure, so that nothing switches inside one.
        let kernel: *const ManuallyDrop<Kernel> = KERNEL.with(ptr::from_ref);
        // SAFETY: never dropped; what uses the reference runs on this OS thread, before its
        // thread-locals go (`Kernel` is not `Sync`).
        unsafe { &*kernel }
    }

    /// Returns `true` if the kernel has a root.
    #[inline(always)]
    pub(crate) fn is_made(&self) -> bool {
        !self.current.get().is_null()
    }

    /// Makes `root` the coro that runs and that is the OS thread's own.
    pub(crate) fn make(&self, root: Coro) {
        self.current.set(root.clone().into_raw().as_ptr());
        self.root.set(root.into_raw().as_ptr());
    }

    /// Lets go of the root and of what else needs no code of users: the OS thread ends.
    #[cold]
    pub(crate) fn unmake(&self) {
        let root = self.root.replace(ptr::null());
        // Else `process::exit` was called by a coro, or in a hook, where the root may have given its
        // count up: then it is leaked.
        let runs = ptr::eq(self.current.replace(ptr::null()), root)
            && !self.stands_in.get()
            && self.forbids.get() == 0;
        self.yielder.set(ptr::null());
        let reap = self.reap.take();
        if !reap.is_empty() {
            self.reap.set(reap);
        }
        for list in [&self.marked, &self.deferred] {
            let coros = list.take();
            if !coros.is_empty() {
                list.set(coros);
            }
        }
        drop(self.free_slots.take());
        self.flags.set(0);
        if let Some(inbox) = self.inbox.take() {
            // The driver is leaked, and so is what wakes it.
            let _leaked = ManuallyDrop::new(inbox.close());
        }
        let Some(root) = NonNull::new(root.cast_mut()) else {
            return;
        };
        // SAFETY: K1: `root` stood for this count.
        let root = unsafe { Coro::from_raw(root) };
        self.living.remove(root.control());
        if let Some(rare) = root.control().rare_if_any() {
            rare.locals.leak();
        }
        root.control().set(ENDED | DEAD);
        for coro in self.wakers.take().into_values() {
            // Nothing wakes it any more; if it has not ended, it is leaked with its stack.
            if !coro.control().has(DEAD) {
                coro.into_raw();
            }
        }
        if runs {
            // And `current` for this one.
            root.control().count_down();
        }
    }

    /// Returns the control block of the current coro.
    #[inline(always)]
    pub(crate) fn current(&self) -> &'static Control {
        // SAFETY: K1, as the callers have looked. `'static` holds for the callers, who run on that
        // coro's stack: while they do, it is current, hence counted.
        unsafe { &*self.current.get() }
    }

    /// Returns the control block of the current coro, if there is a kernel.
    #[inline(always)]
    pub(crate) fn current_if_made(&self) -> Option<&'static Control> {
        // SAFETY: K1; `'static` as in `current`.
        unsafe { self.current.get().as_ref() }
    }

    /// Returns the control block of the root.
    #[inline(always)]
    pub(crate) fn root(&self) -> &'static Control {
        // SAFETY: K1, as the callers have looked; the root is never given up.
        unsafe { &*self.root.get() }
    }

    /// Makes `next` current, with the count that the handle stands for.
    #[inline(always)]
    pub(crate) fn set_current(&self, next: Coro) {
        self.current.set(next.into_raw().as_ptr());
    }

    /// Gives up the count of `c`, which is current and about to switch out.
    #[inline(always)]
    pub(crate) fn release_current(&self, c: &Control) {
        if c.count_down() == 0 {
            // SAFETY: valid, and its count is zero. It is not dead, so it is not freed.
            unsafe { unheld(NonNull::from(c)) };
        }
    }

    /// Gives up the count of the current coro, which is dead, and makes the root stand in.
    #[inline]
    pub(crate) fn give_up_current(&self) {
        self.stands_in.set(true);
        let dead = NonNull::from(self.current());
        self.current.set(self.root.get());
        // SAFETY: K1: the count with which it ran.
        drop(unsafe { Coro::from_raw(dead) });
    }

    /// Makes the root stand in as current while the dispatcher idles.
    pub(crate) fn stand_in(&self) {
        self.stands_in.set(true);
        self.current.set(self.root.get());
    }

    /// Notes that the root, which is current, runs itself again.
    pub(crate) fn stand_down(&self, is_counted: bool) {
        if self.stands_in.replace(false) && !is_counted {
            let root = self.root();
            root.uses.set(root.uses.get() + 1);
        }
    }

    /// Returns `true` if `c` is the coro that runs.
    pub(crate) fn is_running(&self, c: &Control) -> bool {
        ptr::eq(self.current.get(), c) && !(c.has(ROOT) && self.stands_in.get())
    }

    /// Returns `true` if `c` is at the head of the ready queue and nothing else is to be done.
    pub(crate) fn is_next(&self, c: &Control) -> bool {
        self.flags.get() & !(TIMES | ABOVE) == 0
            && self.ready.head().is_some_and(|head| ptr::eq(head, c))
    }

    /// Returns `true` if the OS thread is ending, and coros may borrow what is gone.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        if self.base.is_gone() {
            self.torn_down.set(true);
        }
        self.torn_down.get()
    }

    /// Returns `true` if wakers are alive, or have been and the last word of them was not heard.
    pub(crate) fn has_wakers(&self) -> bool {
        let inbox = self.inbox.take();
        let some = inbox.as_ref().is_some_and(|inbox| !inbox.is_hopeless());
        self.inbox.set(inbox);
        some
    }

    pub(crate) fn next_id(&self) -> u64 {
        let id = self.ids.get();
        self.ids.set(id + 1);
        id
    }

    #[inline(always)]
    pub(crate) fn has(&self, any_of: u32) -> bool {
        self.flags.get() & any_of != 0
    }

    #[inline(always)]
    pub(crate) fn set(&self, flags: u32) {
        self.flags.set(self.flags.get() | flags);
    }

    #[inline(always)]
    pub(crate) fn clear(&self, flags: u32) {
        self.flags.set(self.flags.get() & !flags);
    }

    /// Takes the way back of the coro, if it has one; returns who is there and waits.
    pub(crate) fn forget_way_back(&self, c: &Control) -> Option<Coro> {
        if !c.has(BACK) {
            return None;
        }
        c.clear(BACK);
        self.backs.set(self.backs.get() - 1);
        if self.backs.get() == 0 {
            self.clear(BACKS);
        }
        let (to, uses) = c.rare().back.take()?;
        let still_there = !to.control().has(DEAD) && to.control().uses.get() == uses;
        still_there.then_some(to)
    }
}

/// Frees a dead coro whose last handle is gone; puts a living one on the reap list.
///
/// # Safety
///
/// `control` is valid, and its count is zero.
#[cold]
pub(crate) unsafe fn unheld(control: NonNull<Control>) {
    // SAFETY: the caller's promise.
    let c = unsafe { control.as_ref() };
    if c.has(DEAD) {
        // SAFETY: dead, not counted; its result went when it died or with its `JoinHandle`.
        return unsafe { Coro::free(control) };
    }
    let coro = c.handle();
    if c.has(REAPED) {
        // It could not be unwound, and nobody can reach it: its stack is leaked, frames and all.
        coro.into_raw();
        return;
    }
    let k = Kernel::get();
    let mut reap = k.reap.take();
    reap.push_back(coro);
    k.reap.set(reap);
    k.set(REAP);
}
