//! What the dispatcher does when nothing is ready, and how it looks outside while something is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::hooks::{Outlook, Turn};
use crate::inbox::{Inbox, Message};
use crate::kernel::Kernel;
use crate::passage::give_up;
use crate::report;
use crate::state::kernel::{DIRECT, INBOX, REAP, TIMERS};
use crate::state::{CLOSING, DEADLOCK, DOOMED, SUSPENDED, UNWINDING};

/// So long may an event wait for a look while coros are ready.
const LOOK_EVERY: Duration = Duration::from_micros(100);
/// So many switches at most lie between two glances at the clock.
const GLANCE_EVERY: u32 = 64;

/// Returns when something may be ready.
pub(crate) fn idle(k: &'static Kernel) {
    let mut outlook = Outlook::Hopeless;
    let installs = k.installs.get();
    if let Some(mut idle) = k.idle.take() {
        k.hook("the idle hook", || outlook = idle());
        k.put_back(&k.idle, idle, installs);
    }
    let deadline = fire_timers(k);
    empty_inbox(k);
    if outlook == Outlook::Progress || !k.ready.is_empty() || k.has(DIRECT | REAP) {
        return;
    }
    if let Some(deadline) = deadline {
        let mut skipped = false;
        let installs = k.installs.get();
        if let Some(clock) = k.clock.take() {
            k.hook("a clock", || skipped = clock.skip_to(deadline));
            k.put_back(&k.clock, clock, installs);
        }
        if skipped {
            return;
        }
    }
    match drive(k, Turn::Wait(deadline)) {
        Some(Outlook::Progress | Outlook::Waiting) => {}
        _ if has_wakers(k) || deadline.is_some() => inbox(k).sleep(deadline),
        _ if outlook == Outlook::Waiting => {}
        _ => deadlock(k),
    }
}

/// Readies whose time has come; returns when the next one's will have.
fn fire_timers(k: &'static Kernel) -> Option<Instant> {
    let now = now(k);
    let installs = k.installs.get();
    let mut timers = k.timers.take()?;
    let mut deadline = None;
    k.hook("the timers", || {
        timers.fire(now);
        deadline = timers.deadline();
    });
    k.put_back(&k.timers, timers, installs);
    deadline
}

/// Returns the time, by the installed clock if there is one.
pub(crate) fn now(k: &'static Kernel) -> Instant {
    let installs = k.installs.get();
    let Some(clock) = k.clock.take() else {
        return Instant::now();
    };
    let mut now = None;
    k.hook("a clock", || now = Some(clock.now()));
    k.put_back(&k.clock, clock, installs);
    now.unwrap_or_else(Instant::now)
}

/// Gives the driver a turn, if there is one.
fn drive(k: &'static Kernel, how: Turn) -> Option<Outlook> {
    let installs = k.installs.get();
    let mut driver = k.driver.take()?;
    let inbox = inbox(k);
    let how = match how {
        // A message that came meanwhile must not be slept over.
        Turn::Wait(_) if !inbox.announce() => Turn::Look,
        how => how,
    };
    let mut outlook = None;
    k.hook("a driver", || outlook = Some(driver.turn(how)));
    inbox.awake();
    k.put_back(&k.driver, driver, installs);
    if how == Turn::Look {
        Some(Outlook::Progress)
    } else {
        outlook
    }
}

/// Serves the timers and gives the driver a look from time to time while coros are ready.
pub(crate) fn look(k: &'static Kernel) {
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

/// Returns the inbox, made at the first call.
pub(crate) fn inbox(k: &'static Kernel) -> Arc<Inbox> {
    let inbox = k.inbox.take().unwrap_or_else(|| Arc::new(Inbox::new()));
    k.inbox.set(Some(inbox.clone()));
    k.set(INBOX);
    inbox
}

/// Readies whom the messages wake.
pub(crate) fn empty_inbox(k: &'static Kernel) {
    let Some(inbox) = k.inbox.take() else {
        return;
    };
    let messages = if inbox.has_arrived() {
        inbox.take()
    } else {
        Vec::new()
    };
    k.inbox.set(Some(inbox));
    for message in messages {
        let mut wakers = k.wakers.take();
        let (Message::Wake(key) | Message::Gone(key)) = message;
        let coro = match message {
            Message::Wake(_) => wakers.get(&key).cloned(),
            Message::Gone(_) => wakers.remove(&key),
        };
        k.wakers.set(wakers);
        if let (Message::Wake(_), Some(coro)) = (message, coro) {
            k.ready(coro.control());
        }
    }
}

/// Returns `true` if other OS threads can wake coros of this one.
fn has_wakers(k: &'static Kernel) -> bool {
    let wakers = k.wakers.take();
    let some = !wakers.is_empty();
    k.wakers.set(wakers);
    some
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
