//! Section A, and entry 81: what is peculiar to channels.

use std::rc::Rc;

use coro::{JoinHandle, cede, killall, spawn};
use coro_channel::Channel;

use super::{INTERRUPTIONS, every_sequence, settle};
use crate::support::fresh;

fn putter(channel: &Rc<Channel<usize>>, value: usize) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    spawn(move || channel.put(value))
}

fn getter(channel: &Rc<Channel<usize>>) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    spawn(move || _ = channel.get())
}

#[test]
fn bug_13_after_an_interrupted_put_the_channel_has_its_old_capacity() {
    fresh(|| {
        for (way, interrupt) in INTERRUPTIONS {
            for (capacity, victim, woken) in
                (0..4).flat_map(|n| [(n, 0, false), (n, 0, true), (n, 1, false), (n, 1, true)])
            {
                let case = format!("{way}, capacity {capacity}, putter {victim}, {woken}");
                let channel = Rc::new(Channel::bounded(capacity));
                (0..capacity).for_each(|n| channel.put(n));
                let blocked = [0, 1].map(|n| {
                    let c = putter(&channel, capacity + n);
                    settle();
                    c
                });
                let mut got = Vec::new();
                if woken {
                    got.extend((0..=victim).filter_map(|_| channel.try_get()));
                    assert!(blocked[victim].is_ready(), "{case}");
                }
                interrupt(&blocked[victim]);
                settle();
                while let Some(value) = channel.try_get() {
                    got.push(value);
                    settle();
                }
                assert!(blocked.iter().all(|c| c.is_finished()), "{case}");
                assert_eq!(got, Vec::from_iter(0..capacity + 2), "{case}");
                let accepted = (0..10).take_while(|n| channel.try_put(*n).is_ok()).count();
                assert_eq!(accepted, capacity, "{case}");
                let one_more = putter(&channel, 99);
                settle();
                assert!(!one_more.is_finished(), "{case}");
                killall();
            }
        }
    });
}

/// Interrupts or readies the oldest that sleeps.
fn poke(all: &[JoinHandle<()>], how: usize) {
    if let Some(c) = all.iter().find(|c| !c.is_finished()) {
        match INTERRUPTIONS.get(how) {
            Some((_, interrupt)) => interrupt(c),
            None => _ = c.ready(),
        }
    }
}

#[test]
fn bug_14_nobody_sleeps_while_there_is_a_value_or_a_free_slot_for_it() {
    fresh(|| {
        for capacity in 0..2 {
            every_sequence::<4>(13, |moves| {
                let channel = Rc::new(Channel::bounded(capacity));
                let (mut getters, mut putters) = (Vec::new(), Vec::new());
                for &what in moves {
                    match what {
                        0 => getters.push(getter(&channel)),
                        1 => putters.push(putter(&channel, 1)),
                        2 => _ = channel.try_get(),
                        3 => _ = channel.try_put(1),
                        4 => cede(),
                        5..=8 => poke(&getters, what - 5),
                        _ => poke(&putters, what - 9),
                    }
                }
                settle();
                let asleep = |all: &[JoinHandle<()>]| all.iter().any(|c| !c.is_finished());
                let stored = channel.len();
                assert!(stored == 0 || !asleep(&getters), "{capacity}, {moves:?}");
                assert!(
                    stored > capacity || !asleep(&putters),
                    "{capacity}, {moves:?}"
                );
                channel.shutdown();
                settle();
                assert!(!asleep(&getters), "{capacity}, {moves:?}: shut down");
                killall();
            });
        }
    });
}

#[test]
fn bug_81_the_put_beyond_the_capacity_sleeps_until_a_get() {
    fresh(|| {
        for capacity in 0..5 {
            let channel = Rc::new(Channel::bounded(capacity));
            for n in 0..capacity {
                coro::no_switch(|| channel.put(n));
            }
            assert!(channel.try_put(99).is_err());
            let c = putter(&channel, capacity);
            settle();
            assert!(!c.is_finished(), "{capacity}");
            assert_eq!(channel.get(), Some(0));
            settle();
            assert!(c.is_finished(), "{capacity}");
        }
    });
}
