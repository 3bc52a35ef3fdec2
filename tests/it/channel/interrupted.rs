//! Waits in channels that are interrupted or woken for nothing: what is given back, to whom, and what stays, in both forms.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{cede, no_switch, spawn};
use coro_channel::{Channel, TryPutError};

use crate::channel::{FORMS, getter, has_its_capacity, putter};
use crate::signal::{INTERRUPTIONS, settle};
use crate::support::{Log, outcome};

#[test]
fn spurious_wake_ups_change_nothing() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(1));
        let all = ["a", "b"].map(|name| getter(log, name, &channel));
        for _ in 0..3 {
            assert!(all[0].ready());
            settle();
        }
        log.expect([]);
        for value in 0..2 {
            channel.put(value);
            settle();
        }
        log.expect(["a: 0", "b: 1"]);
        channel.put(2);
        let all = [("p", 3), ("q", 4)].map(|(name, value)| putter(log, name, &channel, value));
        let before = channel.len();
        for _ in 0..3 {
            assert!(all[0].ready());
            settle();
        }
        assert_eq!(channel.len(), before, "{form}");
        log.expect([]);
        for (value, said) in [(2, "p: returned"), (3, "q: returned")] {
            assert_eq!(channel.get(), Some(value), "{form}");
            settle();
            log.expect([said]);
        }
        assert_eq!(channel.get(), Some(4));
        has_its_capacity(&channel, form);
    }
}

#[test]
fn an_interrupted_getter_leaves_everything_to_the_next_one() {
    for (form, make) in FORMS {
        for (how, interrupt, result) in INTERRUPTIONS {
            for woken in [false, true] {
                let about = format!("{form}, {how}, woken: {woken}");
                let log = Log::new();
                let channel = Rc::new(make(1));
                let all = ["a", "b", "c"].map(|name| getter(log, name, &channel));
                if woken {
                    no_switch(|| channel.put(1));
                }
                interrupt(&all[0]);
                settle();
                if !woken {
                    no_switch(|| channel.put(1));
                    settle();
                }
                let mut said: Vec<_> = result.iter().map(|text| format!("a: {text}")).collect();
                said.push("b: 1".to_owned());
                assert_eq!(log.sorted(), said, "{about}");
                assert!(!all[2].is_ready(), "{about}");
                channel.put(2);
                settle();
                log.expect(["c: 2"]);
                has_its_capacity(&channel, &about);
            }
        }
    }
}

#[test]
fn a_woken_getter_that_is_interrupted_alone_leaves_its_value_in_front() {
    for (form, make) in FORMS {
        for (how, interrupt, _) in INTERRUPTIONS {
            let about = format!("{form}, {how}");
            let log = Log::new();
            let channel = Rc::new(make(2));
            let a = getter(log, "a", &channel);
            no_switch(|| {
                channel.put(1);
                channel.put(2);
            });
            interrupt(&a);
            settle();
            assert_eq!(channel.len(), 2, "{about}");
            assert!(channel.try_put(3).is_err(), "{about}");
            assert_eq!(channel.try_iter().collect::<Vec<_>>(), [1, 2], "{about}");
            has_its_capacity(&channel, &about);
        }
    }
}

#[test]
fn an_interrupted_put_of_the_default_form_has_put_and_books_its_slot() {
    for (how, interrupt, result) in INTERRUPTIONS {
        for woken in [false, true] {
            let about = format!("{how}, woken: {woken}");
            let log = Log::new();
            let channel = Rc::new(Channel::bounded(1));
            channel.put(0);
            let p = putter(log, "p", &channel, 1);
            let q = putter(log, "q", &channel, 2);
            let first = if woken { channel.get() } else { None };
            interrupt(&p);
            settle();
            assert!(p.is_finished() && !q.is_finished(), "{about}");
            let said: Vec<_> = result.iter().map(|text| format!("p: {text}")).collect();
            assert_eq!(log.sorted(), said, "{about}");
            let first = first.or_else(|| channel.get());
            assert_eq!(first, Some(0), "{about}");
            // The slot of 0 went to `p`, which owed it: the one of 1 goes to `q`.
            settle();
            log.expect([]);
            assert_eq!(channel.get(), Some(1), "{about}");
            settle();
            log.expect(["q: returned"]);
            assert!(channel.try_put(9).is_err(), "{about}");
            assert_eq!(channel.get(), Some(2), "{about}");
            has_its_capacity(&channel, &about);
        }
    }
}

#[test]
fn a_wait_where_nothing_may_switch_leaves_the_books_right() {
    for (form, make) in FORMS {
        let channel = make(1);
        let said = outcome(|| no_switch(|| channel.get()));
        assert!(said.contains("no_switch"), "{form}: {said}");
        channel.put(1);
        let said = outcome(|| no_switch(|| channel.put(2)));
        assert!(said.contains("no_switch"), "{form}: {said}");
        let expected: &[i32] = if form == "fair" { &[1] } else { &[1, 2] };
        assert_eq!(channel.try_iter().collect::<Vec<_>>(), expected, "{form}");
        has_its_capacity(&channel, form);
    }
}

#[test]
fn a_throw_that_is_pending_is_raised_by_a_call_that_need_not_block_too() {
    for (form, make) in FORMS {
        let channel = make(2);
        coro::current().throw("ex");
        assert_eq!(outcome(|| channel.put(1)), "ex");
        assert_eq!(channel.len(), usize::from(form == "default"), "{form}");
        channel.try_iter().for_each(drop);
        channel.put(1);
        coro::current().throw("ex");
        assert_eq!(outcome(|| channel.get()), "ex");
        assert_eq!(channel.try_get(), Some(1), "{form}");
        has_its_capacity(&channel, form);
        cede();
    }
}

/// A value that notes its number when it is dropped.
#[derive(Debug)]
struct Noted(i32, Rc<RefCell<Vec<i32>>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

#[test]
fn an_interrupted_put_has_not_put_and_its_value_is_dropped_once() {
    for (how, interrupt, result) in INTERRUPTIONS {
        for woken in [false, true] {
            let about = format!("{how}, woken: {woken}");
            let log = Log::new();
            let drops = Rc::new(RefCell::new(Vec::new()));
            let noted = |n| Noted(n, drops.clone());
            let channel = Rc::new(Channel::fair(1));
            channel.put(noted(0));
            let p = putter(log, "p", &channel, noted(1));
            let q = putter(log, "q", &channel, noted(2));
            let first = if woken { channel.get() } else { None };
            interrupt(&p);
            settle();
            assert!(p.is_finished(), "{about}");
            assert_eq!(*drops.borrow(), [1], "{about}");
            assert_eq!(channel.len(), 1, "{about}");
            let first = first.or_else(|| channel.get());
            assert_eq!(first.map(|value| value.0), Some(0), "{about}");
            settle();
            let mut said: Vec<_> = result.iter().map(|text| format!("p: {text}")).collect();
            said.push("q: returned".to_owned());
            assert_eq!(log.sorted(), said, "{about}");
            assert!(q.is_finished() && channel.try_put(noted(3)).is_err());
            assert_eq!(channel.get().map(|value| value.0), Some(2), "{about}");
            assert!(channel.try_put(noted(4)).is_ok(), "{about}");
            drop(channel);
            assert_eq!(*drops.borrow(), [1, 0, 3, 2, 4], "{about}");
        }
    }
}

#[test]
fn a_putter_whose_getter_has_left_before_it_ran_waits_on() {
    for (how, interrupt, _) in &INTERRUPTIONS[1..] {
        let log = Log::new();
        let channel = Rc::new(Channel::fair(0));
        let p = putter(log, "p", &channel, 1);
        let theirs = channel.clone();
        let g = spawn(move || theirs.get());
        // `g` enters, which lends `p` a slot, and leaves before `p` runs.
        let victim = g.coro().clone();
        let interrupt = *interrupt;
        let killer = spawn(move || interrupt(&victim));
        settle();
        assert!(g.is_finished() && killer.is_finished(), "{how}");
        log.expect([]);
        assert_eq!((channel.len(), p.is_finished()), (0, false), "{how}");
        let q = putter(log, "q", &channel, 2);
        assert_eq!(channel.get(), Some(1), "{how}");
        settle();
        log.expect(["p: returned"]);
        assert_eq!((channel.get(), channel.len()), (Some(2), 0), "{how}");
        settle();
        assert!(q.is_finished());
        log.expect(["q: returned"]);
        has_its_capacity(&channel, how);
    }
}

#[test]
fn what_an_interrupted_getter_gives_back_may_exceed_the_capacity_and_no_put_does() {
    for (how, interrupt, _) in INTERRUPTIONS {
        for capacity in [0, 1] {
            let log = Log::new();
            let channel = Rc::new(Channel::fair(capacity));
            let a = getter(log, "a", &channel);
            let puts = capacity as i32 + 1;
            // The first value is given to `a`, the others fill the channel.
            no_switch(|| (0..puts).for_each(|n| channel.put(n)));
            assert_eq!(channel.len(), capacity);
            interrupt(&a);
            settle();
            assert_eq!(channel.len(), capacity + 1, "{how}");
            let _p = putter(log, "p", &channel, puts);
            log.sorted();
            assert_eq!(channel.get(), Some(0), "{how}");
            settle();
            assert_eq!(channel.try_put(9), Err(TryPutError(9)), "{how}");
            assert_eq!(channel.len(), capacity, "{how}");
            log.expect([]);
            for n in 1..=puts {
                assert_eq!(channel.get(), Some(n), "{how}");
                settle();
                assert!(channel.len() <= capacity, "{how}");
            }
            log.expect(["p: returned"]);
            has_its_capacity(&channel, how);
        }
    }
}
