//! H3, H4: a dying coro may block in its destructors, and may itself be cancelling others, or who
//! cancels it: everybody ends, everything is destroyed once, nothing aborts.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Coro, cede, current, schedule, spawn};

use crate::support::{Drops, Log, caught, counted, defer, semaphore};

#[test]
fn a_destructor_may_block_in_every_way() {
    let sem = semaphore(0);
    let log = Log::new();
    let helper = spawn(|| 5);
    let (value, drops) = counted();
    let c = {
        let sem = Rc::clone(&sem);
        spawn(move || {
            let _value = value;
            let _block = defer(move || {
                cede();
                sem.down();
                assert_eq!(helper.join().unwrap(), 5);
                let me = current();
                coro::scope(|s| {
                    s.spawn(|| {
                        cede();
                        me.ready();
                    });
                    schedule();
                });
                log.say("cleaned up");
            });
            schedule();
            unreachable!("cancelled");
        })
    };
    cede();
    c.cancel();
    log.say("canceller");
    assert_eq!(drops.get(), 0);
    sem.up();
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect(["canceller", "cleaned up"]);
    assert_eq!(drops.get(), 1);
}

#[test]
fn every_local_has_its_turn_to_block() {
    let log = Log::new();
    let c = spawn(move || {
        let _locals: Vec<_> = (0..5)
            .map(|i| {
                defer(move || {
                    cede();
                    log.say(i);
                })
            })
            .collect();
        let _last = defer(move || {
            cede();
            log.say("last");
        });
        schedule();
    });
    cede();
    c.cancel();
    log.expect([]);
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect(["last", "0", "1", "2", "3", "4"]);
}

/// A table of coros that know each other.
#[derive(Clone, Default)]
struct Ring(Rc<RefCell<Vec<Coro>>>);

impl Ring {
    fn get(&self, i: usize) -> Coro {
        let all = self.0.borrow();
        all[i % all.len()].clone()
    }

    /// Spawns `n` coros, of which each cancels the next one in its destructor.
    fn of(n: usize, how: fn(&Coro)) -> (Ring, Vec<Drops>) {
        let ring = Ring::default();
        let mut counts = Vec::new();
        for i in 0..n {
            let (value, drops) = counted();
            counts.push(drops);
            let known = ring.clone();
            let c = spawn(move || {
                let _value = value;
                let _cancels = defer(move || how(&known.get(i + 1)));
                schedule();
            });
            ring.0.borrow_mut().push(c.coro().clone());
        }
        cede();
        (ring, counts)
    }

    #[track_caller]
    fn all_ended_once(&self, counts: &[Drops]) {
        for (i, drops) in counts.iter().enumerate() {
            assert!(self.get(i).is_finished(), "{i}");
            assert_eq!(drops.get(), 1, "{i}");
        }
        // The ring holds itself.
        self.0.take();
        assert_eq!(coro::ready_count(), 0);
    }
}

#[test]
fn two_that_cancel_each_other_both_end() {
    for first in 0..2 {
        let (ring, counts) = Ring::of(2, Coro::cancel);
        ring.get(first).cancel();
        cede();
        ring.all_ended_once(&counts);
    }
}

#[test]
fn chains_of_cancels_end() {
    for n in [1, 3, 10, 100] {
        let (ring, counts) = Ring::of(n, Coro::cancel);
        ring.get(0).cancel();
        for _ in 0..n {
            cede();
        }
        ring.all_ended_once(&counts);
    }
}

#[test]
fn a_chain_whose_links_block_ends() {
    let (ring, counts) = Ring::of(5, |next| {
        cede();
        next.cancel();
        cede();
        next.cancel();
    });
    ring.get(2).cancel();
    for _ in 0..20 {
        cede();
    }
    ring.all_ended_once(&counts);
}

#[test]
fn a_chain_of_safe_cancels_ends() {
    let (ring, counts) = Ring::of(5, |next| _ = next.safe_cancel());
    ring.get(0).safe_cancel().unwrap();
    for _ in 0..10 {
        cede();
    }
    ring.all_ended_once(&counts);
}

#[test]
fn a_chain_of_throws_ends() {
    let (ring, counts) = Ring::of(5, |next| drop(next.throw("next")));
    ring.get(0).cancel();
    for _ in 0..10 {
        cede();
    }
    ring.all_ended_once(&counts);
}

#[test]
fn killall_in_a_destructor_ends_everybody_once() {
    let (ring, counts) = Ring::of(6, |_| coro::killall());
    ring.get(3).cancel();
    for _ in 0..10 {
        cede();
    }
    ring.all_ended_once(&counts);
}

#[test]
fn a_coro_may_cancel_itself_in_its_destructor() {
    let (value, drops) = counted();
    let log = Log::new();
    let c = spawn(move || {
        let _value = value;
        let _again = defer(move || {
            current().cancel();
            log.say("went on");
            cede();
            current().cancel();
            log.say("went on after a switch");
        });
        schedule();
    });
    cede();
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
    assert_eq!(drops.get(), 1);
    log.expect(["went on", "went on after a switch"]);
}

#[test]
fn a_coro_that_returns_may_cancel_itself_in_its_last_destructor() {
    let (value, drops) = counted();
    let c = spawn(move || {
        let _value = value;
        let _again = defer(|| current().cancel());
        7
    });
    assert!(c.join().unwrap_err().is_cancelled());
    assert_eq!(drops.get(), 1);
}

#[test]
fn the_canceller_may_be_cancelled_while_its_victim_unwinds() {
    let (value, drops) = counted();
    let log = Log::new();
    let victim = spawn(move || {
        let _value = value;
        let _block = defer(move || {
            log.say("victim");
            cede();
            log.say("victim went on");
        });
        schedule();
    });
    cede();
    let target = victim.coro().clone();
    let (second, second_drops) = counted();
    let canceller = spawn(move || {
        let _second = second;
        target.cancel();
        log.say("canceller");
        schedule();
        log.say("never");
    });
    cede();
    // It blocked while its victim unwinds, so of it that is not known either: it may end late.
    canceller.cancel();
    victim.coro().join();
    canceller.coro().join();
    log.expect(["victim", "canceller", "victim went on"]);
    assert_eq!((drops.get(), second_drops.get()), (1, 1));
}

#[test]
fn a_victim_that_ends_its_canceller_from_within_does_not_go_back_to_it() {
    let log = Log::new();
    let (value, drops) = counted();
    let boss = Rc::new(RefCell::new(None::<Coro>));
    let victim = {
        let boss = Rc::clone(&boss);
        spawn(move || {
            let _block = defer(move || {
                let boss = boss.take();
                boss.unwrap().cancel();
                log.say("victim");
            });
            schedule();
        })
    };
    cede();
    let target = victim.coro().clone();
    let canceller = spawn(move || {
        let _value = value;
        target.cancel();
        log.say("never: cancelled while it waited for its victim");
    });
    *boss.borrow_mut() = Some(canceller.coro().clone());
    cede();
    cede();
    assert!(canceller.is_finished() && victim.is_finished());
    log.expect(["victim"]);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_child_may_cancel_the_owner_of_its_scope() {
    let (value, drops) = counted();
    let (inner, inner_drops) = counted();
    let log = Log::new();
    let owner = spawn(move || {
        let _value = value;
        let me = current();
        let mut borrowed = vec![1, 2, 3];
        coro::scope(|s| {
            let borrowed = &mut borrowed;
            s.spawn(move || {
                let _inner = inner;
                let _uses = defer(|| borrowed.push(4));
                // The owner's scope cancels this child before the owner is gone.
                me.cancel();
                log.say("never");
            });
        });
        log.say("never");
    });
    assert!(owner.join().unwrap_err().is_cancelled());
    log.expect([]);
    assert_eq!((drops.get(), inner_drops.get()), (1, 1));
}

#[test]
fn a_destructor_that_cancels_main_panics_there_and_can_catch_it() {
    let main = coro::main();
    let c = spawn(move || {
        let _tries = defer(move || assert!(caught(|| main.cancel()).is_err()));
        schedule();
    });
    cede();
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
}

#[test]
fn a_canceller_that_left_its_cancel_is_not_switched_back_to() {
    let log = Log::new();
    let canceller = Rc::new(RefCell::new(None::<Coro>));
    let helper = {
        let canceller = Rc::clone(&canceller);
        spawn(move || {
            let _leads_away = defer(move || {
                let canceller = canceller.take().unwrap();
                drop(canceller.throw("away"));
                canceller.cede_to().unwrap();
            });
            schedule();
        })
    };
    let victim = spawn(move || {
        let _block = defer(move || {
            helper.cancel();
            cede();
            cede();
        });
        schedule();
    });
    cede();
    let target = victim.coro().clone();
    let c = spawn(move || {
        let away = coro::catch(|| target.cancel()).unwrap_err();
        log.say(away.downcast_ref::<&str>().unwrap());
        // The throw has readied it, too.
        schedule();
        log.say("once");
        schedule();
        log.say("never: its victim switched out and ended, but it waits for that no more");
    });
    *canceller.borrow_mut() = Some(c.coro().clone());
    victim.coro().join();
    cede();
    log.expect(["away", "once"]);
    assert!(!c.is_finished());
    c.cancel();
}
