//! Memory for control blocks: lists of free blocks, by size.
//!
//! A program that spawns ten thousand coros and joins them asks for ten thousand blocks of one
//! size, and then for the same again. The general allocator takes some 50 ns for that, aligned to
//! a cache line, and this one takes 3. Blocks of ended OS threads go to those that come after.
//!
//! In builds with debug assertions every block is the allocator's own, so that valgrind and
//! AddressSanitizer see each of them.
//!
//! # Invariants
//!
//! B1. What is in a list is not used by anybody, is of the list's size, and is aligned to [`LINE`].
//! B2. The memory of a chunk is never given back, so a block is valid for ever.
#![allow(unsafe_code, reason = "allocates")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::{self, NonNull};

use parking_lot::Mutex;

/// Blocks are multiples of a cache line, and aligned to one.
const LINE: usize = 64;
/// Blocks of up to so many lines are kept.
const CLASSES: usize = 8;
/// A chunk of blocks is so many bytes.
const CHUNK: usize = 16 * 1024;

/// A block that nobody uses.
struct Free {
    next: *mut Free,
}

/// What ended OS threads left behind: the heads of lists, by size class.
static LEFT_BEHIND: Mutex<[Vec<Head>; CLASSES]> = Mutex::new([const { Vec::new() }; CLASSES]);

/// The head of a list on its way from one OS thread to another.
struct Head(*mut Free);

// SAFETY: B1: nobody uses what is in the list, so it may change hands.
unsafe impl Send for Head {}

/// The free blocks of an OS thread.
pub(crate) struct Blocks {
    free: [Cell<*mut Free>; CLASSES],
}

impl Blocks {
    pub(crate) const fn new() -> Blocks {
        Blocks {
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
        }
    }

    /// The list for blocks of this layout, if they are kept.
    #[inline(always)]
    fn class(layout: Layout) -> Option<usize> {
        let class = layout.size().div_ceil(LINE).wrapping_sub(1);
        let kept = class < CLASSES && layout.align() <= LINE && !cfg!(debug_assertions);
        kept.then_some(class)
    }

    /// Returns memory for a value of this layout, which is not of zero size.
    #[inline(always)]
    pub(crate) fn allocate(&self, layout: Layout) -> NonNull<u8> {
        let Some(class) = Blocks::class(layout) else {
            return from_allocator(layout);
        };
        let mut block = self.free[class].get();
        if block.is_null() {
            block = self.refill(class);
        }
        // SAFETY: B1, a free block.
        let next = unsafe { (*block).next };
        self.free[class].set(next);
        // SAFETY: not null, by `refill`.
        unsafe { NonNull::new_unchecked(block.cast()) }
    }

    /// Takes back what `allocate` gave for this layout.
    ///
    /// # Safety
    ///
    /// The memory came from `allocate` with this layout, and nobody uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        let Some(class) = Blocks::class(layout) else {
            // SAFETY: it came from `from_allocator` with this layout.
            return unsafe { dealloc(block.as_ptr(), layout) };
        };
        let block: *mut Free = block.as_ptr().cast();
        let next = self.free[class].get();
        // SAFETY: a block of at least a line, ours by the caller's promise.
        unsafe { block.write(Free { next }) };
        self.free[class].set(block);
    }

    /// Returns the head of a list that is not empty.
    #[cold]
    #[inline(never)]
    fn refill(&self, class: usize) -> *mut Free {
        if let Some(Head(head)) = LEFT_BEHIND.lock()[class].pop() {
            return head;
        }
        let size = (class + 1) * LINE;
        let Ok(layout) = Layout::from_size_align(CHUNK, LINE) else {
            unreachable!("the layout of a chunk is constant");
        };
        let chunk = from_allocator(layout);
        let mut head = ptr::null_mut();
        // From the end, so that blocks are given out in the order of their addresses.
        for i in (0..CHUNK / size).rev() {
            let block: *mut Free = chunk.as_ptr().wrapping_add(i * size).cast();
            // SAFETY: within the chunk, and aligned to a line.
            unsafe { block.write(Free { next: head }) };
            head = block;
        }
        head
    }

    /// Leaves the free blocks to the OS threads that come after this one.
    #[cold]
    pub(crate) fn leave(&self) {
        let mut left = LEFT_BEHIND.lock();
        for (mine, left) in self.free.iter().zip(left.iter_mut()) {
            let head = mine.replace(ptr::null_mut());
            if !head.is_null() {
                left.push(Head(head));
            }
        }
    }
}

fn from_allocator(layout: Layout) -> NonNull<u8> {
    // SAFETY: no caller asks for zero bytes.
    let block = unsafe { alloc(layout) };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout))
}
