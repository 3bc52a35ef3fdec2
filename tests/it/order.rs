//! Who runs next, compared with a model: random calls of random coros, hooks coming and going.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{Builder, Coro, Event, Observer, Policy, Prio, Waker};

const STEPS: usize = 1_500;
const MAX_COROS: usize = 60;

/// Does nothing, but has the dispatcher ask.
struct Idle;

impl Observer for Idle {
    fn event(&mut self, _: &Event<'_>) {}
}

/// Wants what the dispatcher would do without it.
impl Policy for Idle {
    fn next(&mut self, _: &[Coro]) -> usize {
        0
    }
}

#[derive(Default)]
struct One {
    coro: Option<Coro>,
    is_new: bool,
    is_dead: bool,
    is_ready: bool,
    is_suspended: bool,
    uses: u64,
}

impl One {
    fn coro(&self) -> Coro {
        self.coro.clone().expect("each has one")
    }

    fn level(&self) -> usize {
        (self.coro().prio().get() + 4) as usize
    }
}

/// What the scheduler should do. The first coro is main.
#[derive(Default)]
struct Model {
    all: Vec<One>,
    queues: [VecDeque<usize>; 8],
    current: usize,
    observed: bool,
    policed: bool,
    waker: Option<Waker>,
    /// There is a waker, or the last word of one was not heard yet.
    listens: bool,
    dice: u64,
    steps: usize,
}

impl Model {
    fn roll(&mut self, below: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005);
        self.dice = self.dice.wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) as usize % below
    }

    fn ready(&mut self, n: usize) -> bool {
        let one = &mut self.all[n];
        if one.is_ready || one.is_dead {
            return false;
        }
        one.is_ready = true;
        self.queues[one.level()].push_back(n);
        true
    }

    /// Drops the entries of the suspended.
    fn weed(&mut self) {
        let (queues, all) = (&mut self.queues, &mut self.all);
        for queue in queues {
            queue.retain(|&n| {
                all[n].is_ready = !all[n].is_suspended;
                all[n].is_ready
            });
        }
    }

    fn take(&mut self) -> Option<usize> {
        let next = self.queues.iter_mut().rev().find_map(VecDeque::pop_front)?;
        self.all[next].is_ready = false;
        Some(next)
    }

    fn hear(&mut self) {
        self.listens = self.waker.is_some();
    }

    /// To be switched back to at once is no use, unless the dispatcher has asked somebody.
    fn switch(&mut self, to: usize, asks: bool) {
        let one = &mut self.all[to];
        one.uses += u64::from(asks || to != self.current);
        one.is_new = false;
        self.current = to;
    }

    fn choose(&mut self) {
        let asks = self.observed || self.policed || self.listens;
        self.hear();
        if self.policed {
            self.weed();
        }
        while let Some(next) = self.take() {
            if !self.all[next].is_suspended {
                return self.switch(next, asks);
            }
        }
        panic!("main always cedes");
    }

    fn bury(&mut self, n: usize) {
        self.all[n].is_dead = true;
        self.all[n].is_ready = false;
        for queue in &mut self.queues {
            queue.retain(|&entry| entry != n);
        }
    }

    fn check(&self, me: usize) {
        assert_eq!((self.current, coro::current()), (me, self.all[me].coro()));
        let ready = self.all.iter().filter(|one| one.is_ready).count();
        assert_eq!(coro::ready_count(), ready);
        for one in &self.all {
            let coro = one.coro();
            assert_eq!(coro.is_finished(), one.is_dead);
            assert_eq!(coro.is_ready(), one.is_ready);
            assert!(one.is_dead || coro.is_suspended() == one.is_suspended);
            assert_eq!(coro.use_count(), one.uses, "uses of {coro:?}");
        }
    }
}

type World = Rc<RefCell<Model>>;

fn spawn(w: &World) {
    let me = w.borrow().all.len();
    let prio = Prio::new(w.borrow_mut().roll(8) as i8 - 4);
    let body = {
        let w = w.clone();
        move || {
            w.borrow().check(me);
            while w.borrow().steps > 0 && step(&w, me) {}
            let mut model = w.borrow_mut();
            model.bury(me);
            model.choose();
        }
    };
    let coro = Builder::new().prio(prio).build(body).coro().clone();
    let one = One {
        coro: Some(coro.clone()),
        is_new: true,
        ..One::default()
    };
    w.borrow_mut().all.push(one);
    assert!(w.borrow_mut().ready(me));
    assert!(coro.ready());
}

/// One random call; `false` if the coro is to end.
fn step(w: &World, me: usize) -> bool {
    let mut model = w.borrow_mut();
    model.steps = model.steps.saturating_sub(1);
    let count = model.all.len();
    let what = model.roll(100);
    let other = model.roll(count);
    let prio = match model.roll(3) {
        0 => Prio::NORMAL,
        _ => Prio::new(model.roll(8) as i8 - 4),
    };
    let coro = model.all[other].coro();
    let runs = other == me;
    match what {
        0..30 => {
            model.ready(me);
            model.choose();
            drop(model);
            coro::cede();
        }
        30..38 if me > 0 => {
            model.choose();
            drop(model);
            coro::schedule();
        }
        38..45 => {
            model.hear();
            if model.policed {
                model.weed();
            }
            while let Some(next) = model.take() {
                if !model.all[next].is_suspended {
                    model.ready(me);
                    model.switch(next, true);
                    break;
                }
            }
            drop(model);
            coro::cede_notself();
        }
        45..60 => {
            let is_new = model.ready(other);
            drop(model);
            assert_eq!(coro.ready(), is_new);
        }
        60..64 => {
            model.ready(me);
            drop(model);
            coro::current().ready();
        }
        64..78 => {
            drop(model);
            coro.set_prio(prio);
            assert_eq!(coro.prio(), prio);
        }
        78..83 if other > 0 && !model.all[other].is_dead => {
            model.all[other].is_suspended = true;
            drop(model);
            coro.suspend();
        }
        83..88 => {
            model.all[other].is_suspended = false;
            drop(model);
            coro.resume();
        }
        88..90 if other > 0 && !runs && !model.all[other].is_dead => {
            if !model.all[other].is_new {
                model.switch(other, true);
                model.switch(me, true);
            }
            model.all[other].is_suspended = false;
            model.bury(other);
            drop(model);
            coro.cancel();
        }
        90..91 => {
            let on = !model.observed;
            model.observed = on;
            drop(model);
            coro::set_observer(on.then(|| Box::new(Idle) as _));
        }
        91..92 => {
            let on = !model.policed;
            model.policed = on;
            drop(model);
            coro::set_policy(on.then(|| Box::new(Idle) as _));
        }
        92..93 => {
            let waker = model.waker.take();
            model.waker = waker.is_none().then(|| coro::main().waker());
            model.listens = true;
            drop((model, waker));
        }
        93..98 if count < MAX_COROS => {
            drop(model);
            spawn(w);
        }
        98.. if me > 0 => return false,
        _ => drop(model),
    }
    w.borrow().check(me);
    true
}

#[test]
fn the_order_is_that_of_eight_queues_whatever_is_called_and_installed() {
    for seed in 0..20 {
        let w = World::default();
        {
            let mut model = w.borrow_mut();
            model.all.push(One {
                coro: Some(coro::main()),
                uses: coro::main().use_count(),
                ..One::default()
            });
            model.dice = seed;
            model.steps = STEPS;
        }
        (0..8).for_each(|_| spawn(&w));
        while w.borrow().steps > 0 {
            step(&w, 0);
        }
        coro::set_observer(None);
        coro::set_policy(None);
        let mut model = w.borrow_mut();
        (model.observed, model.policed, model.waker) = (false, false, None);
        coro::main().set_prio(Prio::MIN);
        for n in 1..model.all.len() {
            model.all[n].is_suspended = false;
            let (coro, is_new) = (model.all[n].coro(), model.ready(n));
            coro.resume();
            assert_eq!(coro.ready(), is_new);
        }
        while model.all[1..].iter().any(|one| !one.is_dead) {
            model.ready(0);
            model.choose();
            drop(model);
            coro::cede();
            w.borrow().check(0);
            model = w.borrow_mut();
        }
        coro::main().set_prio(Prio::NORMAL);
        drop(model);
    }
}

/// Cancels somebody new, and chooses it.
struct CancelsWhomItChooses(Option<Coro>);

impl Policy for CancelsWhomItChooses {
    fn next(&mut self, ready: &[Coro]) -> usize {
        let Some(victim) = self.0.take() else {
            return 0;
        };
        victim.cancel();
        ready.iter().position(|c| *c == victim).unwrap_or(0)
    }
}

#[test]
fn an_observer_does_not_hide_that_a_policy_has_cancelled_whom_it_chose() {
    let victim = coro::spawn(|| ());
    drop(coro::set_observer(Some(Box::new(Idle))));
    let policy = CancelsWhomItChooses(Some(victim.coro().clone()));
    drop(coro::set_policy(Some(Box::new(policy))));
    coro::cede();
    drop(coro::set_policy(None));
    drop(coro::set_observer(None));
    assert!(victim.coro().is_finished());
    assert_eq!(coro::ready_count(), 0);
}
