//! What the types of the mutex are and are not.

use coro_mutex::{Condvar, Mutex, MutexGuard};
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(Mutex<u8>: Send, Sync, Clone);
assert_not_impl_any!(MutexGuard<'static, u8>: Send, Sync, Clone);
assert_not_impl_any!(Condvar: Send, Sync, Clone);

thread_local! {
    static MADE_WHILE_COMPILING: (Mutex<u8>, Condvar) = const { (Mutex::fair(1), Condvar::new()) };
}

#[test]
fn a_mutex_can_be_made_while_compiling() {
    MADE_WHILE_COMPILING.with(|(mutex, condvar)| {
        assert!(*mutex.lock() == 1 && condvar.waiters() == 0);
    });
}
