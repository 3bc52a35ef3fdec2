//! Every public call of the kernel, with what is at hand.

use std::rc::Rc;
use std::time::Duration;

use coro::{
    Builder, Coro, Holder, LocalSlot, OverdueKey, Prio, Wait, cede, current, schedule, spawn,
};

use crate::support::{caught, text};

/// A call of the kernel, by its name in the sources.
type Call = (&'static str, fn());

/// Returns a coro that is blocked, ready or new, as the moment will have it.
pub(super) fn somebody() -> Coro {
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

pub(super) const CALLS: &[Call] = &[
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
    ("note", || coro::note("here")),
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
    ("is_stranded", || _ = somebody().is_stranded()),
    ("handle_count", || _ = somebody().handle_count()),
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
    ("fire_timers", || _ = coro::fire_timers()),
    ("linger", || coro::linger(|| false)),
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
pub(super) const REFUSALS: &[&str] = &[
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
pub(super) fn everything() {
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
    let here = concat!(
        include_str!("calls.rs"),
        include_str!("../h18_every_call.rs")
    );
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
