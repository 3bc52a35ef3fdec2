//! H18: every public call of the kernel, from every kind of foreign code that the family calls.
//!
//! The table below has a row for each; a test compares it with the sources.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use coro::{
    Builder, Coro, Event, Holder, LocalSlot, Observer, Outlook, OverdueKey, Policy, Prio, Wait,
    cede, current, schedule, spawn,
};
use coro_channel::Channel;
use coro_semaphore::Semaphore;
use coro_sync::{SemaphoreSet, Signal};

use crate::support::{caught, defer, die, fresh, text};

/// A call of the kernel, by its name in the sources.
type Call = (&'static str, fn());

/// Returns a coro that is blocked, ready or new, as the moment will have it.
fn somebody() -> Coro {
    let others = coro::all();
    let other = others
        .iter()
        .find(|c| **c != current() && **c != coro::main());
    match other {
        Some(other) => other.clone(),
        None => spawn(schedule).coro().clone(),
    }
}

/// A wait of which somebody asks what it is.
struct Plain;

impl Wait for Plain {
    fn what(&self) -> &'static str {
        "a plain wait"
    }
}

/// Readies the current coro, so that a call that blocks returns.
fn woken(block: impl FnOnce()) {
    current().ready();
    block();
}

const CALLS: &[Call] = &[
    ("spawn", || drop(spawn(|| 1))),
    ("new", || {
        drop(
            Builder::new()
                .desc("new")
                .prio(Prio::new(1))
                .stack_size(1)
                .build(|| 1),
        );
        drop(LocalSlot::new());
    }),
    ("desc", || _ = current().desc()),
    ("prio", || _ = somebody().prio()),
    ("stack_size", || {
        drop(Builder::new().stack_size(1 << 20).spawn(|| 1))
    }),
    ("build", || drop(Builder::new().build(|| 1))),
    ("id", || _ = current().id()),
    ("set_desc", || somebody().set_desc("described")),
    ("use_count", || _ = current().use_count()),
    ("set_prio", || _ = somebody().set_prio(Prio::LOW)),
    ("nice", || _ = somebody().nice(1)),
    ("is_new", || _ = somebody().is_new()),
    ("is_ready", || _ = somebody().is_ready()),
    ("is_running", || _ = somebody().is_running()),
    ("is_suspended", || _ = somebody().is_suspended()),
    ("is_finished", || _ = somebody().is_finished()),
    ("ready", || _ = somebody().ready()),
    ("into_ready", || _ = somebody().into_ready()),
    ("suspend", || somebody().suspend()),
    ("resume", || somebody().resume()),
    ("schedule_to", || woken(|| _ = somebody().schedule_to())),
    ("cede_to", || _ = somebody().cede_to()),
    ("terminate", || coro::terminate(Wrong)),
    ("killall", coro::killall),
    ("shutdown", || drop(coro::shutdown())),
    ("current", || drop(current())),
    ("main", || drop(coro::main())),
    ("schedule", || woken(schedule)),
    ("wait_for", || woken(|| coro::wait_for(&Plain))),
    ("cede", cede),
    ("cede_notself", coro::cede_notself),
    ("check", coro::check),
    ("choose", || _ = coro::choose(3)),
    ("ready_count", || _ = coro::ready_count()),
    ("all", || drop(coro::all())),
    ("of", || {
        _ = format!("{:?}", Holder::of(&somebody()).place())
    }),
    ("place", || _ = Holder::current().id()),
    ("set_policy", || drop(coro::set_policy(None))),
    ("set_observer", || drop(coro::set_observer(None))),
    ("set_driver", || drop(coro::set_driver(None))),
    ("set_timers", || drop(coro::set_timers(None))),
    ("timers_armed", coro::timers_armed),
    ("set_clock", || drop(coro::set_clock(None))),
    ("now", || _ = coro::now()),
    ("set_idle", || drop(coro::set_idle(None))),
    ("set_patience", || {
        _ = coro::set_patience(Some(Duration::MAX))
    }),
    ("backtrace", || drop(somebody().backtrace())),
    ("with_backtraces", || {
        _ = coro::report().with_backtraces().coros().len();
    }),
    ("defer", || coro::defer(|| ())),
    ("stack_used", || _ = somebody().stack_used()),
    ("stack_peak", || _ = somebody().stack_peak()),
    ("cancel", || spawn(schedule).cancel()),
    ("safe_cancel", || _ = somebody().safe_cancel()),
    ("throw", || drop(somebody().throw("thrown"))),
    ("clear_throw", || somebody().clear_throw()),
    ("retract", || _ = somebody().throw("back").retract()),
    ("join", || drop(spawn(|| 1).join())),
    ("joiner", || drop(somebody().joiner())),
    ("on_destroy", || somebody().on_destroy(|| ())),
    ("is_cancelled", || end_of(|c| c.cancel())),
    ("coro", || drop(spawn(|| 1).coro().clone())),
    ("shared", || drop(spawn(|| 1).shared().coro().clone())),
    ("cancel_with", || spawn(|| 1).cancel_with(2)),
    ("inherited", || drop(LocalSlot::inherited())),
    ("get", || local(|slot| drop(slot.get()))),
    ("note", || local(|slot| _ = slot.note())),
    ("replace", || local(|slot| drop(slot.replace(None)))),
    ("put", || local(|slot| drop(slot.put(Rc::new(1), 2)))),
    ("set_overdue", || {
        somebody().set_overdue(OverdueKey::unique());
        somebody().clear_overdue(OverdueKey::unique());
    }),
    ("overdue", || _ = somebody().overdue()),
    ("overdue_key", || _ = coro::overdue_key(&"a payload")),
    ("report", || _ = coro::report().to_string()),
    ("rouse", || drop(coro::rouse::<u8>())),
    ("call", || coro::rouse().0.call(1)),
    ("wait", || drop(coro::rouse::<u8>().1)),
    ("unblock_fn", || coro::unblock_fn(|()| ())(())),
    ("scope", || coro::scope(|s| drop(s.spawn(|| 1).join()))),
    ("shield", || coro::shield(|| ())),
    ("no_switch", || coro::no_switch(|| ())),
    ("unwinding", || _ = coro::unwinding()),
    ("is_cancel", || _ = coro::is_cancel(&1)),
    ("catch", || drop(coro::catch(cede))),
    ("wake", || somebody().waker().wake()),
    ("waker", || drop(somebody().waker())),
    ("on_enter", || drop(coro::on_enter(|| ()))),
    ("on_leave", || drop(coro::on_leave(|| ()))),
];

/// No coro has it for its result.
struct Wrong;

/// Looks at how a coro ended.
fn end_of(end: impl FnOnce(&Coro)) {
    let c = spawn(|| 1);
    end(&c);
    if let Err(why) = c.join() {
        let kinds = [
            why.is_cancelled(),
            why.is_panic(),
            why.is_thrown(),
            why.is_no_stack(),
        ];
        assert_eq!(kinds.into_iter().filter(|is| *is).count(), 1);
        _ = why.into_value::<i32>();
    }
}

fn local(f: impl FnOnce(&LocalSlot)) {
    let slot = LocalSlot::new();
    drop(slot.replace(Some(Rc::new(()))));
    f(&slot);
}

/// What a call may panic with, by what it begins with.
const REFUSALS: &[&str] = &[
    "cannot switch inside ",
    "cannot terminate ",
    "terminate: ",
    "thrown",
    "deadlock: ",
    "shutdown is for main alone",
    "cannot defer in ",
    "a scoped coro panicked",
];

/// Makes every call of the table; a refusal says what is wrong, and nothing else happens.
fn everything() {
    for (name, call) in CALLS {
        if *name == "terminate" && coro::unwinding() != Some(false) {
            // It says that it aborts there.
            continue;
        }
        if let Err(payload) = caught(*call) {
            let said = text(&*payload);
            let is_refusal = REFUSALS.iter().any(|begin| said.starts_with(begin));
            assert!(is_refusal || coro::is_cancel(&*payload), "{name}: {said}");
        }
    }
}

thread_local! {
    static CALLED: Cell<u32> = const { Cell::new(0) };
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// As `everything`, but not within itself, and it is counted.
fn meddle() {
    if INSIDE.replace(true) {
        return;
    }
    // What fails must not get lost in a destructor.
    if let Err(payload) = caught(everything) {
        eprintln!("{}", text(&*payload));
        std::process::abort();
    }
    INSIDE.set(false);
    CALLED.set(CALLED.get() + 1);
}

/// Runs a piece of foreign code's surroundings; it must have meddled, and all is well afterwards.
fn survives(surroundings: fn()) {
    fresh(move || {
        surroundings();
        for _ in 0..100 {
            _ = caught(cede);
        }
        assert!(CALLED.get() > 0, "the foreign code was not called");
        INSIDE.set(true);
        drop((
            coro::set_policy(None),
            coro::set_observer(None),
            coro::set_idle(None),
        ));
        assert!(coro::shutdown().is_empty());
        assert_eq!(coro::ready_count(), 0);
        assert_eq!(coro::all(), [current()]);
        assert_eq!(spawn(|| 5).join().ok(), Some(5));
        _ = coro::report().to_string();
    });
}

macro_rules! from {
    ($($name:ident: $surroundings:expr;)*) => {$(
        #[test]
        fn $name() {
            survives(|| $surroundings);
        }
    )*};
}

/// A key that meddles when it is hashed, compared, cloned, shown or dropped: one of them each.
struct Key(&'static str, u32);

impl Key {
    fn at(&self, moment: &str) {
        if self.0 == moment {
            meddle();
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.at("hash");
        self.1.hash(hasher);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.at("eq");
        self.1 == other.1
    }
}

impl Eq for Key {}

impl Clone for Key {
    fn clone(&self) -> Self {
        self.at("clone");
        Self(self.0, self.1)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.at("debug");
        write!(f, "{}", self.1)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.at("drop");
    }
}

/// Uses a set in every way, with waiters.
fn use_set(moment: &'static str) {
    let set = Rc::new(SemaphoreSet::new(0));
    let theirs = Rc::clone(&set);
    let c = spawn(move || theirs.down(Key(moment, 1)));
    cede();
    set.up(Key(moment, 1));
    set.up(Key(moment, 2));
    _ = set.try_down(Key(moment, 2));
    _ = (set.count(&Key(moment, 1)), set.waiters(&Key(moment, 1)));
    drop(set.try_acquire(Key(moment, 3)));
    set.up(Key(moment, 4));
    _ = format!("{set:?} {:?}", set.sem(Key(moment, 5)));
    drop(caught(|| c.join()));
    drop(set);
}

/// A description that is made by code of its own.
struct Text;

impl From<Text> for Rc<str> {
    fn from(_: Text) -> Self {
        meddle();
        "described".into()
    }
}

/// A payload, and a result, whose destructor meddles.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        meddle();
    }
}

/// A wait that meddles when it is asked.
struct Asked;

impl Wait for Asked {
    fn what(&self) -> &'static str {
        meddle();
        "asked"
    }
    fn made(&self) -> Option<&'static Location<'static>> {
        meddle();
        None
    }
    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        meddle();
        tell(Holder::current());
    }
    fn leave(&self, _: &Coro) {
        meddle();
    }
}

/// A result that meddles when it is cloned.
struct Copied;

impl Clone for Copied {
    fn clone(&self) -> Self {
        meddle();
        Self
    }
}

struct Hook;

impl Policy for Hook {
    fn next(&mut self, ready: &[Coro]) -> usize {
        meddle();
        ready.len() - 1
    }
    fn choose(&mut self, _: usize) -> Option<usize> {
        meddle();
        None
    }
}

impl Observer for Hook {
    fn event(&mut self, _: &Event<'_>) {
        meddle();
    }
}

from! {
    a_hasher: use_set("hash");
    a_comparison: use_set("eq");
    a_clone_of_a_key: { use_set("clone"); meddle(); };
    a_debug_of_a_key: { use_set("debug"); meddle(); };
    the_drop_of_a_key: use_set("drop");
    a_description: {
        current().set_desc(Text);
        drop(Builder::new().desc(Text).build(|| ()));
    };
    the_drop_of_a_payload: {
        let c = spawn(|| drop(caught(schedule)));
        cede();
        drop(c.throw(Dropped));
        drop(c.throw(Dropped));
        c.coro().join();
        let c = spawn(|| -> () { std::panic::panic_any(die_quietly()) });
        drop(c.join());
    };
    the_drop_of_a_payload_whose_destructor_panics: {
        struct Dies;
        impl Drop for Dies {
            fn drop(&mut self) {
                meddle();
                die("in a payload's destructor");
            }
        }
        let c = spawn(|| std::panic::resume_unwind(Box::new(Dies)));
        c.coro().join();
        drop(caught(|| drop(c)));
        drop(spawn(|| std::panic::resume_unwind(Box::new(Dies))));
        cede();
    };
    the_drop_of_a_result: {
        drop(spawn(|| Dropped));
        cede();
    };
    the_clone_of_a_shared_result: drop(spawn(|| Rc::new(Copied)).shared().join().map(|c| (*c).clone()));
    a_destroy_handler: { spawn(|| ()).on_destroy(meddle); cede(); };
    a_coro_local: {
        let slot = LocalSlot::new();
        let c = spawn(move || drop(slot.replace(Some(Rc::new((Dropped, LocalSlot::new()))))));
        drop(c.join());
    };
    a_wait_that_is_reported_and_left: {
        let c = spawn(|| coro::wait_for(&Asked));
        cede();
        _ = coro::report().to_string();
        _ = c.safe_cancel();
        c.coro().join();
    };
    a_winders_block: {
        let c = spawn(|| {
            let _winders = (coro::on_enter(meddle), coro::on_leave(meddle));
            cede();
        });
        c.coro().join();
    };
    a_policy: {
        drop(coro::set_policy(Some(Box::new(Hook))));
        spawn(cede).coro().join();
    };
    a_policys_choice: {
        drop(coro::set_policy(Some(Box::new(Hook))));
        _ = coro::choose(2);
    };
    an_observer: {
        drop(coro::set_observer(Some(Box::new(Hook))));
        spawn(cede).coro().join();
    };
    the_idle_hook: {
        let main = coro::main();
        drop(coro::set_idle(Some(Box::new(move || {
            meddle();
            main.ready();
            Outlook::Progress
        }))));
        _ = caught(schedule);
    };
    a_callback_in_a_queue: {
        let (sem, signal) = (Semaphore::new(0), Signal::new());
        sem.wait_with(meddle);
        signal.wait_with(meddle);
        sem.up();
        signal.send();
    };
    a_rouse: {
        let (callback, rouse) = coro::rouse();
        callback.call(Dropped);
        drop(rouse);
    };
    an_item_of_a_channel: {
        let channel = Channel::bounded(2);
        channel.put(Dropped);
        channel.put(Dropped);
        drop(channel.get());
        drop(channel);
    };
    a_borrowed_cell_whose_value_is_replaced: {
        let cell = RefCell::new(Some(Dropped));
        drop(cell.take());
    };
    a_local_of_a_coro_that_is_cancelled: {
        let c = spawn(|| {
            let _meddles = defer(meddle);
            schedule();
        });
        cede();
        c.cancel();
        c.coro().join();
    };
}

/// Returns a payload that meddles; it must not print.
fn die_quietly() -> Box<dyn Any + Send> {
    drop(std::panic::take_hook());
    Box::new(())
}

/// Returns the names of the public functions in a source.
fn public(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let code = line.trim_start();
        let code = code
            .strip_prefix("pub const fn ")
            .or(code.strip_prefix("pub fn "))?;
        code.split(['(', '<']).next()
    })
}

#[test]
fn the_table_has_every_public_call_of_the_kernel() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../coro/src");
    let here = include_str!("h18_every_call.rs");
    let mut missing = Vec::new();
    let mut names = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        // The folders are of reports, which only tell what is in them.
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let source = std::fs::read_to_string(path).unwrap();
        for name in public(&source) {
            names += 1;
            let is_called = [".", "::"].iter().any(|by| {
                ["(", "::<"]
                    .iter()
                    .any(|to| here.contains(&format!("{by}{name}{to}")))
            });
            let is_row = CALLS.iter().any(|(row, _)| *row == name);
            if !is_called && !is_row {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(names > 90, "{names} are not all");
    // The first only gives a payload away; a watchdog is an OS thread, and has tests of its own.
    missing.retain(|name| !["into_panic", "watchdog", "watchdog_with"].contains(&name.as_str()));
    assert_eq!(missing, [""; 0]);
}
