//! The façade has every item of the crates below it, under the same name.

use static_assertions::assert_type_eq_all;

assert_type_eq_all!(coro_sync::Semaphore, coro_semaphore::Semaphore);
assert_type_eq_all!(
    coro_sync::SemaphoreGuard<'static>,
    coro_semaphore::SemaphoreGuard<'static>
);
assert_type_eq_all!(coro_sync::wait_queue::WaitQueue, coro_wait_queue::WaitQueue);

#[test]
fn the_types_are_the_same() {
    let semaphore: coro_semaphore::Semaphore = coro_sync::Semaphore::new(1);
    assert_eq!(semaphore.count(), 1);
}
