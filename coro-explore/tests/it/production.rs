//! The first execution is what happens without an explorer.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;

use coro::{Coro, Prio};
use coro_explore::{Builder, finally};

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

type Log = Rc<RefCell<Vec<String>>>;

/// Some coros that do to each other whatever the kernel offers.
fn program(seed: u64, log: &Log) {
    let all = Rc::<RefCell<Vec<Coro>>>::default();
    for number in 0..4 {
        let (all_of_them, log) = (all.clone(), log.clone());
        let prio = [Prio::NORMAL, Prio::NORMAL, Prio::HIGH, Prio::LOW][number];
        let mut dice = Dice(seed * 16 + number as u64);
        let c = coro::Builder::new().prio(prio).spawn(move || {
            for step in 0..6 {
                log.borrow_mut().push(format!("{number}.{step}"));
                let all = &all_of_them;
                let other = all.borrow()[dice.roll(4) as usize].clone();
                match dice.roll(9) {
                    0 | 1 => coro::cede(),
                    2 => coro::cede_notself(),
                    3 => _ = other.ready(),
                    4 if number != 0 => other.cancel(),
                    5 => _ = other.throw("a word"),
                    6 => _ = other.cede_to(),
                    7 => _ = other.safe_cancel(),
                    _ => _ = other.set_prio(Prio::LOW),
                }
            }
        });
        all.borrow_mut().push(c.coro().clone());
    }
    let each = all.borrow().clone();
    each.iter().for_each(Coro::join);
    all.borrow_mut().clear();
    log.borrow_mut().push("end".into());
}

/// Runs it on a kernel of its own.
fn without_explorer(seed: u64) -> Vec<String> {
    let run = move || {
        let log = Log::default();
        // In a coro, as a body is.
        let theirs = log.clone();
        coro::spawn(move || program(seed, &theirs))
            .join()
            .expect("it ends");
        log.take()
    };
    thread::spawn(run).join().expect("it ends")
}

#[test]
fn production_order_is_what_happens_without_an_explorer() {
    let mut words = 0;
    for seed in 0..300 {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let theirs = seen.clone();
        let builder = Builder::new().spurious(0).delays(0).panics();
        builder.check(move || {
            let log = Log::default();
            let (all, theirs) = (log.clone(), theirs.clone());
            finally(move || *theirs.lock().expect("nobody panics") = all.take());
            program(seed, &log);
        });
        let seen = seen.lock().expect("nobody panics").clone();
        assert_eq!(seen, without_explorer(seed), "seed {seed}");
        words += seen.len();
    }
    assert!(words > 300 * 8, "{words}");
}
