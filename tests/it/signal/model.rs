//! Random programs of a signal, against a model of it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{JoinHandle, spawn};
use coro_sync::Signal;

use crate::signal::{random, settle};
use crate::support::{fresh, outcome};

/// A signal as a list of numbers: what it does is looked up here, and has to be the same.
#[derive(Default)]
struct Model {
    sent: bool,
    queue: VecDeque<usize>,
    callbacks: Vec<usize>,
    ready: VecDeque<usize>,
    /// Woken, by a send that no broadcast followed, or otherwise.
    woken: Vec<(usize, bool)>,
    thrown: Vec<usize>,
    /// Asked to leave: they have, and only unwind.
    leaving: Vec<usize>,
    said: Vec<String>,
}

impl Model {
    fn make_ready(&mut self, who: usize) {
        if !self.ready.contains(&who) {
            self.ready.push_back(who);
        }
    }

    fn wake(&mut self, by_send: bool) -> bool {
        let Some(who) = self.queue.pop_front() else {
            return false;
        };
        if self.callbacks.contains(&who) {
            self.said.push(format!("{who}: called"));
        } else {
            self.woken.push((who, by_send));
            self.make_ready(who);
        }
        true
    }

    fn send(&mut self) {
        if !self.wake(true) {
            self.sent = true;
        }
    }

    fn broadcast(&mut self) {
        self.sent = false;
        self.woken.iter_mut().for_each(|woken| woken.1 = false);
        while self.wake(false) {}
    }

    fn leave(&mut self, who: usize) {
        self.queue.retain(|&other| other != who);
        if let Some(place) = self.woken.iter().position(|woken| woken.0 == who)
            && self.woken.remove(place).1
        {
            self.send();
        }
    }

    /// Who waits, or was woken and has not run; and was not asked to leave.
    fn alive(&self) -> Vec<usize> {
        let waiting = self.queue.iter().copied();
        let woken = self.woken.iter().map(|woken| woken.0);
        waiting
            .chain(woken)
            .filter(|who| !self.callbacks.contains(who))
            .collect()
    }

    fn run_all(&mut self) {
        while let Some(who) = self.ready.pop_front() {
            if self.leaving.contains(&who) {
                continue;
            }
            if self.thrown.contains(&who) {
                self.leave(who);
                self.said.push(format!("{who}: ex"));
            } else if let Some(place) = self.woken.iter().position(|woken| woken.0 == who) {
                self.woken.remove(place);
                self.said.push(format!("{who}: returned"));
            }
        }
    }
}

/// Makes `steps` random calls, and compares all that can be seen after each.
fn random_program(seed: u64, steps: usize) -> [usize; 4] {
    let mut below = random(seed);
    let said = Rc::new(RefCell::new(Vec::new()));
    let signal = Rc::new(Signal::new());
    let mut model = Model::default();
    let mut coros: Vec<Option<JoinHandle<()>>> = Vec::new();
    let mut passed_on = [0; 4];
    for step in 0..steps {
        let alive = model.alive();
        let victim = (!alive.is_empty()).then(|| alive[below(alive.len())]);
        let is_woken = |model: &Model, who| model.woken.iter().any(|w| w.0 == who && w.1);
        match (below(14), victim) {
            (0..3, _) => {
                // All run first, so that the new one runs at once.
                settle();
                model.run_all();
                let (who, theirs, says) = (coros.len(), signal.clone(), said.clone());
                coros.push(Some(spawn(move || {
                    let result = outcome(|| theirs.wait());
                    says.borrow_mut().push(format!("{who}: {result}"));
                })));
                settle();
                if model.sent {
                    model.sent = false;
                    model.said.push(format!("{who}: returned"));
                } else {
                    model.queue.push_back(who);
                }
            }
            (3, _) => {
                let (who, says) = (coros.len(), said.clone());
                coros.push(None);
                signal.wait_with(move || says.borrow_mut().push(format!("{who}: called")));
                if model.sent {
                    model.sent = false;
                    model.said.push(format!("{who}: called"));
                } else {
                    model.queue.push_back(who);
                    model.callbacks.push(who);
                }
            }
            (4..7, _) => {
                signal.send();
                model.send();
            }
            (7, _) => {
                signal.broadcast();
                model.broadcast();
            }
            (8, _) => {
                settle();
                model.run_all();
            }
            (what, Some(who)) => {
                let c = coros[who].as_ref().expect("the victim is a coro");
                let kind = [0, 1, 1, 2, 3][what - 9];
                passed_on[kind] += usize::from(is_woken(&model, who));
                match what {
                    9 => {
                        c.ready();
                        model.make_ready(who);
                    }
                    10 | 11 => {
                        c.throw("ex");
                        model.thrown.push(who);
                        model.make_ready(who);
                    }
                    12 => {
                        c.cancel();
                        model.leaving.push(who);
                        model.leave(who);
                    }
                    _ => {
                        c.safe_cancel().expect("it is blocked or ready");
                        model.leaving.push(who);
                        model.leave(who);
                        model.make_ready(who);
                    }
                }
            }
            _ => {}
        }
        let place = format!("seed {seed}, step {step}");
        assert_eq!(*said.borrow(), model.said, "{place}");
        assert_eq!(signal.awaited(), model.queue.len(), "{place}");
        let sent = format!("Signal {{ sent: {},", model.sent);
        assert!(format!("{signal:?}").starts_with(&sent), "{place}");
    }
    settle();
    drop(coros);
    settle();
    passed_on
}

#[test]
fn random_programs_do_what_the_model_does() {
    fresh(|| {
        let mut sum = [0; 4];
        for seed in 0..400 {
            let passed_on = random_program(seed, 120);
            (0..4).for_each(|n| sum[n] += passed_on[n]);
        }
        // Each interruption has hit waiters that a send had woken.
        assert!(sum.iter().all(|&n| n > 20), "{sum:?}");
    });
}
