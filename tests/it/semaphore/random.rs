//! Random programs over a semaphore, with interruptions of all kinds: the fair form does what a
//! model of a line and a number does, and both forms lose no permit and leave none unused.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{JoinHandle, spawn};
use coro_semaphore::Semaphore;

use crate::semaphore::{Form, settle};
use crate::support::outcome;

/// Steele, Lea and Flood's SplitMix64: the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// What the coros of a program have said.
#[derive(Clone, Default)]
pub(crate) struct Said(Rc<RefCell<Vec<String>>>);

impl Said {
    pub(crate) fn say(&self, line: String) {
        self.0.borrow_mut().push(line);
    }

    /// Returns all lines said since the last call, and forgets them.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.take()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    New,
    Waiting,
    /// It was given its permits and has not run since.
    Given,
    Gone,
}

/// Who wants so many permits: 0 if it waits for one and takes none.
struct Waiter {
    /// `None` for a callback.
    coro: Option<JoinHandle<()>>,
    want: isize,
    state: State,
    doomed: bool,
}

/// What a fair semaphore is: a number, and a line of those who wait.
struct Model {
    permits: isize,
    line: VecDeque<usize>,
    ready: VecDeque<usize>,
    all: Vec<Waiter>,
    said: Vec<String>,
}

impl Model {
    fn count(&self) -> isize {
        if self.line.is_empty() {
            self.permits
        } else {
            self.permits.min(0)
        }
    }

    fn ready(&mut self, id: usize) {
        if !self.ready.contains(&id) {
            self.ready.push_back(id);
        }
    }

    fn serve(&mut self) {
        while let Some(&id) = self.line.front() {
            let want = self.all[id].want;
            if self.permits < want.max(1) {
                break;
            }
            self.line.pop_front();
            self.permits -= want;
            if self.all[id].coro.is_some() {
                self.all[id].state = State::Given;
                self.ready(id);
            } else {
                self.all[id].state = State::Gone;
                self.said.push(format!("{id} called"));
            }
        }
    }

    fn enter(&mut self, id: usize) {
        self.line.push_back(id);
        self.all[id].state = State::Waiting;
        self.serve();
    }

    /// The waiter leaves without permits.
    fn leave(&mut self, id: usize) {
        let was = std::mem::replace(&mut self.all[id].state, State::Gone);
        if was == State::Given {
            self.permits += self.all[id].want;
        }
        self.line.retain(|&other| other != id);
        self.serve();
    }

    fn run(&mut self) {
        while let Some(id) = self.ready.pop_front() {
            let Waiter {
                want,
                state,
                doomed,
                ..
            } = self.all[id];
            match state {
                State::New if doomed => self.leave(id),
                State::New if self.line.is_empty() && self.permits >= want.max(1) => {
                    self.permits -= want;
                    self.all[id].state = State::Gone;
                    self.said.push(format!("{id} returned"));
                }
                State::New => self.enter(id),
                State::Waiting | State::Given if doomed => {
                    self.leave(id);
                    self.said.push(format!("{id} ex"));
                }
                State::Given => {
                    self.all[id].state = State::Gone;
                    self.said.push(format!("{id} returned"));
                }
                State::Waiting | State::Gone => {}
            }
        }
    }

    fn coro(&self, id: usize) -> &JoinHandle<()> {
        let coro = self.all[id].coro.as_ref();
        coro.expect("callbacks are not interrupted")
    }

    /// Someone that is there.
    fn any(&self, random: &mut Random) -> Option<usize> {
        let there = |&id: &usize| {
            let waiter = &self.all[id];
            waiter.coro.is_some() && waiter.state != State::Gone
        };
        let there: Vec<_> = (0..self.all.len()).filter(there).collect();
        (!there.is_empty()).then(|| there[random.below(there.len())])
    }
}

fn starts(log: &Said, sem: &Rc<Semaphore>, id: usize, want: isize) -> JoinHandle<()> {
    let (log, sem) = (log.clone(), sem.clone());
    spawn(move || {
        let result = outcome(|| match want {
            0 => sem.wait(),
            1 if id.is_multiple_of(3) => sem.acquire_rc().forget(),
            1 => sem.down(),
            _ => sem.down_many(want as usize),
        });
        log.say(format!("{id} {result}"));
    })
}

/// Does one random thing, to the semaphore and to the model.
fn step(random: &mut Random, log: &Said, sem: &Rc<Semaphore>, model: &mut Model) {
    let target = model.any(random);
    let kind = random.below(12);
    match (kind, target) {
        (0..=2, _) => {
            let (id, want) = (model.all.len(), random.below(4) as isize);
            let waiter = Waiter {
                coro: Some(starts(log, sem, id, want)),
                want,
                state: State::New,
                doomed: false,
            };
            model.all.push(waiter);
            model.ready(id);
        }
        (3, _) => {
            let id = model.all.len();
            let waiter = Waiter {
                coro: None,
                want: 0,
                state: State::New,
                doomed: false,
            };
            model.all.push(waiter);
            let log = log.clone();
            sem.wait_with(move || log.say(format!("{id} called")));
            model.enter(id);
        }
        (4 | 5, _) => {
            let by = random.below(6) as isize - 2;
            sem.adjust(by);
            model.permits += by;
            model.serve();
        }
        (6, _) => {
            let want = random.below(3) + 1;
            let may = model.count() >= want as isize;
            assert_eq!(sem.try_down_many(want), may);
            if may {
                model.permits -= want as isize;
            }
        }
        (7, Some(id)) => {
            model.coro(id).ready();
            model.ready(id);
        }
        (8, Some(id)) if !model.all[id].doomed => {
            model.coro(id).throw("ex");
            model.all[id].doomed = true;
            model.ready(id);
        }
        (9, Some(id)) => {
            model.coro(id).cancel();
            model.ready.retain(|&other| other != id);
            model.leave(id);
        }
        (10, Some(id)) if !model.all[id].doomed && model.all[id].state != State::New => {
            assert!(model.coro(id).safe_cancel().is_ok());
            model.leave(id);
            model.ready(id);
        }
        _ => {
            settle();
            model.run();
        }
    }
}

fn empty(permits: isize) -> Model {
    Model {
        permits,
        line: VecDeque::new(),
        ready: VecDeque::new(),
        all: Vec::new(),
        said: Vec::new(),
    }
}

fn a_program_of_the_fair_form(seed: u64) {
    let log = Said::default();
    let mut random = Random(seed);
    let permits = random.below(5) as isize - 2;
    let sem = Rc::new(Semaphore::fair(permits));
    let mut model = empty(permits);
    for at in 0..60 {
        step(&mut random, &log, &sem, &mut model);
        let seen = (sem.count(), sem.waiters());
        let expected = (model.count(), model.line.len());
        assert_eq!(seen, expected, "seed {seed}, step {at}");
    }
    settle();
    model.run();
    assert_eq!(log.lines(), model.said, "seed {seed}");
    assert_eq!(
        (sem.count(), sem.waiters()),
        (model.count(), model.line.len())
    );
}

/// Checks what holds of both forms when nobody is ready, with the lines that were said so far.
fn nothing_is_lost(
    seed: u64,
    given: isize,
    log: &Said,
    taken: &mut isize,
    sem: &Semaphore,
    all: &[Waiter],
) {
    settle();
    for line in log.lines() {
        let (id, result) = line.split_once(' ').expect("who, and how it ended");
        if result == "returned" {
            *taken += all[id.parse::<usize>().expect("a number")].want;
        }
    }
    let wants: Vec<_> = all
        .iter()
        .filter_map(|waiter| {
            let c = waiter.coro.as_ref()?;
            (!c.is_finished()).then_some((c.coro().id(), waiter.want))
        })
        .collect();
    assert!(
        wants.len() <= sem.waiters(),
        "seed {seed}: who did not end waits"
    );
    // The fair form has put aside what the oldest has collected.
    let (count, there) = (sem.count(), given - *taken);
    assert!(count <= there, "seed {seed}: {count} of {there} permits");
    if sem.waiters() == 0 {
        assert_eq!(count, there, "seed {seed}: all permits are free or taken");
    }
    // The coros in the line, the oldest first.
    let shown = format!("{sem:?}");
    let oldest = shown.split("id: ").nth(1);
    let oldest = oldest.and_then(|rest| rest.split([',', ' ']).next()?.parse().ok());
    if let Some((_, want)) = wants.iter().find(|(id, _)| Some(*id) == oldest) {
        let needs = (*want).max(1);
        assert!(
            there < needs,
            "seed {seed}: {there} are there, the oldest needs {needs}"
        );
    } else {
        assert!(wants.is_empty(), "seed {seed}: {shown}");
        assert!(sem.waiters() == 0 || there <= 0, "seed {seed}: {shown}");
    }
}

fn a_program_of_any_form(new: Form, seed: u64) {
    let log = Said::default();
    let mut random = Random(seed);
    let sem = Rc::new(new(0));
    let (mut given, mut taken) = (0, 0);
    let mut all = Vec::new();
    for _ in 0..80 {
        let there = random.below(all.len().max(1));
        let c = all
            .get(there)
            .and_then(|waiter: &Waiter| waiter.coro.as_ref());
        match (random.below(12), c) {
            (0..=2, _) => {
                let (id, want) = (all.len(), random.below(4) as isize);
                all.push(Waiter {
                    coro: Some(starts(&log, &sem, id, want)),
                    want,
                    state: State::New,
                    doomed: false,
                });
            }
            (3, _) => {
                // This one takes a permit if it can; the line is the one of a waiter for one.
                let (id, want) = (all.len(), 1);
                let (log, theirs) = (log.clone(), sem.clone());
                sem.wait_with(move || {
                    let took = theirs.try_down();
                    log.say(format!(
                        "{id} {}",
                        if took { "returned" } else { "in vain" }
                    ));
                });
                all.push(Waiter {
                    coro: None,
                    want,
                    state: State::New,
                    doomed: false,
                });
            }
            (4 | 5, _) => {
                let by = random.below(6) as isize - 2;
                sem.adjust(by);
                given += by;
            }
            (6, _) if sem.try_down() => taken += 1,
            (7, Some(c)) => drop(c.ready()),
            (8, Some(c)) => drop(c.throw("ex")),
            (9, Some(c)) => c.cancel(),
            (10, Some(c)) => drop(c.safe_cancel()),
            _ => nothing_is_lost(seed, given, &log, &mut taken, &sem, &all),
        }
    }
    nothing_is_lost(seed, given, &log, &mut taken, &sem, &all);
    for c in all.iter().filter_map(|waiter| waiter.coro.as_ref()) {
        c.cancel();
    }
    nothing_is_lost(seed, given, &log, &mut taken, &sem, &all);
}

#[test]
fn the_fair_form_does_what_a_line_and_a_number_do() {
    for seed in 0..3_000 {
        a_program_of_the_fair_form(seed);
    }
}

#[test]
fn no_permit_is_lost_and_none_is_unused_while_somebody_waits() {
    for seed in 0..1_500 {
        a_program_of_any_form(Semaphore::new, seed);
        a_program_of_any_form(Semaphore::fair, seed);
    }
}
