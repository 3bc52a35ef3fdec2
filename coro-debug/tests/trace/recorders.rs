//! Several recordings, and other observers: each is told of all that happens while it is there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Event, Observer, note, spawn};
use coro_debug::trace::{Recorder, Recording, Trace};

use super::listener::{Listener, fresh};

/// The notes in a trace.
fn notes(trace: &Trace) -> Vec<u32> {
    let text = format!("{trace:#}");
    let notes = text.split('“').skip(1);
    notes
        .map(|note| note.split('”').next().unwrap().parse().unwrap())
        .collect()
}

fn start() -> Recording {
    Recorder::new().start()
}

#[test]
fn of_nested_recordings_each_has_what_happened_from_its_beginning_to_its_end() {
    fresh(|| {
        let outer = start();
        note(1);
        let inner = start();
        note(2);
        assert_eq!(notes(&inner.stop()), [2]);
        note(3);
        assert_eq!(notes(&outer.stop()), [1, 2, 3]);
    });
}

#[test]
fn recordings_may_be_stopped_in_any_order() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        fresh(move || {
            let mut all = [0, 1, 2].map(|n| {
                let recording = start();
                note(n);
                Some(recording)
            });
            for (turn, at) in order.into_iter().enumerate() {
                let at: usize = at;
                note(10 + turn as u32);
                let trace = all[at].take().unwrap().stop();
                let expected = (at as u32..3).chain(10..=10 + turn as u32);
                assert_eq!(notes(&trace), expected.collect::<Vec<_>>(), "{order:?}");
            }
        });
    }
}

#[test]
fn when_all_recordings_are_over_nobody_is_told_any_more_whatever_their_order_was() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        fresh(move || {
            let mut all = [(); 3].map(|()| Some(start()));
            order.into_iter().for_each(|at: usize| all[at] = None);
            assert!(
                coro::set_observer(None).is_none(),
                "{order:?}: nothing when off"
            );
        });
    }
}

#[test]
fn who_was_there_before_is_told_during_and_after_all_recordings_in_any_order() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        fresh(move || {
            let before = Listener::install();
            let mut all = [(); 3].map(|()| Some(start()));
            for (turn, at) in order.into_iter().enumerate() {
                let at: usize = at;
                note(1);
                assert_eq!(before.count(), turn + 1);
                all[at] = None;
            }
            spawn(|| ()).join().unwrap();
            assert!(before.count() > 6);
            drop(coro::set_observer(None));
            assert_eq!(
                Rc::strong_count(&before.0),
                1,
                "{order:?}: it was put back itself"
            );
        });
    }
}

/// Tells another, and counts.
struct Later(Cell<Option<Box<dyn Observer>>>, Rc<Cell<u32>>);

impl Observer for Later {
    fn event(&mut self, event: &Event<'_>) {
        self.1.set(self.1.get() + 1);
        if let Some(mut observer) = self.0.take() {
            observer.event(event);
            self.0.set(Some(observer));
        }
    }
}

#[test]
fn an_observer_that_has_come_since_stays_and_may_pass_on() {
    fresh(|| {
        let before = Listener::install();
        let recording = start();
        let count = Rc::new(Cell::new(0));
        let ours = coro::set_observer(None);
        coro::set_observer(Some(Box::new(Later(Cell::new(ours), count.clone()))));
        note(1);
        let trace = recording.stop();
        note(2);
        assert_eq!(
            (notes(&trace), before.count(), count.get()),
            (vec![1], 2, 2)
        );
        assert!(coro::set_observer(None).is_some());
    });
}

#[test]
fn an_observer_that_has_taken_the_place_of_the_recorder_stays() {
    fresh(|| {
        struct Counter(Rc<Cell<u32>>);
        impl Observer for Counter {
            fn event(&mut self, _: &Event<'_>) {
                self.0.set(self.0.get() + 1);
            }
        }
        let (before, count) = (Listener::install(), Rc::new(Cell::new(0)));
        let recording = start();
        // What comes next is, as like as not, where the recorder's was.
        drop(coro::set_observer(None));
        coro::set_observer(Some(Box::new(Counter(count.clone()))));
        note(1);
        let trace = recording.stop();
        note(2);
        assert_eq!((trace.steps(), before.count(), count.get()), (0, 0, 2));
        assert!(coro::set_observer(None).is_some());
    });
}

#[test]
fn a_recording_that_is_over_holds_nothing_though_others_keep_its_observer() {
    fresh(|| {
        let recording = start();
        let ours = coro::set_observer(None);
        coro::set_observer(Some(Box::new(Later(Cell::new(ours), Rc::default()))));
        drop(recording.stop());
        let name: Rc<str> = "a name".into();
        let c = coro::Builder::new().desc(name.clone()).spawn(|| ());
        c.join().unwrap();
        assert_eq!(Rc::strong_count(&name), 1);
        assert!(coro::set_observer(None).is_some());
    });
}

#[test]
fn a_recording_whose_observer_was_removed_ends_with_what_it_has() {
    fresh(|| {
        let recording = start();
        note(1);
        drop(coro::set_observer(None));
        note(2);
        assert_eq!(notes(&recording.stop()), [1]);
        assert!(coro::set_observer(None).is_none());
    });
}

/// Stops a recording at the first note, and counts the events.
struct Stops(Rc<RefCell<Option<Recording>>>, Rc<Cell<u32>>);

impl Observer for Stops {
    fn event(&mut self, event: &Event<'_>) {
        self.1.set(self.1.get() + 1);
        if matches!(event, Event::Noted { .. })
            && let Some(recording) = self.0.take()
        {
            assert_eq!(
                notes(&recording.stop()),
                [1],
                "it was recorded before we were told"
            );
        }
    }
}

#[test]
fn an_observer_may_stop_the_recording_while_it_is_told_and_goes_on_being_told() {
    fresh(|| {
        let (place, count) = (Rc::default(), Rc::new(Cell::new(0)));
        coro::set_observer(Some(Box::new(Stops(Rc::clone(&place), count.clone()))));
        *place.borrow_mut() = Some(start());
        note(1);
        assert!(place.borrow().is_none());
        note(2);
        note(3);
        assert_eq!(count.get(), 3);
    });
}

/// Asks a recording at each event how much it has.
struct Asks(Rc<RefCell<Option<Recording>>>, Rc<RefCell<Vec<usize>>>);

impl Observer for Asks {
    fn event(&mut self, _: &Event<'_>) {
        if let Some(recording) = &*self.0.borrow() {
            self.1.borrow_mut().push(recording.so_far().steps());
        }
    }
}

#[test]
fn an_observer_that_is_told_can_ask_what_was_recorded_so_far() {
    fresh(|| {
        let (place, steps) = (Rc::default(), Rc::default());
        coro::set_observer(Some(Box::new(Asks(Rc::clone(&place), Rc::clone(&steps)))));
        *place.borrow_mut() = Some(start());
        (1..4).for_each(note);
        assert_eq!(*steps.borrow(), [1, 2, 3]);
        place.take();
    });
}

/// Removes all observers when it is told something.
struct Removes;

impl Observer for Removes {
    fn event(&mut self, _: &Event<'_>) {
        drop(coro::set_observer(None));
    }
}

#[test]
fn an_observer_may_remove_all_while_it_is_told() {
    fresh(|| {
        coro::set_observer(Some(Box::new(Removes)));
        let recording = start();
        note(1);
        note(2);
        assert_eq!(notes(&recording.stop()), [1]);
        assert!(coro::set_observer(None).is_none());
    });
}

/// Begins a recording when it is told something.
struct Begins(Rc<RefCell<Option<Recording>>>);

impl Observer for Begins {
    fn event(&mut self, _: &Event<'_>) {
        if self.0.borrow().is_none() {
            *self.0.borrow_mut() = Some(start());
        }
    }
}

#[test]
fn a_recording_that_begins_while_an_observer_is_told_records() {
    fresh(|| {
        let place = Rc::default();
        coro::set_observer(Some(Box::new(Begins(Rc::clone(&place)))));
        note(1);
        note(2);
        spawn(|| note(3)).join().unwrap();
        let recording = place.take().unwrap();
        assert_eq!(notes(&recording.stop()), [2, 3]);
    });
}

#[test]
fn an_observer_that_readies_while_it_is_told_is_heard_by_nobody_and_harms_nobody() {
    /// Readies a coro at each note.
    struct Readies(coro::Coro);
    impl Observer for Readies {
        fn event(&mut self, event: &Event<'_>) {
            if matches!(event, Event::Noted { .. }) {
                self.0.ready();
            }
        }
    }
    fresh(|| {
        let c = spawn(coro::schedule);
        coro::set_observer(Some(Box::new(Readies(c.coro().clone()))));
        let recording = start();
        coro::cede();
        note(1);
        c.join().unwrap();
        let trace = recording.stop();
        coro::set_observer(None);
        assert!(
            trace.to_svg().contains("#1, which was not ready"),
            "as far as was told"
        );
    });
}

#[test]
fn the_clock_may_look_at_the_recording_that_asks_for_the_time() {
    struct Looks(Rc<RefCell<Option<Recording>>>);
    impl coro::Clock for Looks {
        fn now(&self) -> std::time::Instant {
            if let Ok(recording) = self.0.try_borrow()
                && let Some(recording) = &*recording
            {
                assert!(recording.so_far().steps() <= 3);
            }
            std::time::Instant::now()
        }
        fn skip_to(&self, _: std::time::Instant) -> bool {
            false
        }
    }
    fresh(|| {
        let place = Rc::default();
        coro::set_clock(Some(Box::new(Looks(Rc::clone(&place)))));
        *place.borrow_mut() = Some(Recorder::new().timed().start());
        (1..4).for_each(note);
        coro::set_clock(None);
        let recording = place.take().unwrap();
        assert_eq!(notes(&recording.stop()), [1, 2, 3]);
    });
}
