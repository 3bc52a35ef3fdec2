//! One execution after the other, on one or several OS threads.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use fastrand::Rng;

use crate::choice::Deviation;
use crate::failure::Failure;
use crate::frontier::Frontier;
use crate::log::Entry;
use crate::panics;
use crate::replay;
use crate::report::{Extent, Report};
use crate::run::Run;
use crate::schedule::Schedule;
use crate::settings::{Search, Settings};
use crate::shrink;
use crate::strategy::{Pct, Strategy};
use crate::verdict::Verdict;
use crate::world::{Body, Child, Trouble, World};

/// So many schedules an OS thread takes at a time.
const BATCH: usize = 32;
/// Every so many executions one is done twice.
const TWICE_EVERY: u64 = 4096;

/// What the OS threads of one exploration share.
struct Shared {
    settings: Arc<Settings>,
    body: Body,
    until: Option<Instant>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    frontier: Frontier,
    /// How many executions were given out.
    begun: u64,
    busy: usize,
    /// How many the first execution had.
    usual_steps: u32,
    is_cut: bool,
    report: Report,
    failure: Option<Found>,
    samples: Vec<(u64, Run)>,
}

/// An execution that failed.
pub(crate) struct Found {
    pub(crate) cost: usize,
    pub(crate) number: u64,
    pub(crate) trouble: Trouble,
    pub(crate) schedule: Schedule,
    pub(crate) run: Run,
}

/// What one OS thread is to do next.
struct Task {
    number: u64,
    child: Child,
    /// What costs more will not be run.
    ceiling: usize,
}

/// Explores `body`.
pub(crate) fn search(settings: &Settings, body: &Body) -> Result<(Report, Vec<Run>), Failure> {
    if let Some(schedule) = &settings.replay {
        return replay::replay(settings, body, schedule);
    }
    search_from(settings, body, Vec::new(), 0)
}

/// Explores what begins with the departures of `plan`, and departs again at the step `from` or later.
pub(crate) fn search_from(
    settings: &Settings,
    body: &Body,
    plan: Vec<Deviation>,
    from: u32,
) -> Result<(Report, Vec<Run>), Failure> {
    let settings = Arc::new(Settings {
        from,
        ..settings.clone()
    });
    let mut state = State::default();
    // What is given costs nothing.
    state.frontier.push(Child { plan, cost: 0 });
    let shared = Shared {
        until: settings.max_time.map(|time| Instant::now() + time),
        body: body.clone(),
        state: Mutex::new(state),
        changed: Condvar::new(),
        settings: settings.clone(),
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..settings.threads)
            .map(|_| scope.spawn(|| shared.work_or_give_up()))
            .collect();
        for worker in workers {
            if let Err(payload) = worker.join() {
                let said = payload.downcast::<String>();
                panic!("the explorer's own coro was interrupted: {said:?}");
            }
        }
    });
    let state = shared.state.into_inner();
    let mut state = state.unwrap_or_else(PoisonError::into_inner);
    state.report.extent = state.extent(&settings);
    match state.failure {
        None => {
            state.samples.sort_by_key(|sample| sample.0);
            let runs = state.samples.into_iter().map(|sample| sample.1);
            Ok((state.report, runs.collect()))
        }
        Some(mut found) => {
            if settings.search != Search::Exhaustive {
                found = shrink::shrink(&settings, body, found);
            }
            Err(Failure::new(&settings, found, state.report))
        }
    }
}

impl State {
    fn extent(&self, settings: &Settings) -> Extent {
        match settings.search {
            Search::Random => Extent::Random(settings.seed),
            Search::Pct(depth) => Extent::Pct(settings.seed, depth),
            Search::Exhaustive if self.is_cut || self.failure.is_some() => Extent::Cut {
                below: self.frontier.level(),
            },
            Search::Exhaustive => Extent::Exhaustive(settings.budget),
        }
    }

    /// PCT must know how long an execution is: the first one tells.
    fn must_wait(&self, settings: &Settings) -> bool {
        matches!(settings.search, Search::Pct(_)) && self.begun > 0 && self.usual_steps == 0
    }

    /// Gives out what is to be done next; `None` if there is nothing, now or ever.
    fn take(&mut self, settings: &Settings, until: Option<Instant>) -> Option<Task> {
        if self.failure.is_some() || self.is_cut {
            return None;
        }
        if self.must_wait(settings) {
            return None;
        }
        let is_over = self.begun >= settings.max_executions
            || until.is_some_and(|until| Instant::now() >= until);
        let child = match settings.search {
            Search::Exhaustive => self.frontier.pop()?,
            _ if is_over => return None,
            _ => Child {
                plan: Vec::new(),
                cost: 0,
            },
        };
        if is_over {
            self.is_cut = true;
            return None;
        }
        self.begun += 1;
        Some(Task {
            number: self.begun,
            child,
            // One more, as what is left over tells that not all was run.
            ceiling: self
                .frontier
                .ceiling(settings.max_executions - self.begun + 1),
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes tasks, waiting for others to bring some, until all is done.
    fn take(&self) -> Vec<Task> {
        let mut state = self.lock();
        loop {
            let mut tasks = Vec::new();
            while let Some(task) = state.take(&self.settings, self.until) {
                tasks.push(task);
                // What costs more is behind the children of what costs less.
                let is_in_order = self.settings.search != Search::Exhaustive
                    || state.frontier.has_more_of_level();
                if tasks.len() == BATCH || !is_in_order {
                    break;
                }
            }
            if !tasks.is_empty() || state.busy == 0 {
                state.busy += usize::from(!tasks.is_empty());
                self.changed.notify_all();
                return tasks;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Works, and keeps nobody waiting if that panics.
    fn work_or_give_up(&self) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.work())) {
            let mut state = self.lock();
            state.is_cut = true;
            state.busy = 0;
            self.changed.notify_all();
            drop(state);
            let said = panics::last(coro::main().id());
            resume_unwind(said.map_or(payload, |said| Box::new(said)));
        }
    }

    /// What one OS thread does.
    fn work(&self) {
        let world = World::install(self.settings.clone());
        loop {
            let tasks = self.take();
            if tasks.is_empty() {
                break;
            }
            let mut done = Done::default();
            for task in tasks {
                if self.execute(&world, task, &mut done).is_err() {
                    break;
                }
            }
            let failed = done.failure.is_some();
            self.give(done);
            if failed {
                // What is left of the failed execution must not run any more.
                return;
            }
        }
        world.leave();
    }

    fn execute(&self, world: &Rc<World>, task: Task, done: &mut Done) -> Result<(), ()> {
        let Task {
            number,
            child,
            ceiling,
        } = task;
        let cost = child.cost;
        world.set_number(number);
        let is_checked = number.is_power_of_two() || number % TWICE_EVERY == 0;
        let first = is_checked.then(|| child.plan.clone());
        let result = world.execute(
            &self.body,
            self.strategy(number, child.plan),
            cost,
            (self.settings.search == Search::Exhaustive).then_some(ceiling),
        );
        done.executions += 1;
        done.steps = done.steps.max(world.steps());
        done.long += u64::from(world.is_fair());
        let result = match (result, first) {
            (Ok(children), Some(plan)) => self.twice(world, number, plan, cost).map(|()| children),
            (result, _) => result,
        };
        if done.costs.len() <= cost {
            done.costs.resize(cost + 1, 0);
        }
        done.costs[cost] += 1;
        match result {
            Ok(children) => {
                done.children.extend(children);
                if number <= self.settings.samples as u64 {
                    done.samples.push((number, Run::new(world.take_log())));
                }
                Ok(())
            }
            Err(trouble) => {
                let log = world.take_log();
                done.failure = Some(Found {
                    cost,
                    number,
                    trouble,
                    schedule: Schedule::of(&self.settings.name, &log),
                    run: Run::new(log),
                });
                Err(())
            }
        }
    }

    fn strategy(&self, number: u64, plan: Vec<Deviation>) -> Strategy {
        let rng =
            || Rng::with_seed(self.settings.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        match self.settings.search {
            Search::Exhaustive => Strategy::Plan { plan, next: 0 },
            Search::Random => Strategy::Random(rng()),
            Search::Pct(depth) => {
                let steps = self.lock().usual_steps;
                Strategy::Pct(Pct::new(rng(), depth, steps))
            }
        }
    }

    /// Does an execution again: the same must happen.
    fn twice(
        &self,
        world: &Rc<World>,
        number: u64,
        plan: Vec<Deviation>,
        cost: usize,
    ) -> Result<(), Trouble> {
        let first = world.take_log();
        let strategy = self.strategy(number, plan);
        if let Err(trouble) = world.execute(&self.body, strategy, cost, None) {
            let what = format!("well at first, and then: {}", trouble.verdict);
            return Err(Trouble {
                verdict: Verdict::Nondeterminism,
                details: [what].into_iter().chain(trouble.details).collect(),
            });
        }
        let second = world.take_log();
        let same = first
            .iter()
            .zip(&second)
            .take_while(|(a, b)| a == b)
            .count();
        if same == first.len() && same == second.len() {
            world.put_log(first);
            return Ok(());
        }
        let tell = |log: &[Entry]| match log.get(same) {
            Some(entry) => format!("{entry:?}"),
            None => "nothing".to_owned(),
        };
        let details = vec![
            format!("first:  {}", tell(&first)),
            format!("second: {}", tell(&second)),
        ];
        world.put_log(second);
        Err(Trouble {
            verdict: Verdict::Nondeterminism,
            details,
        })
    }

    fn give(&self, done: Done) {
        let mut state = self.lock();
        done.children
            .into_iter()
            .for_each(|child| state.frontier.push(child));
        let state = &mut *state;
        if state.report.executions == 0 {
            state.usual_steps = done.steps.max(1);
        }
        state.report.executions += done.executions;
        state.report.long += done.long;
        state.report.steps = state.report.steps.max(done.steps);
        let costs = &mut state.report.costs;
        if costs.len() < done.costs.len() {
            costs.resize(done.costs.len(), 0);
        }
        costs.iter_mut().zip(done.costs).for_each(|(a, b)| *a += b);
        state.samples.extend(done.samples);
        if let Some(found) = done.failure {
            let is_better = |old: &Found| (found.cost, found.number) < (old.cost, old.number);
            if state.failure.as_ref().is_none_or(is_better) {
                state.failure = Some(found);
            }
        }
        state.busy = state.busy.saturating_sub(1);
        self.changed.notify_all();
    }
}

/// What an OS thread has done since it last said so.
#[derive(Default)]
struct Done {
    executions: u64,
    steps: u32,
    long: u64,
    costs: Vec<u64>,
    children: Vec<Child>,
    samples: Vec<(u64, Run)>,
    failure: Option<Found>,
}
