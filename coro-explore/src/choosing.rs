//! What an execution does where it may do otherwise.

use std::time::Instant;

use coro::Coro;

use crate::budget::Budget;
use crate::choice::{Choice, Deviation, Number};
use crate::fault::Fault;
use crate::log::Entry;
use crate::strategy::Strategy;
use crate::world::{Child, World};

/// In the fair half, the earliest timer goes off every so many steps.
const FAIR_TIMER: u32 = 16;

/// What the choices of one execution depend on.
pub(crate) struct Choices {
    pub(crate) strategy: Strategy,
    pub(crate) left: Budget,
    /// Where the children of this execution go, if they are wanted.
    pub(crate) children: Option<Vec<Child>>,
    pub(crate) cost: usize,
    /// What costs more is not wanted.
    pub(crate) ceiling: usize,
    /// Other executions begin at this step or later.
    pub(crate) from: u32,
}

impl Choices {
    /// Returns `true` if other executions begin where this one is.
    fn wants_children(&self) -> bool {
        self.children.is_some() && self.strategy.left().is_none()
    }

    /// Notes that another execution is to take this choice here.
    fn emit(&mut self, step: u32, choice: Choice) {
        let cost = self.cost + choice.cost();
        if !self.wants_children()
            || cost > self.ceiling
            || step < self.from
            || !self.left.allows(choice)
        {
            return;
        }
        if let (Strategy::Plan { plan, .. }, Some(children)) = (&self.strategy, &mut self.children)
        {
            let mut longer = Vec::with_capacity(plan.len() + 1);
            longer.extend_from_slice(plan);
            longer.push(Deviation { step, choice });
            children.push(Child { plan: longer, cost });
        }
    }
}

impl World {
    /// Chooses among what may happen beside the coros' own doing.
    pub(crate) fn depart(&self, step: u32, deadline: Option<Instant>) {
        if self.is_fair() && step.is_multiple_of(FAIR_TIMER) {
            // Whoever polls for a timer's end shall see it.
            deadline
                .into_iter()
                .for_each(|deadline| self.pass(deadline));
        }
        // Several coros may be struck at once: in the order of their numbers, so that each set of
        // them is there once.
        let (mut timer, mut from) = (deadline, 0);
        while let Some(choice) = self.depart_once(step, timer.take(), from) {
            match choice {
                Choice::Fault(fault, number) if fault.lets_others_be_first() => from = number + 1,
                _ => break,
            }
        }
    }

    /// The same while nobody is ready: one thing at most, as more may happen in the step that comes
    /// then. Returns whether something has.
    pub(crate) fn depart_idle(&self, step: u32) -> bool {
        self.depart_once(step, None, 0).is_some()
    }

    fn depart_once(&self, step: u32, deadline: Option<Instant>, from: Number) -> Option<Choice> {
        let choice = self.choose_departure(step, deadline, from)?;
        self.deviate(step, choice);
        match choice {
            Choice::Timer => deadline.into_iter().for_each(|at| self.pass(at)),
            Choice::Fault(fault, number) => self.strike(fault, number),
            Choice::Delay(_) | Choice::Pick(_) => {}
        }
        Some(choice)
    }

    fn choose_departure(
        &self,
        step: u32,
        deadline: Option<Instant>,
        from: Number,
    ) -> Option<Choice> {
        let is_departure = |choice| matches!(choice, Choice::Timer | Choice::Fault(..));
        let planned = self
            .choices
            .borrow_mut()
            .strategy
            .planned(step, is_departure);
        planned.or_else(|| {
            let options = self.options(deadline, from);
            let mut choices = self.choices.borrow_mut();
            options
                .iter()
                .for_each(|option| choices.emit(step, *option));
            let which = choices.strategy.fault(step, &options)?;
            options.get(which).copied()
        })
    }

    fn deviate(&self, step: u32, choice: Choice) {
        self.choices.borrow_mut().left.pay(choice);
        self.write(Entry::Deviated(Deviation { step, choice }));
    }

    /// What may happen now, that is not the coros' own doing; to coros from that number on.
    fn options(&self, deadline: Option<Instant>, from: Number) -> Vec<Choice> {
        let choices = self.choices.borrow();
        let is_wanted =
            choices.wants_children() || !matches!(choices.strategy, Strategy::Plan { .. });
        let left = choices.left;
        drop(choices);
        let mut options = Vec::new();
        if !is_wanted || self.is_fair() {
            return options;
        }
        if deadline.is_some() && left.allows(Choice::Timer) {
            options.push(Choice::Timer);
        }
        if left.has_faults() {
            for coro in coro::all().into_iter().rev() {
                let number = self.number(coro.id());
                let can = |fault: &Fault| {
                    number >= from
                        && left.allows(Choice::Fault(*fault, number))
                        && self.can_strike(*fault, &coro)
                };
                let faults = Fault::ALL.into_iter().filter(can);
                options.extend(faults.map(|fault| Choice::Fault(fault, number)));
            }
        }
        options
    }

    /// Chooses who of these runs.
    pub(crate) fn choose_next(&self, ready: &[Coro]) -> usize {
        let is = |id: u64| ready.iter().position(|coro| coro.id() == id);
        if self.is_over.get() {
            return is(self.root.id()).unwrap_or(0);
        }
        let struck = self.first_now.take();
        let struck = struck.and_then(|struck| Some((is(struck.id)?, struck.at_once)));
        if let Some((at, true)) = struck {
            return at;
        }
        // Priorities are a promise of the kernel's.
        let first = ready[0].prio();
        let peers = ready.iter().take_while(|coro| coro.prio() == first).count();
        // Who was struck is in front of all others, but may be passed over too.
        let place = |by: usize| match struck {
            Some((at, _)) if at < peers && by == 0 => at,
            Some((at, _)) if at < peers && by <= at => by - 1,
            _ => by,
        };
        let mut choices = self.choices.borrow_mut();
        let is_asked = peers > 1 || matches!(choices.strategy, Strategy::Hand(_));
        if !is_asked || self.is_fair() {
            return place(0);
        }
        let step = self.step.get();
        let is_delay = |choice| matches!(choice, Choice::Delay(_));
        let by = match choices.strategy.planned(step, is_delay) {
            Some(Choice::Delay(by)) if (by as usize) < peers => by as usize,
            Some(choice) => {
                self.miss(step, choice);
                0
            }
            None => {
                (1..peers).for_each(|by| choices.emit(step, Choice::Delay(by as u32)));
                let numbers = (0..peers).map(|by| self.number(ready[place(by)].id()));
                choices.strategy.run(step, numbers)
            }
        };
        drop(choices);
        self.pause_if_asked();
        if by > 0 {
            self.deviate(step, Choice::Delay(by as u32));
            let passed_over = (0..by).map(|before| self.number(ready[place(before)].id()));
            self.write(Entry::PassedOver(passed_over.collect()));
        }
        place(by)
    }

    /// Nobody is ready: asks whoever chooses by hand whether time passes; returns `true` if the
    /// execution stops here.
    pub(crate) fn waits_by_hand(&self, step: u32) -> bool {
        if self.is_fair() {
            return false;
        }
        if let Strategy::Hand(hand) = &mut self.choices.borrow_mut().strategy {
            hand.wait(step);
        }
        self.pause_if_asked()
    }

    pub(crate) fn choose_one(&self, count: usize) -> usize {
        if self.is_fair() {
            // Each in turn, so that whoever asks until he gets one gets it.
            let picks = self.fair_picks.get();
            self.fair_picks.set(picks + 1);
            return picks % count;
        }
        let Some(step) = self.begin_step() else {
            return 0;
        };
        let mut choices = self.choices.borrow_mut();
        let is_pick = |choice| matches!(choice, Choice::Pick(_));
        let which = match choices.strategy.planned(step, is_pick) {
            Some(Choice::Pick(which)) if (which as usize) < count => which as usize,
            Some(choice) => {
                self.miss(step, choice);
                0
            }
            None => {
                (1..count).for_each(|which| choices.emit(step, Choice::Pick(which as u32)));
                choices.strategy.pick(step, count)
            }
        };
        drop(choices);
        self.pause_if_asked();
        if which > 0 {
            self.deviate(step, Choice::Pick(which as u32));
        }
        which
    }
}
