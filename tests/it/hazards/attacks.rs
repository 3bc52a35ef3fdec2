//! Attacks that safe code made on former states of the kernel; each of them broke something then.
//!
//! They come from where the kernel runs code of its users while it is in the middle of something:
//! destructors of results, of coro-locals and of hooks, `Wait`s, and the end of an OS thread.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;

use coro::{
    Builder, Coro, Driver, Event, LocalSlot, Observer, Outlook, Policy, Scope, ScopedJoinHandle,
    Turn, Wait, Winder, cede, cede_notself, current, on_enter, on_leave, schedule, scope, spawn,
    wait_for,
};

use crate::programs::{aborts, run_with};
use crate::support::{Defer, Log, caught, defer, die, fresh, in_a_process};

/// A test in a process of its own, which the kernel must end with this message.
macro_rules! aborts {
    ($name:ident, $says:literal, $body:expr) => {
        #[test]
        fn $name() {
            let complaint = aborts(concat!("hazards::attacks::", stringify!($name)), || $body);
            let line = concat!("coro: ", $says, " panicked; aborting");
            assert!(complaint.contains(line), "{complaint}");
        }
    };
}

/// A test in a process and on an OS thread of its own, for what crashed.
macro_rules! survives {
    ($name:ident, $body:expr) => {
        #[test]
        fn $name() {
            in_a_process(concat!("hazards::attacks::", stringify!($name)), || {
                fresh(|| $body);
            });
        }
    };
}

/// Cedes so often that whoever can go on has gone on.
fn cede_a_few_times() {
    for _ in 0..6 {
        cede();
    }
}

/// Spawns a coro that is ready for some rounds, so that a cede has someone to go to.
fn spawn_company() {
    drop(spawn(|| (0..5).for_each(|_| cede())));
}

/// Spawns into the scope that its coro belongs to when it is dropped.
struct SpawnsLate<'scope, 'env>(&'scope Scope<'scope, 'env>, &'scope Log, &'scope String);

impl Drop for SpawnsLate<'_, '_> {
    fn drop(&mut self) {
        let Self(s, log, text) = *self;
        drop(s.spawn(move || log.say(text)));
    }
}

survives!(a_result_whose_destructor_spawns_keeps_the_scope, {
    let log = Log::new();
    let text = String::from("the late child");
    scope(|s| {
        let (log, text) = (&log, &text);
        // Nobody takes the result, so it is the scope that drops it, after the end of all children.
        drop(s.spawn(move || SpawnsLate(s, log, text)));
    });
    log.say("the scope is over");
    cede();
    log.expect(["the late child", "the scope is over"]);
});

survives!(a_result_whose_destructor_switches_keeps_the_scope, {
    let log = Log::new();
    let text = String::from("the destructor's end");
    scope(|s| {
        let text = &text;
        drop(s.spawn(move || {
            defer(move || {
                cede();
                log.say(text);
            })
        }));
        // So many finished children make the scope forget them when one more is spawned, by a
        // child, so while the owner can leave.
        for _ in 0..30 {
            drop(s.spawn(|| ()));
        }
        cede();
        drop(s.spawn(move || drop(s.spawn(|| ()))));
        cede();
    });
    log.say("the scope is over");
    cede_a_few_times();
    log.expect(["the destructor's end", "the scope is over"]);
});

/// Joins a sibling when it is dropped.
struct Joins<'scope>(Option<ScopedJoinHandle<'scope, u8>>, &'scope Cell<u8>);

impl Drop for Joins<'_> {
    fn drop(&mut self) {
        let sibling = self.0.take().expect("it is dropped once");
        self.1.set(sibling.join().expect("it returns"));
    }
}

#[test]
fn a_result_can_hold_the_handle_of_another_child() {
    fresh(|| {
        let joined = Cell::new(0);
        scope(|s| {
            let joined = &joined;
            let sibling = s.spawn(|| 1);
            drop(s.spawn(move || Joins(Some(sibling), joined)));
        });
        assert_eq!(joined.get(), 1);
    });
}

/// Leaves a value in the coro-local whose destructor says where it runs, and switches.
fn leave_a_switching_local(slot: &LocalSlot, log: Log) {
    let switching = defer(move || {
        log.say(format!("dropped in {}", current()));
        cede();
        log.say("and it is back");
    });
    slot.replace(Some(Rc::new(switching)));
}

survives!(a_local_set_by_a_result_is_dropped_in_its_coro, {
    let log = Log::new();
    let slot = Rc::new(LocalSlot::new());
    let theirs = Rc::clone(&slot);
    let c = spawn(move || {
        current().set_desc("its coro");
        defer(move || leave_a_switching_local(&theirs, log))
    });
    let line = format!("dropped in coro #{} \"its coro\"", c.coro().id());
    drop(c);
    spawn_company();
    cede_a_few_times();
    log.expect([&line, "and it is back"]);
});

survives!(a_local_set_by_a_block_is_dropped_in_its_coro, {
    let log = Log::new();
    let slot = Rc::new(LocalSlot::new());
    let theirs = Rc::clone(&slot);
    let c = spawn(|| ());
    c.set_desc("its coro");
    c.on_destroy(move || {
        let leaver = defer(move || leave_a_switching_local(&theirs, log));
        drop(on_leave(move || {
            let _ = &leaver;
        }));
    });
    let line = format!("dropped in coro #{} \"its coro\"", c.coro().id());
    drop(c);
    spawn_company();
    cede_a_few_times();
    log.expect([&line, "and it is back"]);
});

/// A hook that removes itself when it is called, and holds a value with a destructor.
struct RemovesItself<T>(T);

impl<T> Policy for RemovesItself<T> {
    fn next(&mut self, _: &[Coro]) -> usize {
        drop(coro::set_policy(None));
        0
    }
}

impl<T> Observer for RemovesItself<T> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Readied { .. } = event {
            drop(coro::set_observer(None));
        }
    }
}

aborts!(
    a_policy_that_cedes_as_it_removes_itself_aborts,
    "the drop of a hook",
    {
        spawn_company();
        drop(coro::set_policy(Some(Box::new(RemovesItself(defer(cede))))));
        cede_a_few_times();
    }
);

aborts!(
    an_observer_that_panics_as_it_removes_itself_aborts,
    "the drop of a hook",
    {
        drop(spawn(|| {
            let dying = defer(|| die("going"));
            drop(coro::set_observer(Some(Box::new(RemovesItself(dying)))));
            _ = caught(cede);
        }));
        cede_a_few_times();
    }
);

/// Does something when it is asked what it is.
struct Asked<F: Fn()>(F);

impl<F: Fn()> Wait for Asked<F> {
    fn what(&self) -> &'static str {
        (self.0)();
        "an attack"
    }
}

aborts!(a_wait_that_switches_when_asked_aborts, "a Wait", {
    let c = spawn(|| {
        let me = current();
        wait_for(&Asked(move || {
            me.ready();
            cede();
        }));
    });
    cede();
    drop(coro::report());
    drop(c);
});

struct Watches;

impl Observer for Watches {
    fn event(&mut self, _: &Event<'_>) {}
}

aborts!(a_wait_that_panics_for_an_observer_aborts, "a Wait", {
    drop(coro::set_observer(Some(Box::new(Watches))));
    let c = spawn(|| wait_for(&Asked(|| die("asked"))));
    // It came out of this one, with the waiting coro current.
    _ = caught(cede);
    drop(c);
});

thread_local! {
    static AT_THE_END: OnceCell<Defer<Box<dyn FnOnce()>>> = const { OnceCell::new() };
}

/// Says what is done at the end of the OS thread, as by the destructor of a thread-local.
fn at_the_end(f: impl FnOnce() + 'static) {
    let set = AT_THE_END.with(|end| end.set(defer(Box::new(f))));
    assert!(set.is_ok(), "it was said before");
}

survives!(nobody_observes_the_end_of_a_thread, {
    // It is there before the kernel.
    AT_THE_END.with(|_| ());
    let c = spawn(schedule);
    cede();
    let blocked = c.coro().clone();
    at_the_end(move || {
        blocked.ready();
    });
    drop(coro::set_observer(Some(Box::new(Watches))));
});

#[test]
fn a_report_at_the_end_of_a_thread_asks_no_wait() {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    static ASKED: AtomicBool = AtomicBool::new(false);
    fresh(|| {
        at_the_end(|| {
            REPORTED.store(!coro::report().to_string().is_empty(), Ordering::Relaxed);
        });
        // What a `Wait` borrows may be a thread-local that is gone.
        let c = spawn(|| wait_for(&Asked(|| ASKED.store(true, Ordering::Relaxed))));
        cede();
        let _ = ManuallyDrop::new(c);
    });
    assert!(REPORTED.load(Ordering::Relaxed));
    assert!(!ASKED.load(Ordering::Relaxed));
}

survives!(a_handle_may_be_cancelled_out_of_a_thread_local, {
    static LISTED: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static HANDLE: RefCell<Option<Coro>> = const { RefCell::new(None) };
    }
    std::thread::spawn(|| {
        at_the_end(|| LISTED.store(coro::all().len(), Ordering::Relaxed));
        HANDLE.with(|_| ());
        let parks = defer(schedule);
        let never = Builder::new().build(move || drop(parks));
        HANDLE.with(|handle| *handle.borrow_mut() = Some(never.coro().clone()));
        drop(never);
        // It borrows the handle for as long as it cancels, and the destructor of what it cancels
        // does not come back.
        let canceller = spawn(|| {
            HANDLE.with(|handle| {
                if let Some(c) = handle.borrow().as_ref() {
                    c.cancel();
                }
            });
        });
        let _ = ManuallyDrop::new(canceller);
        cede();
    })
    .join()
    .expect("nothing panics");
    assert_eq!(LISTED.load(Ordering::Relaxed), 3);
});

#[test]
fn a_block_dropped_by_another_does_not_panic_out_of_a_switch() {
    fresh(|| {
        let log = Log::new();
        let winder = Rc::new(RefCell::new(None::<Winder>));
        let c = spawn(move || {
            let dying = defer(|| die("the block's destructor"));
            *winder.borrow_mut() = Some(on_enter(move || {
                let _ = &dying;
            }));
            let _leaver = on_leave(move || drop(winder.take()));
            log.say(coro::catch(schedule).is_err());
        });
        cede();
        // The panic came out of the switch before the coro had been left.
        log.expect([]);
        assert!(!c.is_ready() && !c.is_finished());
        c.ready();
        cede();
        log.expect(["false"]);
        assert!(c.is_finished());
    });
}

survives!(a_block_can_drop_itself, {
    let winder = Rc::new(RefCell::new(None::<Winder>));
    let own = Rc::clone(&winder);
    *winder.borrow_mut() = Some(on_leave(move || drop(own.take())));
    drop(spawn(|| ()));
    cede();
    assert!(winder.borrow().is_none());
});

#[test]
fn a_new_coro_that_its_policy_cancels_is_counted_once() {
    struct CancelsNew;
    impl Policy for CancelsNew {
        fn next(&mut self, ready: &[Coro]) -> usize {
            let new = ready.iter().position(Coro::is_new);
            if let Some(at) = new {
                ready[at].cancel();
            }
            new.unwrap_or(0)
        }
    }
    fresh(|| {
        drop(coro::set_policy(Some(Box::new(CancelsNew))));
        let c = spawn(|| ());
        drop(spawn(cede_notself));
        cede_notself();
        drop(coro::set_policy(None));
        cede_a_few_times();
        assert!(c.is_finished());
        assert_eq!(coro::ready_count(), 0);
    });
}

#[test]
fn a_termination_raised_in_another_coro_is_a_panic() {
    fresh(|| {
        let payload = Rc::new(Cell::new(None::<Box<dyn Any + Send>>));
        let taken = Rc::clone(&payload);
        let first = spawn(move || taken.set(catch_unwind(|| coro::terminate(())).err()));
        first.join().expect("it has caught its termination");
        let second = spawn(move || -> u8 {
            resume_unwind(payload.take().expect("a termination unwinds"));
        });
        assert!(second.join().unwrap_err().is_panic());
    });
}

#[test]
fn a_driver_that_removes_itself_gets_no_more_turns() {
    struct Leaves(Rc<Cell<u32>>);
    impl Driver for Leaves {
        fn turn(&mut self, _: Turn) -> Outlook {
            self.0.set(self.0.get() + 1);
            drop(coro::set_driver(None));
            Outlook::Waiting
        }
        fn waker(&self) -> Waker {
            Waker::noop().clone()
        }
    }
    fresh(|| {
        let turns = Rc::new(Cell::new(0));
        drop(coro::set_driver(Some(Box::new(Leaves(turns.clone())))));
        let (main, mut idled) = (coro::main(), 0);
        drop(coro::set_idle(Some(Box::new(move || {
            idled += 1;
            if idled == 5 {
                main.ready();
            }
            Outlook::Waiting
        }))));
        schedule();
        assert_eq!(turns.get(), 1);
    });
}

#[test]
fn a_suspended_coro_that_cedes_as_it_dies_leads_back_to_its_canceller() {
    fresh(|| {
        let c = spawn(|| {
            let _suspends = defer(|| {
                current().suspend();
                cede_notself();
            });
            schedule();
        });
        spawn_company();
        cede();
        // Nothing but this is left to go on after the company has ended.
        c.cancel();
        assert!(!c.is_finished());
        c.resume();
        assert!(c.join().unwrap_err().is_cancelled());
    });
}

#[test]
fn main_is_used_once_per_switch_to_it() {
    fresh(|| {
        // One ends, one cedes.
        drop((spawn(|| ()), spawn(cede)));
        let before = coro::main().use_count();
        cede();
        assert_eq!(coro::main().use_count() - before, 1);
    });
}

#[test]
fn a_cancel_out_of_the_event_of_a_switch_is_not_lost() {
    struct CancelsOnce(Option<fn(&Coro)>);
    impl Observer for CancelsOnce {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::SwitchedOut { coro, .. } = event
                && **coro != coro::main()
                && let Some(cancel) = self.0.take()
            {
                cancel(coro);
            }
        }
    }
    let cancels: [fn(&Coro); 2] = [Coro::cancel, |c| {
        c.safe_cancel()
            .expect("it is leaving, and may be cancelled");
    }];
    for cancel in cancels {
        fresh(move || {
            drop(coro::set_observer(Some(Box::new(CancelsOnce(Some(
                cancel,
            ))))));
            let c = spawn(schedule);
            cede_a_few_times();
            assert!(c.is_finished() && !c.is_ready());
        });
    }
}

#[test]
fn exit_called_in_the_idle_hook_gives_its_status() {
    const MARK: &str = "CORO_TEST_EXITS";
    if std::env::var_os(MARK).is_some() {
        drop(coro::set_idle(Some(Box::new(|| std::process::exit(0)))));
        return schedule();
    }
    let binary = std::env::current_exe().expect("the test binary has a path");
    let binary = binary.to_str().expect("its path is text");
    let name = "hazards::attacks::exit_called_in_the_idle_hook_gives_its_status";
    let ran = run_with(binary, &["--exact", name, "--nocapture"], &[(MARK, "1")]).exited_with(0);
    // The test has begun, and the harness has not come to its end.
    assert!(ran.said.contains("running 1 test"), "{}", ran.said);
    assert!(!ran.said.contains("test result"), "{}", ran.said);
}
