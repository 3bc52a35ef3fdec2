//! What may leave its OS thread and what may not: DESIGN §3.1, §3.6; NEEDS R1.

use std::marker::PhantomData;

use coro::{
    Coro, JoinHandle, Rouse, RouseCallback, Scope, ScopedJoinHandle, SharedJoinHandle, ThrowTicket,
    Waker, Winder,
};
use coro_channel::Channel;
use coro_semaphore::{Semaphore, SemaphoreGuard};
use static_assertions::{assert_impl_all, assert_not_impl_any};

#[test]
fn handles_stay_on_their_os_thread() {
    assert_not_impl_any!(Coro: Send, Sync);
    assert_not_impl_any!(JoinHandle<()>: Send, Sync);
    assert_not_impl_any!(SharedJoinHandle<()>: Send, Sync);
    assert_not_impl_any!(ThrowTicket: Send, Sync);
    assert_not_impl_any!(Winder: Send, Sync);
    assert_not_impl_any!(RouseCallback<()>: Send, Sync);
    assert_not_impl_any!(Rouse<()>: Send, Sync);
    assert_not_impl_any!(Scope<'static, 'static>: Send, Sync);
    assert_not_impl_any!(ScopedJoinHandle<'static, ()>: Send, Sync);
}

#[test]
fn primitives_stay_on_their_os_thread() {
    assert_not_impl_any!(Semaphore: Send, Sync);
    assert_not_impl_any!(SemaphoreGuard<'static>: Send, Sync);
    assert_not_impl_any!(Channel<()>: Send, Sync);
}

#[test]
fn a_waker_goes_anywhere() {
    assert_impl_all!(Waker: Send, Sync, Clone);
    assert_impl_all!(std::task::Waker: From<Waker>);
}

#[test]
fn coros_are_handles_for_maps_and_logs() {
    assert_impl_all!(Coro: Clone, Eq, std::hash::Hash, std::fmt::Debug);
    assert_impl_all!(SharedJoinHandle<()>: Clone);
    assert_impl_all!(coro::JoinError: std::error::Error);
    assert_impl_all!(coro::Prio: Copy, Ord, std::fmt::Debug);
}

/// The twin that shows that the assertions can fail: it is `Send` and `Sync` like the types they would have to refuse.
#[test]
fn the_assertions_would_notice() {
    assert_impl_all!(PhantomData<()>: Send, Sync);
    assert_not_impl_any!(PhantomData<*const ()>: Send, Sync);
}
