//! Random programs over semaphores with limits: the fair form does what a model of a line does, and
//! the default form loses no permit and keeps nobody beyond its time.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_semaphore::Semaphore;
use coro_time::{VirtualClock, armed};

use super::{begin, secs};
use crate::semaphore::random::Random;
use crate::semaphore::{FORMS, Form, settle};

/// One that waits for permits.
struct Waiter {
    coro: JoinHandle<bool>,
    want: isize,
    until: Duration,
    /// Whether it has them, once that is decided; `None` within if it was interrupted.
    end: Option<Option<bool>>,
}

/// What a fair semaphore is: a number, and a line of those who wait.
struct Model {
    permits: isize,
    line: VecDeque<usize>,
    now: Duration,
    all: Vec<Waiter>,
}

impl Model {
    fn serve(&mut self) {
        while let Some(&id) = self.line.front()
            && self.permits >= self.all[id].want
        {
            self.line.pop_front();
            self.permits -= self.all[id].want;
            self.all[id].end = Some(Some(true));
        }
    }

    fn leave(&mut self, id: usize, end: Option<bool>) {
        self.line.retain(|&other| other != id);
        self.all[id].end = Some(end);
        self.serve();
    }

    /// Time passes: those whose time is over leave one by one, in the order of their deadlines.
    fn pass(&mut self, by: Duration) {
        self.now += by;
        let mut due: Vec<usize> = self.line.iter().copied().collect();
        due.retain(|&id| self.all[id].until <= self.now);
        due.sort_by_key(|&id| (self.all[id].until, id));
        for id in due {
            // One that leaves may have left enough for the next.
            if self.all[id].end.is_none() {
                self.leave(id, Some(false));
            }
        }
    }
}

fn compare(model: &mut Model, sem: &Semaphore, context: &str) {
    for (id, waiter) in model.all.iter().enumerate() {
        let ended = waiter.coro.is_finished();
        assert_eq!(ended, waiter.end.is_some(), "{context}: waiter {id}");
    }
    let waits = model.line.len();
    assert_eq!(sem.waiters(), waits, "{context}");
    assert_eq!(armed(), waits, "{context}");
    let count = if waits == 0 { model.permits } else { 0 };
    assert_eq!(sem.count(), count, "{context}");
}

/// Runs a program; the model tells who has what, if the form is the fair one.
fn run(seed: u64, form: Form, fair: bool) -> [usize; 3] {
    let clock = VirtualClock::install();
    let mut random = Random(seed);
    let sem = Rc::new(form(0));
    let mut raised = 0;
    let mut model = Model {
        permits: 0,
        line: VecDeque::new(),
        now: Duration::ZERO,
        all: Vec::new(),
    };
    for step in 0..60 {
        let context = format!("seed {seed}, step {step}");
        let waiting: Vec<usize> = (0..model.all.len())
            .filter(|&id| !model.all[id].coro.is_finished())
            .collect();
        match random.below(10) {
            0..=3 => {
                let (want, limit) = (1 + random.below(3) as isize, secs(random.below(5) as u64));
                let theirs = sem.clone();
                let coro = begin(move || theirs.down_many_timeout(want as usize, limit).is_ok());
                let id = model.all.len();
                let until = model.now + limit;
                model.all.push(Waiter {
                    coro,
                    want,
                    until,
                    end: None,
                });
                model.line.push_back(id);
                model.serve();
                if limit.is_zero() && model.all[id].end.is_none() {
                    model.leave(id, Some(false));
                }
            }
            4..=5 => {
                let by = 1 + random.below(3) as isize;
                sem.adjust(by);
                raised += by;
                model.permits += by;
                model.serve();
            }
            6..=7 => {
                let by = secs(random.below(3) as u64);
                clock.advance(by);
                model.pass(by);
            }
            8 if !waiting.is_empty() => {
                let id = waiting[random.below(waiting.len())];
                match random.below(3) {
                    0 => model.all[id].coro.cancel(),
                    1 => drop(model.all[id].coro.throw("ex")),
                    _ => model.all[id].coro.safe_cancel().expect("it waits"),
                }
                model.leave(id, None);
            }
            _ if !waiting.is_empty() => {
                model.all[waiting[random.below(waiting.len())]].coro.ready();
            }
            _ => {}
        }
        settle();
        if fair {
            compare(&mut model, &sem, &context);
        } else {
            check(&model, &sem, clock.elapsed(), &context);
        }
    }
    clock.advance(secs(9));
    model.pass(secs(9));
    settle();
    assert_eq!((sem.waiters(), armed()), (0, 0), "seed {seed}");
    let mut ends = [0; 3];
    let mut taken = 0;
    for (id, waiter) in model.all.into_iter().enumerate() {
        let had = waiter.coro.join().ok();
        if fair {
            assert_eq!(Some(had), waiter.end, "seed {seed}: waiter {id}");
        }
        taken += if had == Some(true) { waiter.want } else { 0 };
        ends[had.map_or(2, usize::from)] += 1;
    }
    assert_eq!(
        sem.count(),
        raised - taken,
        "seed {seed}: no permit is lost"
    );
    ends
}

/// What holds of the default form when nobody is ready.
fn check(model: &Model, sem: &Semaphore, now: Duration, context: &str) {
    let waiting = model.all.iter().filter(|waiter| !waiter.coro.is_finished());
    let waiting: Vec<&Waiter> = waiting.collect();
    assert_eq!(sem.waiters(), waiting.len(), "{context}");
    assert_eq!(armed(), waiting.len(), "{context}");
    for waiter in &waiting {
        assert!(waiter.until > now, "{context}: its time is over");
    }
    if waiting.len() == 1 {
        assert!(
            sem.count() < waiting[0].want,
            "{context}: it could have them"
        );
    }
}

#[test]
fn a_semaphore_with_limits_does_what_the_model_does() {
    for (name, form) in FORMS {
        let mut ends = [0; 3];
        for seed in 0..400 {
            let of_this = run(seed, form, name == "fair");
            (0..3).for_each(|n| ends[n] += of_this[n]);
        }
        // Elapsed, had and interrupted: all of them are in it.
        assert!(ends.iter().all(|&count| count > 500), "{name}: {ends:?}");
    }
}
