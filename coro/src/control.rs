//! The control block of a coro, and the counted pointer to it.
//!
//! A coro is one allocation: the control block, and behind it the closure and later the result
//! (`task.rs`). Coros are held by whoever can still make them run: the ready queue, the queues
//! they wait in, the current slot, and the users' handles. When a coro that has not ended is held
//! by nobody, it can never run again, and the kernel unwinds it.
//!
//! # Invariants
//!
//! C1. A control block is valid as long as a [`Coro`] points to it; `refs` counts them.
//! C2. It is touched by one OS thread alone: [`Coro`] is neither `Send` nor `Sync`.
//! C3. A list of [`Living`] holds exactly the coros that have not ended, without counting.
//! C4. `wait` is valid while the coro is switched out: it points into a call that has not returned.
#![allow(unsafe_code, reason = "counts, and reaches, what it points to")]

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::process;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::time::Instant;

use crate::hooks::{End, Wait};
use crate::join_error::JoinError;
use crate::locals::Locals;
use crate::prio::Prio;
use crate::roll::Roll;
use crate::stack;
use crate::state::{DEAD, ENDED, NEW, PRIO, READY, ROOT, SUSPENDED};
use crate::switch::{Context, Yielder};
use crate::unwind::OverdueKey;

/// A handle to a coro: any coro, whatever it returns.
///
/// Handles are counted and cheap to clone. They stay on the OS thread of their coro. Two handles
/// are equal if they are of the same coro.
///
/// A coro that is blocked and held by no handle and no queue can never run again; it is cancelled
/// at the next switch, so that its destructors run.
///
/// # Examples
///
/// ```
/// let me = coro::current();
/// let c = coro::spawn(move || me.ready());
/// coro::schedule(); // c readies us
/// assert!(c.join().unwrap());
/// ```
pub struct Coro {
    control: NonNull<Control>,
    /// Neither `Send` nor `Sync`, and owner of what may be anything.
    marker: PhantomData<*mut dyn Any>,
}

/// What the kernel knows of a coro; the first two cache lines are all that a switch touches.
///
/// It has no alignment of its own, which would pad the result and the closure behind it to whole
/// lines too: `blocks.rs` gives out whole lines.
#[repr(C)]
pub(crate) struct Control {
    pub(crate) flags: Cell<u32>,
    refs: Cell<u32>,
    /// The ring it is queued in at the next `ready`.
    pub(crate) level: Cell<u8>,
    /// The size class of its stack.
    pub(crate) stack_class: u8,
    /// What it switches out with; null for the root, and for others until they run.
    pub(crate) yielder: Cell<*const Yielder>,
    pub(crate) context: Context,

    /// The stack pointer at its last switch out, for the look-ahead.
    pub(crate) sp: Cell<usize>,
    /// Where it last called the scheduler.
    pub(crate) place: Cell<&'static Location<'static>>,
    /// What it waits for.
    pub(crate) wait: Cell<Option<NonNull<dyn Wait>>>,
    /// How many times it was switched to.
    pub(crate) uses: Cell<u64>,
    vtable: &'static VTable,

    pub(crate) id: u64,
    pub(crate) spawned: &'static Location<'static>,
    newer: Cell<*const Control>,
    older: Cell<*const Control>,
    /// The first who waits for its end; the others, and the handlers, are in `rare`.
    pub(crate) first_joiner: Cell<Option<Coro>>,
    rare: OnceCell<Box<Rare>>,
}

/// What happens when a coro has ended.
pub(crate) enum Ending {
    /// A coro that joins it is readied.
    Ready(Coro),
    /// A handler is called.
    Call(Box<dyn FnOnce()>),
}

/// What few coros have.
#[derive(Default)]
pub(crate) struct Rare {
    /// The pending throw, and its number.
    pub(crate) thrown: Cell<Option<Box<dyn Any + Send>>>,
    pub(crate) throws: Cell<u64>,
    /// The address of the payload that was last raised by a throw.
    pub(crate) raised: Cell<Option<NonNull<()>>>,
    pub(crate) cancel_value: Cell<Option<Box<dyn Any>>>,
    /// The keys of the timeouts by which it is overdue, oldest first.
    pub(crate) overdue: Cell<Vec<OverdueKey>>,
    /// How many times a cancel was raised in it.
    pub(crate) cancels: Cell<u32>,
    pub(crate) shields: Cell<u32>,
    pub(crate) winders: Cell<Vec<Wind>>,
    /// What it is to do itself when its body is over.
    pub(crate) deferred: Cell<Vec<Box<dyn FnOnce()>>>,
    pub(crate) endings: Cell<Roll<Ending>>,
    /// Its numbers among the marked and the deferred of the kernel, while it is there.
    pub(crate) mark: Cell<u64>,
    pub(crate) owed: Cell<u64>,
    /// Who cancelled it and waits to be switched back to, at that count of its `uses`.
    pub(crate) back: Cell<Option<(Coro, u64)>>,
    pub(crate) desc: Cell<Option<Rc<str>>>,
    /// When it was switched out, at that count of its `uses`, if that was noted.
    pub(crate) switched_out: Cell<Option<(u64, Instant)>>,
    pub(crate) locals: Locals,
}

impl Rare {
    /// Returns the key by which it is to be cut off.
    pub(crate) fn first_overdue(&self) -> Option<OverdueKey> {
        let keys = self.overdue.take();
        let first = keys.first().copied();
        self.overdue.set(keys);
        first
    }
}

/// A block that runs at every switch to, or from, its coro.
#[derive(Clone)]
pub(crate) struct Wind {
    pub(crate) at: WindAt,
    pub(crate) key: u64,
    pub(crate) block: Rc<dyn Fn()>,
}

/// When a [`Wind`] runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindAt {
    /// When its coro is switched to.
    Enter,
    /// When its coro is switched away from.
    Leave,
}

/// What differs by the types of a coro's closure and result; all are called with its control block.
pub(crate) struct VTable {
    /// Calls the body and stores how it ended. Never unwinds.
    pub(crate) run: unsafe fn(&Control),
    /// Drops the body uncalled and stores why.
    pub(crate) abandon: unsafe fn(&Control, JoinError),
    /// Stores the result that is in the `Option<T>`, if its type is the coro's.
    pub(crate) accept: unsafe fn(&Control, &mut dyn Any) -> bool,
    /// Drops the result.
    pub(crate) discard: unsafe fn(&Control),
    /// Tells of what kind the result is that is there.
    pub(crate) how: unsafe fn(&Control) -> End,
    /// The last handle is gone.
    pub(crate) unheld: unsafe fn(NonNull<Control>),
    /// Frees the allocation.
    pub(crate) free: unsafe fn(NonNull<Control>),
}

impl Control {
    pub(crate) fn new(
        flags: u32,
        prio: Prio,
        id: u64,
        stack_class: u8,
        spawned: &'static Location<'static>,
        vtable: &'static VTable,
    ) -> Control {
        let flags = flags | if prio == Prio::NORMAL { 0 } else { PRIO };
        Control {
            flags: Cell::new(flags),
            refs: Cell::new(1),
            level: Cell::new(prio.level()),
            stack_class,
            yielder: Cell::new(ptr::null()),
            sp: Cell::new(0),
            place: Cell::new(spawned),
            wait: Cell::new(None),
            uses: Cell::new(0),
            context: Context::empty(),
            vtable,
            id,
            spawned,
            newer: Cell::new(ptr::null()),
            older: Cell::new(ptr::null()),
            first_joiner: Cell::new(None),
            rare: OnceCell::new(),
        }
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

    /// Returns what few coros have, made at the first call.
    pub(crate) fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }

    /// Returns what few coros have, if this one has any of it.
    pub(crate) fn rare_if_any(&self) -> Option<&Rare> {
        self.rare.get().map(|rare| &**rare)
    }

    /// Returns the addresses of its stack; `None` if it has none of its own, or none yet.
    pub(crate) fn stack(&self) -> Option<Range<usize>> {
        let yielder = self.yielder.get();
        // The yielder lies at the base.
        (!yielder.is_null()).then(|| stack::around(yielder.addr(), self.stack_class))
    }

    pub(crate) fn set_prio(&self, prio: Prio) {
        self.level.set(prio.level());
        self.clear(PRIO);
        if prio != Prio::NORMAL {
            self.set(PRIO);
        }
    }

    pub(crate) fn prio(&self) -> Prio {
        Prio::of_level(self.level.get())
    }

    pub(crate) fn desc(&self) -> Option<Rc<str>> {
        let cell = &self.rare_if_any()?.desc;
        let desc = cell.take();
        cell.set(desc.clone());
        desc
    }

    /// Returns a new counted handle.
    #[inline(always)]
    pub(crate) fn handle(&self) -> Coro {
        self.count_up();
        Coro {
            control: NonNull::from(self),
            marker: PhantomData,
        }
    }

    /// Returns `true` if there is more than one handle.
    pub(crate) fn is_shared(&self) -> bool {
        self.handle_count() > 1
    }

    pub(crate) fn handle_count(&self) -> u32 {
        self.refs.get()
    }

    /// Gives up a count without looking whether it was the last one.
    #[inline(always)]
    pub(crate) fn count_down(&self) -> u32 {
        let refs = self.refs.get() - 1;
        self.refs.set(refs);
        refs
    }

    #[inline(always)]
    fn count_up(&self) {
        let refs = self.refs.get();
        if refs == u32::MAX {
            overflow();
        }
        self.refs.set(refs + 1);
    }

    /// Calls the body.
    pub(crate) fn run(&self) {
        // SAFETY: the vtable is of this very control block.
        unsafe { (self.vtable.run)(self) }
    }

    /// Drops the body, and stores why the coro has no result.
    pub(crate) fn abandon(&self, why: JoinError) {
        // SAFETY: the vtable is of this very control block.
        unsafe { (self.vtable.abandon)(self, why) }
    }

    /// Takes `value`, an `Option<T>`, as the result if `T` is the type of the coro's.
    pub(crate) fn accept(&self, value: &mut dyn Any) -> bool {
        // SAFETY: the vtable is of this very control block.
        unsafe { (self.vtable.accept)(self, value) }
    }

    /// Drops the result.
    pub(crate) fn discard(&self) {
        // SAFETY: the vtable is of this very control block.
        unsafe { (self.vtable.discard)(self) }
    }

    /// Tells how the coro ended; that it returned if its result was taken or dropped.
    pub(crate) fn how(&self) -> End {
        // SAFETY: the vtable is of this very control block.
        unsafe { (self.vtable.how)(self) }
    }

    /// Returns `true` if the coro ended by a panic or a throw, and nobody took that.
    pub(crate) fn failed(&self) -> bool {
        matches!(self.how(), End::Panicked | End::Thrown)
    }
}

#[cold]
#[inline(never)]
fn overflow() -> ! {
    // As `Rc` does: going on would free what is still pointed to.
    process::abort()
}

impl Coro {
    /// Takes over a pointer together with the one count that it stands for.
    ///
    /// # Safety
    ///
    /// The pointer is valid, and the caller gives up a count of it.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(control: NonNull<Control>) -> Coro {
        Coro {
            control,
            marker: PhantomData,
        }
    }

    /// Gives up the handle, but not its count.
    #[inline(always)]
    pub(crate) fn into_raw(self) -> NonNull<Control> {
        std::mem::ManuallyDrop::new(self).control
    }

    #[inline(always)]
    pub(crate) fn control(&self) -> &Control {
        // SAFETY: C1.
        unsafe { self.control.as_ref() }
    }

    #[inline(always)]
    pub(crate) fn as_ptr(&self) -> NonNull<Control> {
        self.control
    }

    /// Frees the allocation of a coro that is dead and that nobody holds.
    ///
    /// # Safety
    ///
    /// `refs` is zero, the coro is `DEAD`, and its result is dropped or taken.
    pub(crate) unsafe fn free(control: NonNull<Control>) {
        // SAFETY: still allocated, by the caller's promise.
        let free = unsafe { control.as_ref() }.vtable.free;
        // SAFETY: the caller's promise.
        unsafe { free(control) }
    }
}

impl Clone for Coro {
    #[inline(always)]
    fn clone(&self) -> Coro {
        self.control().handle()
    }
}

impl Drop for Coro {
    #[inline(always)]
    fn drop(&mut self) {
        let control = self.control();
        if control.count_down() == 0 {
            let unheld = control.vtable.unheld;
            // SAFETY: C1 held until here; nobody points to the block any more but this call.
            unsafe { unheld(self.control) }
        }
    }
}

impl PartialEq for Coro {
    fn eq(&self, other: &Coro) -> bool {
        self.control == other.control
    }
}

impl Eq for Coro {}

impl Hash for Coro {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.control.hash(state);
    }
}

impl fmt::Debug for Coro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.control();
        let mut s = f.debug_struct("Coro");
        s.field("id", &c.id);
        if let Some(desc) = c.desc() {
            s.field("desc", &desc);
        }
        let names = [
            (NEW, "new"),
            (READY, "ready"),
            (SUSPENDED, "suspended"),
            (ROOT, "main"),
        ];
        let mut state: Vec<&str> = names.iter().filter(|n| c.has(n.0)).map(|n| n.1).collect();
        if c.has(ENDED | DEAD) {
            state = vec!["finished"];
        }
        s.field("state", &state).finish()
    }
}

/// The coros of an OS thread that have not ended, newest first.
pub(crate) struct Living {
    newest: Cell<*const Control>,
}

impl Living {
    pub(crate) const fn new() -> Living {
        Living {
            newest: Cell::new(ptr::null()),
        }
    }

    /// Adds a coro that has just been made.
    #[inline]
    pub(crate) fn add(&self, coro: &Control) {
        let old = self.newest.get();
        coro.older.set(old);
        // SAFETY: C3: what is in the list has not ended, so it was not freed.
        if let Some(old) = unsafe { old.as_ref() } {
            old.newer.set(coro);
        }
        self.newest.set(coro);
    }

    /// Removes a coro that is in the list.
    #[inline]
    pub(crate) fn remove(&self, coro: &Control) {
        let (newer, older) = (coro.newer.get(), coro.older.get());
        // SAFETY: C3.
        match unsafe { newer.as_ref() } {
            Some(newer) => newer.older.set(older),
            None => self.newest.set(older),
        }
        // SAFETY: C3.
        if let Some(older) = unsafe { older.as_ref() } {
            older.newer.set(newer);
        }
    }

    /// Returns handles to all of them, newest first.
    pub(crate) fn all(&self) -> Vec<Coro> {
        let mut all = Vec::new();
        let mut next = self.newest.get();
        // SAFETY: C3; nothing but the counting happens while we walk.
        while let Some(coro) = unsafe { next.as_ref() } {
            // A coro whose last handle was just dropped waits on the reap list, which holds it.
            all.push(coro.handle());
            next = coro.older.get();
        }
        all
    }
}
