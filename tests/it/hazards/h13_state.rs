//! H13: what belongs to the OS thread belongs to all its coros: a switch neither saves nor restores
//! it. The tests say so for what safe code can see.

use std::fs::File;
use std::io::Error;

use coro::{cede, spawn};

use crate::support::{Log, defer, die, fresh};

/// Fails in a system call, for the reason that a file is not there.
fn not_found() {
    assert!(File::open("/there is no such file").is_err());
}

/// Fails in a system call, for the reason that a file is no folder.
fn not_a_folder() {
    assert!(File::open("/proc/self/maps/in it").is_err());
}

fn errno() -> Option<i32> {
    Error::last_os_error().raw_os_error()
}

#[test]
fn errno_is_the_os_threads_so_it_is_read_before_a_switch() {
    const NOT_FOUND: Option<i32> = Some(2);
    const NOT_A_FOLDER: Option<i32> = Some(20);
    fresh(|| {
        let c = spawn(|| {
            not_found();
            let before = errno();
            cede();
            (before, errno())
        });
        cede();
        not_a_folder();
        assert_eq!(c.join().unwrap(), (NOT_FOUND, NOT_A_FOLDER));
    });
}

#[test]
fn the_name_and_the_panic_hook_of_the_os_thread_are_shared_by_its_coros() {
    let name = || std::thread::current().name().map(str::to_owned);
    let thread = std::thread::Builder::new().name("ours".to_owned());
    let names = thread.spawn(move || (name(), spawn(name).join().unwrap()));
    let (of_main, of_coro) = names.unwrap().join().unwrap();
    assert_eq!(of_main.as_deref(), Some("ours"));
    assert_eq!(of_main, of_coro);
}

#[test]
fn a_panic_of_one_coro_leaves_the_others_state_of_unwinding_alone() {
    let log = Log::new();
    fresh(move || {
        let c = spawn(|| {
            let _blocks = defer(cede);
            die("and blocks in a destructor");
        });
        cede();
        // `thread::panicking` would be true here, for it asks the OS thread.
        assert_eq!(spawn(|| 1).join().unwrap(), 1);
        assert!(c.join().unwrap_err().is_panic());
        assert_eq!(coro::unwinding(), Some(false));
    });
    log.expect([]);
}
