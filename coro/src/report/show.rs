//! The report as a text.

use std::collections::HashMap;
use std::fmt;

use super::Report;
use super::notes;
use super::rows::CoroReport;
use super::table::Table;
use super::text::Name;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stuck = self.find_stuck();
        notes::write_headline(self, &stuck, f)?;
        notes::write(self, &stuck, f)?;
        let table = Table::of(&self.coros);
        write!(f, "\n{table}")?;
        let shown: Vec<_> = table.shown().collect();
        write_backtraces(&shown, f)
    }
}

/// Writes each backtrace once, below the names of those who have it.
fn write_backtraces(coros: &[&CoroReport], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut found: Vec<(String, Vec<&CoroReport>)> = Vec::new();
    let mut places = HashMap::new();
    for coro in coros {
        let Some(backtrace) = &coro.backtrace else {
            continue;
        };
        let text = backtrace.to_string();
        let at = *places.entry(text.clone()).or_insert(found.len());
        match found.get_mut(at) {
            Some((_, coros)) => coros.push(coro),
            None => found.push((text, vec![coro])),
        }
    }
    for (backtrace, coros) in found {
        let names = coros.iter().map(|coro| Name::of(coro).to_string());
        let names: Vec<_> = names.collect();
        write!(f, "\nbacktrace of {}:\n{backtrace}", names.join(", "))?;
    }
    Ok(())
}
