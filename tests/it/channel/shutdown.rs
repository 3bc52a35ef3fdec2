//! Shutdown of a channel, and iteration, which ends with it, in both forms.

use std::rc::Rc;

use coro::{no_switch, spawn};

use crate::channel::{FORMS, getter, has_its_capacity, putter};
use crate::signal::settle;
use crate::support::Log;

#[test]
fn iteration_ends_when_the_channel_is_shut_down_and_empty() {
    for (form, make) in FORMS {
        let channel = Rc::new(make(1));
        let source = channel.clone();
        let c = spawn(move || {
            (0..5).for_each(|n| source.put(n));
            source.shutdown();
        });
        let mut got = Vec::new();
        for value in &*channel {
            got.push(value);
            if got.len() == 2 {
                break;
            }
        }
        got.extend(channel.iter());
        assert_eq!(got, [0, 1, 2, 3, 4], "{form}");
        assert_eq!(channel.iter().next(), None);
        c.join().unwrap();
        channel.put(5);
        assert_eq!(no_switch(|| channel.iter().collect::<Vec<_>>()), [5]);
    }
}

#[test]
fn try_iter_ends_at_once_when_nothing_is_there() {
    for (_, make) in FORMS {
        let channel = make(3);
        no_switch(|| {
            assert_eq!(channel.try_iter().next(), None);
            (0..3).for_each(|n| channel.put(n));
            let mut values = channel.try_iter();
            assert_eq!((values.next(), values.next()), (Some(0), Some(1)));
            channel.put(3);
            assert_eq!(values.collect::<Vec<_>>(), [2, 3]);
        });
    }
}

#[test]
fn at_a_shutdown_all_getters_return_and_putters_wait_on_for_their_slots() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(1));
        let _getters = ["a", "b"].map(|name| getter(log, name, &channel));
        assert!(!channel.is_shut_down());
        no_switch(|| channel.shutdown());
        assert!(channel.is_shut_down());
        settle();
        log.expect(["a: nothing", "b: nothing"]);

        let channel = Rc::new(make(1));
        channel.put(0);
        let _putters = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
        channel.shutdown();
        channel.shutdown();
        settle();
        log.expect([]);
        for (value, said) in [(0, "p: returned"), (1, "q: returned")] {
            assert_eq!(no_switch(|| channel.get()), Some(value), "{form}");
            settle();
            log.expect([said]);
        }
        assert_eq!(channel.get(), Some(2));
        has_its_capacity(&channel, form);
        assert_eq!(no_switch(|| channel.get()), None);
        // It still takes values.
        no_switch(|| channel.put(3));
        assert_eq!(no_switch(|| channel.get()), Some(3), "{form}");
    }
}

#[test]
fn a_getter_that_was_woken_before_the_shutdown_gets_the_value_unless_somebody_else_does() {
    for (form, make) in FORMS {
        for overtaken in [false, true] {
            let log = Log::new();
            let channel = Rc::new(make(1));
            let _all = ["a", "b"].map(|name| getter(log, name, &channel));
            channel.put(1);
            channel.shutdown();
            assert_eq!(channel.len(), 1, "{form}: everybody may have it");
            if overtaken {
                assert_eq!(no_switch(|| channel.get()), Some(1));
            }
            settle();
            let a = if overtaken { "a: nothing" } else { "a: 1" };
            log.expect([a, "b: nothing"]);
            assert!(channel.is_empty());
        }
    }
}
