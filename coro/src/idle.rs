//! What the dispatcher does when nothing is ready, and how it looks outside while something is.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::hooks::{Outlook, Turn};
use crate::inbox::{self, Inbox};
use crate::kernel::Kernel;
use crate::passage::give_up;
use crate::report;
use crate::state::kernel::{CLOCK, DIRECT, DRIVER, INBOX, OBSERVER, POLICY, REAP, TIMERS};
use crate::state::{CLOSING, DEADLOCK, DOOMED, SUSPENDED, UNWINDING};

/// So long may an event wait for a look while coros are ready.
const LOOK_EVERY: Duration = Duration::from_micros(100);
/// Who waits for other OS threads without a sleep may be late by this, or by a little more.
const SOON: Duration = Duration::from_micros(10);
/// So many switches at most lie between two glances at the clock.
const GLANCE_EVERY: u32 = 64;

/// Returns when something may be ready.
pub(crate) fn idle(k: &'static Kernel) {
    let outlook = k.call(&k.idle, "the idle hook", |idle| idle());
    let outlook = outlook.unwrap_or(Outlook::Hopeless);
    let deadline = fire_timers(k);
    empty_inbox(k);
    if outlook == Outlook::Progress || !k.ready.is_empty() || k.has(DIRECT | REAP) {
        return;
    }
    if let Some(deadline) = deadline {
        let skipped = k.call(&k.clock, "a clock", |clock| clock.skip_to(deadline));
        if skipped == Some(true) {
            return;
        }
    }
    match drive(k, Turn::Wait(deadline)) {
        Some(Outlook::Progress | Outlook::Waiting) => {}
        _ if k.has_wakers() || deadline.is_some() => {
            // A hook that waits knows what for.
            sleep(k, deadline, outlook == Outlook::Waiting);
        }
        _ if outlook == Outlook::Waiting => {}
        _ => deadlock(k),
    }
}

/// Readies whose time has come; returns when the next one's will have.
pub(crate) fn fire_timers(k: &'static Kernel) -> Option<Instant> {
    let deadline = k.call(&k.timers, "the timers", |timers| {
        timers.fire(k.now());
        timers.deadline()
    });
    deadline.flatten()
}

/// Gives the driver a turn, if there is one.
fn drive(k: &'static Kernel, how: Turn) -> Option<Outlook> {
    k.call(&k.driver, "a driver", |driver| {
        let inbox = inbox(k);
        let how = match how {
            // A message that came meanwhile must not be slept over.
            Turn::Wait(_) if !inbox.announce() => Turn::Look,
            how => how,
        };
        let outlook = driver.turn(how);
        inbox.awake();
        if how == Turn::Look {
            Outlook::Progress
        } else {
            outlook
        }
    })
}

/// Serves the timers and gives the driver a look from time to time while coros are ready.
pub(crate) fn look(k: &'static Kernel) {
    if k.has(CLOCK) && k.has(TIMERS) && fire_timers(k).is_none() {
        // Whoever has made the clock wants to know when what is due is served.
        k.clear(TIMERS);
    }
    let left = k.until_glance.get();
    if left > 0 {
        return k.until_glance.set(left - 1);
    }
    let now = Instant::now();
    let since = match k.last_glance.replace(Some(now)) {
        Some(last) => now - last,
        None => LOOK_EVERY,
    };
    // Aims at a glance for every `LOOK_EVERY`, however long the slices are.
    let pace = k.glance_every.get().max(1);
    let pace = if since >= LOOK_EVERY {
        pace / 2
    } else {
        (pace * 2).min(GLANCE_EVERY)
    };
    k.glance_every.set(pace);
    k.until_glance.set(pace);
    let due = k
        .last_look
        .get()
        .is_none_or(|last| now - last >= LOOK_EVERY);
    if due {
        k.last_look.set(Some(now));
        if fire_timers(k).is_none() {
            k.clear(TIMERS);
        }
        drive(k, Turn::Look);
    }
}

/// Stalls the OS thread until a waker is used or dropped, or until `deadline`.
fn sleep(k: &'static Kernel, deadline: Option<Instant>, in_silence: bool) {
    let inbox = inbox(k);
    if !in_silence && !k.has(DRIVER) && inbox.live() > 0 && is_far(deadline) && inbox.linger() {
        return;
    }
    let in_silence = in_silence || deadline.is_some() || k.has(DRIVER) || k.has_complained.get();
    let patience = k.patience.get().filter(|_| !in_silence);
    let until = patience.and_then(|patience| Instant::now().checked_add(patience));
    if !inbox.sleep(until.or(deadline))
        && let Some(patience) = patience
    {
        k.has_complained.set(true);
        complain(k, patience, inbox.live());
    }
}

/// Whether there is time enough to linger before `deadline`.
fn is_far(deadline: Option<Instant>) -> bool {
    deadline.is_none_or(|deadline| deadline.saturating_duration_since(Instant::now()) > SOON)
}

/// Waits a moment, without a switch, for what `seen` looks for, or for a message, if nobody else here
/// has anything to do.
pub(crate) fn linger(k: &'static Kernel, seen: impl Fn() -> bool) {
    // Else a waker of a wait that is over, and has said that it is gone, would end this one.
    empty_inbox(k);
    if !k.ready.is_empty() || k.has(DIRECT | REAP | DRIVER | POLICY | OBSERVER) {
        return;
    }
    if k.has(TIMERS) {
        let deadline = k.call(&k.timers, "the timers", |timers| timers.deadline());
        if !is_far(deadline.flatten()) {
            return;
        }
    }
    let inbox = k.has(INBOX).then(|| inbox(k));
    inbox::linger(|| seen() || inbox.as_ref().is_some_and(|inbox| inbox.has_arrived()));
}

/// Says that only wakers can make anything ready, and that none has.
#[cold]
fn complain(k: &'static Kernel, patience: Duration, wakers: usize) {
    // A closed standard error is no reason to panic here.
    _ = writeln!(
        io::stderr(),
        "coro: nothing has been ready for {patience:?}; only the wakers held outside ({wakers}) can \
         change that, and if nobody uses them, this is a deadlock\n{}",
        report::listing(k)
    );
}

/// Returns the inbox, made at the first call.
pub(crate) fn inbox(k: &'static Kernel) -> Arc<Inbox> {
    let inbox = k.inbox.take().unwrap_or_else(|| Arc::new(Inbox::new()));
    k.inbox.set(Some(inbox.clone()));
    inbox
}

/// Readies whom the wakers have woken, and lets go of those whose wakers are gone.
pub(crate) fn empty_inbox(k: &'static Kernel) {
    let Some(inbox) = k.inbox.take() else {
        return;
    };
    if !inbox.has_arrived() {
        return k.inbox.set(Some(inbox));
    }
    k.inbox.set(Some(inbox.clone()));
    let gone = inbox.hear(|key| {
        let wakers = k.wakers.take();
        let coro = wakers.get(&key).cloned();
        k.wakers.set(wakers);
        if let Some(coro) = coro {
            k.ready(coro.control());
        }
    });
    let mut wakers = k.wakers.take();
    let coros: Vec<_> = gone.iter().filter_map(|key| wakers.remove(key)).collect();
    if wakers.is_empty() {
        // Nothing can come, so no switch need look.
        k.clear(INBOX);
    }
    k.wakers.set(wakers);
    drop(coros);
}

/// Raises a deadlock in the root.
#[cold]
fn deadlock(k: &'static Kernel) {
    let report = report::listing(k);
    let root = k.root();
    if root.has(CLOSING) {
        eprintln!("{report}");
        let child = k.living.all().into_iter().find(|c| c.control().has(DOOMED));
        give_up(
            child.as_ref().map_or(root, |c| c.control()),
            "a deadlock keeps it from its end",
        );
    }
    if root.has(UNWINDING) {
        eprintln!("coro: main unwinds, and one of its destructors blocks for ever\n{report}");
        std::process::abort();
    }
    k.deadlock.set(report);
    root.clear(SUSPENDED);
    root.set(DEADLOCK);
    k.direct.set(Some(root.handle()));
    k.set(DIRECT);
}
