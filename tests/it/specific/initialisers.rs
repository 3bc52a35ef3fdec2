//! Coro-local variables that make their values themselves, when they are first asked for.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Mutex;

use coro::{Builder, cede, schedule, spawn};
use coro_specific::Specific;

use crate::specific::me;
use crate::support::{Counted, Log, caught, counted, die, in_a_process, outcome};

#[test]
fn an_initialiser_runs_once_in_each_coro_in_its_context_and_may_switch() {
    let log = Log::new();
    let ours = Rc::new(Specific::with_init(move || {
        log.say(format!("{} begins", me()));
        cede();
        log.say(format!("{} ends", me()));
        me()
    }));
    let [a, b] = ["a", "b"].map(|name| {
        let theirs = ours.clone();
        Builder::new().desc(name).spawn(move || {
            assert_eq!(theirs.with(|value| value.map(String::len)), Some(1));
            theirs.get()
        })
    });
    assert_eq!(a.join().unwrap().as_deref(), Some("a"));
    assert_eq!(b.join().unwrap().as_deref(), Some("b"));
    log.expect(["a begins", "b begins", "a ends", "b ends"]);
    let untouched = spawn(move || assert_eq!(ours.replace("set".into()), None));
    untouched.join().unwrap();
    log.expect([]);
}

#[test]
fn a_value_that_is_taken_is_made_again() {
    let made = Rc::new(Cell::new(0));
    let count = made.clone();
    let variable = Specific::with_init(move || count.replace(count.get() + 1));
    assert_eq!((variable.get(), variable.get()), (Some(0), Some(0)));
    assert_eq!((variable.take(), variable.take()), (Some(0), None));
    assert_eq!((variable.get(), made.get()), (Some(1), 2));
    assert_eq!(format!("{:?}", Specific::with_init(|| 1)), "Specific(None)");
}

#[test]
fn an_initialiser_that_panics_or_is_thrown_at_is_tried_again() {
    let tries = Rc::new(Cell::new(0));
    let count = tries.clone();
    let ours = Rc::new(Specific::with_init(move || {
        count.set(count.get() + 1);
        match count.get() {
            1 => die("at first"),
            2 => schedule(),
            _ => {}
        }
        count.get()
    }));
    let c = spawn(move || {
        let outcomes = [(); 2].map(|()| outcome(|| ours.get()));
        assert_eq!(outcomes, ["at first", "thrown"]);
        ours.get()
    });
    cede();
    c.throw("thrown");
    assert_eq!(c.join().unwrap(), Some(3));
}

thread_local! {
    static ITSELF: Cell<Option<&'static Specific<u8>>> = const { Cell::new(None) };
}

fn itself() -> &'static Specific<u8> {
    ITSELF.get().expect("it was set")
}

#[test]
fn an_initialiser_that_asks_for_its_value_panics_at_its_line() {
    static BLAMED: Mutex<Option<(String, u32)>> = Mutex::new(None);
    static ASKED: Mutex<u32> = Mutex::new(0);
    in_a_process(
        "specific::initialisers::an_initialiser_that_asks_for_its_value_panics_at_its_line",
        || {
            std::panic::set_hook(Box::new(|info| {
                let at = info.location().expect("panics have places");
                *BLAMED.lock().unwrap() = Some((at.file().to_owned(), at.line()));
            }));
            let variable = Specific::with_init(|| {
                *ASKED.lock().unwrap() = line!() + 1;
                itself().get().unwrap_or(0)
            });
            ITSELF.set(Some(Box::leak(Box::new(variable))));
            let payload = caught(|| itself().get()).unwrap_err();
            let text = payload.downcast_ref::<&str>().expect("a literal");
            assert!(text.contains("asks for the value that it is to make"));
            let blamed = BLAMED.lock().unwrap().take().expect("it panicked");
            let _ = std::panic::take_hook();
            assert_eq!(blamed, (file!().to_owned(), *ASKED.lock().unwrap()));
            // It is tried again, with the same end.
            assert!(caught(|| itself().get()).is_err());
        },
    );
}

#[test]
fn an_initialiser_may_set_and_its_value_replaces_that() {
    let (value, drops) = counted();
    let first = Cell::new(Some(value));
    let (value, others) = counted();
    let second = Cell::new(Some(value));
    let itself: Rc<std::cell::OnceCell<&'static Specific<Counted>>> = Rc::default();
    let own = itself.clone();
    let variable = Specific::with_init(move || {
        own.get().unwrap().set(first.take().expect("it runs once"));
        second.take().expect("it runs once")
    });
    itself.set(Box::leak(Box::new(variable))).unwrap();
    assert!(itself.get().unwrap().with(|value| value.is_some()));
    assert_eq!((drops.get(), others.get()), (1, 0));
}
