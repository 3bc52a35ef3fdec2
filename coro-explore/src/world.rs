//! One execution: what the kernel's hooks share, and what they do.
//!
//! # Invariants
//!
//! W1. No borrow is out while the kernel is called: it tells the observer, which writes the log.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use coro::{Clock, Coro, End, Event, Observer, Outlook, OverdueKey, Policy};

use crate::budget::Budget;
use crate::checks::{self, Checks};
use crate::choice::{Choice, Deviation, Fault, Number};
use crate::failure::VARIABLE;
use crate::log::Entry;
use crate::panics;
use crate::scene;
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::strategy::Strategy;
use crate::verdict::Verdict;

/// In the fair half, the earliest timer goes off every so many steps.
const FAIR_TIMER: u32 = 16;

/// What is explored.
pub(crate) type Body = Arc<dyn Fn() + Send + Sync>;

/// A schedule that is to be run: its departures, and what they cost together.
pub(crate) struct Child {
    pub(crate) plan: Vec<Deviation>,
    pub(crate) cost: usize,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) verdict: Verdict,
    pub(crate) details: Vec<String>,
}

/// What the choices of one execution depend on.
struct Run {
    strategy: Strategy,
    left: Budget,
    /// Where the children of this execution go, if they are wanted.
    children: Option<Vec<Child>>,
    cost: usize,
    /// What costs more is not wanted.
    ceiling: usize,
}

/// A coro that was struck, and comes before the others.
#[derive(Clone, Copy)]
struct Struck {
    id: u64,
    /// By a cancel, which switches to it whatever the order is.
    at_once: bool,
}

/// What one execution after the other is run in, on an OS thread of its own.
pub(crate) struct World {
    settings: Arc<Settings>,
    root: Coro,
    start: Instant,
    overdue: OverdueKey,
    log: RefCell<Vec<Entry>>,
    run: RefCell<Run>,
    pub(crate) checks: Checks,
    /// The kernel's number of the body.
    first: Cell<Option<u64>>,
    step: Cell<u32>,
    alive: Cell<u32>,
    number: Cell<u64>,
    /// Who is before all others, as it was struck just now.
    first_now: Cell<Option<Struck>>,
    /// Switches of all kinds: those from one coro to another that it names are no steps.
    switches: Cell<u64>,
    fair_picks: Cell<usize>,
    passed: Cell<Duration>,
    /// The first planned departure that could not be taken.
    missed: Cell<Option<Deviation>>,
    ended: RefCell<Vec<Coro>>,
    trouble: RefCell<Option<Trouble>>,
    is_over: Cell<bool>,
}

impl World {
    /// Takes over the OS thread, which nobody else uses.
    pub(crate) fn install(settings: Arc<Settings>) -> Rc<World> {
        panics::capture();
        let world = Rc::new(World {
            run: RefCell::new(Run {
                strategy: Strategy::Plan {
                    plan: Vec::new(),
                    next: 0,
                },
                left: settings.budget,
                children: None,
                cost: 0,
                ceiling: 0,
            }),
            settings,
            root: coro::main(),
            start: Instant::now(),
            overdue: OverdueKey::unique(),
            log: RefCell::default(),
            checks: Checks::default(),
            first: Cell::new(None),
            step: Cell::new(0),
            alive: Cell::new(0),
            number: Cell::new(0),
            first_now: Cell::new(None),
            switches: Cell::new(0),
            fair_picks: Cell::new(0),
            passed: Cell::default(),
            missed: Cell::new(None),
            ended: RefCell::default(),
            trouble: RefCell::new(None),
            is_over: Cell::new(false),
        });
        coro::set_policy(Some(Box::new(Hook(world.clone()))));
        coro::set_observer(Some(Box::new(Hook(world.clone()))));
        coro::set_clock(Some(Box::new(Hook(world.clone()))));
        let idler = world.clone();
        coro::set_idle(Some(Box::new(move || idler.idle())));
        checks::set_world(Some(world.clone()));
        world
    }

    /// Runs the body to its end; returns the executions that begin as this one and cost no more than
    /// `ceiling`, if there is one. After a trouble, this OS thread must not run anything more: what
    /// is left stands where it was, and is leaked.
    pub(crate) fn execute(
        self: &Rc<World>,
        body: &Body,
        strategy: Strategy,
        cost: usize,
        ceiling: Option<usize>,
    ) -> Result<Vec<Child>, Trouble> {
        self.log.borrow_mut().clear();
        *self.run.borrow_mut() = Run {
            strategy,
            left: self.settings.budget,
            children: ceiling.is_some().then(Vec::new),
            cost,
            ceiling: ceiling.unwrap_or(0),
        };
        self.first.set(None);
        self.step.set(0);
        self.alive.set(0);
        self.first_now.set(None);
        self.switches.set(0);
        self.fair_picks.set(0);
        panics::forget();
        self.passed.set(Duration::ZERO);
        self.missed.set(None);
        self.is_over.set(false);
        let f = body.clone();
        let body = coro::Builder::new().desc("body").spawn(move || f());
        while !self.is_over.get() {
            coro::schedule();
        }
        if self.trouble.borrow().is_none() {
            drop(body);
            self.look_back();
        } else {
            let _stays_as_it_is = ManuallyDrop::new(body);
        }
        if let Some(trouble) = self.trouble.borrow().clone() {
            let _leaked = ManuallyDrop::new(self.clone());
            return Err(trouble);
        }
        Ok(self.run.borrow_mut().children.take().unwrap_or_default())
    }

    /// Looks at what is left when all coros have ended.
    fn look_back(&self) {
        if let Some(missed) = self.missed()
            && self.settings.replay.is_none()
        {
            let what = format!("{missed} could be had, and then not any more");
            self.fail(Verdict::Nondeterminism, vec![what]);
        } else if let Err(what) = self.checks.conclude() {
            self.fail(Verdict::Panic, vec![what]);
        }
        if let Err(what) = ask(|| self.checks.forget()) {
            self.fail(Verdict::Panic, vec![what]);
        }
        if self.alive.get() > 0 || coro::ready_count() > 0 {
            let what = "coros were made when all was over, which nobody runs".to_owned();
            self.fail(Verdict::Leak, vec![what]);
        }
        let ended = self.ended.take();
        let held: Vec<_> = ended
            .iter()
            .filter(|coro| coro.handle_count() > 1)
            .collect();
        if held.is_empty() {
            return;
        }
        let tell = |coro: &&Coro| {
            let (name, count) = (self.name(coro), coro.handle_count() - 1);
            format!("{name} has ended, and something still has {count} of its handles")
        };
        self.fail(Verdict::Leak, held.iter().map(tell).collect());
    }

    /// Says which execution comes now.
    pub(crate) fn set_number(&self, number: u64) {
        self.number.set(number);
    }

    /// Returns how many steps the execution took.
    pub(crate) fn steps(&self) -> u32 {
        self.step.get()
    }

    /// Returns the first planned departure that did not come.
    pub(crate) fn missed(&self) -> Option<Deviation> {
        self.missed.get().or(self.run.borrow().strategy.left())
    }

    /// Puts back what `take_log` gave.
    pub(crate) fn put_log(&self, log: Vec<Entry>) {
        *self.log.borrow_mut() = log;
    }

    /// Gives the OS thread back.
    pub(crate) fn leave(&self) {
        let hooks = (
            coro::set_policy(None),
            coro::set_observer(None),
            coro::set_clock(None),
            coro::set_idle(None),
        );
        checks::set_world(None);
        drop(hooks);
    }

    fn miss(&self, step: u32, choice: Choice) {
        if self.missed.get().is_none() {
            self.missed.set(Some(Deviation { step, choice }));
        }
    }

    /// Returns what happened.
    pub(crate) fn take_log(&self) -> Vec<Entry> {
        self.log.take()
    }

    /// Returns the number of a coro within its execution.
    pub(crate) fn number(&self, id: u64) -> Number {
        let first = self.first.get().unwrap_or(id);
        Number::try_from(id.wrapping_sub(first)).unwrap_or(Number::MAX)
    }

    /// `#2 "getter"`.
    pub(crate) fn name(&self, coro: &Coro) -> String {
        let number = self.number(coro.id());
        match coro.desc() {
            Some(desc) => format!("#{number} {desc:?}"),
            None => format!("#{number}"),
        }
    }

    /// Writes into the log what the body says.
    pub(crate) fn note(&self, text: &str) {
        self.write(Entry::Note(text.into()));
    }

    fn write(&self, entry: Entry) {
        self.log.borrow_mut().push(entry);
    }

    /// Ends the execution, unless that was done.
    fn fail(&self, verdict: Verdict, details: Vec<String>) {
        if self.trouble.borrow().is_none() {
            *self.trouble.borrow_mut() = Some(Trouble { verdict, details });
            self.end();
        }
    }

    fn end(&self) {
        self.is_over.set(true);
        // The body may have suspended it.
        self.root.resume();
        self.root.ready();
    }

    /// Looks whether all invariants hold.
    fn look(&self) {
        if !self.is_over.get()
            && let Err(what) = self.checks.hold()
        {
            self.fail(Verdict::Invariant, vec![what]);
        }
    }

    /// Counts a step; there is none if the execution is over.
    fn begin_step(&self) -> Option<u32> {
        if self.is_over.get() {
            return None;
        }
        let step = self.step.get() + 1;
        self.step.set(step);
        if step / 2 >= self.settings.max_steps {
            let what = format!("no end after {step} steps");
            let who = scene::standing(self);
            self.fail(Verdict::Livelock, [what].into_iter().chain(who).collect());
            return None;
        }
        Some(step)
    }

    /// Ends the process if coros hand over to each other for ever: no hook could end that.
    fn count_switch(&self) {
        self.switches.set(self.switches.get() + 1);
        if self.switches.get() / 8 >= u64::from(self.settings.max_steps) {
            self.last_words(
                "livelock",
                "coros hand over to each other for ever, by cede_to or schedule_to",
            );
            std::process::abort();
        }
    }

    /// Tells of an execution that ends the process.
    pub(crate) fn last_words(&self, verdict: &str, what: &str) {
        let Ok(log) = self.log.try_borrow() else {
            return;
        };
        let schedule = Schedule::of(&self.settings.name, &log);
        let count = schedule.deviations();
        let number = self.number.get();
        // Not by `eprintln`: what a test says is lost when the process ends.
        _ = writeln!(
            io::stderr(),
            "{verdict} after {count} deviations (execution {number}); the process aborts\n  {what}\n\
             replay: {VARIABLE}={schedule} {}",
            self.settings.command,
        );
    }

    /// From here on all is done in production order, so that whoever only was treated unfairly ends.
    pub(crate) fn is_fair(&self) -> bool {
        self.step.get() >= self.settings.max_steps
    }

    /// Nobody is ready.
    fn idle(&self) -> Outlook {
        if self.is_over.get() {
            self.end();
            return Outlook::Progress;
        }
        let deadline = coro::fire_timers();
        if coro::ready_count() > 0 {
            return Outlook::Progress;
        }
        if self.alive.get() == 0 {
            self.end();
            return Outlook::Progress;
        }
        let stranded = coro::all().into_iter().any(|coro| coro.is_stranded());
        let Some(deadline) = deadline.filter(|_| !stranded) else {
            let verdict = if stranded {
                Verdict::LostWakeUp
            } else {
                Verdict::Deadlock
            };
            self.fail(verdict, scene::standing(self));
            return Outlook::Progress;
        };
        if let Some(step) = self.begin_step()
            && !self.depart(step, None)
        {
            self.pass(deadline);
        }
        Outlook::Progress
    }

    /// Lets the time pass.
    fn pass(&self, deadline: Instant) {
        let to = deadline.saturating_duration_since(self.start);
        let by = to.saturating_sub(self.passed.get());
        self.passed.set(self.passed.get() + by);
        self.write(Entry::Passed(by));
        coro::fire_timers();
    }

    /// Chooses among what may happen beside the coros' own doing; returns whether something has.
    fn depart(&self, step: u32, deadline: Option<Instant>) -> bool {
        if self.is_fair() && step.is_multiple_of(FAIR_TIMER) {
            // Whoever polls for a timer's end shall see it.
            deadline
                .into_iter()
                .for_each(|deadline| self.pass(deadline));
        }
        // Several coros may be struck at once: in the order of their numbers, so that each set of
        // them is there once.
        let (mut timer, mut from, mut departed) = (deadline, 0, false);
        while let Some(choice) = self.choose_departure(step, timer.take(), from) {
            departed = true;
            self.deviate(step, choice);
            match choice {
                Choice::Timer => deadline.into_iter().for_each(|at| self.pass(at)),
                Choice::Fault(fault, number) => {
                    self.strike(fault, number);
                    from = number + 1;
                }
                Choice::Delay(_) | Choice::Pick(_) => {}
            }
            if !matches!(choice, Choice::Fault(fault, _) if fault.lets_others_be_first()) {
                break;
            }
        }
        departed
    }

    fn choose_departure(
        &self,
        step: u32,
        deadline: Option<Instant>,
        from: Number,
    ) -> Option<Choice> {
        let is_departure = |choice| matches!(choice, Choice::Timer | Choice::Fault(..));
        let planned = self.run.borrow_mut().strategy.planned(step, is_departure);
        planned.or_else(|| {
            let options = self.options(deadline, from);
            let mut run = self.run.borrow_mut();
            options.iter().for_each(|option| run.emit(step, *option));
            let which = run.strategy.fault(options.len())?;
            options.get(which).copied()
        })
    }

    fn deviate(&self, step: u32, choice: Choice) {
        self.run.borrow_mut().left.pay(choice);
        self.write(Entry::Deviated(Deviation { step, choice }));
    }

    /// What may happen now, that is not the coros' own doing; to coros from that number on.
    fn options(&self, deadline: Option<Instant>, from: Number) -> Vec<Choice> {
        let run = self.run.borrow();
        let is_wanted = run.wants_children() || !matches!(run.strategy, Strategy::Plan { .. });
        let left = run.left;
        drop(run);
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

    fn can_strike(&self, fault: Fault, coro: &Coro) -> bool {
        if *coro == self.root || coro.is_running() || coro.is_finished() {
            return false;
        }
        let is_victim = match &self.settings.victims {
            Some(names) => coro
                .desc()
                .is_some_and(|desc| names.iter().any(|name| **name == *desc)),
            None => fault == Fault::Spurious || self.number(coro.id()) > 0,
        };
        is_victim
            && match fault {
                Fault::Spurious => !coro.is_ready() && !coro.is_suspended() && !coro.is_new(),
                Fault::Throw => true,
                // One that has not begun drops its closure at once, and this is a hook.
                Fault::Cancel | Fault::SafeCancel | Fault::Timeout => !coro.is_new(),
            }
    }

    fn strike(&self, fault: Fault, number: Number) {
        let coro = coro::all()
            .into_iter()
            .find(|coro| self.number(coro.id()) == number);
        let Some(coro) = coro.filter(|coro| self.can_strike(fault, coro)) else {
            return self.miss(self.step.get(), Choice::Fault(fault, number));
        };
        match fault {
            Fault::Spurious => {
                coro.ready();
                self.first_now.set(Some(Struck {
                    id: coro.id(),
                    at_once: false,
                }));
            }
            Fault::Throw => {
                coro.throw(Thrown);
            }
            Fault::Cancel => {
                coro.cancel();
                self.first_now.set(Some(Struck {
                    id: coro.id(),
                    at_once: true,
                }));
            }
            // It may be shielded: then nothing happens.
            Fault::SafeCancel => _ = coro.safe_cancel(),
            Fault::Timeout => coro.set_overdue(self.overdue),
        }
    }

    /// Chooses who of these runs.
    fn choose_next(&self, ready: &[Coro]) -> usize {
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
        if peers < 2 || self.is_fair() {
            return place(0);
        }
        let step = self.step.get();
        let mut run = self.run.borrow_mut();
        let is_delay = |choice| matches!(choice, Choice::Delay(_));
        let by = match run.strategy.planned(step, is_delay) {
            Some(Choice::Delay(by)) if (by as usize) < peers => by as usize,
            Some(choice) => {
                self.miss(step, choice);
                0
            }
            None => {
                (1..peers).for_each(|by| run.emit(step, Choice::Delay(by as u32)));
                let numbers = (0..peers).map(|by| self.number(ready[place(by)].id()));
                run.strategy.run(step, numbers)
            }
        };
        drop(run);
        if by > 0 {
            self.deviate(step, Choice::Delay(by as u32));
            let passed_over = (0..by).map(|before| self.number(ready[place(before)].id()));
            self.write(Entry::PassedOver(passed_over.collect()));
        }
        place(by)
    }

    fn choose_one(&self, count: usize) -> usize {
        if self.is_fair() {
            // Each in turn, so that whoever asks until he gets one gets it.
            let picks = self.fair_picks.get();
            self.fair_picks.set(picks + 1);
            return picks % count;
        }
        let Some(step) = self.begin_step() else {
            return 0;
        };
        let mut run = self.run.borrow_mut();
        let is_pick = |choice| matches!(choice, Choice::Pick(_));
        let which = match run.strategy.planned(step, is_pick) {
            Some(Choice::Pick(which)) if (which as usize) < count => which as usize,
            Some(choice) => {
                self.miss(step, choice);
                0
            }
            None => {
                (1..count).for_each(|which| run.emit(step, Choice::Pick(which as u32)));
                run.strategy.pick(count)
            }
        };
        drop(run);
        if which > 0 {
            self.deviate(step, Choice::Pick(which as u32));
        }
        which
    }
}

impl Run {
    /// Returns `true` if other executions begin where this one is.
    fn wants_children(&self) -> bool {
        self.children.is_some() && self.strategy.left().is_none()
    }

    /// Notes that another execution is to take this choice here.
    fn emit(&mut self, step: u32, choice: Choice) {
        let cost = self.cost + choice.cost();
        if !self.wants_children() || cost > self.ceiling || !self.left.allows(choice) {
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

/// The payload of the explorer's throws.
///
/// # Examples
///
/// ```
/// use coro_explore::{Builder, Thrown};
///
/// let report = Builder::new().throw_everywhere("worker").check(|| {
///     let worker = coro::Builder::new().desc("worker").spawn(coro::cede);
///     if let Err(error) = worker.join() {
///         assert!(error.into_panic().is::<Thrown>());
///     }
/// });
/// assert!(report.executions() > 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Thrown;

/// The world, as the kernel's hooks.
struct Hook(Rc<World>);

impl Policy for Hook {
    fn prepare(&mut self) {
        let world = &*self.0;
        let deadline = coro::fire_timers();
        if let Some(step) = world.begin_step() {
            world.depart(step, deadline);
        }
    }

    fn next(&mut self, ready: &[Coro]) -> usize {
        self.0.choose_next(ready)
    }

    fn choose(&mut self, count: usize) -> Option<usize> {
        Some(self.0.choose_one(count))
    }
}

impl Observer for Hook {
    fn event(&mut self, event: &Event<'_>) {
        let world = &*self.0;
        match event {
            Event::Spawned { coro } => {
                if world.first.get().is_none() {
                    world.first.set(Some(coro.id()));
                }
                world.alive.set(world.alive.get() + 1);
                world.write(Entry::Spawned {
                    coro: world.number(coro.id()),
                    desc: coro.desc().map(|desc| Arc::from(&*desc)),
                });
            }
            Event::Readied { coro, .. } if **coro != world.root => {
                world.write(Entry::Readied(world.number(coro.id())));
            }
            Event::SwitchedOut { coro, place, wait } if **coro != world.root => {
                world.write(Entry::Out {
                    coro: world.number(coro.id()),
                    place,
                    wait: *wait,
                    ready: coro.is_ready(),
                });
                world.look();
            }
            Event::SwitchedIn { coro } if **coro != world.root => {
                world.count_switch();
                world.write(Entry::In {
                    coro: world.number(coro.id()),
                    step: world.step.get(),
                });
            }
            Event::Ended { coro, how } => {
                let number = world.number(coro.id());
                world.alive.set(world.alive.get().saturating_sub(1));
                world.write(Entry::Ended {
                    coro: number,
                    how: *how,
                });
                world.ended.borrow_mut().push((*coro).clone());
                if *how == End::Panicked && (number == 0 || !world.settings.panics) {
                    let said = panics::last(coro.id()).unwrap_or_default();
                    let what = format!("{} panicked at {said}", world.name(coro));
                    world.fail(Verdict::Panic, vec![what]);
                }
                world.look();
            }
            _ => {}
        }
    }
}

impl Clock for Hook {
    fn now(&self) -> Instant {
        self.0.start + self.0.passed.get()
    }

    fn skip_to(&self, deadline: Instant) -> bool {
        self.0.pass(deadline);
        true
    }
}

/// Calls `f` of a user's, which shall neither switch nor panic; returns what it said when it did.
pub(crate) fn ask<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    let result = catch_unwind(AssertUnwindSafe(|| coro::no_switch(f)));
    result.map_err(|_| panics::last(coro::current().id()).unwrap_or_default())
}
