//! Who waits for what.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use crate::control::{Control, Coro};
use crate::kernel::Kernel;
use crate::prio::Prio;
use crate::root;
use crate::state::{NEW, READY, SUSPENDED};

/// A listing of all coros of this OS thread, as [`report`] takes it.
///
/// # Examples
///
/// See [`report`].
#[derive(Clone, Debug)]
pub struct Report {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    id: u64,
    desc: Option<Rc<str>>,
    state: &'static str,
    prio: Prio,
    uses: u64,
    place: Option<&'static Location<'static>>,
    wait: Option<(&'static str, Option<&'static Location<'static>>)>,
    spawned: &'static Location<'static>,
}

/// Returns a listing of all coros of this OS thread: state, priority, number of switches, where
/// each blocks and on what, and where it was spawned.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let c = coro::Builder::new().desc("waiter").spawn(coro::schedule);
/// coro::cede();
/// let report = coro::report().to_string();
/// assert!(report.contains("waiter") && report.contains("blocked"));
/// # c.cancel();
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Debug`, `ps`.
#[must_use]
#[track_caller]
pub fn report() -> Report {
    take(root::kernel())
}

/// Returns the listing as text.
pub(crate) fn listing(k: &'static Kernel) -> String {
    take(k).to_string()
}

fn take(k: &'static Kernel) -> Report {
    let mut coros = k.living.all();
    coros.reverse();
    let row = |coro: &Coro| row(k, coro.control());
    Report {
        rows: coros.iter().map(row).collect(),
    }
}

fn row(k: &'static Kernel, c: &Control) -> Row {
    let running = k.is_running(c);
    let state = if running {
        "running"
    } else if c.has(SUSPENDED) {
        "suspended"
    } else if c.has(READY) {
        "ready"
    } else if c.has(NEW) {
        "new"
    } else {
        "blocked"
    };
    let waits = !running && !c.has(NEW);
    Row {
        id: c.id,
        desc: c.desc(),
        state,
        prio: c.prio(),
        uses: c.uses.get(),
        place: waits.then(|| c.place.get()),
        wait: if waits {
            k.with_wait(c, |wait| (wait.what(), wait.made()))
        } else {
            None
        },
        spawned: c.spawned,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>5} {:9} {:>4} {:>8}  {:24} where",
            "id", "state", "prio", "switches", "desc"
        )?;
        for row in &self.rows {
            let desc = row.desc.as_deref().unwrap_or("-");
            write!(
                f,
                "{:>5} {:9} {:>4} {:>8}  {:24}",
                row.id, row.state, row.prio, row.uses, desc
            )?;
            if let Some(place) = row.place {
                write!(f, " at {place}")?;
            }
            if let Some((what, made)) = row.wait {
                write!(f, " on a {what}")?;
                if let Some(made) = made {
                    write!(f, " made at {made}")?;
                }
            }
            writeln!(f, " (spawned at {})", row.spawned)?;
        }
        Ok(())
    }
}
