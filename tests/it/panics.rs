//! Misuse panics, and blames the caller's line: DESIGN §3.5, STYLE §3 (`# Panics`) and §5.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Once;

use coro::{Builder, cede, current, no_switch, schedule, shutdown, spawn, terminate};
use coro_channel::{Arm, Select, select};
use coro_channel::{Channel, JoinSet, oneshot};
use coro_semaphore::Semaphore;
use coro_sync::{Barrier, SemaphoreSet, Signal, WaitGroup};
use coro_sync::{Condvar, Mutex, RawRwLock};

use crate::support::{caught, die, fresh, semaphore};

/// A panic: where it was said to be, and what it said.
struct Blame {
    file: String,
    line: u32,
    message: String,
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Blame>> = const { RefCell::new(None) };
}

/// Runs `misuse`, which must panic, and returns whom the panic blames.
///
/// The hook belongs to the whole process: it listens to this OS thread while asked, and hands all others on.
#[track_caller]
fn blame<R>(misuse: impl FnOnce() -> R) -> Blame {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !LISTENING.get() {
                previous(info);
                return;
            }
            let at = info.location().map_or(("", 0), |at| (at.file(), at.line()));
            let message = info.payload_as_str().unwrap_or_default().to_owned();
            let blame = Blame {
                file: at.0.to_owned(),
                line: at.1,
                message,
            };
            LAST.replace(Some(blame));
        }));
    });
    LAST.take();
    LISTENING.set(true);
    let result = caught(misuse);
    LISTENING.set(false);
    assert!(result.is_err(), "it did not panic");
    LAST.take().expect("a panic with a message")
}

/// Checks that `misuse` panics at `line` of this file, and returns the message.
#[track_caller]
fn blames<R>(line: u32, misuse: impl FnOnce() -> R) -> String {
    let blame = blame(misuse);
    assert_eq!(
        (blame.file.as_str(), blame.line),
        (file!(), line),
        "{}",
        blame.message
    );
    blame.message
}

#[test]
fn the_hook_sees_the_line() {
    let message = blames(line!(), || panic!("this line"));
    assert_eq!(message, "this line");
}

#[test]
#[should_panic(expected = "it did not panic")]
fn the_check_fails_if_nothing_panics() {
    blames(line!(), || ());
}

#[test]
fn cancel_of_main_by_main() {
    let message = blames(line!(), || current().cancel());
    assert!(message.contains("main"), "{message}");
    cede();
}

#[test]
fn cancel_of_main_by_a_coro() {
    let c = spawn(|| {
        let message = blames(line!(), || coro::main().cancel());
        assert!(message.contains("main"), "{message}");
    });
    assert!(c.join().is_ok());
}

#[test]
fn terminate_in_main() {
    let message = blames(line!(), || terminate(()));
    assert!(message.contains("main"), "{message}");
    cede();
}

#[test]
fn terminate_with_another_type() {
    let c = spawn(|| -> i32 {
        blames(line!(), || terminate("no i32"));
        4
    });
    assert_eq!(c.join().ok(), Some(4));
}

#[test]
fn terminate_with_another_type_ends_the_coro_with_that_panic() {
    let line = line!() + 1;
    let c = spawn(|| -> i32 { terminate("no i32") });
    blames(line, || {
        let error = c.join().expect_err("it panicked");
        assert!(error.is_panic());
        std::panic::resume_unwind(error.into_panic())
    });
}

/// Checks that `misuse` panics at `line` and that its message names that place and the one of the no_switch.
#[track_caller]
fn names_both(no_switch_line: u32, line: u32, misuse: impl FnOnce()) {
    let message = blames(line, misuse);
    let place = format!("{}:{no_switch_line}", file!());
    assert!(message.contains(&place), "{place} is not named: {message}");
}

#[test]
fn schedule_inside_no_switch_names_both_places() {
    spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            schedule();
        });
    });
    cede();
}

#[test]
fn cede_inside_no_switch_names_both_places() {
    spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            cede();
        });
    });
    cede();
}

#[test]
fn down_inside_no_switch_names_both_places() {
    let sem = semaphore(0);
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            sem.down();
        });
    });
    assert_eq!(sem.waiters(), 0);
}

#[test]
fn get_inside_no_switch_names_both_places() {
    let channel = Channel::<i32>::unbounded();
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            channel.get();
        });
    });
}

#[test]
fn the_waits_of_signals_barriers_and_groups_inside_no_switch_name_both_places() {
    let (signal, barrier, group) = (Signal::new(), Barrier::new(2), WaitGroup::new());
    let set = SemaphoreSet::new(0);
    let (_token, no) = (group.token(), || false);
    let here = line!();
    names_both(here + 1, here + 1, || no_switch(|| signal.wait()));
    names_both(here + 2, here + 2, || no_switch(|| _ = barrier.wait()));
    names_both(here + 3, here + 3, || no_switch(|| group.wait()));
    names_both(here + 4, here + 4, || no_switch(|| set.down("key")));
    names_both(here + 5, here + 5, || no_switch(|| signal.wait_until(no)));
    assert_eq!((signal.awaited(), barrier.waiters(), set.len()), (0, 0, 0));
}

#[test]
fn join_inside_no_switch_names_both_places() {
    let c = Builder::new().build(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            c.coro().join();
        });
    });
}

#[test]
fn schedule_inside_no_switch_of_a_coro_blames_that_coro() {
    let c = spawn(|| {
        let here = line!();
        names_both(here + 2, here + 3, || {
            no_switch(|| {
                schedule();
            });
        });
        "goes on"
    });
    assert_eq!(c.join().ok(), Some("goes on"));
}

#[test]
fn a_deadlock_blames_the_schedule_of_main() {
    fresh(|| {
        let line = line!() + 2;
        let message = blames(line, || {
            schedule();
        });
        assert!(message.starts_with("deadlock"), "{message}");
    });
}

#[test]
fn a_deadlock_blames_the_down_of_main() {
    fresh(|| {
        let sem = semaphore(0);
        blames(line!(), || sem.down());
        blames(line!(), || sem.wait());
        blames(line!(), || sem.acquire());
    });
}

#[test]
fn a_deadlock_blames_the_get_and_the_put_of_main() {
    fresh(|| {
        let channel = Channel::bounded(0);
        blames(line!(), || channel.get());
        blames(line!(), || channel.put(1));
    });
}

#[test]
fn a_deadlock_blames_the_waits_of_signals_barriers_and_groups_of_main() {
    fresh(|| {
        let (signal, barrier, group) = (Signal::new(), Barrier::new(2), WaitGroup::new());
        let (set, _token) = (SemaphoreSet::new(0), group.token());
        blames(line!(), || signal.wait());
        blames(line!(), || signal.wait_until(|| false));
        blames(line!(), || barrier.wait());
        blames(line!(), || group.wait());
        blames(line!(), || set.down("key"));
        blames(line!(), || set.acquire("key").forget());
        let semaphore = set.sem("key");
        blames(line!(), || set.wait(&"key"));
        blames(line!(), || semaphore.down());
    });
}

#[test]
fn a_deadlock_blames_main_for_a_value_that_another_coro_makes() {
    fresh(|| {
        let once = std::rc::Rc::new(coro_sync::Once::new());
        let theirs = once.clone();
        let c = spawn(move || *theirs.get_or_init(schedule));
        cede();
        let message = blames(line!(), || once.get_or_init(|| ()));
        assert!(message.contains("once"), "{message}");
        c.cancel();
    });
}

#[test]
fn an_initialiser_that_asks_for_its_own_value() {
    let once = coro_sync::Once::new();
    let line = line!() + 1;
    let message = blames(line, || once.get_or_init(|| *once.get_or_init(|| 1)));
    let place = format!("{}:{line}", file!());
    assert!(message.contains(&place), "{place} is not named: {message}");
}

#[test]
fn an_up_of_a_set_that_overflows() {
    let set = SemaphoreSet::new(isize::MAX);
    blames(line!(), || set.up("key"));
    assert!(set.is_empty());
}

#[test]
fn a_deadlock_blames_the_lock_and_the_wait_of_main() {
    fresh(|| {
        for lock in [RawRwLock::new(), RawRwLock::fair()] {
            lock.wrlock();
            blames(line!(), || lock.rdlock());
            blames(line!(), || lock.wrlock());
        }
        for mutex in [Mutex::new(1), Mutex::fair(1)] {
            let guard = mutex.lock();
            blames(line!(), || drop(mutex.lock()));
            let condvar = Condvar::new();
            blames(line!(), || drop(condvar.wait(guard)));
            let guard = mutex.lock();
            blames(line!(), || drop(condvar.wait_while(guard, |_| true)));
        }
    });
}

#[test]
fn unlock_and_downgrade_of_a_lock_that_is_not_held() {
    for lock in [RawRwLock::new(), RawRwLock::fair()] {
        let message = blames(line!(), || lock.unlock());
        assert!(message.contains("free"), "{message}");
        blames(line!(), || lock.downgrade());
        lock.rdlock();
        let message = blames(line!(), || lock.downgrade());
        assert!(message.contains("no writer"), "{message}");
        // And it goes on as it was.
        assert_eq!(lock.readers(), 1);
        lock.unlock();
        assert!(lock.try_wrlock());
    }
}

#[test]
fn a_capacity_that_cannot_be() {
    for channel in [Channel::<u8>::bounded(2), Channel::fair(2)] {
        let message = blames(line!(), || channel.adjust(-3));
        assert!(message.contains("-3"), "{message}");
        blames(line!(), || channel.adjust(isize::MAX));
        assert_eq!(channel.capacity(), Some(2));
    }
    blames(line!(), || Channel::<u8>::bounded(usize::MAX));
    blames(line!(), || Channel::<u8>::fair(usize::MAX / 2));
}

#[test]
fn a_oneshot_and_a_join_set_where_nothing_may_switch_name_both_places() {
    let (_sender, receiver) = oneshot::<u8>();
    let receiver = Cell::new(Some(receiver));
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            receiver.take().map(|receiver| receiver.get());
        });
    });
    let set = JoinSet::new();
    set.spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            set.join_next();
        });
    });
    cede();
}

#[test]
fn a_deadlock_blames_the_get_of_a_oneshot_and_the_join_next_of_main() {
    fresh(|| {
        let (_sender, receiver) = oneshot::<u8>();
        blames(line!(), move || receiver.get());
        let set = JoinSet::new();
        set.spawn(schedule);
        blames(line!(), || set.join_next());
    });
}

#[test]
fn a_deadlock_blames_the_join_of_main() {
    fresh(|| {
        let c = spawn(schedule);
        blames(line!(), || c.coro().join());
        blames(line!(), move || c.join());
    });
}

#[test]
fn a_deadlock_blames_the_wait_of_main() {
    fresh(|| {
        let (_callback, answer) = coro::rouse::<()>();
        blames(line!(), || answer.wait());
    });
}

#[test]
fn a_deadlock_blames_the_scope_that_main_waits_in() {
    fresh(|| {
        let line = line!() + 2;
        let message = blames(line, || {
            coro::scope(|s| {
                s.spawn(schedule);
            });
        });
        let place = format!("{}:{line}", file!());
        assert!(message.contains(&place), "{place} is not named: {message}");
    });
}

#[test]
fn a_scope_that_panics_for_its_child_blames_the_call_of_scope() {
    let line = line!() + 2;
    blames(line, || {
        coro::scope(|s| {
            s.spawn(|| die("child"));
        });
    });
}

#[test]
fn the_report_names_the_place_where_a_coro_blocks_and_where_it_was_spawned() {
    fresh(|| {
        let sem = semaphore(0);
        let spawned = line!() + 1;
        let c = spawn(move || {
            sem.down();
        });
        cede();
        let report = coro::report().to_string();
        for line in [spawned, spawned + 1] {
            let place = format!("{}:{line}", file!());
            assert!(report.contains(&place), "{place} is not named: {report}");
        }
        c.cancel();
    });
}

#[test]
fn into_panic_of_a_cancel() {
    let c = Builder::new().build(|| ());
    c.cancel();
    let error = c.join().expect_err("it was cancelled");
    blames(line!(), || error.into_panic());
}

#[test]
fn shutdown_in_a_coro() {
    let c = spawn(|| {
        blames(line!(), || drop(shutdown()));
    });
    assert!(c.join().is_ok());
}

#[test]
fn locations_are_those_of_the_caller() {
    // What `#[track_caller]` gives the kernel, so what the tests above compare with.
    #[track_caller]
    fn here() -> &'static Location<'static> {
        Location::caller()
    }
    let at = here();
    assert_eq!((at.file(), at.line()), (file!(), line!() - 1));
}

#[test]
fn a_count_that_overflows() {
    for new in [Semaphore::new, Semaphore::fair] {
        let (full, debt) = (new(isize::MAX), new(isize::MIN));
        blames(line!(), || full.up());
        blames(line!(), || full.adjust(2));
        blames(line!(), || debt.adjust(-1));
        blames(line!(), || debt.down_many(usize::MAX));
        blames(line!(), || debt.try_down_many(usize::MAX));
        blames(line!(), || drop(debt.acquire_many(usize::MAX)));
        assert_eq!((full.count(), debt.count()), (isize::MAX, isize::MIN));
    }
}

/// A call, and the line it is on.
type Call = (u32, fn(&Rc<Semaphore>));

#[test]
fn waiting_for_permits_inside_no_switch_names_both_places() {
    let calls: [Call; 6] = [
        (line!(), |sem| sem.down()),
        (line!(), |sem| sem.down_many(2)),
        (line!(), |sem| sem.wait()),
        (line!(), |sem| drop(sem.acquire())),
        (line!(), |sem| drop(sem.acquire_many(2))),
        (line!(), |sem| drop(sem.acquire_rc())),
    ];
    for new in [Semaphore::new, Semaphore::fair] {
        for (line, call) in calls {
            let sem = Rc::new(new(0));
            let here = line!();
            names_both(here + 2, line, || {
                no_switch(|| {
                    call(&sem);
                });
            });
            assert_eq!((sem.count(), sem.waiters()), (0, 0));
        }
    }
}

#[test]
fn a_select_inside_no_switch_names_both_places_and_leaves_its_queues() {
    let (sem, channel) = (Semaphore::fair(0), Channel::<i32>::fair(0));
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            select! {
                () = sem.down_arm() => {}
                _ = channel.get_arm() => {}
            }
        });
    });
    let shown = format!("{channel:?}");
    assert!(
        sem.waiters() == 0 && shown.contains("getters: []"),
        "{shown}"
    );
}

#[test]
fn a_select_without_arms() {
    blames(line!(), || Select::new(&[]).wait());
    blames(line!(), || Select::new(&[]).biased().wait());
}

#[test]
fn a_choice_of_nothing() {
    blames(line!(), || coro::choose(0));
}

#[test]
fn a_deadlock_blames_the_waits_for_permits_and_the_selects_of_main() {
    fresh(|| {
        let sem = Rc::new(Semaphore::fair(0));
        let arm = sem.down_arm();
        let all: [&dyn Arm; 1] = [&arm];
        blames(line!(), || sem.down());
        blames(line!(), || sem.down_many(2));
        blames(line!(), || drop(sem.acquire_many(2)));
        blames(line!(), || drop(sem.acquire_rc()));
        blames(line!(), || Select::new(&all).wait());
        blames(line!(), || select! { () = sem.down_arm() => {} });
        assert_eq!((sem.count(), sem.waiters()), (0, 0));
    });
}
