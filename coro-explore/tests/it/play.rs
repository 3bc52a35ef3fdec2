//! Executions that are chosen by hand.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro_explore::{Builder, Move, State, Verdict};

use crate::clock::Alarm;

/// Two coros add to a number, and let others run between reading and writing.
fn lost_update() {
    let number = Rc::new(Cell::new(0));
    let both = ["ann", "bob"].map(|name| {
        let number = number.clone();
        coro::Builder::new().desc(name).spawn(move || {
            let old = number.get();
            if old > 0 {
                coro::cede();
            }
            coro::cede();
            number.set(old + 1);
        })
    });
    both.into_iter()
        .for_each(|c| c.join().expect("nobody cancels it"));
    assert_eq!(number.get(), 2);
}

/// Whoever is woken for nothing takes that for the meal.
fn no_loop() {
    let (guest, meal) = (coro::current(), Rc::new(Cell::new(false)));
    let ours = meal.clone();
    let cook = coro::spawn(move || {
        coro::cede();
        ours.set(true);
        guest.ready();
    });
    coro::schedule();
    assert!(meal.get());
    cook.join().expect("nobody cancels it");
}

/// Of three outcomes, the last is wrong, if another coro has run before.
fn unlucky() {
    let has_run = Rc::new(Cell::new(false));
    let ours = has_run.clone();
    let c = coro::spawn(move || ours.set(true));
    coro::cede();
    assert!(coro::choose(3) < 2 || !has_run.get());
    c.join().expect("nobody cancels it");
}

/// A worker that does not survive what is thrown into it, nor a cancel.
fn mortal() {
    let done = Rc::new(Cell::new(0));
    let ours = done.clone();
    let worker = coro::Builder::new().desc("worker").spawn(move || {
        ours.set(1);
        coro::cede();
        ours.set(2);
    });
    let other = coro::spawn(coro::cede);
    _ = worker.join();
    other.join().expect("nobody cancels it");
    assert_ne!(done.get(), 1, "it died half-way");
}

/// The same, of one that is blocked meanwhile.
fn impatient() {
    let done = Rc::new(Cell::new(0));
    let ours = done.clone();
    let worker = coro::spawn(move || {
        ours.set(1);
        coro::schedule();
        ours.set(2);
    });
    let target = worker.coro().clone();
    let other = coro::spawn(move || {
        coro::cede();
        target.ready();
    });
    _ = worker.join();
    other.join().expect("nobody cancels it");
    assert_ne!(done.get(), 1, "it died half-way");
}

/// What is explored, and how.
fn bodies() -> Vec<(Builder, fn())> {
    let none = || Builder::new().spurious(0);
    vec![
        (none(), lost_update),
        (Builder::new().spurious(2), lost_update),
        (Builder::new(), no_loop),
        (none(), unlucky),
        (none().throws(1), mortal),
        (none().cancels(1), mortal),
        (none().safe_cancels(2), mortal),
        (none().timeouts(1), impatient),
    ]
}

#[test]
fn the_moves_of_a_schedule_lead_to_the_same_failure() {
    for (explorer, body) in bodies() {
        let failure = explorer.run(body).unwrap_err();
        let moves = explorer.moves(failure.schedule(), body).unwrap();
        let played = explorer.play(&moves, body);
        let again = played.failure().unwrap();
        assert_eq!(again.schedule(), failure.schedule());
        assert_eq!(again.details(), failure.details());
        assert_eq!(
            again.execution().to_string(),
            failure.execution().to_string()
        );
        assert!(played.is_over() && played.missed().is_none());
        let replayed = explorer.replay(again.schedule()).run(body).unwrap_err();
        assert_eq!(replayed.verdict(), failure.verdict());
    }
}

#[test]
fn each_move_of_a_failure_is_legal_where_it_is_made() {
    for (explorer, body) in bodies() {
        let failure = explorer.run(body).unwrap_err();
        let moves = explorer.moves(failure.schedule(), body).unwrap();
        assert!(!moves.is_empty());
        for (at, next) in moves.iter().enumerate() {
            let position = explorer.play(&moves[..at], body);
            assert!(
                position.moves().contains(next),
                "{next} at {at}: {position:?}"
            );
            assert!(position.failure().is_none() && position.missed().is_none());
        }
    }
}

#[test]
fn the_moves_of_a_schedule_need_no_budget() {
    let schedule = Builder::new().run(no_loop).unwrap_err();
    let frugal = Builder::new().spurious(0);
    let moves = frugal.moves(schedule.schedule(), no_loop).unwrap();
    assert!(moves.contains(&Move::Wake(0)), "{moves:?}");
}

#[test]
fn who_makes_the_first_of_the_moves_has_production_order() {
    for (explorer, body) in [(Builder::new(), no_loop as fn()), (Builder::new(), unlucky)] {
        let mut moves = Vec::new();
        let end = loop {
            let position = explorer.play(&moves, body);
            let Some(first) = position.moves().first() else {
                break position;
            };
            moves.push(*first);
        };
        let production = explorer.samples(1, body);
        assert!(end.failure().is_none());
        assert_eq!(end.execution().to_string(), production[0].to_string());
        assert!(end.coros().iter().all(|coro| coro.state() == State::Ended));
    }
}

/// What may happen is what begins with the one move or with the other, each once.
fn executions(explorer: &Builder, moves: &[Move], body: fn()) -> u64 {
    let position = explorer.play(moves, body);
    let whole = explorer
        .run_from(moves, body)
        .expect("all is well")
        .executions();
    if position.is_over() {
        assert_eq!(whole, 1);
        return 1;
    }
    let parts = position.moves().iter().map(|next| {
        let longer: Vec<_> = moves.iter().copied().chain([*next]).collect();
        executions(explorer, &longer, body)
    });
    let parts: u64 = parts.sum();
    assert_eq!(parts, whole, "after {moves:?}");
    whole
}

#[test]
fn the_parts_of_what_can_happen_are_the_whole() {
    fn three() {
        let all = [0, 1].map(|_| coro::spawn(coro::cede));
        all.into_iter().for_each(|c| _ = c.join());
    }
    fn picks() {
        let c = coro::spawn(|| _ = coro::choose(2));
        _ = coro::choose(3);
        c.join().unwrap();
    }
    /// While one sleeps, the others may be struck, and more may happen then.
    fn asleep() {
        let others = [0, 1].map(|_| coro::spawn(coro::schedule));
        let alarm = Alarm::set(Duration::from_secs(1));
        while alarm.get().is_some() {
            coro::schedule();
        }
        coro::set_timers(None);
        for c in others {
            c.coro().cancel();
            _ = c.join();
        }
    }
    /// The last that happens is a choice.
    fn picks_last() {
        _ = coro::choose(3);
    }
    let none = || Builder::new().spurious(0);
    let all = |explorer: Builder, body: fn()| executions(&explorer, &[], body);
    let whole = |explorer: Builder, body: fn()| explorer.check(body).executions();
    for body in [three as fn(), picks, picks_last] {
        assert_eq!(all(none(), body), whole(none(), body));
    }
    let calm = none().timers(0);
    for explorer in [
        calm.clone().spurious(1).cancels(1),
        calm.clone().safe_cancels(2),
        calm.throws(2),
    ] {
        assert_eq!(all(explorer.clone(), asleep), whole(explorer, asleep));
    }
    for explorer in [
        Builder::new(),
        none().spurious(2),
        none().throws(1),
        none().cancels(1),
        none().safe_cancels(1),
        none().timeouts(1),
    ] {
        assert_eq!(all(explorer.clone(), three), whole(explorer, three));
    }
}

#[test]
fn what_can_still_go_wrong_depends_on_what_has_happened() {
    let explorer = Builder::new().spurious(0);
    // Ann writes before Bob reads: the mistake is behind us.
    let moves = [0, 1, 2, 1].map(Move::Run);
    assert!(explorer.run_from(&moves[..3], lost_update).is_err());
    let early = [0, 1, 1].map(Move::Run);
    let report = explorer.run_from(&early, lost_update).unwrap();
    assert!(
        report.is_exhaustive() && report.executions() > 1,
        "{report}"
    );
    let failure = explorer.run_from(&moves, lost_update).unwrap_err();
    let found = explorer.moves(failure.schedule(), lost_update).unwrap();
    assert_eq!(found[..4], moves);
    // Another beginning needs less than this one: none.
    let detour = explorer
        .run_from(&[0, 2].map(Move::Run), lost_update)
        .unwrap_err();
    assert_eq!(detour.deviations(), 1);
    assert!(
        !detour.to_string().contains("all with fewer are well"),
        "{detour}"
    );
}

#[test]
fn a_position_shows_how_all_stand() {
    let explorer = Builder::new().spurious(1);
    let position = explorer.play(&[Move::Run(0), Move::Run(1)], lost_update);
    let stand: Vec<_> = position
        .coros()
        .iter()
        .map(|c| (c.number(), c.name(), c.state(), c.what()))
        .collect();
    assert_eq!(
        stand,
        [
            (0, "body", State::Blocked, Some("join")),
            (1, "ann", State::Ready, None),
            (2, "bob", State::Ready, None),
        ]
    );
    assert!(position.coros()[0].place().starts_with("play.rs:"));
    assert_eq!(position.coros()[2].place(), "");
    assert_eq!(
        position.moves(),
        [Move::Run(2), Move::Run(1), Move::Wake(0)]
    );
    assert!(position.execution().to_string().contains("spawns #2"));
    // Who was woken waits for nothing any more.
    let woken = explorer.play(&[Move::Run(0), Move::Run(1), Move::Wake(0)], lost_update);
    let body = &woken.coros()[0];
    assert_eq!((body.state(), body.what()), (State::Ready, None));
    let failed = explorer.run(lost_update).unwrap_err();
    let moves = explorer.moves(failed.schedule(), lost_update).unwrap();
    let failed = explorer.play(&moves, lost_update);
    assert!(failed.coros().iter().all(|c| c.state() == State::Ended));
}

#[test]
fn a_deadlock_shows_who_is_blocked() {
    fn stuck() {
        coro::Builder::new()
            .desc("stuck")
            .spawn(coro::schedule)
            .join()
            .unwrap();
    }
    let position = Builder::new()
        .spurious(0)
        .play(&[Move::Run(0), Move::Run(1)], stuck);
    assert_eq!(position.failure().unwrap().verdict(), Verdict::Deadlock);
    assert!(position.is_over());
    let states: Vec<_> = position.coros().iter().map(|c| c.state()).collect();
    assert_eq!(states, [State::Blocked, State::Blocked]);
}

#[test]
fn what_cannot_be_done_is_told_and_nothing_more_is_done() {
    let explorer = Builder::new().spurious(0);
    let body = lost_update;
    for wrong in [
        Move::Run(0),
        Move::Run(9),
        Move::Wake(1),
        Move::Pick(0),
        Move::Timer,
    ] {
        let position = explorer.play(&[Move::Run(0), wrong, Move::Run(1)], body);
        assert_eq!(position.missed(), Some(1), "{wrong}");
        assert_eq!(position.moves(), [Move::Run(1), Move::Run(2)], "{wrong}");
    }
    let all: Vec<_> = [0, 1, 2, 1, 2, 0, 0].map(Move::Run).into();
    let position = explorer.play(&all, body);
    assert_eq!(position.missed(), Some(6), "{position:?}");
}

#[test]
fn time_passes_when_somebody_says_so() {
    fn sleeper() {
        let alarm = Alarm::set(Duration::from_secs(1));
        while alarm.get().is_some() {
            coro::schedule();
        }
        coro::set_timers(None);
    }
    let explorer = Builder::new();
    let position = explorer.play(&[Move::Run(0)], sleeper);
    assert_eq!(position.moves(), [Move::Timer, Move::Wake(0)]);
    let position = explorer.play(&[Move::Run(0), Move::Timer], sleeper);
    assert_eq!(position.moves(), [Move::Run(0)]);
    let position = explorer.play(&[Move::Run(0), Move::Wake(0), Move::Run(0)], sleeper);
    assert_eq!(position.moves(), [Move::Timer]); // it looks at the clock, and sleeps on
    assert!(
        explorer
            .run_from(&[Move::Run(0), Move::Wake(0)], sleeper)
            .is_ok()
    );
}

#[test]
#[should_panic(expected = "move 0, run #3, cannot be made")]
fn to_explore_from_an_illegal_move_is_a_mistake() {
    _ = Builder::new().run_from(&[Move::Run(3)], lost_update);
}
