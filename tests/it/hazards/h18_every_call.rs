//! H18: every public call of the kernel, from every kind of foreign code that the family calls.
//!
//! The table below has a row for each; a test compares it with the sources.

mod calls;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::panic::Location;
use std::rc::Rc;

use coro::{
    Builder, Coro, Event, Holder, LocalSlot, Observer, Outlook, Policy, Wait, cede, current,
    schedule, spawn,
};
use coro_channel::Channel;
use coro_semaphore::Semaphore;
use coro_sync::{SemaphoreSet, Signal};

use calls::everything;

use crate::support::{caught, defer, die, fresh, text};

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
