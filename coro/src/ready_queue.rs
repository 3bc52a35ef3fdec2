//! The ready queue: a ring for each priority, and the highest that may not be empty.
//!
//! A ring knows who comes next. When it is longer than what the caches hold, [`ReadyQueue::pop`]
//! asks for the control block of the coro [`FAR`] places ahead and for the stack of the one
//! [`NEAR`] places ahead; at a million coros that hides most of the misses that a switch costs.
//!
//! # Invariants
//!
//! Q1. `tail - head` entries of a ring are initialised, from `head` on, modulo the capacity; each
//!     stands for one count of its coro.
//! Q2. No ring above `top` has an entry.
//! Q3. Capacities are zero or powers of two.
#![allow(
    unsafe_code,
    reason = "a RefCell here would double the cost of a switch"
)]

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};

use crate::control::{Control, Coro};
use crate::prio::Prio;
use crate::switch::prefetch;

/// How many places ahead the control block is fetched, once the ring is long.
const FAR: usize = 16;
/// How many places ahead the stack is fetched.
const NEAR: usize = 8;
/// From this length on, coros are expected to have left the caches.
const LONG: usize = 2048;
const FIRST_CAPACITY: usize = 64;
/// The level of most coros; the hot paths know its ring by a constant address.
const NORMAL: u8 = Prio::NORMAL.level();

type Entry = NonNull<Control>;

/// The queue of one priority.
struct Ring {
    /// The address that entry `0` would have; null while the capacity is zero.
    buffer: Cell<*mut Entry>,
    /// The capacity less one; `usize::MAX` while it is zero.
    wrap: Cell<usize>,
    head: Cell<usize>,
    tail: Cell<usize>,
}

impl Ring {
    const fn empty() -> Ring {
        Ring {
            buffer: Cell::new(ptr::null_mut()),
            wrap: Cell::new(usize::MAX),
            head: Cell::new(0),
            tail: Cell::new(0),
        }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.tail.get().wrapping_sub(self.head.get())
    }

    #[inline(always)]
    fn capacity(&self) -> usize {
        self.wrap.get().wrapping_add(1)
    }

    /// The address of the entry with running number `at`.
    #[inline(always)]
    fn slot(&self, at: usize) -> *mut Entry {
        self.buffer.get().wrapping_add(at & self.wrap.get())
    }

    /// Returns the entry with running number `at`, which is one of `head .. tail`.
    #[inline(always)]
    fn entry(&self, at: usize) -> &Control {
        // SAFETY: Q1, initialised.
        let entry = unsafe { self.slot(at).read() };
        // SAFETY: Q1, counted, so alive.
        unsafe { entry.as_ref() }
    }

    /// Takes the oldest entry of a ring that is not empty.
    #[inline(always)]
    fn take(&self) -> Coro {
        let head = self.head.get();
        if self.len() > LONG {
            look_ahead(self, head);
        }
        // SAFETY: Q1, the ring is not empty.
        let entry = unsafe { self.slot(head).read() };
        self.head.set(head.wrapping_add(1));
        // SAFETY: Q1, the entry's count is ours now.
        unsafe { Coro::from_raw(entry) }
    }

    #[cold]
    #[inline(never)]
    fn grow(&self) {
        let old = self.capacity();
        let new = if old == 0 { FIRST_CAPACITY } else { old * 2 };
        let Ok(layout) = Layout::array::<Entry>(new) else {
            unreachable!("Q1: there are not as many coros as bytes of address space");
        };
        // SAFETY: the layout is not of zero size.
        let buffer: *mut Entry = unsafe { alloc::alloc(layout) }.cast();
        if buffer.is_null() {
            alloc::handle_alloc_error(layout);
        }
        let len = self.len();
        for i in 0..len {
            let from = self.slot(self.head.get().wrapping_add(i));
            let to = buffer.wrapping_add(i);
            // SAFETY: Q1 for the old buffer; the new one has room for more than the old.
            unsafe { ptr::copy_nonoverlapping(from, to, 1) };
        }
        self.release();
        self.buffer.set(buffer);
        self.wrap.set(new - 1);
        self.head.set(0);
        self.tail.set(len);
    }

    /// Frees the buffer.
    fn release(&self) {
        let capacity = self.capacity();
        if let (1.., Ok(layout)) = (capacity, Layout::array::<Entry>(capacity)) {
            // SAFETY: allocated by `grow` with this layout.
            unsafe { alloc::dealloc(self.buffer.get().cast(), layout) };
        }
        self.buffer.set(ptr::null_mut());
        self.wrap.set(usize::MAX);
    }
}

/// The coros of an OS thread that are ready to run.
pub(crate) struct ReadyQueue {
    /// The index of a ring.
    top: Cell<u8>,
    rings: [Ring; Prio::COUNT],
}

impl ReadyQueue {
    pub(crate) const fn new() -> ReadyQueue {
        ReadyQueue {
            top: Cell::new(0),
            rings: [const { Ring::empty() }; Prio::COUNT],
        }
    }

    /// Returns the ring of a level.
    #[inline(always)]
    fn ring(&self, level: u8) -> &Ring {
        &self.rings[usize::from(level) % Prio::COUNT]
    }

    /// Appends a coro to the ring of its priority.
    #[inline(always)]
    pub(crate) fn push(&self, coro: Coro) {
        if coro.control().level.get() == NORMAL {
            // The address of this ring is constant, so the processor need not wait for the level.
            self.push_at(NORMAL, coro);
        } else {
            self.push_other(coro);
        }
    }

    #[inline(never)]
    fn push_other(&self, coro: Coro) {
        self.push_at(coro.control().level.get(), coro);
    }

    #[inline(always)]
    fn push_at(&self, level: u8, coro: Coro) {
        let ring = self.ring(level);
        if ring.len() == ring.capacity() {
            ring.grow();
        }
        let tail = ring.tail.get();
        // SAFETY: Q1: `tail` is a free place, as the ring is not full.
        unsafe { ring.slot(tail).write(coro.into_raw()) };
        ring.tail.set(tail.wrapping_add(1));
        if level > self.top.get() {
            self.top.set(level);
        }
    }

    /// Takes the oldest coro of the highest priority.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<Coro> {
        if self.top.get() == NORMAL {
            let ring = self.ring(NORMAL);
            if ring.len() > 0 {
                return Some(ring.take());
            }
        }
        self.pop_other()
    }

    #[inline(never)]
    fn pop_other(&self) -> Option<Coro> {
        self.descend().map(Ring::take)
    }

    /// Moves `top` down to the highest ring that is not empty, and returns that.
    fn descend(&self) -> Option<&Ring> {
        for level in (0..=self.top.get()).rev() {
            self.top.set(level);
            if self.ring(level).len() > 0 {
                return Some(self.ring(level));
            }
        }
        None
    }

    /// Returns the coro that `pop` would take.
    pub(crate) fn head(&self) -> Option<&Control> {
        let ring = self.descend()?;
        Some(ring.entry(ring.head.get()))
    }

    /// Returns `true` if nothing is queued.
    pub(crate) fn is_empty(&self) -> bool {
        self.descend().is_none()
    }

    /// Returns how many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.rings.iter().map(Ring::len).sum()
    }

    /// Returns handles to the queued coros, in the order in which they would run.
    pub(crate) fn list(&self) -> Vec<Coro> {
        let mut list = Vec::with_capacity(self.len());
        for ring in self.rings.iter().rev() {
            for i in 0..ring.len() {
                list.push(ring.entry(ring.head.get().wrapping_add(i)).handle());
            }
        }
        list
    }

    /// Returns `true` if some entry is so.
    pub(crate) fn any(&self, is: impl Fn(&Control) -> bool) -> bool {
        let rings = self.rings.iter();
        let mut entries = rings
            .flat_map(|ring| (0..ring.len()).map(|i| ring.entry(ring.head.get().wrapping_add(i))));
        entries.any(is)
    }

    /// Drops the entries that are not to be kept.
    pub(crate) fn retain(&self, keep: impl Fn(&Control) -> bool) {
        for ring in &self.rings {
            for _ in 0..ring.len() {
                let coro = ring.take();
                if keep(coro.control()) {
                    let tail = ring.tail.get();
                    // SAFETY: Q1: the place is free, as an entry was taken out.
                    unsafe { ring.slot(tail).write(coro.into_raw()) };
                    ring.tail.set(tail.wrapping_add(1));
                }
            }
        }
    }

    /// Takes the entry of `coro` out, wherever it is.
    pub(crate) fn remove(&self, coro: &Coro) -> Option<Coro> {
        for ring in &self.rings {
            let (head, len) = (ring.head.get(), ring.len());
            let Some(at) =
                (0..len).find(|i| ptr::eq(ring.entry(head.wrapping_add(*i)), coro.control()))
            else {
                continue;
            };
            // SAFETY: Q1, initialised.
            let found = unsafe { ring.slot(head.wrapping_add(at)).read() };
            for i in (0..at).rev() {
                let from = ring.slot(head.wrapping_add(i));
                let to = ring.slot(head.wrapping_add(i + 1));
                // SAFETY: Q1; both places are of `head .. tail`, and different.
                unsafe { ptr::copy_nonoverlapping(from, to, 1) };
            }
            ring.head.set(head.wrapping_add(1));
            // SAFETY: Q1, the entry's count is ours now.
            return Some(unsafe { Coro::from_raw(found) });
        }
        None
    }

    /// Frees the memory of empty rings.
    #[cold]
    pub(crate) fn leave(&self) {
        for ring in &self.rings {
            if ring.len() == 0 {
                ring.release();
                ring.head.set(0);
                ring.tail.set(0);
            }
        }
    }
}

#[inline(always)]
fn look_ahead(ring: &Ring, head: usize) {
    // SAFETY: Q1; the ring is longer than both distances.
    let far = unsafe { ring.slot(head.wrapping_add(FAR)).read() };
    prefetch(far.addr().get());
    prefetch(far.addr().get() + 64);
    // Its control block was fetched a few pops ago.
    let near = ring.entry(head.wrapping_add(NEAR));
    let sp = near.sp.get();
    prefetch(sp);
    prefetch(sp + 64);
    prefetch(sp + 128);
    prefetch(near.yielder.get().addr());
}
