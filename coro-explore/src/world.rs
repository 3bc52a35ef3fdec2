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

use coro::{Coro, OverdueKey};

use crate::checks::{self, Checks};
use crate::choice::{Choice, Deviation, Number};
use crate::choosing::Choices;
use crate::failure::VARIABLE;
use crate::fault::Struck;
use crate::hand::Hand;
use crate::hook::Hook;
use crate::log::Entry;
use crate::panics;
use crate::play::Standing;
use crate::scene;
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::strategy::Strategy;
use crate::verdict::Verdict;

/// What is explored.
pub(crate) type Body = Arc<dyn Fn() + Send + Sync>;

/// A schedule that is to be run: its departures, and what they cost together.
pub(crate) struct Child {
    pub(crate) plan: Vec<Deviation>,
    pub(crate) cost: usize,
}

/// What has happened, and how the coros stand.
pub(crate) type Paused = (Vec<Entry>, Vec<Standing>);

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) verdict: Verdict,
    pub(crate) details: Vec<String>,
}

/// What one execution after the other is run in, on an OS thread of its own.
pub(crate) struct World {
    pub(crate) settings: Arc<Settings>,
    pub(crate) root: Coro,
    pub(crate) start: Instant,
    pub(crate) overdue: OverdueKey,
    log: RefCell<Vec<Entry>>,
    pub(crate) choices: RefCell<Choices>,
    pub(crate) checks: Checks,
    /// The kernel's number of the body.
    pub(crate) first: Cell<Option<u64>>,
    pub(crate) step: Cell<u32>,
    pub(crate) alive: Cell<u32>,
    number: Cell<u64>,
    /// Who is before all others, as it was struck just now.
    pub(crate) first_now: Cell<Option<Struck>>,
    /// Switches of all kinds: those from one coro to another that it names are no steps.
    switches: Cell<u64>,
    pub(crate) fair_picks: Cell<usize>,
    pub(crate) passed: Cell<Duration>,
    /// The first planned departure that could not be taken.
    pub(crate) missed: Cell<Option<Deviation>>,
    pub(crate) ended: RefCell<Vec<Coro>>,
    trouble: RefCell<Option<Trouble>>,
    /// Where an execution has stopped that is chosen by hand.
    paused: RefCell<Option<Paused>>,
    pub(crate) is_over: Cell<bool>,
}

impl World {
    /// Takes over the OS thread, which nobody else uses.
    pub(crate) fn install(settings: Arc<Settings>) -> Rc<World> {
        panics::capture();
        let world = Rc::new(World {
            choices: RefCell::new(Choices {
                strategy: Strategy::Plan {
                    plan: Vec::new(),
                    next: 0,
                },
                left: settings.budget,
                children: None,
                cost: 0,
                ceiling: 0,
                from: 0,
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
            paused: RefCell::new(None),
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
        *self.choices.borrow_mut() = Choices {
            strategy,
            left: self.settings.budget,
            children: ceiling.is_some().then(Vec::new),
            cost,
            ceiling: ceiling.unwrap_or(0),
            from: self.settings.from,
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
        if self.is_paused() {
            let _stays_as_it_is = ManuallyDrop::new((body, self.clone()));
            return Ok(Vec::new());
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
        Ok(self
            .choices
            .borrow_mut()
            .children
            .take()
            .unwrap_or_default())
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
        self.missed.get().or(self.choices.borrow().strategy.left())
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

    pub(crate) fn miss(&self, step: u32, choice: Choice) {
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

    pub(crate) fn write(&self, entry: Entry) {
        self.log.borrow_mut().push(entry);
    }

    /// Stops where somebody has to choose by hand; returns `true` if that is here. What runs until the
    /// next switch is not seen by anybody.
    pub(crate) fn pause_if_asked(&self) -> bool {
        let is_asked = match &self.choices.borrow().strategy {
            Strategy::Hand(hand) => hand.legal.is_some(),
            _ => false,
        };
        if is_asked {
            let coros = scene::coros(self, &self.log.borrow());
            *self.paused.borrow_mut() = Some((self.log.take(), coros));
            self.end();
        }
        is_asked
    }

    fn is_paused(&self) -> bool {
        self.paused.borrow().is_some()
    }

    pub(crate) fn take_paused(&self) -> Option<Paused> {
        self.paused.take()
    }

    /// Returns the strategy of an execution by hand.
    pub(crate) fn hand(&self) -> Hand {
        match &self.choices.borrow().strategy {
            Strategy::Hand(hand) => hand.clone(),
            strategy => unreachable!("not by hand: {strategy:?}"),
        }
    }

    /// Ends the execution, unless that was done.
    pub(crate) fn fail(&self, verdict: Verdict, details: Vec<String>) {
        if self.trouble.borrow().is_none() {
            *self.trouble.borrow_mut() = Some(Trouble { verdict, details });
            self.end();
        }
    }

    pub(crate) fn end(&self) {
        self.is_over.set(true);
        // The body may have suspended it.
        self.root.resume();
        self.root.ready();
    }

    /// Looks whether all invariants hold.
    pub(crate) fn look(&self) {
        if !self.is_over.get()
            && let Err(what) = self.checks.hold()
        {
            self.fail(Verdict::Invariant, vec![what]);
        }
    }

    /// Counts a step; there is none if the execution is over.
    pub(crate) fn begin_step(&self) -> Option<u32> {
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
    pub(crate) fn count_switch(&self) {
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
}

/// Calls `f` of a user's, which shall neither switch nor panic; returns what it said when it did.
pub(crate) fn ask<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    let result = catch_unwind(AssertUnwindSafe(|| coro::no_switch(f)));
    result.map_err(|_| panics::last(coro::current().id()).unwrap_or_default())
}
