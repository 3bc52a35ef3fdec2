//! The ready queue: a ring for each priority.
//!
//! The ring of the normal priority is what the hot paths know: [`ReadyQueue::push`] and
//! [`ReadyQueue::pop_normal`] are for coros of that priority while nobody of a higher one is ready,
//! which a flag of the kernel tells; [`ReadyQueue::push_any`] and [`ReadyQueue::pop`] are for all.
//!
//! A ring knows who comes next. When it is longer than what the caches hold, taking a coro out
//! asks for the control block of the one [`FAR`] places ahead and for the stack of the one
//! [`NEAR`] places ahead; at a million coros that hides most of the misses that a switch costs.
//!
//! # Invariants
//!
//! Q1. The entries of a ring are initialised: the slots from `head` up to `tail` if `head` is not
//!     behind it, else those from `head` to `end` and from `start` up to `tail`. Each stands for
//!     one count of its coro.
//! Q2. No ring above both `top` and the normal one has an entry.
//! Q3. `start <= head, tail <= end`, all slots between are ours; `head == tail` means empty.
//! Q4. `limit` is `end`, or a slot before `end`: a push writes to no slot from `tail` on unless that
//!     is before `limit`, and the slots from `tail` up to `limit` have no entry.
#![allow(
    unsafe_code,
    reason = "a RefCell here would double the cost of a switch"
)]

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::hint;
use std::ptr::{self, NonNull};

use crate::control::{Control, Coro};
use crate::prio::Prio;
use crate::switch::prefetch;

/// How many places ahead the control block is fetched, once the ring is long: as many as the
/// first-level cache has room for, as what comes later than it could is what a switch waits for.
const FAR: usize = 96;
/// How many places ahead the stack is fetched.
const NEAR: usize = 64;
/// From this length on, coros are expected to have left the caches.
const LONG: usize = 2048;
const FIRST_CAPACITY: usize = 128;
const NORMAL: u8 = Prio::NORMAL.level();

type Entry = NonNull<Control>;

/// The queue of one priority.
struct Ring {
    /// The oldest entry.
    head: Cell<*mut Entry>,
    /// Where the next one goes.
    tail: Cell<*mut Entry>,
    /// Where `tail` must be looked at before it is written to.
    limit: Cell<*mut Entry>,
    start: Cell<*mut Entry>,
    end: Cell<*mut Entry>,
    /// There may be more than [`LONG`] entries.
    is_long: Cell<bool>,
}

impl Ring {
    const fn empty() -> Ring {
        Ring {
            head: Cell::new(ptr::null_mut()),
            tail: Cell::new(ptr::null_mut()),
            limit: Cell::new(ptr::null_mut()),
            start: Cell::new(ptr::null_mut()),
            end: Cell::new(ptr::null_mut()),
            is_long: Cell::new(false),
        }
    }

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.head.get() == self.tail.get()
    }

    fn capacity(&self) -> usize {
        (self.end.get().addr() - self.start.get().addr()) / size_of::<Entry>()
    }

    fn len(&self) -> usize {
        let bytes = self.tail.get().addr().wrapping_sub(self.head.get().addr());
        if self.tail.get() < self.head.get() {
            return bytes.wrapping_add(self.end.get().addr() - self.start.get().addr())
                / size_of::<Entry>();
        }
        bytes / size_of::<Entry>()
    }

    /// The slot of the entry that is `ahead` places behind the oldest; there are more than that.
    #[inline(always)]
    fn slot(&self, ahead: usize) -> *mut Entry {
        let to_end = (self.end.get().addr() - self.head.get().addr()) / size_of::<Entry>();
        if ahead < to_end {
            self.head.get().wrapping_add(ahead)
        } else {
            self.start.get().wrapping_add(ahead - to_end)
        }
    }

    /// Returns the entry that is `ahead` places behind the oldest; there are more than that.
    #[inline(always)]
    fn entry(&self, ahead: usize) -> &Control {
        // SAFETY: Q1, initialised.
        let entry = unsafe { self.slot(ahead).read() };
        // SAFETY: Q1, counted, so alive.
        unsafe { entry.as_ref() }
    }

    fn entries(&self) -> impl Iterator<Item = &Control> {
        (0..self.len()).map(|ahead| self.entry(ahead))
    }

    /// Appends an entry.
    #[inline(always)]
    fn push(&self, coro: Coro) {
        if self.tail.get() == self.limit.get() {
            return self.push_after_all(coro);
        }
        self.put(coro);
    }

    #[cold]
    #[inline(never)]
    fn push_after_all(&self, coro: Coro) {
        self.make_room();
        self.put(coro);
    }

    #[inline(always)]
    fn put(&self, coro: Coro) {
        let tail = self.tail.get();
        // SAFETY: Q4: a free slot, as `tail` is before `limit`.
        unsafe { tail.write(coro.into_raw()) };
        self.tail.set(tail.wrapping_add(1));
    }

    /// Takes the oldest entry, if there is any.
    #[inline(always)]
    fn take(&self) -> Option<Coro> {
        if self.is_empty() {
            return None;
        }
        if self.head.get() == self.end.get() {
            self.head.set(self.start.get());
        }
        if self.is_long.get() {
            hint::cold_path();
            self.look_ahead();
        }
        let head = self.head.get();
        // SAFETY: Q1, the ring is not empty, and `head` is not its end.
        let entry = unsafe { head.read() };
        self.head.set(head.wrapping_add(1));
        // SAFETY: Q1, the entry's count is ours now.
        Some(unsafe { Coro::from_raw(entry) })
    }

    /// Moves `limit` away from `tail`, in this lap, in the next one, or in a larger buffer.
    fn make_room(&self) {
        // With few free slots, a ring that stays as full as it is would come here all the time.
        if self.capacity() - self.len() <= self.capacity() / 8 + 1 {
            self.grow();
        }
        if self.head.get() == self.end.get() {
            self.head.set(self.start.get());
        }
        if self.tail.get() == self.end.get() {
            self.tail.set(self.start.get());
        }
        self.limit.set(if self.tail.get() < self.head.get() {
            // Never quite up to it, as that would look empty.
            self.head.get().wrapping_sub(1)
        } else {
            self.end.get()
        });
        self.is_long.set(self.len() > LONG);
    }

    fn grow(&self) {
        let new = (2 * self.capacity()).max(FIRST_CAPACITY);
        let Ok(layout) = Layout::array::<Entry>(new) else {
            unreachable!("Q1: there are not as many coros as bytes of address space");
        };
        // SAFETY: the layout is not of zero size.
        let buffer: *mut Entry = unsafe { alloc::alloc(layout) }.cast();
        if buffer.is_null() {
            alloc::handle_alloc_error(layout);
        }
        let len = self.len();
        for ahead in 0..len {
            let (from, to) = (self.slot(ahead), buffer.wrapping_add(ahead));
            // SAFETY: Q1 for the old buffer; the new one has room for more than the old.
            unsafe { ptr::copy_nonoverlapping(from, to, 1) };
        }
        self.release();
        self.start.set(buffer);
        self.head.set(buffer);
        self.tail.set(buffer.wrapping_add(len));
        self.end.set(buffer.wrapping_add(new));
        self.limit.set(self.end.get());
    }

    /// Frees the buffer.
    fn release(&self) {
        let capacity = self.capacity();
        if let (1.., Ok(layout)) = (capacity, Layout::array::<Entry>(capacity)) {
            // SAFETY: allocated by `grow` with this layout.
            unsafe { alloc::dealloc(self.start.get().cast(), layout) };
        }
        for end in [&self.head, &self.tail, &self.limit, &self.start, &self.end] {
            end.set(ptr::null_mut());
        }
    }

    #[inline(always)]
    fn look_ahead(&self) {
        if self.len() <= LONG {
            self.is_long.set(false);
            return;
        }
        // SAFETY: Q1; the ring is longer than both distances.
        let far = unsafe { self.slot(FAR).read() };
        prefetch(far.addr().get());
        prefetch(far.addr().get() + 64);
        // Its control block was fetched a few pops ago.
        let near = self.entry(NEAR);
        // The switch saves registers below what was the stack pointer.
        let sp = near.sp.get();
        prefetch(sp.wrapping_sub(64));
        prefetch(sp);
        prefetch(sp.wrapping_add(64));
        prefetch(near.yielder.get().addr());
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

    /// Appends a coro of the normal priority.
    #[inline(always)]
    pub(crate) fn push(&self, coro: Coro) {
        self.rings[usize::from(NORMAL)].push(coro);
    }

    /// Appends a coro to the ring of its priority.
    pub(crate) fn push_any(&self, coro: Coro) {
        let level = coro.control().level.get();
        self.rings[usize::from(level) % Prio::COUNT].push(coro);
        self.top.set(self.top.get().max(level));
    }

    /// Takes the oldest coro of the normal priority; not while [`ReadyQueue::is_above`].
    #[inline(always)]
    pub(crate) fn pop_normal(&self) -> Option<Coro> {
        self.rings[usize::from(NORMAL)].take()
    }

    /// Takes the oldest coro of the highest priority.
    pub(crate) fn pop(&self) -> Option<Coro> {
        self.descend().and_then(Ring::take)
    }

    /// Returns `true` if a coro above the normal priority may be queued.
    pub(crate) fn is_above(&self) -> bool {
        self.top.get() > NORMAL
    }

    /// Moves `top` down to the highest ring that is not empty, and returns that.
    fn descend(&self) -> Option<&Ring> {
        for level in (0..=self.top.get().max(NORMAL)).rev() {
            self.top.set(level);
            let ring = &self.rings[usize::from(level) % Prio::COUNT];
            if !ring.is_empty() {
                return Some(ring);
            }
        }
        None
    }

    /// Returns the coro that `pop` would take.
    pub(crate) fn head(&self) -> Option<&Control> {
        let ring = self.descend()?;
        Some(ring.entry(0))
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
        let rings = self.rings.iter().rev();
        rings.flat_map(Ring::entries).map(Control::handle).collect()
    }

    /// Returns `true` if some entry is so.
    pub(crate) fn any(&self, is: impl Fn(&Control) -> bool) -> bool {
        self.rings.iter().flat_map(Ring::entries).any(is)
    }

    /// Drops the entries that are not to be kept.
    pub(crate) fn retain(&self, keep: impl Fn(&Control) -> bool) {
        for ring in &self.rings {
            for coro in (0..ring.len()).map_while(|_| ring.take()) {
                if keep(coro.control()) {
                    ring.push(coro);
                }
            }
        }
    }

    /// Takes the entry of `coro` out, wherever it is.
    pub(crate) fn remove(&self, coro: &Coro) -> Option<Coro> {
        for ring in &self.rings {
            let mut entries = ring.entries();
            let Some(at) = entries.position(|c| ptr::eq(c, coro.control())) else {
                continue;
            };
            // SAFETY: Q1, initialised.
            let found = unsafe { ring.slot(at).read() };
            for ahead in (0..at).rev() {
                let (from, to) = (ring.slot(ahead), ring.slot(ahead + 1));
                // SAFETY: Q1; both slots have entries, and are different.
                unsafe { ptr::copy_nonoverlapping(from, to, 1) };
            }
            // As `take` does.
            ring.head.set(ring.slot(0).wrapping_add(1));
            // SAFETY: Q1, the entry's count is ours now.
            return Some(unsafe { Coro::from_raw(found) });
        }
        None
    }

    /// Frees the memory of empty rings.
    #[cold]
    pub(crate) fn leave(&self) {
        self.rings
            .iter()
            .filter(|ring| ring.is_empty())
            .for_each(Ring::release);
    }
}

#[cfg(test)]
mod tests;
