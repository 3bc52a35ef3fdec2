//! The forms of channels, and of ends of coros.

use std::cell::RefCell;

use coro::{Coro, schedule};
use coro_channel::{Channel, JoinSet, oneshot};

use super::{Serves, Table};

pub(super) fn channels(table: &mut Table, fair: bool) {
    let empty = move |capacity| {
        if fair {
            Channel::fair(capacity)
        } else {
            Channel::bounded(capacity)
        }
    };
    table.add(
        ("Channel::get", "channel (get)", Serves::One, !fair),
        move || empty(9),
        |channel, limit| match channel.get_timeout(limit) {
            Ok(value) => value == Some(7),
            Err(_) => false,
        },
        |channel| assert!(channel.try_put(7).is_ok()),
    );
    for capacity in [1, 3] {
        let full = move || {
            let channel = empty(capacity);
            (0..capacity).for_each(|_| channel.put(7));
            channel
        };
        table.add(
            ("Channel::put", "channel (put)", Serves::One, !fair),
            full,
            |channel, limit| match channel.put_timeout(7, limit) {
                Ok(()) => true,
                Err(error) => {
                    assert_eq!(error.0, 7);
                    false
                }
            },
            |channel| assert_eq!(channel.try_get(), Some(7)),
        );
    }
}

pub(super) fn ends(table: &mut Table) {
    table.add(
        ("OneshotReceiver::get", "oneshot", Serves::All, false),
        || {
            let (sender, receiver) = oneshot();
            (receiver, RefCell::new(Some(sender)))
        },
        // Who comes second finds that the sender has gone, which is an answer as well.
        |(receiver, _), limit| receiver.get_timeout(limit).is_ok(),
        |(_, sender)| {
            let sender = sender.take().expect("it is given once");
            sender.send(7).expect("the receiver is there");
        },
    );
    table.add(
        ("JoinSet::join_next", "join set", Serves::One, true),
        || {
            let set = JoinSet::new();
            let all: Vec<Coro> = (0..9).map(|_| set.spawn(schedule)).collect();
            coro::cede();
            (set, RefCell::new(all))
        },
        |(set, _), limit| match set.join_next_timeout(limit) {
            Ok(result) => result.is_some_and(|result| result.is_err()),
            Err(_) => false,
        },
        |(_, all)| {
            let next = all.borrow_mut().pop();
            next.expect("there are enough").cancel();
        },
    );
}
