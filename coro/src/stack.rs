//! Stacks: slabs of address space, a guard at the end of each stack, colours, and the pool.
//!
//! A stack is a slot of a *slab*, one large reserved mapping for slots of one size, so that a
//! million stacks need some thirty mappings and not two each. Only touched pages cost memory.
//!
//! ```text
//!   bottom                                                          top
//!    │ guard page │ ............... untouched ............... stack │ colour │
//!    limit                                                  base ───┘
//! ```
//!
//! Tops must not all fall into the same sets of a cache. The *colour* moves each base by another
//! multiple of 64 bytes within half a page, for the first-level cache; and as the guard page comes
//! on top of the size, which is a power of two, tops move by a page from slot to slot, for the
//! second-level cache.
//!
//! # Invariants
//!
//! T1. A slot belongs to exactly one of: a [`Stack`] value, a free list, the unused rest of a slab.
//! T2. Slabs are never unmapped, so the memory of a slot is valid for ever.
//! T3. The lowest page of a slot that a `Stack` names refuses every access.
#![allow(
    unsafe_code,
    reason = "reserves the memory that coros run on; nothing above can do it safely"
)]

use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::io;
use std::mem::{self, ManuallyDrop};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;

use corosensei::stack::StackPointer;
use corosensei::stack::valgrind::ValgrindStackRegistration;
use parking_lot::Mutex;

mod guards;

/// The size class of a stack whose spawner named no size: 256 KiB of address space.
pub(crate) const DEFAULT_CLASS: u8 = 18;
/// The smallest stack, in bytes; a smaller wish is rounded up to it.
const MIN_CLASS: u32 = 14;
/// The largest stack, 1 GiB.
const MAX_CLASS: u32 = 30;
const CLASSES: usize = (MAX_CLASS - MIN_CLASS + 1) as usize;
/// Colours are multiples of a cache line, 32 of them: half a page.
const COLOURS: usize = 32;
const LINE: usize = 64;
/// The first slab of an OS thread holds this many stacks …
const FIRST_SLAB: usize = 16;
/// … each further one twice as many, up to this many bytes.
const MAX_SLAB: usize = 1 << 30;
/// A stack that was used deeper than this gives its pages back when it returns to the pool.
const KEEP: usize = 32 * 1024;
/// A stack with a guard at its end. It is never dropped but handed back with [`Pool::give`].
pub(crate) struct Stack {
    base: StackPointer,
    /// The slot's lowest address, page-aligned, with the size class in its low bits.
    slot: NonZeroUsize,
}

impl Stack {
    fn class(&self) -> u32 {
        (self.slot.get() & 0xff) as u32
    }

    fn bottom(&self) -> usize {
        self.slot.get() & !0xff
    }

    /// Returns the size in bytes, guard excluded.
    fn size(&self) -> usize {
        1 << self.class()
    }

    /// Returns the end of the slot.
    fn top(&self) -> usize {
        self.bottom() + page_size() + self.size()
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stack({:#x}, {} KiB)", self.bottom(), self.size() / 1024)
    }
}

// SAFETY: T2 and T3: `limit` to `base` is mapped, the lowest page of it is the guard, and
// `MIN_CLASS` leaves 16 KiB less half a page of colour.
unsafe impl corosensei::stack::Stack for Stack {
    #[inline(always)]
    fn base(&self) -> StackPointer {
        self.base
    }

    #[inline(always)]
    fn limit(&self) -> StackPointer {
        // `slot` is at least a page, so clearing its low bits leaves it above zero.
        StackPointer::new(self.bottom()).unwrap_or(self.base)
    }
}

/// Why there is no stack.
#[derive(Debug)]
pub(crate) struct NoStack {
    doing: &'static str,
    error: io::Error,
}

impl fmt::Display for NoStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoStack { doing, error } = self;
        write!(f, "no stack: {doing} failed: {error}")?;
        if error.raw_os_error() == Some(libc::ENOMEM) {
            let limit = std::fs::read_to_string("/proc/sys/vm/max_map_count");
            let limit = limit.as_deref().unwrap_or("unknown").trim();
            write!(
                f,
                " (out of memory, or of mappings: vm.max_map_count is {limit})"
            )?;
        }
        Ok(())
    }
}

/// Slots of one size that nobody uses.
struct Slots {
    /// Stacks that have been used; the last one is the warmest.
    free: Vec<Stack>,
    /// The parts of slabs that no stack was made of yet: from, to.
    fresh: Vec<(usize, usize)>,
}

impl Slots {
    const NONE: Slots = Slots {
        free: Vec::new(),
        fresh: Vec::new(),
    };
}

/// What OS threads that have ended left behind, by size class.
static LEFT_BEHIND: Mutex<[Slots; CLASSES]> = Mutex::new([Slots::NONE; CLASSES]);

/// The stacks of one OS thread that no coro uses.
pub(crate) struct Pool {
    /// Only touched by the methods below, none of which calls out while it borrows.
    slots: UnsafeCell<[Slots; CLASSES]>,
    colour: Cell<usize>,
    /// How many stacks the next slab holds.
    next_slab: Cell<usize>,
}

impl Pool {
    pub(crate) const fn new() -> Pool {
        Pool {
            slots: UnsafeCell::new([Slots::NONE; CLASSES]),
            colour: Cell::new(0),
            next_slab: Cell::new(FIRST_SLAB),
        }
    }

    /// Returns the slots of a size class.
    #[expect(
        clippy::mut_from_ref,
        reason = "each caller lets go of it before the next call of a method"
    )]
    #[inline(always)]
    fn slots(&self, class: u32) -> &mut Slots {
        // SAFETY: `UnsafeCell` makes this one OS thread's alone, and no method of `Pool` keeps the
        // reference across a call of another method or out of this file.
        let slots = unsafe { &mut *self.slots.get() };
        &mut slots[(class - MIN_CLASS) as usize]
    }

    /// Returns a stack of this size class, warm if there is one.
    #[inline]
    pub(crate) fn take(&self, class: u32) -> Result<Stack, NoStack> {
        match self.slots(class).free.pop() {
            Some(stack) => Ok(stack),
            None => self.make(class),
        }
    }

    /// Takes a stack back, when nothing runs on it any more.
    #[inline]
    pub(crate) fn give(&self, stack: Stack) {
        if stack.size() > KEEP && grew(&stack) {
            trim(&stack);
        }
        self.slots(stack.class()).free.push(stack);
    }

    #[cold]
    #[inline(never)]
    fn make(&self, class: u32) -> Result<Stack, NoStack> {
        self.adopt(class);
        if let Some(stack) = self.slots(class).free.pop() {
            return Ok(stack);
        }
        let size = page_size() + (1usize << class);
        if self.slots(class).fresh.is_empty() {
            let slab = reserve(size, self.next_slab.get())?;
            self.next_slab.set(self.next_slab.get() * 2);
            self.slots(class).fresh.push(slab);
        }
        let Some((from, to)) = self.slots(class).fresh.last_mut() else {
            unreachable!("T1: a slab was just added");
        };
        let slot = *from;
        guards::install(slot)?;
        // Only a slot that has its guard leaves the slab: a failure above loses nothing.
        *from += size;
        if from == to {
            self.slots(class).fresh.pop();
        }
        let colour = self.colour.get();
        self.colour.set((colour + 5) % COLOURS);
        // A slot lives for ever (T2), and so does valgrind's note of it.
        let _ = ManuallyDrop::new(ValgrindStackRegistration::new(slot as *mut u8, size));
        let base = NonZeroUsize::new(slot + size - colour * LINE);
        match base.zip(NonZeroUsize::new(slot | class as usize)) {
            Some((base, slot)) => Ok(Stack { base, slot }),
            None => unreachable!("T2: no mapping begins at address zero"),
        }
    }

    /// Takes over what ended OS threads left of this size class.
    fn adopt(&self, class: u32) {
        let mut left = LEFT_BEHIND.lock();
        let left = &mut left[(class - MIN_CLASS) as usize];
        let mine = self.slots(class);
        mine.free.append(&mut left.free);
        mine.fresh.append(&mut left.fresh);
    }

    /// Leaves everything to the OS threads that come after this one.
    #[cold]
    pub(crate) fn leave(&self) {
        let mut left = LEFT_BEHIND.lock();
        for (class, left) in (MIN_CLASS..=MAX_CLASS).zip(left.iter_mut()) {
            let mine = mem::replace(self.slots(class), Slots::NONE);
            left.free.extend(mine.free);
            left.fresh.extend(mine.fresh);
        }
        self.next_slab.set(FIRST_SLAB);
    }
}

/// Returns the addresses of the stack of this size class, guard excluded, whose base, or what lies
/// at it, is at `base`: colours are within the topmost page.
pub(crate) fn around(base: usize, class: u8) -> Range<usize> {
    let top = base.next_multiple_of(page_size());
    top - (1 << class)..top
}

/// Returns how many bytes of a stack, as `around` gives it, are in memory.
pub(crate) fn touched(stack: Range<usize>) -> Option<usize> {
    let mut resident = vec![0u8; stack.len() / page_size()];
    let from = stack.start as *mut libc::c_void;
    // SAFETY: any addresses may be asked for; the vector has a byte for each page.
    let failed = unsafe { libc::mincore(from, stack.len(), resident.as_mut_ptr().cast()) } != 0;
    let touched = resident.iter().filter(|r| **r & 1 != 0).count();
    (!failed).then(|| touched * page_size())
}

/// Returns the size class of stacks of at least `size` bytes: the exponent of their size.
pub(crate) fn class_of(size: usize) -> u8 {
    let size = size.clamp(1 << MIN_CLASS, 1 << MAX_CLASS);
    size.next_power_of_two().trailing_zeros() as u8
}

/// Reserves address space for up to `count` slots of `size` bytes, fewer if there is not so much.
fn reserve(size: usize, count: usize) -> Result<(usize, usize), NoStack> {
    let mut count = count.min(MAX_SLAB / size).max(1);
    loop {
        let bytes = size * count;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, at an address of the system's choice.
        let slab = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
        if slab != libc::MAP_FAILED {
            // A parked coro shall cost a page of 4 KiB, not one of 2 MiB. A system that does not
            // know the advice has no huge pages either, so its answer does not matter.
            // SAFETY: the mapping made above.
            unsafe { libc::madvise(slab, bytes, libc::MADV_NOHUGEPAGE) };
            return Ok((slab as usize, slab as usize + bytes));
        }
        if count == 1 {
            return Err(no_stack("mmap"));
        }
        count /= 2;
    }
}

fn no_stack(doing: &'static str) -> NoStack {
    let error = io::Error::last_os_error();
    NoStack { doing, error }
}

/// Returns the size of a page; async-signal-safe if it was called before.
pub(crate) fn page_size() -> usize {
    static PAGE: OnceLock<usize> = OnceLock::new();
    // SAFETY: no argument can be wrong.
    *PAGE.get_or_init(|| unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize)
}

/// Returns `true` if the stack was, in all likelihood, used deeper than `KEEP`.
///
/// It looks at one cache line at that depth: a frame that passed it will have left a word there.
/// Being wrong costs a few pages of memory, so asking the system each time (150 ns) does not pay.
#[inline]
fn grew(stack: &Stack) -> bool {
    let line = (stack.top() - KEEP) as *const [u64; LINE / 8];
    known_to_valgrind(line.addr());
    // SAFETY: T2, mapped, aligned and above the guard, as the slot is larger than `KEEP`; nothing
    // runs on the stack. Volatile: the words were written as parts of frames.
    let words = unsafe { line.read_volatile() };
    words.iter().any(|word| *word != 0)
}

/// Tells valgrind that this line may be read, which it takes for part of a stack that nobody uses;
/// where valgrind does not run, some shifts of a register by its own width in all.
#[inline(always)]
fn known_to_valgrind(line: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        /// `VG_USERREQ__MAKE_MEM_DEFINED` of memcheck.
        const MAKE_DEFINED: usize = 0x4d43_0002;
        let request = [MAKE_DEFINED, line, LINE, 0, 0, 0];
        // SAFETY: changes no register, but for the answer under valgrind, and no memory.
        unsafe {
            std::arch::asm!(
                "rol rdi, 3",
                "rol rdi, 13",
                "rol rdi, 61",
                "rol rdi, 51",
                "xchg rbx, rbx",
                in("rax") request.as_ptr(),
                inout("rdx") 0_usize => _,
                options(nostack),
            );
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Gives the pages below `KEEP` back to the system.
#[cold]
#[inline(never)]
fn trim(stack: &Stack) {
    let from = stack.bottom() + page_size();
    let bytes = stack.top() - KEEP + page_size() - from;
    // A refusal leaves the pages as they are, which is sound.
    // SAFETY: T1, nobody's; pages of the slot above its guard.
    unsafe { libc::madvise(from as *mut libc::c_void, bytes, libc::MADV_DONTNEED) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes of the stack are resident.
    fn touched(stack: &Stack) -> usize {
        super::touched(around(stack.base.get(), stack.class() as u8)).unwrap()
    }

    #[test]
    fn sizes_round_up_to_powers_of_two() {
        assert_eq!(u32::from(class_of(0)), MIN_CLASS);
        assert_eq!(class_of(16 * 1024), 14);
        assert_eq!(class_of(16 * 1024 + 1), 15);
        assert_eq!(u32::from(class_of(usize::MAX)), MAX_CLASS);
        assert_eq!(class_of(256 * 1024), DEFAULT_CLASS);
    }

    #[test]
    fn the_warmest_stack_is_taken_first() {
        let pool = Pool::new();
        let (a, b) = (pool.take(15).unwrap(), pool.take(15).unwrap());
        let (a_top, b_top) = (a.top(), b.top());
        assert_ne!(a_top, b_top);
        pool.give(a);
        pool.give(b);
        assert_eq!(pool.take(15).unwrap().top(), b_top);
        assert_eq!(pool.take(15).unwrap().top(), a_top);
    }

    #[test]
    fn tops_have_different_colours_within_half_a_page() {
        let pool = Pool::new();
        let mut colours: Vec<usize> = (0..COLOURS)
            .map(|_| {
                let stack = pool.take(14).unwrap();
                stack.top() - stack.base.get()
            })
            .collect();
        assert!(colours.iter().all(|c| *c < 2048 && c % LINE == 0));
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), COLOURS);
    }

    #[test]
    fn a_stack_that_grew_gives_its_pages_back() {
        let pool = Pool::new();
        let stack = pool.take(18).unwrap();
        let (bottom, size) = (stack.bottom(), stack.size());
        for page in 1..=size / page_size() {
            let word = (bottom + page * page_size()) as *mut u64;
            // SAFETY: a page of the stack above its guard.
            unsafe { word.write(1) };
        }
        assert_eq!(touched(&stack), size);
        pool.give(stack);
        let stack = pool.take(18).unwrap();
        assert_eq!(stack.bottom(), bottom);
        assert!(touched(&stack) <= KEEP);
    }

    #[test]
    fn an_ended_thread_leaves_its_stacks_to_the_next() {
        // A class that no other test uses, as what is left behind is everybody's.
        let class = 26;
        let top = std::thread::spawn(move || {
            let pool = Pool::new();
            let stack = pool.take(class).unwrap();
            let top = stack.top();
            pool.give(stack);
            pool.leave();
            top
        })
        .join()
        .unwrap();
        assert_eq!(Pool::new().take(class).unwrap().top(), top);
    }
}
