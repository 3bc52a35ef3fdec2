//! Several who wait for one end.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{cede, schedule, spawn};

use crate::support::Log;

#[test]
fn those_who_wait_for_an_end_keep_their_order_when_others_of_them_leave() {
    // From the first, who has a place of its own, to the last; and so many that none is left.
    let leavings: [&[usize]; 6] = [&[0], &[3], &[7], &[1, 2, 3, 4, 5], &[6, 0, 2], &[0, 7, 3]];
    for leaving in leavings {
        let log = Rc::new(RefCell::new(Vec::new()));
        let say = |line| {
            let log = log.clone();
            move || log.borrow_mut().push(line)
        };
        let target = spawn(schedule);
        cede();
        let join = |line| {
            let (coro, say) = (target.coro().clone(), say(line));
            let joiner = spawn(move || {
                coro.join();
                say();
            });
            cede();
            joiner
        };
        let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
        let joiners = names.map(join);
        target.on_destroy(say("handler"));
        for &at in leaving {
            joiners[at].cancel();
        }
        let late = join("late");
        target.coro().ready();
        late.join().unwrap();
        cede();
        let stayed = (0..8).rev().filter(|at| !leaving.contains(at));
        // The first joiner is readied last; when it had left, who came late may not take its place.
        let expected: Vec<_> = ["handler", "late"]
            .into_iter()
            .chain(stayed.map(|at| names[at]))
            .collect();
        assert_eq!(*log.borrow(), expected, "without {leaving:?}");
        target.join().unwrap();
    }
}

#[test]
fn who_has_two_places_among_the_joiners_keeps_the_one_that_it_does_not_leave() {
    for (leaves_older, expected) in [(true, ["twice", "once"]), (false, ["once", "twice"])] {
        let log = Log::new();
        let target = spawn(schedule);
        cede();
        let coro = target.coro().clone();
        let twice = spawn(move || {
            let older = coro.joiner();
            schedule();
            let younger = coro.joiner();
            let stays = if leaves_older {
                drop(older);
                younger
            } else {
                drop(younger);
                older
            };
            coro::wait_for(&stays);
            log.say("twice");
        });
        cede();
        let coro = target.coro().clone();
        let once = spawn(move || {
            coro.join();
            log.say("once");
        });
        cede();
        twice.coro().ready();
        cede();
        target.coro().ready();
        once.join().unwrap();
        twice.join().unwrap();
        log.expect(expected);
        target.join().unwrap();
    }
}
