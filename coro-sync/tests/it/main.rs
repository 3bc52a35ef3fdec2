//! The façade has every item of the crates below it, under the same name.

use static_assertions::assert_type_eq_all as same;

same!(coro_sync::Semaphore, coro_semaphore::Semaphore);
same!(
    coro_sync::SemaphoreGuard<'static>,
    coro_semaphore::SemaphoreGuard<'static>
);
same!(
    coro_sync::SemaphoreGuardRc,
    coro_semaphore::SemaphoreGuardRc
);
same!(
    coro_sync::DownArm<'static>,
    coro_semaphore::DownArm<'static>
);
same!(
    coro_sync::AcquireArm<'static>,
    coro_semaphore::AcquireArm<'static>
);
same!(
    coro_sync::SemaphoreSet<u8>,
    coro_semaphore_set::SemaphoreSet<u8>
);
same!(
    coro_sync::SemaphoreSetGuard<'static, u8>,
    coro_semaphore_set::SemaphoreSetGuard<'static, u8>
);
same!(
    coro_sync::SemaphoreSetEntry<'static, u8>,
    coro_semaphore_set::SemaphoreSetEntry<'static, u8>
);
same!(coro_sync::Signal, coro_signal::Signal);
same!(coro_sync::WaitArm<'static>, coro_signal::WaitArm<'static>);
same!(coro_sync::Barrier, coro_signal::Barrier);
same!(coro_sync::BarrierWaitResult, coro_signal::BarrierWaitResult);
same!(coro_sync::WaitGroup, coro_signal::WaitGroup);
same!(coro_sync::WaitGroupToken, coro_signal::WaitGroupToken);
same!(coro_sync::Once<u8>, coro_signal::Once<u8>);
same!(coro_sync::Mutex<u8>, coro_mutex::Mutex<u8>);
same!(
    coro_sync::MutexGuard<'static, u8>,
    coro_mutex::MutexGuard<'static, u8>
);
same!(coro_sync::Condvar, coro_mutex::Condvar);
same!(coro_sync::RawRwLock, coro_rwlock::RawRwLock);
same!(coro_sync::RwLock<u8>, coro_rwlock::RwLock<u8>);
same!(
    coro_sync::RwLockReadGuard<'static, u8>,
    coro_rwlock::RwLockReadGuard<'static, u8>
);
same!(
    coro_sync::RwLockWriteGuard<'static, u8>,
    coro_rwlock::RwLockWriteGuard<'static, u8>
);
same!(
    coro_sync::MappedRwLockWriteGuard<'static, u8>,
    coro_rwlock::MappedRwLockWriteGuard<'static, u8>
);
same!(coro_sync::wait_queue::WaitQueue, coro_wait_queue::WaitQueue);
// As a whole, so nothing of it can be left out.
#[cfg(feature = "time")]
same!(coro_sync::time::Timer, coro_time::Timer);

#[test]
fn nothing_is_left_out() {
    let facade = include_str!("../../src/lib.rs");
    let crates = [
        include_str!("../../mutex/src/lib.rs"),
        include_str!("../../rwlock/src/lib.rs"),
        include_str!("../../semaphore/src/lib.rs"),
        include_str!("../../semaphore-set/src/lib.rs"),
        include_str!("../../signal/src/lib.rs"),
    ];
    let exports = |text: &'static str| {
        let uses = text.split("pub use ").skip(1);
        let uses = uses.filter_map(|rest| rest.split(';').next()?.rsplit("::").next());
        uses.flat_map(|names| names.split(|c: char| !c.is_alphanumeric()))
            .filter(|name| name.starts_with(char::is_uppercase))
    };
    let facade: Vec<_> = exports(facade).collect();
    let items: Vec<_> = crates.into_iter().flat_map(exports).collect();
    assert!(items.len() > 15, "{items:?}");
    for item in items {
        assert!(facade.contains(&item), "{item} is not in the façade");
    }
}
