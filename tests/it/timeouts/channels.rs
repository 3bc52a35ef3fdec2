//! Channels: what a put with a limit stores and when, and ends that come instead of values.

use std::rc::Rc;

use coro_channel::{Channel, Dropped, JoinSet, PutTimeoutError, oneshot};
use coro_time::{Elapsed, VirtualClock, armed, sleep};

use super::{begin, secs};
use crate::semaphore::settle;
use crate::support::counted;

type Shared = Rc<Channel<u8>>;

/// A channel of each form.
fn both(capacity: usize) -> [Shared; 2] {
    [Channel::bounded(capacity), Channel::fair(capacity)].map(Rc::new)
}

#[test]
fn a_put_with_a_limit_stores_only_when_there_is_a_slot() {
    for channel in both(1) {
        let _clock = VirtualClock::install();
        channel.put(1);
        let theirs = channel.clone();
        let c = begin(move || theirs.put_timeout(2, secs(1)));
        assert_eq!(channel.len(), 1);
        assert_eq!(channel.get(), Some(1));
        settle();
        assert_eq!(c.join().unwrap(), Ok(()));
        assert_eq!((channel.try_get(), channel.try_get()), (Some(2), None));
        assert_eq!((channel.capacity(), armed()), (Some(1), 0));
    }
}

#[test]
fn what_was_not_put_in_time_comes_back_and_the_capacity_is_what_it_was() {
    for channel in both(2) {
        let _clock = VirtualClock::install();
        (1..3).for_each(|n| channel.put(n));
        for limit in [secs(0), secs(1)] {
            assert_eq!(channel.put_timeout(3, limit), Err(PutTimeoutError(3)));
        }
        assert_eq!((channel.try_get(), channel.try_get()), (Some(1), Some(2)));
        assert_eq!(channel.try_get(), None);
        (4..6).for_each(|n| assert!(channel.try_put(n).is_ok()));
        assert!(channel.try_put(6).is_err());
    }
}

#[test]
fn an_interrupted_put_with_a_limit_has_not_put() {
    for channel in [Channel::bounded(0), Channel::fair(0)] {
        let _clock = VirtualClock::install();
        let (value, drops) = counted();
        let channel = Rc::new(channel);
        let theirs = channel.clone();
        let c = begin(move || theirs.put_timeout(value, secs(1)).is_ok());
        c.cancel();
        assert_eq!((drops.get(), channel.len(), armed()), (1, 0, 0));
        assert!(channel.get_timeout(secs(0)).is_err());
    }
}

#[test]
fn a_put_and_a_get_with_limits_meet_in_a_channel_without_a_buffer() {
    for channel in both(0) {
        for put_first in [true, false] {
            let clock = VirtualClock::install();
            let (puts, gets) = (channel.clone(), channel.clone());
            let put = move || puts.put_timeout(7, secs(2)).is_ok();
            let get = move || gets.get_timeout(secs(2));
            let (put, get) = if put_first {
                let put = begin(put);
                sleep(secs(1));
                (put, begin(get))
            } else {
                let get = begin(get);
                sleep(secs(1));
                (begin(put), get)
            };
            settle();
            assert_eq!(
                (put.join().unwrap(), get.join().unwrap()),
                (true, Ok(Some(7)))
            );
            assert_eq!((clock.elapsed(), armed(), channel.len()), (secs(1), 0, 0));
        }
    }
}

#[test]
fn without_a_buffer_they_miss_each_other_if_one_has_left() {
    for channel in both(0) {
        let _clock = VirtualClock::install();
        assert_eq!(channel.get_timeout(secs(1)), Err(Elapsed));
        assert_eq!(channel.put_timeout(7, secs(1)), Err(PutTimeoutError(7)));
        assert_eq!(channel.get_timeout(secs(1)), Err(Elapsed));
        assert!(channel.try_put(7).is_err());
    }
}

#[test]
fn a_putter_woken_for_a_getter_that_leaves_at_that_moment_waits_on() {
    for channel in both(0) {
        let clock = VirtualClock::install();
        let (puts, gets, again) = (channel.clone(), channel.clone(), channel.clone());
        let put = begin(move || puts.put_timeout(7, secs(9)).is_ok());
        // The getter's time is over before the putter runs.
        let get = coro::spawn(move || gets.get_timeout(secs(1)));
        put.suspend();
        coro::cede();
        clock.advance(secs(1));
        settle();
        assert_eq!(get.join().unwrap(), Err(Elapsed));
        put.resume();
        put.ready();
        settle();
        assert!(!put.is_finished());
        assert_eq!(
            begin(move || again.get_timeout(secs(1))).join().unwrap(),
            Ok(Some(7))
        );
        assert!(put.join().unwrap());
    }
}

#[test]
fn puts_of_all_kinds_stand_in_one_queue() {
    for channel in both(1) {
        let _clock = VirtualClock::install();
        channel.put(0);
        let kinds: [fn(&Shared); 4] = [
            |channel| assert!(channel.put_timeout(1, secs(9)).is_ok()),
            |channel| channel.put(2),
            |channel| assert!(channel.put_timeout(3, secs(9)).is_ok()),
            |channel| channel.put(4),
        ];
        let all = kinds.map(|put| {
            let theirs = channel.clone();
            begin(move || put(&theirs))
        });
        let mut got: Vec<_> = (0..5)
            .map(|_| {
                settle();
                channel.try_get().expect("one has put")
            })
            .collect();
        settle();
        assert!(all.iter().all(|c| c.is_finished()));
        // Puts of the default form store at once, and wait afterwards.
        if format!("{channel:?}").contains("fair: false") {
            assert_eq!(got[0], 0);
            got.sort();
        }
        assert_eq!(got, [0, 1, 2, 3, 4]);
        assert_eq!((channel.len(), armed()), (0, 0));
    }
}

#[test]
fn a_value_that_was_given_to_a_getter_whose_time_is_over_is_its() {
    let clock = VirtualClock::install();
    let channel = Rc::new(Channel::fair(1));
    let theirs = channel.clone();
    let c = begin(move || theirs.get_timeout(secs(1)));
    clock.advance(secs(1));
    channel.put(7);
    assert_eq!(channel.try_get(), None);
    assert_eq!(c.join().unwrap(), Ok(Some(7)));
}

#[test]
fn a_shutdown_ends_a_get_in_time() {
    for channel in both(1) {
        let clock = VirtualClock::install();
        let theirs = channel.clone();
        let c = begin(move || theirs.get_timeout(secs(1)));
        channel.shutdown();
        assert_eq!(c.join().unwrap(), Ok(None));
        assert_eq!(channel.get_timeout(secs(0)), Ok(None));
        assert_eq!((clock.elapsed(), armed()), (secs(0), 0));
    }
}

#[test]
fn a_put_with_a_limit_readies_a_getter_and_does_not_switch_if_one_waits() {
    for channel in both(0) {
        let _clock = VirtualClock::install();
        let theirs = channel.clone();
        let c = begin(move || theirs.get());
        coro::no_switch(|| assert!(channel.put_timeout(7, secs(0)).is_ok()));
        assert_eq!(c.join().unwrap(), Some(7));
    }
}

#[test]
fn the_error_says_what_it_is_and_shows_no_value() {
    let error = PutTimeoutError("secret");
    assert_eq!(format!("{error:?}"), "PutTimeoutError(..)");
    let text = "the time is over, and no slot of the channel was free";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_receiver_can_be_asked_again_and_hears_of_a_sender_that_goes() {
    let _clock = VirtualClock::install();
    let (sender, receiver) = oneshot();
    assert_eq!(receiver.get_timeout(secs(1)), Err(Elapsed));
    let _job = coro::spawn(move || {
        sleep(secs(1));
        sender.send(7)
    });
    assert_eq!(receiver.get_timeout(secs(2)), Ok(Ok(7)));
    assert_eq!(receiver.get_timeout(secs(2)), Ok(Err(Dropped)));
    let (sender, receiver) = oneshot::<u8>();
    let c = begin(move || receiver.get_timeout(secs(1)));
    drop(sender);
    assert_eq!(c.join().unwrap(), Ok(Err(Dropped)));
    assert_eq!(armed(), 0);
}

#[test]
fn a_join_set_goes_on_when_the_time_is_over_and_ends_waits_when_it_is_empty() {
    let clock = VirtualClock::install();
    let set = Rc::new(JoinSet::new());
    set.spawn(|| {
        sleep(secs(3));
        7
    });
    assert!(set.join_next_timeout(secs(1)).is_err());
    let theirs = set.clone();
    let takes = begin(move || {
        theirs
            .join_next_timeout(secs(9))
            .map(|r| r.unwrap().unwrap())
    });
    let theirs = set.clone();
    let empty = begin(move || theirs.join_next_timeout(secs(9)).map(|r| r.is_none()));
    assert_eq!(takes.join().unwrap(), Ok(7));
    assert_eq!(empty.join().unwrap(), Ok(true));
    assert!(set.join_next_timeout(secs(0)).unwrap().is_none());
    assert_eq!((clock.elapsed(), armed()), (secs(3), 0));
}
