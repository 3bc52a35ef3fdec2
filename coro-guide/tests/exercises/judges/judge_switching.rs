//! The news reaches those whom it is for, once, whoever comes, goes or tells more meanwhile.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::switching::Listeners;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // The teller may be cancelled wherever it can be.
    let explorer = Builder::new().spurious(0).cancels(1).victims(["teller"]);
    all(
        &explorer,
        &[
            listeners_may_call_everything,
            others_come_and_go,
            two_tell_at_the_same_time,
        ],
    )
}

/// Who heard what.
#[derive(Clone, Default)]
struct Heard(Rc<RefCell<Vec<String>>>);

impl Heard {
    /// Returns a listener that notes the news, and lets others run.
    fn by(&self, name: &'static str) -> impl Fn(&str) + 'static {
        let heard = self.clone();
        move |news| {
            heard.0.borrow_mut().push(format!("{name} {news}"));
            coro::cede();
        }
    }

    /// Takes the notes out, sorted.
    fn all(&self) -> Vec<String> {
        let mut all = self.0.take();
        all.sort();
        all
    }
}

fn listeners_may_call_everything() {
    let listeners = Rc::new(Listeners::new());
    let heard = Heard::default();
    let numbers = Rc::new(RefCell::new(Vec::new()));
    let (list, all, hears) = (listeners.clone(), numbers.clone(), heard.clone());
    let first = listeners.add(move |_| {
        // It goes, takes the third one along, has some news too, and another one comes.
        let numbers = all.take();
        numbers.into_iter().for_each(|number| list.remove(number));
        list.tell("0");
        list.add(hears.by("late"));
    });
    listeners.add(heard.by("second"));
    let third = listeners.add(heard.by("third"));
    numbers.borrow_mut().extend([first, third]);
    listeners.tell("1");
    assert_eq!(
        heard.all(),
        ["second 0", "second 1"],
        "the third is gone, and the late one comes later"
    );
    listeners.tell("2");
    assert_eq!(heard.all(), ["late 2", "second 2"]);
}

fn others_come_and_go() {
    let listeners = Rc::new(Listeners::new());
    let heard = Heard::default();
    let (is_told, is_gone) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    listeners.add(heard.by("first"));
    let gone = is_gone.clone();
    let second = listeners.add(move |_| assert!(!gone.get(), "who has been removed is not called"));
    let (list, begun) = (listeners.clone(), is_told.clone());
    let teller = coro::Builder::new().desc("teller").spawn(move || {
        begun.set(true);
        list.tell("1");
    });
    let (list, hears) = (listeners.clone(), heard.by("late"));
    let mover = coro::Builder::new().desc("mover").spawn(move || {
        list.remove(second);
        is_gone.set(true);
        let is_late = is_told.get();
        list.add(hears);
        is_late
    });
    let is_done = teller.join().is_ok();
    let is_late = mover.join().expect("nobody cancels it");
    let all = heard.all();
    if is_done {
        let late = "late 1".to_owned();
        assert_eq!(
            all.contains(&late),
            !is_late,
            "the news is for who was there"
        );
        assert!(all.contains(&"first 1".to_owned()));
    }
    listeners.tell("2");
    assert_eq!(heard.all(), ["first 2", "late 2"], "the list is as it was");
}

fn two_tell_at_the_same_time() {
    let listeners = Rc::new(Listeners::new());
    let heard = Heard::default();
    listeners.add(heard.by("first"));
    listeners.add(heard.by("second"));
    let list = listeners.clone();
    let other = coro::Builder::new()
        .desc("other")
        .spawn(move || list.tell("1"));
    listeners.tell("2");
    other.join().expect("nobody cancels it");
    let each_once = ["first 1", "first 2", "second 1", "second 2"];
    assert_eq!(heard.all(), each_once, "everybody hears all, once");
}
