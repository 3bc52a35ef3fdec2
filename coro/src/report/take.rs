//! Taking a report: one pass over the living coros.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use super::rows::{CoroReport, CoroState};
use super::waits::{HolderReport, WaitReport};
use crate::control::{Control, Coro};
use crate::holder::Holder;
use crate::kernel::Kernel;
use crate::root;
use crate::state::kernel::TIMES;
use crate::state::{CANCEL, NEW, OVERDUE, READY, SHIELD, SUSPENDED, THROW};

/// Lets the kernel of this OS thread note when each coro is switched out, or no more; returns what
/// was so before. It is off at first.
///
/// While it is on, reports say for how long each blocked coro has been blocked, by the installed
/// [`Clock`](crate::Clock) if there is one. A switch costs a look at the clock then.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert!(!coro::enable_times(true));
/// let c = coro::spawn(coro::schedule);
/// coro::cede();
/// let blocked_for = coro::report().coros()[1].blocked_for();
/// assert!(blocked_for.is_some());
/// # c.cancel();
/// # coro::enable_times(false);
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Debug`, `enable_times`; there, it counts the time that each coro has run.
pub fn enable_times(on: bool) -> bool {
    let k = root::kernel();
    let before = k.has(TIMES);
    if on {
        k.set(TIMES);
    } else {
        k.clear(TIMES);
    }
    before
}

/// Returns what is known of all living coros, by their numbers.
pub(super) fn all(k: &'static Kernel) -> Vec<CoroReport> {
    let mut coros = k.living.all();
    coros.sort_by_key(Coro::id);
    let now = k.has(TIMES).then(|| k.now());
    let known = |coro: &Coro| (coro.id(), coro.control().desc());
    let living: HashMap<_, _> = coros.iter().map(known).collect();
    coros
        .iter()
        .map(|coro| row(k, coro, &living, now))
        .collect()
}

/// The coros that have not ended, and their descriptions.
type Alive = HashMap<u64, Option<Rc<str>>>;

fn row(k: &'static Kernel, coro: &Coro, living: &Alive, now: Option<Instant>) -> CoroReport {
    let c = coro.control();
    let state = state(k, c);
    // Who has never run is nowhere, though it may be ready.
    let stands = state != CoroState::Running && !c.has(NEW);
    let wait = stands.then(|| wait(k, c, living)).flatten();
    let blocks = matches!(state, CoroState::Blocked | CoroState::Suspended);
    // In a shield nothing is raised; a coro that unwinds gets what is pending later.
    let leaves = c.has(THROW | CANCEL | OVERDUE) && !c.has(SHIELD);
    CoroReport {
        id: c.id,
        desc: c.desc(),
        state,
        prio: c.prio(),
        switches: c.uses.get(),
        place: stands.then(|| c.place.get()),
        wait,
        blocked_for: now
            .filter(|_| blocks)
            .zip(switched_out(c))
            .map(|(now, since)| now.saturating_duration_since(since)),
        stack_used: coro.stack_used(),
        stack_peak: coro.stack_peak(),
        stack_size: coro.stack_size(),
        spawned: c.spawned,
        backtrace: None,
        stays: blocks && !leaves,
    }
}

fn state(k: &Kernel, c: &Control) -> CoroState {
    if k.is_running(c) {
        CoroState::Running
    } else if c.has(SUSPENDED) {
        CoroState::Suspended
    } else if c.has(READY) {
        CoroState::Ready
    } else if c.has(NEW) {
        CoroState::New
    } else {
        CoroState::Blocked
    }
}

/// Asks the coro's wait, unless it may be one that is asked already and takes a report itself.
fn wait(k: &'static Kernel, c: &Control, living: &Alive) -> Option<WaitReport> {
    if k.reporting.replace(true) {
        return None;
    }
    let wait = k.with_wait(c, |wait| {
        let mut holders = Vec::new();
        wait.holders(&mut |holder| holders.push(holder));
        (wait.what(), wait.made(), holders)
    });
    k.reporting.set(false);
    let (what, made, holders) = wait?;
    let holders = holders.iter().map(|holder| self::holder(holder, living));
    Some(WaitReport {
        what,
        made,
        holders: holders.collect(),
    })
}

fn holder(holder: &Holder, living: &Alive) -> HolderReport {
    let alive = living.get(&holder.id());
    HolderReport {
        id: holder.id(),
        desc: alive.cloned().flatten(),
        place: holder.place(),
        ended: alive.is_none(),
    }
}

/// Returns when the coro was switched out the last time, if that was noted.
fn switched_out(c: &Control) -> Option<Instant> {
    let (uses, since) = c.rare_if_any()?.switched_out.get()?;
    // It may have run since, while nobody took notes.
    (uses == c.uses.get()).then_some(since)
}

/// Looks at the stacks of those who are blocked, if they have not run since.
pub(super) fn add_backtraces(k: &'static Kernel, rows: &mut [CoroReport]) {
    for coro in k.living.all() {
        let c = coro.control();
        let Ok(at) = rows.binary_search_by_key(&c.id, |row| row.id) else {
            continue;
        };
        let row = &mut rows[at];
        let blocks = matches!(row.state, CoroState::Blocked | CoroState::Suspended);
        if blocks && row.switches == c.uses.get() && !k.is_running(c) {
            row.backtrace = coro.backtrace().map(Rc::new);
        }
    }
}
