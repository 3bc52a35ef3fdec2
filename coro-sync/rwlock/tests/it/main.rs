//! What the types of the readers-writer lock are and are not.

use coro_rwlock::{MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(RawRwLock: Send, Sync, Clone);
assert_not_impl_any!(RwLock<u8>: Send, Sync, Clone);
assert_not_impl_any!(RwLockReadGuard<'static, u8>: Send, Sync, Clone);
assert_not_impl_any!(RwLockWriteGuard<'static, u8>: Send, Sync, Clone);
assert_not_impl_any!(MappedRwLockWriteGuard<'static, u8>: Send, Sync, Clone);

thread_local! {
    static MADE_WHILE_COMPILING: (RawRwLock, RwLock<u8>) =
        const { (RawRwLock::fair(), RwLock::new(1)) };
}

#[test]
fn a_lock_can_be_made_while_compiling() {
    MADE_WHILE_COMPILING.with(|(raw, lock)| assert!(raw.try_wrlock() && *lock.read() == 1));
}
