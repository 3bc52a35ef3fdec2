//! Join sets: results come in the order of the ends, to who waits longest, and none is lost.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Builder, Coro, JoinHandle, Prio, cede, no_switch, schedule, spawn};
use coro_channel::{Arm, Channel, JoinNextArm, JoinSet, Select, select};
use static_assertions::assert_not_impl_any;

use crate::oneshot::Calls;
use crate::signal::{INTERRUPTIONS, random, settle};
use crate::support::{Log, defer, die, fresh, outcome};

mod ends;

assert_not_impl_any!(JoinSet<u8>: Send, Sync, Clone);
assert_not_impl_any!(JoinNextArm<'static, u8>: Send, Sync);

pub(crate) type Shared<T = i32> = Rc<JoinSet<T>>;

pub(crate) fn set() -> Shared {
    Rc::new(JoinSet::new())
}

/// Adds a coro that blocks until it is readied, and then returns `value`.
pub(crate) fn blocked(set: &JoinSet<i32>, value: i32) -> Coro {
    let c = set.spawn(move || {
        schedule();
        value
    });
    settle();
    c
}

/// Spawns a coro that joins the next one and says its name with the result, and lets it begin.
pub(crate) fn joiner(log: Log, name: &'static str, set: &Shared) -> JoinHandle<()> {
    let set = set.clone();
    let c = spawn(move || {
        let result = outcome(|| match set.join_next() {
            Some(Ok(value)) => log.say(format!("{name}: {value}")),
            Some(Err(error)) => log.say(format!("{name}: {error}")),
            None => log.say(format!("{name}: nothing")),
        });
        if result != "returned" {
            log.say(format!("{name}: {result}"));
        }
    });
    settle();
    c
}

/// Takes the results that are there.
pub(crate) fn values(set: &JoinSet<i32>) -> Vec<i32> {
    std::iter::from_fn(|| set.try_join_next())
        .map(|result| result.unwrap_or(-1))
        .collect()
}

#[test]
fn results_come_in_the_order_of_the_ends() {
    let set = set();
    let all = [0, 1, 2, 3].map(|n| blocked(&set, n));
    assert!(no_switch(|| set.try_join_next()).is_none());
    for n in [2, 0, 3, 1] {
        all[n].ready();
        settle();
    }
    assert_eq!(no_switch(|| values(&set)), [2, 0, 3, 1]);
    assert!(no_switch(|| set.join_next()).is_none());
}

#[test]
fn a_joiner_sleeps_until_one_has_ended() {
    let log = Log::new();
    let set = set();
    let member = blocked(&set, 1);
    let j = joiner(log, "j", &set);
    for _ in 0..3 {
        j.ready();
        settle();
        log.expect([]);
    }
    member.ready();
    settle();
    log.expect(["j: 1"]);
}

#[test]
fn a_coro_that_ends_badly_yields_an_error() {
    let set = JoinSet::new();
    let ends: [(fn(), &str); 2] = [
        (|| die("oh"), "coro panicked: oh"),
        (schedule, "coro was cancelled"),
    ];
    let all = ends.map(|(body, _)| set.spawn(body));
    settle();
    all[1].cancel();
    for (_, text) in ends {
        assert_eq!(set.join_next().unwrap().unwrap_err().to_string(), text);
    }
    set.spawn(schedule).throw("ex");
    assert!(set.join_next().unwrap().unwrap_err().is_thrown());
    let _never_run = set.spawn(|| ()).safe_cancel();
    assert!(
        no_switch(|| set.join_next())
            .unwrap()
            .unwrap_err()
            .is_cancelled()
    );
    set.spawn(|| coro::terminate(()));
    assert!(set.join_next().unwrap().is_ok());
    assert!(set.is_empty());
}

#[test]
fn the_length_counts_who_was_not_joined() {
    let set = set();
    assert!(set.is_empty() && set.join_next().is_none());
    let all = [0, 1, 2].map(|n| blocked(&set, n));
    assert_eq!((set.len(), set.is_empty()), (3, false));
    all[0].ready();
    settle();
    assert_eq!(set.len(), 3);
    for left in [2, 1, 0] {
        all[2 - left].ready();
        set.join_next();
        assert_eq!(set.len(), left);
    }
    assert!(set.is_empty());
    set.spawn(|| 7);
    assert_eq!(set.join_next().unwrap().unwrap(), 7, "it can be used again");
}

#[test]
fn a_builder_makes_the_coro_it_describes() {
    let set = set();
    let builder = Builder::new().prio(Prio::LOW).desc("low");
    let (c, line) = (set.spawn_with(builder, || 1), line!());
    assert_eq!((c.prio(), c.desc().as_deref()), (Prio::LOW, Some("low")));
    let place = format!("{}:{line}", file!());
    assert!(
        coro::report().to_string().contains(&place),
        "{}",
        coro::report()
    );
    set.spawn(|| 2);
    settle();
    assert_eq!(values(&set), [2, 1]);
}

#[test]
fn an_interrupted_joiner_loses_nothing_and_passes_its_wake_up_on() {
    for (how, interrupt, result) in INTERRUPTIONS {
        for ended in [false, true] {
            for second in [false, true] {
                let about = format!("{how}, ended: {ended}, second: {second}");
                let log = Log::new();
                let set = set();
                let members = [1, 2].map(|n| blocked(&set, n));
                let first = joiner(log, "first", &set);
                let others = second.then(|| joiner(log, "second", &set));
                if ended {
                    // It ends, and readies the joiner, who does not run before the interruption.
                    members[0].cancel();
                    assert!(first.is_ready(), "{about}");
                }
                interrupt(&first);
                if !ended {
                    members[0].cancel();
                }
                settle();
                let mut said: Vec<_> = result.iter().map(|text| format!("first: {text}")).collect();
                said.extend(
                    others
                        .iter()
                        .map(|_| "second: coro was cancelled".to_owned()),
                );
                assert_eq!(log.sorted(), said, "{about}");
                assert_eq!(set.len(), if second { 1 } else { 2 }, "{about}");
                members[1].ready();
                settle();
                let expected: &[i32] = if second { &[2] } else { &[-1, 2] };
                assert_eq!(values(&set), expected, "{about}");
            }
        }
    }
}

#[test]
fn joiners_are_served_in_order_and_those_too_many_get_nothing() {
    let log = Log::new();
    let set = set();
    let members = [1, 2].map(|n| blocked(&set, n));
    let _joiners = ["a", "b", "c", "d"].map(|name| joiner(log, name, &set));
    members[1].ready();
    settle();
    log.expect(["a: 2"]);
    members[0].ready();
    settle();
    log.expect(["b: 1", "c: nothing", "d: nothing"]);
}

#[test]
fn a_joiner_who_was_overtaken_waits_on() {
    let log = Log::new();
    let set = set();
    let members = [1, 2].map(|n| blocked(&set, n));
    let _j = joiner(log, "j", &set);
    members[0].cancel();
    assert!(no_switch(|| set.join_next()).unwrap().is_err());
    settle();
    log.expect([]);
    members[1].ready();
    settle();
    log.expect(["j: 2"]);
}

#[test]
fn a_pending_interruption_costs_no_result() {
    let set = set();
    set.spawn(|| 1);
    let member = blocked(&set, 2);
    settle();
    let me = coro::current();
    me.throw("ex");
    assert_eq!(outcome(|| set.join_next()), "ex");
    me.throw("ex");
    assert_eq!(values(&set), [1], "try_join_next raises nothing");
    // The coro ends in our context, which has an interruption pending.
    let new = set.spawn(|| 3);
    let _ticket = me.throw("ex");
    assert!(outcome(|| new.cancel()).contains("returned"));
    assert_eq!(outcome(coro::check), "ex");
    assert_eq!(values(&set), [-1]);
    member.ready();
    settle();
    assert_eq!(values(&set), [2]);
}

#[test]
fn a_coro_that_ends_before_it_is_known_is_reported() {
    struct Cancels;
    impl coro::Observer for Cancels {
        fn event(&mut self, event: &coro::Event<'_>) {
            if let coro::Event::Spawned { coro } = event {
                coro.cancel();
            }
        }
    }
    fresh(|| {
        let set = set();
        drop(coro::set_observer(Some(Box::new(Cancels))));
        let c = set.spawn(|| 1);
        drop(coro::set_observer(None));
        assert!(c.is_finished());
        assert!(set.join_next().unwrap().unwrap_err().is_cancelled());
        assert!(set.is_empty());
    });
}

#[test]
fn an_arm_takes_the_next_result_beside_others() {
    let set = set();
    let ticks = Rc::new(Channel::unbounded());
    let tick = ticks.clone();
    set.spawn(move || {
        tick.put(());
        cede();
        5
    });
    let mut seen = Vec::new();
    for _ in 0..2 {
        select! {
            _ = ticks.get_arm() => seen.push(0),
            result = set.join_next_arm() => seen.push(result.unwrap().unwrap()),
        }
    }
    assert_eq!(seen, [0, 5]);
    select! {
        result = set.join_next_arm() => assert!(result.is_none()),
    }
    assert_eq!(set.join_next_arm().what().0, "join set");
}

#[test]
fn a_coro_that_ends_while_a_select_enters_wakes_it() {
    for before in [false, true] {
        let set = set();
        let never_run = set.spawn(|| 1);
        let calls = Calls::new(move || never_run.cancel());
        let arm = set.join_next_arm();
        let arms: [&dyn Arm; 2] = if before {
            [&calls, &arm]
        } else {
            [&arm, &calls]
        };
        let index = Select::new(&arms).biased().wait();
        assert_eq!(index, usize::from(before));
        assert!(arm.take().unwrap().unwrap_err().is_cancelled());
    }
}

#[test]
fn an_arm_that_was_woken_and_not_taken_passes_on() {
    let log = Log::new();
    let set = set();
    let member = blocked(&set, 1);
    let urgent = Rc::new(Channel::unbounded());
    let (theirs, channel) = (set.clone(), urgent.clone());
    let c = spawn(move || {
        select! {
            biased;
            _ = channel.get_arm() => log.say("urgent"),
            _ = theirs.join_next_arm() => unreachable!(),
        }
    });
    settle();
    let _j = joiner(log, "j", &set);
    let end = member.clone();
    spawn(move || {
        end.cancel();
        urgent.put(());
    });
    settle();
    log.expect(["urgent", "j: coro was cancelled"]);
    c.join().unwrap();
}

#[test]
fn random_programs_lose_no_result() {
    fresh(|| (0..200).for_each(random_program));
}

fn random_program(seed: u64) {
    let mut below = random(seed);
    let set: Shared<usize> = Rc::new(JoinSet::new());
    let ended = Rc::new(RefCell::new(Vec::new()));
    let joined = Rc::new(RefCell::new(Vec::new()));
    let (mut members, mut joiners) = (Vec::new(), Vec::new());
    for step in 0..150 {
        match below(8) {
            0 | 1 => {
                let (ended, rounds) = (ended.clone(), below(4));
                members.push(set.spawn(move || {
                    (0..rounds).for_each(|_| cede());
                    let _note = defer(move || ended.borrow_mut().push(step));
                    if step % 3 == 0 {
                        die("a member");
                    }
                    step
                }));
            }
            2 | 3 => {
                let (set, joined) = (set.clone(), joined.clone());
                joiners.push(spawn(move || {
                    let result = set.join_next();
                    joined.borrow_mut().extend(result.map(Result::ok));
                }));
            }
            4 => joined
                .borrow_mut()
                .extend(set.try_join_next().map(Result::ok)),
            5 if !joiners.is_empty() => {
                let c: JoinHandle<()> = joiners.swap_remove(below(joiners.len()));
                INTERRUPTIONS[below(3)].1(&c);
            }
            6 if !joiners.is_empty() => drop(joiners[below(joiners.len())].ready()),
            _ => cede(),
        }
    }
    settle();
    // Everybody has ended, so nobody sleeps.
    assert!(members.iter().all(Coro::is_finished), "seed {seed}");
    assert!(joiners.iter().all(|c| c.is_finished()), "seed {seed}");
    joined
        .borrow_mut()
        .extend(std::iter::from_fn(|| set.try_join_next()).map(Result::ok));
    let ok = |step: usize| (!step.is_multiple_of(3)).then_some(step);
    let expected: Vec<_> = ended.take().into_iter().map(ok).collect();
    assert_eq!(joined.take(), expected, "seed {seed}");
    assert!(set.is_empty());
}
