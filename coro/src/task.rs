//! A coro with its types: control block, result and closure in one allocation.
//!
//! # Invariants
//!
//! A1. A control block with a vtable of `Task<F, T>` is the first field of a `Task<F, T>`.
//! A2. The result is stored before `ENDED` is set and then only taken or dropped; nobody refers
//!     into it meanwhile but a [`Typed`], which does neither while it lends.
#![allow(
    unsafe_code,
    reason = "goes from the control block to what lies behind it"
)]

use std::alloc::Layout;
use std::any::Any;
use std::cell::UnsafeCell;
use std::fmt;
use std::hint::black_box;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, Location};
use std::ptr::NonNull;

use crate::control::{Control, Coro, VTable};
use crate::hooks::End;
use crate::join_error::{Failure, JoinError};
use crate::kernel::{Kernel, unheld};
use crate::passage::{address_of, quietly};
use crate::prio::Prio;
use crate::state::{ENDED, FAILED, TAKER};
use crate::unwind::{Cancelled, Overdue, Terminated};

type Outcome<T> = Option<Result<T, JoinError>>;

/// The part of a task whose layout does not depend on the closure.
#[repr(C)]
struct Head<T> {
    control: Control,
    result: UnsafeCell<Outcome<T>>,
}

// Three cache lines for a coro whose closure owns one word.
#[cfg(not(feature = "sanitizer"))]
const _: () = assert!(size_of::<Task<usize, ()>>() <= 192);

#[repr(C)]
struct Task<F, T> {
    head: Head<T>,
    body: UnsafeCell<Option<F>>,
}

/// What a new coro is made of, but for its closure.
pub(crate) struct Plan {
    pub(crate) flags: u32,
    pub(crate) prio: Prio,
    pub(crate) stack_class: u8,
    pub(crate) spawned: &'static Location<'static>,
}

/// Makes a coro that calls `body`; it is neither listed nor readied.
#[inline]
pub(crate) fn new<F, T>(k: &Kernel, plan: Plan, body: F) -> Typed<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    // SAFETY: everything is `'static`.
    unsafe { allocate(k, plan, body, const { &Task::<F, T>::vtable(accept::<T>) }) }
}

/// Makes a coro whose closure and result may borrow.
///
/// # Safety
///
/// The coro has ended, and its result was dropped or taken, before any borrow in `F` or `T` ends.
pub(crate) unsafe fn new_borrowing<F, T>(k: &Kernel, plan: Plan, body: F) -> Typed<T>
where
    F: FnOnce() -> T,
{
    // SAFETY: the caller's promise.
    unsafe { allocate(k, plan, body, const { &Task::<F, T>::vtable(accept_none) }) }
}

/// # Safety
///
/// As `new_borrowing`; the vtable is one of `Task<F, T>`.
#[inline]
unsafe fn allocate<F, T>(k: &Kernel, plan: Plan, body: F, vtable: &'static VTable) -> Typed<T>
where
    F: FnOnce() -> T,
{
    let Plan {
        flags,
        prio,
        stack_class,
        spawned,
    } = plan;
    let flags = flags | TAKER;
    let task = k
        .blocks
        .allocate(Layout::new::<Task<F, T>>())
        .cast::<Task<F, T>>();
    let value = Task {
        head: Head {
            control: Control::new(flags, prio, k.next_id(), stack_class, spawned, vtable),
            result: UnsafeCell::new(None::<Result<T, JoinError>>),
        },
        body: UnsafeCell::new(Some(body)),
    };
    // SAFETY: memory for a task, ours.
    unsafe { task.write(value) };
    // SAFETY: A1: the control block is the first field; it is made with a count of one.
    let coro = unsafe { Coro::from_raw(task.cast()) };
    Typed {
        coro,
        marker: PhantomData,
    }
}

impl<F: FnOnce() -> T, T> Task<F, T> {
    const fn vtable(accept: unsafe fn(&Control, &mut dyn Any) -> bool) -> VTable {
        VTable {
            run: Self::run,
            abandon: Self::abandon,
            accept,
            discard: discard::<T>,
            how: how::<T>,
            unheld,
            free: Self::free,
        }
    }

    /// # Safety
    ///
    /// `control` is of a `Task<F, T>`.
    unsafe fn take_body(control: &Control) -> Option<F> {
        // SAFETY: A1.
        let task = unsafe { &*std::ptr::from_ref(control).cast::<Self>() };
        // SAFETY: nothing else refers to the body: this is the only place that reaches for it.
        unsafe { (*task.body.get()).take() }
    }

    /// # Safety
    ///
    /// `control` is of a `Task<F, T>`.
    unsafe fn run(control: &Control) {
        // SAFETY: the caller's promise.
        let Some(body) = (unsafe { Self::take_body(control) }) else {
            unreachable!("S3: a body is called once, at the first run");
        };
        let outcome = match panic::catch_unwind(AssertUnwindSafe(|| {
            __rust_begin_short_backtrace(body)
        })) {
            Ok(value) => Ok(value),
            // `terminate` has stored the result already. (Else the payload was caught in another
            // coro and raised in this one.)
            // SAFETY: the caller's promise.
            Err(payload) if payload.is::<Terminated>() && unsafe { is_stored::<T>(control) } => {
                return;
            }
            Err(payload) => Err(JoinError::new(failure(control, payload))),
        };
        // SAFETY: the caller's promise.
        unsafe { store::<T>(control, Some(outcome)) }
    }

    /// # Safety
    ///
    /// `control` is of a `Task<F, T>`.
    unsafe fn abandon(control: &Control, why: JoinError) {
        // SAFETY: the caller's promise.
        let body = unsafe { Self::take_body(control) };
        quietly(|| drop(body));
        // SAFETY: the caller's promise.
        unsafe { store::<T>(control, Some(Err(why))) }
    }

    /// # Safety
    ///
    /// `control` is of a `Task<F, T>`, and nothing refers to it any more.
    unsafe fn free(control: NonNull<Control>) {
        // SAFETY: A1; nobody refers to it.
        unsafe { control.cast::<Self>().drop_in_place() };
        let layout = Layout::new::<Self>();
        // SAFETY: `allocate` got it with this layout, on this OS thread (C2).
        unsafe { Kernel::get().blocks.free(control.cast(), layout) };
    }
}

/// Calls the body of a coro. By this name std knows where the backtrace of a panic ends for people.
#[inline(never)]
fn __rust_begin_short_backtrace<F: FnOnce() -> T, T>(body: F) -> T {
    let value = body();
    // So that this is no tail call.
    black_box(());
    value
}

/// # Safety
///
/// `control` is of a coro with result `T`.
unsafe fn result<T>(control: &Control) -> *mut Outcome<T> {
    // SAFETY: A1, and `Head` is the first field of every `Task`.
    let head = unsafe { &*std::ptr::from_ref(control).cast::<Head<T>>() };
    head.result.get()
}

/// # Safety
///
/// `control` is of a coro with result `T`.
unsafe fn store<T>(control: &Control, outcome: Outcome<T>) {
    // SAFETY: the caller's promise.
    let result = unsafe { result::<T>(control) };
    // SAFETY: A2, nobody refers into it.
    let old = unsafe { std::ptr::replace(result, outcome) };
    quietly(|| drop(old));
}

/// # Safety
///
/// `control` is of a coro with result `T`.
unsafe fn discard<T>(control: &Control) {
    // SAFETY: the caller's promise.
    unsafe { store::<T>(control, None) }
}

/// # Safety
///
/// `control` is of a coro with result `T`.
unsafe fn is_stored<T>(control: &Control) -> bool {
    // SAFETY: the caller's promise.
    let result = unsafe { result::<T>(control) };
    // SAFETY: A2.
    unsafe { &*result }.is_some()
}

/// [`VTable::how`].
///
/// # Safety
///
/// `control` is of a coro whose result is a `T`.
unsafe fn how<T>(control: &Control) -> End {
    // SAFETY: the caller's promise.
    let result = unsafe { result::<T>(control) };
    // SAFETY: A2.
    match unsafe { &*result } {
        Some(Err(error)) => error.how(),
        _ => End::Returned,
    }
}

/// # Safety
///
/// `control` is of a coro with result `T`.
unsafe fn accept<T: 'static>(control: &Control, value: &mut dyn Any) -> bool {
    let Some(value) = value.downcast_mut::<Option<T>>().and_then(Option::take) else {
        return false;
    };
    // SAFETY: the caller's promise.
    unsafe { store::<T>(control, Some(Ok(value))) };
    true
}

/// The `accept` of a coro whose result may borrow: its type cannot be compared.
unsafe fn accept_none(_: &Control, _: &mut dyn Any) -> bool {
    false
}

/// Tells what kind of end a payload means.
fn failure(control: &Control, payload: Box<dyn Any + Send>) -> Failure {
    let rare = control.rare();
    if payload.is::<Cancelled>() || payload.is::<Overdue>() {
        Failure::Cancelled(rare.cancel_value.take())
    } else if rare.raised.take() == Some(address_of(&*payload)) {
        Failure::Thrown(payload)
    } else {
        Failure::Panicked(payload)
    }
}

/// The one handle that knows the type of the result, and owns it once it is there.
pub(crate) struct Typed<T> {
    pub(crate) coro: Coro,
    marker: PhantomData<T>,
}

impl<T> Typed<T> {
    /// Takes the result of an ended coro; `None` if it was dropped by the scope's end.
    pub(crate) fn take(&mut self) -> Outcome<T> {
        // SAFETY: `allocate` made it for the coro's type.
        let result = unsafe { result::<T>(self.coro.control()) };
        // SAFETY: A2; `&mut self`, so nothing is lent.
        unsafe { (*result).take() }
    }

    /// Lends the result of an ended coro.
    pub(crate) fn peek(&self) -> Option<Result<&T, &JoinError>> {
        if !self.coro.control().has(ENDED) {
            return None;
        }
        // SAFETY: `allocate` made it for the coro's type.
        let result = unsafe { result::<T>(self.coro.control()) };
        // SAFETY: A2; once ended it is written only by `take`, with `&mut`, and by `drop`.
        unsafe { &*result }.as_ref().map(Result::as_ref)
    }
}

impl<T> Drop for Typed<T> {
    fn drop(&mut self) {
        let c = self.coro.control();
        c.clear(TAKER);
        if c.has(ENDED) {
            if c.failed() {
                c.set(FAILED);
            }
            // Here, in the owner's context, and not where the control block happens to be freed.
            drop(self.take());
        }
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.coro.fmt(f)
    }
}
