//! safe_cancel: CORO-SEMANTICS §2.1 with the changes of DESIGN §3.5; HISTORY-BUGS 52.

use std::rc::Rc;

use coro::{Builder, cede, current, on_enter, on_leave, schedule, shield, spawn};

use coro_sync::{RawRwLock, Semaphore, Signal};

use crate::support::{Log, counted, defer, semaphore};

type Block = Box<dyn FnOnce()>;
type Give = Box<dyn FnOnce()>;
/// Makes an object that is not to be had, and returns what blocks on it and what gives it.
type Make = fn() -> (Block, Give);

#[test]
fn safe_cancel_readies_and_the_coro_unwinds_at_its_turn() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _mark = log.mark("unwound");
            sem.down();
        }
    });
    cede();
    spawn(move || log.say("before it"));
    assert!(c.safe_cancel().is_ok());
    log.say("main");
    assert!(c.is_ready() && !c.is_finished());
    cede();
    log.expect(["main", "before it", "unwound"]);
    assert!(c.is_finished());
    assert_eq!(sem.waiters(), 0);
    assert!(c.join().expect_err("cancelled").is_cancelled());
}

#[test]
fn destructors_of_a_safely_cancelled_coro_may_block() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _block = defer(move || {
                log.say("enter");
                sem.down();
                log.say("done");
            });
            schedule();
        }
    });
    cede();
    assert!(c.safe_cancel().is_ok());
    cede();
    log.expect(["enter"]);
    assert!(!c.is_finished());
    sem.up();
    cede();
    log.expect(["done"]);
    assert!(c.is_finished());
}

#[test]
fn safe_cancel_of_a_new_coro_destroys_it_at_once() {
    let (captured, drops) = counted();
    let c = Builder::new().build(move || drop(captured));
    assert!(c.safe_cancel().is_ok());
    assert!(c.is_finished());
    assert_eq!(drops.get(), 1);
}

#[test]
fn safe_cancel_of_a_finished_coro_does_nothing() {
    let c = spawn(|| 5);
    cede();
    assert!(c.safe_cancel().is_ok());
    assert_eq!(c.join().ok(), Some(5));
}

#[test]
fn safe_cancel_refuses_oneself_and_main() {
    let error = coro::main().safe_cancel().expect_err("main");
    assert!(!error.to_string().is_empty());
    let c = spawn(|| {
        let refused = (
            current().safe_cancel().is_err(),
            coro::main().safe_cancel().is_err(),
        );
        cede();
        refused
    });
    assert_eq!(c.join().ok(), Some((true, true)));
}

#[test]
fn safe_cancel_refuses_a_shielded_coro() {
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            shield(|| sem.down());
            cede();
            8
        }
    });
    cede();
    assert!(c.safe_cancel().is_err());
    sem.up();
    assert_eq!(c.join().ok(), Some(8));
}

#[test]
fn safe_cancel_refuses_inside_a_block_of_a_winder() {
    let log = Log::new();
    let refuse = move || log.say(format!("refused: {}", current().safe_cancel().is_err()));
    let c = spawn(move || {
        let _enter = on_enter(refuse);
        let _leave = on_leave(refuse);
        cede();
        6
    });
    assert_eq!(c.join().ok(), Some(6));
    let said = log.sorted();
    assert!(
        said.len() >= 2 && said.iter().all(|line| line == "refused: true"),
        "{said:?}"
    );
}

/// A coro that unwinds waits on, as nothing can be raised in it: it must keep its place.
#[test]
fn safe_cancel_of_a_coro_that_blocks_in_a_destructor_leaves_it_in_its_queue() {
    let waits: [(&str, Make); 3] = [
        ("signal", || {
            let signal = Rc::new(Signal::new());
            let theirs = signal.clone();
            (
                Box::new(move || signal.wait()),
                Box::new(move || theirs.send()),
            )
        }),
        ("fair semaphore", || {
            let semaphore = Rc::new(Semaphore::fair(0));
            let theirs = semaphore.clone();
            (
                Box::new(move || semaphore.down()),
                Box::new(move || theirs.up()),
            )
        }),
        ("fair lock", || {
            let lock = Rc::new(RawRwLock::fair());
            lock.wrlock();
            let theirs = lock.clone();
            (
                Box::new(move || lock.wrlock()),
                Box::new(move || theirs.unlock()),
            )
        }),
    ];
    for (name, wait) in waits {
        let (block, give) = wait();
        let c = spawn(move || {
            let _block = defer(block);
            schedule();
        });
        cede();
        c.cancel();
        assert!(
            c.safe_cancel().is_ok(),
            "{name}: it is being cancelled already"
        );
        cede();
        give();
        cede();
        assert!(
            c.is_finished(),
            "{name}: it was not given what it waited for"
        );
    }
}
