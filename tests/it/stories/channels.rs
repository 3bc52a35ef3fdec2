//! Producers and consumers.

use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_channel::Channel;

use super::join_all;
use crate::support::Log;

fn producer(log: Log, channel: &Rc<Channel<u32>>, count: u32) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    spawn(move || {
        for n in 1..=count {
            log.say(format!("put {n}"));
            channel.put(n);
            log.say(format!("done {n}"));
        }
        channel.shutdown();
    })
}

fn consumer(log: Log, channel: &Rc<Channel<u32>>) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    spawn(move || {
        while let Some(n) = channel.get() {
            log.say(format!("got {n}"));
        }
        log.say("end");
    })
}

/// `put` never blocks, `get` does: as in Coro's `new`.
#[test]
fn an_unbounded_channel_takes_all_at_once() {
    let log = Log::new();
    let channel = Rc::new(Channel::unbounded());
    let all = [producer(log, &channel, 3), consumer(log, &channel)];
    join_all(all);
    log.expect([
        "put 1", "done 1", "put 2", "done 2", "put 3", "done 3", "got 1", "got 2", "got 3", "end",
    ]);
}

/// The consumer is there first, and the producer cedes after its second `put`: as in Coro.
#[test]
fn a_consumer_that_waits_gets_what_there_is_when_its_turn_comes() {
    let log = Log::new();
    let channel = Rc::new(Channel::unbounded());
    let consumer = consumer(log, &channel);
    let source = Rc::clone(&channel);
    let producer = spawn(move || {
        for n in 1..=4 {
            log.say(format!("put {n}"));
            source.put(n);
            if n == 2 {
                cede();
            }
        }
        source.shutdown();
    });
    join_all([consumer, producer]);
    log.expect([
        "put 1", "put 2", "got 1", "got 2", "put 3", "put 4", "got 3", "got 4", "end",
    ]);
}

/// `put` and `get` where two values have room: as in Coro's `new(3)`.
#[test]
fn a_bounded_channel_lets_its_producer_be_ahead_by_its_capacity() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(2));
    let all = [producer(log, &channel, 6), consumer(log, &channel)];
    join_all(all);
    log.expect([
        "put 1", "done 1", "put 2", "done 2", "put 3", "got 1", "got 2", "got 3", "done 3",
        "put 4", "done 4", "put 5", "done 5", "put 6", "got 4", "got 5", "got 6", "done 6", "end",
    ]);
}

/// `put` and `get` where no value has room: as in Coro's `new(1)`.
#[test]
fn a_channel_without_room_makes_producer_and_consumer_alternate() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(0));
    let all = [producer(log, &channel, 3), consumer(log, &channel)];
    join_all(all);
    log.expect([
        "put 1", "got 1", "done 1", "put 2", "got 2", "done 2", "put 3", "got 3", "done 3", "end",
    ]);
}

/// Two `get`ting coros, one `put`ting, room for one, `shutdown`: as in Coro's `new(2)`.
#[test]
fn two_consumers_share_and_both_end_at_the_shutdown() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(1));
    let consumers = ["a", "b"].map(|name| {
        let channel = Rc::clone(&channel);
        spawn(move || {
            while let Some(n) = channel.get() {
                log.say(format!("{name} {n}"));
            }
            log.say(format!("{name} end"));
        })
    });
    spawn(move || {
        (1..=6).for_each(|n| channel.put(n));
        channel.shutdown();
        log.say("shutdown");
    });
    join_all(consumers);
    log.expect([
        "a 1", "a 2", "a 3", "a 4", "a 5", "a 6", "shutdown", "a end", "b end",
    ]);
}
