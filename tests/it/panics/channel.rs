//! Misuse of channels, oneshots, join sets and selects panics, and blames the caller's line.

use std::cell::Cell;

use coro::{cede, no_switch, schedule};
use coro_channel::{Channel, JoinSet, Select, oneshot, select};
use coro_semaphore::Semaphore;

use crate::panics::{blames, names_both};
use crate::support::fresh;

#[test]
fn get_inside_no_switch_names_both_places() {
    let channel = Channel::<i32>::unbounded();
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            channel.get();
        });
    });
}

#[test]
fn a_deadlock_blames_the_get_and_the_put_of_main() {
    fresh(|| {
        let channel = Channel::bounded(0);
        blames(line!(), || channel.get());
        blames(line!(), || channel.put(1));
    });
}

#[test]
fn a_capacity_that_cannot_be() {
    for channel in [Channel::<u8>::bounded(2), Channel::fair(2)] {
        let message = blames(line!(), || channel.adjust(-3));
        assert!(message.contains("-3"), "{message}");
        blames(line!(), || channel.adjust(isize::MAX));
        assert_eq!(channel.capacity(), Some(2));
    }
    blames(line!(), || Channel::<u8>::bounded(usize::MAX));
    blames(line!(), || Channel::<u8>::fair(usize::MAX / 2));
}

#[test]
fn a_oneshot_and_a_join_set_where_nothing_may_switch_name_both_places() {
    let (_sender, receiver) = oneshot::<u8>();
    let receiver = Cell::new(Some(receiver));
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            receiver.take().map(|receiver| receiver.get());
        });
    });
    let set = JoinSet::new();
    set.spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            set.join_next();
        });
    });
    cede();
}

#[test]
fn a_deadlock_blames_the_get_of_a_oneshot_and_the_join_next_of_main() {
    fresh(|| {
        let (_sender, receiver) = oneshot::<u8>();
        blames(line!(), move || receiver.get());
        let set = JoinSet::new();
        set.spawn(schedule);
        blames(line!(), || set.join_next());
    });
}

#[test]
fn a_select_inside_no_switch_names_both_places_and_leaves_its_queues() {
    let (sem, channel) = (Semaphore::fair(0), Channel::<i32>::fair(0));
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            select! {
                () = sem.down_arm() => {}
                _ = channel.get_arm() => {}
            }
        });
    });
    let shown = format!("{channel:?}");
    assert!(
        sem.waiters() == 0 && shown.contains("getters: []"),
        "{shown}"
    );
}

#[test]
fn a_select_without_arms() {
    blames(line!(), || Select::new(&[]).wait());
    blames(line!(), || Select::new(&[]).biased().wait());
}
