//! The table: a row a coro, and one line for many that are alike.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use super::rows::{CoroReport, CoroState};
use super::text::{self, Name, Place};
use super::waits::{HolderReport, WaitReport};
use crate::prio::Prio;

/// No line is longer, if its parts are not.
const WIDTH: usize = 120;
/// What stands right of the columns is never narrower.
const NARROWEST: usize = 48;
/// More coros than this that are alike are not all listed …
const ALIKE: usize = 5;
/// … but so many of them, and the others are counted.
const EXAMPLES: usize = 3;
/// More rows are not listed at all.
const ROWS: usize = 200;
/// So many holders of one thing are named.
const HOLDERS: usize = 3;
/// A longer description is cut.
const DESC: usize = 24;

/// What is the same of coros that are alike.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'a> {
    state: CoroState,
    prio: Prio,
    place: Option<&'static Location<'static>>,
    wait: Option<&'a WaitReport>,
    spawned: &'static Location<'static>,
}

impl<'a> Kind<'a> {
    fn of(coro: &'a CoroReport) -> Kind<'a> {
        Kind {
            state: coro.state,
            prio: coro.prio,
            place: coro.place,
            wait: coro.wait.as_ref(),
            spawned: coro.spawned,
        }
    }
}

/// A row, and those that are alike and not shown.
struct Entry<'a> {
    coro: &'a CoroReport,
    /// How many, the first of them, and the last.
    others: Option<(usize, &'a CoroReport, &'a CoroReport)>,
}

/// What the table shows.
pub(super) struct Table<'a> {
    entries: Vec<Entry<'a>>,
    /// How many coros it leaves out.
    left_out: usize,
    columns: Columns,
}

/// The widths of the columns; zero if one has nothing to say.
struct Columns {
    desc: usize,
    state: usize,
    time: usize,
    prio: usize,
    switches: usize,
    stack: usize,
    peak: usize,
}

impl<'a> Table<'a> {
    pub(super) fn of(coros: &'a [CoroReport]) -> Table<'a> {
        let mut groups: HashMap<Kind<'a>, Vec<&'a CoroReport>> = HashMap::new();
        for coro in coros {
            groups.entry(Kind::of(coro)).or_default().push(coro);
        }
        let mut entries = Vec::new();
        let mut told = 0;
        for coro in coros {
            if entries.len() == ROWS {
                break;
            }
            let group = &groups[&Kind::of(coro)];
            let is_example = |at: usize| std::ptr::eq(group[at], coro);
            if group.len() <= ALIKE || (0..EXAMPLES - 1).any(is_example) {
                entries.push(Entry { coro, others: None });
                told += 1;
            } else if is_example(EXAMPLES - 1) {
                let others = &group[EXAMPLES..];
                told += 1 + others.len();
                entries.push(Entry {
                    coro,
                    others: Some((others.len(), others[0], others[others.len() - 1])),
                });
            }
        }
        let columns = Columns::of(&entries);
        Table {
            entries,
            left_out: coros.len() - told,
            columns,
        }
    }

    /// Returns the coros that have a row.
    pub(super) fn shown(&self) -> impl Iterator<Item = &'a CoroReport> {
        self.entries.iter().map(|entry| entry.coro)
    }
}

impl Columns {
    fn of(entries: &[Entry<'_>]) -> Columns {
        let widest = |title: &str, narrowest: usize, of: &dyn Fn(&CoroReport) -> String| {
            let widths = entries.iter().map(|entry| of(entry.coro).chars().count());
            let width = widths.max().unwrap_or(0);
            width.max(title.len()).max(narrowest)
        };
        let some = |any: bool, width: usize| if any { width } else { 0 };
        let any = |is: &dyn Fn(&CoroReport) -> bool| entries.iter().any(|entry| is(entry.coro));
        Columns {
            desc: some(any(&|c| c.desc.is_some()), widest("desc", 0, &desc)),
            state: widest("state", 0, &|c| c.state.to_string()),
            time: some(
                any(&|c| c.blocked_for.is_some()),
                widest("for", 0, &|c| text::time(c.blocked_for)),
            ),
            prio: some(any(&|c| c.prio != Prio::NORMAL), "prio".len()),
            switches: widest("switches", 0, &|c| c.switches.to_string()),
            // As wide as what is to be expected, so that reports look alike.
            stack: widest("stack", "12.3/256 KiB".len(), &stack),
            peak: widest("peak", "64 KiB".len(), &|c| text::kib(c.stack_peak)),
        }
    }

    /// Returns the width of all of them, with what stands between.
    fn width(&self) -> usize {
        let widths = [
            self.desc,
            self.state,
            self.time,
            self.prio,
            self.switches,
            self.stack,
            self.peak,
        ];
        let columns = widths.iter().filter(|width| **width > 0);
        columns.map(|width| 2 + width).sum::<usize>() + 5 + 2
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, id: &str, cells: [&str; 7]) -> fmt::Result {
        write!(f, "{id:>5}")?;
        let [desc, state, time, prio, switches, stack, peak] = cells;
        for (cell, width) in [(desc, self.desc), (state, self.state)] {
            if width > 0 {
                write!(f, "  {cell:width$}")?;
            }
        }
        let numbers = [
            (time, self.time),
            (prio, self.prio),
            (switches, self.switches),
            (stack, self.stack),
            (peak, self.peak),
        ];
        for (cell, width) in numbers {
            if width > 0 {
                write!(f, "  {cell:>width$}")?;
            }
        }
        Ok(())
    }
}

fn desc(coro: &CoroReport) -> String {
    let desc = coro.desc.as_deref();
    desc.map_or_else(|| "-".to_owned(), |desc| text::cut(desc, DESC))
}

fn stack(coro: &CoroReport) -> String {
    text::stack(coro.stack_used, coro.stack_size)
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = ["desc", "state", "for", "prio", "switches", "stack", "peak"];
        self.columns.write(f, "id", titles)?;
        writeln!(f, "  where and why")?;
        for Entry { coro, others } in &self.entries {
            self.columns.write(
                f,
                &coro.id.to_string(),
                [
                    &desc(coro),
                    &coro.state.to_string(),
                    &text::time(coro.blocked_for),
                    &coro.prio.to_string(),
                    &coro.switches.to_string(),
                    &stack(coro),
                    &text::kib(coro.stack_peak),
                ],
            )?;
            let left = self.columns.width();
            let lines = lines(coro, WIDTH.saturating_sub(left).max(NARROWEST));
            for (number, line) in lines.iter().enumerate() {
                let indent = if number == 0 { 2 } else { left };
                writeln!(f, "{:indent$}{line}", "")?;
            }
            if lines.is_empty() {
                writeln!(f)?;
            }
            if let Some(others) = others {
                write_others(f, coro, *others)?;
            }
        }
        match self.left_out {
            0 => Ok(()),
            more => writeln!(
                f,
                "       and {} that are not shown",
                text::count(more, "more coro")
            ),
        }
    }
}

/// `997 more coros blocked on channel (get) made at x.rs:3:5, at y.rs:9:2: #4 … #1003`.
fn write_others(
    f: &mut fmt::Formatter<'_>,
    coro: &CoroReport,
    (number, first, last): (usize, &CoroReport, &CoroReport),
) -> fmt::Result {
    write!(f, "       {number} more coros {}", coro.state)?;
    if let Some(wait) = &coro.wait {
        write!(f, " on {}", wait.what)?;
        if let Some(made) = wait.made.filter(|_| coro.waits_for_a_thing()) {
            write!(f, " made at {}", Place(made))?;
        }
        if coro.place.is_some() {
            write!(f, ",")?;
        }
    }
    if let Some(place) = coro.place {
        write!(f, " at {}", Place(place))?;
    }
    writeln!(f, ": #{} … #{}", first.id, last.id)
}

/// Returns what stands right of the columns: where it blocks and on what, on a new line who holds
/// that, and where it was spawned.
fn lines(coro: &CoroReport, width: usize) -> Vec<String> {
    let mut lines = Lines {
        width,
        lines: Vec::new(),
    };
    if let Some(place) = coro.place {
        lines.add("", format!("at {}", Place(place)));
    }
    if let Some(wait) = &coro.wait {
        let what = wait.what;
        let mut thing = format!("on {} {what}", text::article(what));
        if let Some(made) = wait.made.filter(|_| coro.waits_for_a_thing()) {
            thing += &format!(" made at {}", Place(made));
        }
        lines.add(" ", thing);
        for (number, holder) in wait.holders.iter().take(HOLDERS).enumerate() {
            let by = by(coro, holder);
            if number == 0 && holder.place.is_some() {
                lines.lines.push(by);
            } else {
                lines.add(", ", by);
            }
        }
        match wait.holders.len().saturating_sub(HOLDERS) {
            0 => {}
            more => lines.add(", ", format!("and by {more} more")),
        }
    }
    // Of main that is only where the kernel was first used.
    if coro.id != 0 {
        lines.add(", ", format!("spawned at {}", Place(coro.spawned)));
    }
    lines.lines
}

fn by(coro: &CoroReport, holder: &HolderReport) -> String {
    let is_itself = holder.id == coro.id;
    let name = Name::of_holder(holder);
    match holder.place {
        Some(place) if is_itself => format!("held by itself since {}", Place(place)),
        Some(place) if holder.ended => {
            format!("held by {name}, which has ended, since {}", Place(place))
        }
        Some(place) => format!("held by {name} since {}", Place(place)),
        None if is_itself => "waits for its own end".to_owned(),
        None if holder.ended => format!("waits for the destroy handlers of {name}"),
        None => format!("waits for the end of {name}"),
    }
}

/// Lines that are as long as they may be.
struct Lines {
    width: usize,
    lines: Vec<String>,
}

impl Lines {
    /// Adds a part to the last line, behind a separator, or on a new line if that has not the room.
    fn add(&mut self, separator: &str, part: String) {
        match self.lines.last_mut() {
            Some(line) => {
                let length = line.chars().count() + separator.len() + part.chars().count();
                if length <= self.width {
                    line.push_str(separator);
                    line.push_str(&part);
                } else {
                    self.lines.push(part);
                }
            }
            None => self.lines.push(part),
        }
    }
}
