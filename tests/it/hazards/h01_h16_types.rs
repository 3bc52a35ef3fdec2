//! H1, H16: no handle leaves its OS thread, and what goes through an untyped door is checked.

use std::cell::Cell;
use std::rc::Rc;

use coro::{
    Coro, JoinError, JoinHandle, Report, ScopedJoinHandle, SharedJoinHandle, ThrowTicket, Waker,
    Winder, schedule, spawn, terminate,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::{caught, counted};

#[test]
fn no_handle_is_send_or_sync_even_if_the_result_is() {
    // A thread-local's address may stay in a register across a switch, so no coro may move.
    assert_impl_all!(i32: Send, Sync);
    assert_not_impl_any!(Coro: Send, Sync);
    assert_not_impl_any!(JoinHandle<i32>: Send, Sync);
    assert_not_impl_any!(SharedJoinHandle<i32>: Send, Sync);
    assert_not_impl_any!(ScopedJoinHandle<'static, i32>: Send, Sync);
    assert_not_impl_any!(ThrowTicket: Send, Sync);
    assert_not_impl_any!(Winder: Send, Sync);
    // They hold values of users that need not be Send.
    assert_not_impl_any!(JoinError: Send, Sync);
    assert_not_impl_any!(Report: Send, Sync);
    assert_impl_all!(Waker: Send, Sync);
}

#[test]
fn a_result_need_not_be_send() {
    let value = Rc::new(Cell::new(1));
    let same = Rc::clone(&value);
    let got = spawn(move || same).join().unwrap();
    assert!(Rc::ptr_eq(&got, &value));
}

#[test]
fn terminate_with_a_look_alike_of_the_result_type_is_a_panic() {
    #[repr(transparent)]
    struct Meters(u64);
    let c = spawn(|| -> u64 {
        let refused = caught(|| terminate(Meters(1)));
        assert!(!coro::is_cancel(&*refused.unwrap_err()));
        assert!(caught(|| terminate(1_i64)).is_err_and(|p| !coro::is_cancel(&*p)));
        terminate(2_u64)
    });
    assert_eq!(c.join().unwrap(), 2);
}

#[test]
fn a_cancellers_value_comes_out_as_its_own_type_alone() {
    let cancelled = || {
        let (value, drops) = counted();
        let c = spawn(|| -> crate::support::Counted {
            schedule();
            unreachable!("cancelled")
        });
        c.cancel_with(value);
        (c.join().unwrap_err(), drops)
    };
    let (error, drops) = cancelled();
    assert!(error.into_value::<u64>().is_none());
    assert_eq!(drops.get(), 1);
    let (error, drops) = cancelled();
    assert!(error.into_value::<crate::support::Counted>().is_some());
    assert_eq!(drops.get(), 1);
}
