//! Random programs over channels with limits: the fair form does what a model of two lines and a
//! buffer does; in both nothing is lost, nothing comes twice, and nobody stays beyond its time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::Channel;
use coro_time::{VirtualClock, armed};

use super::{begin, secs};
use crate::semaphore::random::Random;
use crate::semaphore::settle;

/// What came of a put or a get.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Put,
    Got(usize),
    Elapsed,
    Interrupted,
}

struct Waiter {
    /// What it puts; `None` if it gets.
    value: Option<usize>,
    coro: JoinHandle<End>,
    until: Duration,
    end: Option<End>,
}

/// What a fair channel is.
struct Model {
    capacity: usize,
    values: VecDeque<usize>,
    putters: VecDeque<usize>,
    getters: VecDeque<usize>,
    now: Duration,
    all: Vec<Waiter>,
}

impl Model {
    fn came(&mut self, id: usize) {
        match self.all[id].value {
            None => self.getters.push_back(id),
            Some(_) => self.putters.push_back(id),
        }
        self.meet();
    }

    /// Those who can go on do.
    fn meet(&mut self) {
        loop {
            if let Some(&getter) = self.getters.front()
                && let Some(value) = self.values.pop_front()
            {
                self.getters.pop_front();
                self.all[getter].end = Some(End::Got(value));
            } else if let Some(&putter) = self.putters.front()
                && (self.values.len() < self.capacity || !self.getters.is_empty())
            {
                self.putters.pop_front();
                self.values.extend(self.all[putter].value);
                self.all[putter].end = Some(End::Put);
            } else {
                return;
            }
        }
    }

    fn leave(&mut self, id: usize, end: End) {
        self.putters.retain(|&other| other != id);
        self.getters.retain(|&other| other != id);
        self.all[id].end = Some(end);
    }

    fn pass(&mut self, by: Duration) {
        self.now += by;
        for id in 0..self.all.len() {
            if self.all[id].end.is_none() && self.all[id].until <= self.now {
                self.leave(id, End::Elapsed);
            }
        }
    }
}

/// Spawns a coro that puts or gets once.
fn one(channel: &Rc<Channel<usize>>, value: Option<usize>, limit: Duration) -> JoinHandle<End> {
    let channel = channel.clone();
    begin(move || match value {
        Some(value) => match channel.put_timeout(value, limit) {
            Ok(()) => End::Put,
            Err(error) => {
                assert_eq!(error.0, value);
                End::Elapsed
            }
        },
        None => match channel.get_timeout(limit) {
            Ok(value) => End::Got(value.expect("it is not shut down")),
            Err(_) => End::Elapsed,
        },
    })
}

fn run(seed: u64, fair: bool) -> [usize; 4] {
    let clock = VirtualClock::install();
    let mut random = Random(seed);
    let capacity = random.below(3);
    let channel = Rc::new(if fair {
        Channel::fair(capacity)
    } else {
        Channel::bounded(capacity)
    });
    let mut model = Model {
        capacity,
        values: VecDeque::new(),
        putters: VecDeque::new(),
        getters: VecDeque::new(),
        now: Duration::ZERO,
        all: Vec::new(),
    };
    for step in 0..60 {
        let context = format!("seed {seed}, step {step}");
        let waiting: Vec<usize> = (0..model.all.len())
            .filter(|&id| !model.all[id].coro.is_finished())
            .collect();
        match random.below(9) {
            0..=4 => {
                let id = model.all.len();
                let value = (random.below(2) == 0).then_some(id);
                let limit = secs(random.below(4) as u64);
                let coro = one(&channel, value, limit);
                let until = model.now + limit;
                model.all.push(Waiter {
                    value,
                    coro,
                    until,
                    end: None,
                });
                if limit.is_zero() && value.is_none() && model.values.is_empty() {
                    // It looks for a value; one that waits to put has not put.
                    model.leave(id, End::Elapsed);
                } else {
                    model.came(id);
                }
                if limit.is_zero() && model.all[id].end.is_none() {
                    model.leave(id, End::Elapsed);
                }
            }
            5..=6 => {
                let by = secs(random.below(3) as u64);
                clock.advance(by);
                model.pass(by);
            }
            7 if !waiting.is_empty() => {
                let id = waiting[random.below(waiting.len())];
                match random.below(3) {
                    0 => model.all[id].coro.cancel(),
                    1 => drop(model.all[id].coro.throw("ex")),
                    _ => model.all[id].coro.safe_cancel().expect("it waits"),
                }
                model.leave(id, End::Interrupted);
            }
            _ if !waiting.is_empty() => {
                model.all[waiting[random.below(waiting.len())]].coro.ready();
            }
            _ => {}
        }
        settle();
        check(&model, &channel, fair, &context);
    }
    clock.advance(secs(9));
    model.pass(secs(9));
    settle();
    assert_eq!(armed(), 0, "seed {seed}");
    judge(model, &channel, fair, seed)
}

fn check(model: &Model, channel: &Channel<usize>, fair: bool, context: &str) {
    let waiting = || model.all.iter().filter(|waiter| !waiter.coro.is_finished());
    assert_eq!(armed(), waiting().count(), "{context}");
    assert!(channel.len() <= model.capacity, "{context}");
    for waiter in waiting() {
        assert!(waiter.until > model.now, "{context}: its time is over");
        let could = match waiter.value {
            Some(_) => channel.len() < model.capacity,
            None => !channel.is_empty(),
        };
        assert!(!could, "{context}: it could go on");
    }
    let gets = waiting().filter(|waiter| waiter.value.is_none()).count();
    assert!(
        gets == 0 || gets == waiting().count(),
        "{context}: they could meet"
    );
    if fair {
        for (id, waiter) in model.all.iter().enumerate() {
            let ended = waiter.coro.is_finished();
            assert_eq!(ended, waiter.end.is_some(), "{context}: waiter {id}");
        }
        assert_eq!(channel.len(), model.values.len(), "{context}");
    }
}

/// All that was put was got once, or is still there; in the fair form as the model has it.
fn judge(model: Model, channel: &Channel<usize>, fair: bool, seed: u64) -> [usize; 4] {
    let (put, got) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let mut ends = [0; 4];
    for (id, waiter) in model.all.into_iter().enumerate() {
        let end = waiter.coro.join().unwrap_or(End::Interrupted);
        if fair {
            assert_eq!(Some(end), waiter.end, "seed {seed}: waiter {id}");
        }
        match end {
            End::Put => put.borrow_mut().extend(waiter.value),
            End::Got(value) => got.borrow_mut().push(value),
            End::Elapsed | End::Interrupted => {}
        }
        let kind = match end {
            End::Put => 0,
            End::Got(_) => 1,
            End::Elapsed => 2,
            End::Interrupted => 3,
        };
        ends[kind] += 1;
    }
    let mut got = got.into_inner();
    got.extend(std::iter::from_fn(|| channel.try_get()));
    got.sort_unstable();
    assert_eq!(got, put.into_inner(), "seed {seed}");
    ends
}

#[test]
fn a_channel_with_limits_does_what_the_model_does() {
    for fair in [true, false] {
        let mut ends = [0; 4];
        for seed in 0..400 {
            let of_this = run(seed, fair);
            (0..4).for_each(|n| ends[n] += of_this[n]);
        }
        assert!(ends.iter().all(|&count| count > 200), "{ends:?}");
    }
}
