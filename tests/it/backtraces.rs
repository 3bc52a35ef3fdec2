//! `Coro::backtrace`: looking at the stack of a coro that is switched out.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, Event, Observer, cede, current, no_switch, schedule, set_observer, spawn};

#[inline(never)]
fn outer_of_this() {
    inner_of_this();
    cede();
}

#[inline(never)]
fn inner_of_this() {
    schedule();
    cede();
}

#[track_caller]
fn assert_in_order(text: &str, names: [&str; 2]) {
    let places = names.map(|name| {
        text.find(name)
            .unwrap_or_else(|| panic!("no {name} in {text}"))
    });
    assert!(places[0] < places[1], "{text}");
}

#[test]
fn it_names_the_calls_innermost_first_and_nothing_else() {
    let c = spawn(outer_of_this);
    cede();
    let text = c.backtrace().unwrap().to_string();
    assert_in_order(&text, ["inner_of_this", "outer_of_this"]);
    for foreign in [
        "probe",
        "passage",
        "dispatch",
        "catch_unwind",
        "corosensei",
        "it_names",
    ] {
        assert!(!text.contains(foreign), "{foreign} in {text}");
    }
    assert!(text.trim_start().starts_with("0: "));
    c.ready();
    c.join().unwrap();
}

#[test]
fn to_look_changes_nothing() {
    struct Events(Rc<Cell<u32>>);
    impl Observer for Events {
        fn event(&mut self, _: &Event<'_>) {
            self.0.set(self.0.get() + 1);
        }
    }
    let c = spawn(|| {
        schedule();
        5
    });
    cede();
    let events = Rc::new(Cell::new(0));
    set_observer(Some(Box::new(Events(events.clone()))));
    let before = c.use_count();
    for _ in 0..3 {
        assert!(c.backtrace().is_some());
    }
    set_observer(None);
    assert_eq!((c.use_count(), events.get()), (before, 0));
    assert!(!c.is_ready() && !c.is_running() && current() != *c.coro());
    c.ready();
    assert_eq!(c.join().unwrap(), 5);
}

#[test]
fn it_can_be_had_where_nothing_may_switch_and_from_another_coro() {
    let c = spawn(outer_of_this);
    cede();
    let target = c.coro().clone();
    let asker = spawn(move || {
        let text = no_switch(|| target.backtrace().unwrap().to_string());
        cede();
        text
    });
    assert_in_order(&asker.join().unwrap(), ["inner_of_this", "outer_of_this"]);
    c.ready();
    c.join().unwrap();
}

#[test]
fn an_interruption_that_is_pending_is_raised_when_the_coro_runs_not_when_it_is_looked_at() {
    let c = spawn(|| coro::catch(schedule).unwrap_err().is::<&str>());
    cede();
    c.throw("pending");
    assert!(c.backtrace().is_some());
    assert!(!c.is_finished());
    assert!(c.join().unwrap());
}

#[test]
fn main_is_seen_from_a_coro_without_the_coros_own_calls() {
    #[inline(never)]
    fn main_waits_here(c: coro::JoinHandle<String>) -> String {
        let text = c.join().unwrap();
        // So that this is no tail call.
        std::hint::black_box(&text);
        text
    }
    #[inline(never)]
    fn look_at_main() -> String {
        coro::main().backtrace().unwrap().to_string()
    }
    let text = main_waits_here(spawn(look_at_main));
    assert!(text.contains("main_waits_here"), "{text}");
    assert!(!text.contains("look_at_main"), "{text}");
}

#[test]
fn the_running_coro_sees_itself() {
    #[inline(never)]
    fn look() -> String {
        current().backtrace().unwrap().to_string()
    }
    let text = spawn(look).join().unwrap();
    assert!(text.contains("look"), "{text}");
    assert!(!text.contains("coro::backtrace"), "{text}");
}

#[test]
fn there_is_none_before_the_first_run_after_the_end_and_on_a_stack_without_room() {
    let c = spawn(|| ());
    assert!(c.backtrace().is_none());
    cede();
    assert!(c.backtrace().is_none());
    /// Goes down until the stack has less than 11 KiB left, and blocks there.
    fn deep() -> usize {
        let me = current();
        let left = me
            .stack_size()
            .zip(me.stack_used())
            .map(|(size, used)| size - used);
        if left.is_some_and(|left| left < 11 * 1024) {
            schedule();
            return 0;
        }
        deep() + 1
    }
    let full = Builder::new().stack_size(64 * 1024).spawn(deep);
    cede();
    assert!(full.backtrace().is_none());
    full.ready();
    assert!(full.join().unwrap() > 0);
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "the names of inlined calls need debug information"
)]
fn a_coro_that_blocks_in_a_destructor_while_it_unwinds_can_be_looked_at() {
    struct Blocks;
    impl Drop for Blocks {
        fn drop(&mut self) {
            inner_of_this();
        }
    }
    let c = spawn(|| {
        let _blocks = Blocks;
        schedule();
    });
    cede();
    c.cancel();
    let text = c.backtrace().unwrap().to_string();
    assert_in_order(&text, ["inner_of_this", "Blocks"]);
    c.ready();
    c.coro().join();
}
