//! What is printed: lines for programs, tables for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::measure::Outcome;
use crate::peers::Peer;
use crate::workload::Workload;

/// A workload, and what came of it by each peer.
pub(crate) struct Row {
    pub(crate) workload: Workload,
    pub(crate) outcomes: Vec<(Peer, Outcome)>,
}

impl Row {
    /// The least that this peer needed for an operation.
    pub(crate) fn least(&self, peer: Peer) -> Option<f64> {
        self.measured().find(|(p, _)| *p == peer).map(|(_, ns)| ns)
    }

    /// The rival that needed least.
    pub(crate) fn best_rival(&self) -> Option<(Peer, f64)> {
        self.measured()
            .filter(|(peer, _)| peer.is_rival())
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    pub(crate) fn measured(&self) -> impl Iterator<Item = (Peer, f64)> {
        self.outcomes
            .iter()
            .filter_map(|(peer, outcome)| match outcome {
                Outcome::Measured { least, .. } => Some((*peer, *least)),
                _ => None,
            })
    }
}

#[derive(Serialize)]
struct Line<'a> {
    workload: String,
    peer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ns: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<&'a str>,
}

/// Writes an object a line for each peer that did the workload, or failed to.
///
/// # Errors
///
/// If it cannot write.
pub(crate) fn write_lines(out: &mut impl Write, row: &Row) -> io::Result<()> {
    for (peer, outcome) in &row.outcomes {
        let mut line = Line {
            workload: row.workload.name(),
            peer: peer.name(),
            ns: None,
            bytes: None,
            median: None,
            failed: None,
        };
        match outcome {
            Outcome::Measured { least, .. } if row.workload == Workload::MemBlocked => {
                line.bytes = Some(rounded(*least));
            }
            Outcome::Measured { least, median } => {
                line.ns = Some(rounded(*least));
                line.median = Some(rounded(*median));
            }
            Outcome::Failed(why) => line.failed = Some(why),
            Outcome::None => continue,
        }
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    out.flush()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Returns ours beside the floor, the aim and the best rival.
pub(crate) fn summary(rows: &[Row]) -> Table {
    let header = [
        "least ns for one",
        "aim",
        "ours",
        "floor",
        "best rival",
        "of",
        "rival / ours",
    ];
    let cells = rows.iter().map(|row| {
        let workload = row.workload;
        let ours = row.least(Peer::Coro);
        let best = row.best_rival();
        let floor = row.least(Peer::Corosensei).or(row.least(Peer::Sequential));
        let ratio = best.zip(ours).map(|((_, rival), ours)| rival / ours);
        vec![
            workload.name(),
            or_dash(workload.aim().map(|aim| format!("≤ {aim}"))),
            or_dash(ours.map(human)),
            or_dash(floor.map(human)),
            or_dash(best.map(|(_, ns)| human(ns))),
            or_dash(best.map(|(peer, _)| peer.name())),
            or_dash(ratio.map(|ratio| format!("{ratio:.2}"))),
        ]
    });
    table(&header, cells)
}

/// Returns what everybody needed.
pub(crate) fn everybody(rows: &[Row], peers: &[Peer]) -> Table {
    let names: Vec<_> = peers.iter().map(|peer| peer.name()).collect();
    let header: Vec<_> = ["least ns for one"]
        .into_iter()
        .chain(names.iter().map(String::as_str))
        .collect();
    let cells = rows.iter().map(|row| {
        let outcomes = row.outcomes.iter().map(|(_, outcome)| match outcome {
            Outcome::Measured { least, .. } => human(*least),
            Outcome::None => or_dash(None),
            Outcome::Failed(_) => "failed".to_owned(),
        });
        [row.workload.name()].into_iter().chain(outcomes).collect()
    });
    table(&header, cells)
}

/// Writes who failed, and how.
///
/// # Errors
///
/// If it cannot write.
pub(crate) fn write_failures(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        for (peer, outcome) in &row.outcomes {
            if let Outcome::Failed(why) = outcome {
                writeln!(out, "{}, {}: {why}", row.workload.name(), peer.name())?;
            }
        }
    }
    Ok(())
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "–".to_owned())
}

/// Three figures that count.
pub(crate) fn human(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        ..100_000.0 => format!("{value:.0}"),
        _ => format!("{:.2} ms", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcomes: Vec<(Peer, Outcome)>) -> Row {
        let workload = Workload::Yield2;
        Row { workload, outcomes }
    }

    fn measured(least: f64) -> Outcome {
        let median = least + 1.0;
        Outcome::Measured { least, median }
    }

    #[test]
    fn neither_we_nor_the_floor_are_our_rivals() {
        let row = row(vec![
            (Peer::Coro, measured(2.0)),
            (Peer::Corosensei, measured(1.0)),
            (Peer::Tokio, Outcome::Failed("why".to_owned())),
            (Peer::May, measured(5.0)),
            (Peer::Go, measured(4.0)),
        ]);
        assert_eq!(row.best_rival(), Some((Peer::Go, 4.0)));
        let table = summary(&[row]).to_string();
        let cells: Vec<_> = table
            .lines()
            .nth(2)
            .unwrap()
            .split('|')
            .map(str::trim)
            .collect();
        assert_eq!(
            cells[1..8],
            ["yield2", "≤ 5", "2.00", "1.00", "4.00", "go", "2.00"]
        );
    }

    #[test]
    fn a_line_is_an_object_that_says_what_came_of_it() {
        let row = row(vec![
            (Peer::Coro, measured(3.4004)),
            (Peer::BoostFiber, Outcome::None),
            (Peer::PerlCoro, Outcome::Failed("not \"here\"".to_owned())),
        ]);
        let mut lines = Vec::new();
        write_lines(&mut lines, &row).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(
            lines,
            "{\"workload\":\"yield2\",\"peer\":\"coro\",\"ns\":3.4,\"median\":4.4}\n\
             {\"workload\":\"yield2\",\"peer\":\"perl-coro\",\"failed\":\"not \\\"here\\\"\"}\n"
        );
    }

    #[test]
    fn what_failed_is_told_in_the_end() {
        let mut text = Vec::new();
        let failed = Outcome::Failed("no answer within 20 s".to_owned());
        write_failures(&mut text, &[row(vec![(Peer::May, failed)])]).unwrap();
        assert_eq!(text, b"yield2, may: no answer within 20 s\n");
    }

    #[test]
    fn numbers_have_three_figures() {
        let all = [1.234, 12.34, 123.4, 12345.6, 2_345_678.0].map(human);
        assert_eq!(all, ["1.23", "12.3", "123", "12346", "2.35 ms"]);
    }
}
