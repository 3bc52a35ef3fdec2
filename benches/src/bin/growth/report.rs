//! What is printed: a table for people, an object a line for programs.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::measure::Row;
use crate::verdict;

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    size: u64,
    ns: f64,
}

/// Prints an object a line.
///
/// # Errors
///
/// Those of `sink`.
pub(crate) fn json(sink: &mut impl Write, row: &Row) -> io::Result<()> {
    for cost in &row.costs {
        let line = Line {
            name: row.name,
            size: cost.size,
            ns: cost.ns,
        };
        serde_json::to_writer(&mut *sink, &line)?;
        writeln!(sink)?;
    }
    sink.flush()
}

/// Returns a table with a column for each size.
pub(crate) fn table(control: &Row, rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    let sizes = control.costs.iter().map(|cost| cost.size);
    let head = sizes.map(|size| match size.ilog10() {
        power @ 0..3 => 10_u64.pow(power).to_string(),
        power => format!("10^{power}"),
    });
    let head: Vec<_> = head.collect();
    let columns = head.len();
    let first = ["ns for one, among".to_owned()];
    table.set_header(first.into_iter().chain(head).chain([String::new()]));
    for column in table.column_iter_mut().skip(1).take(columns) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.add_row(cells(control, columns, String::new()));
    for row in rows {
        let verdict = verdict::judge(&row.costs, &control.costs);
        let verdict = verdict.map_or_else(|| "–".to_owned(), |verdict| verdict.to_string());
        table.add_row(cells(row, columns, verdict));
    }
    table
}

fn cells(row: &Row, columns: usize, verdict: String) -> Vec<String> {
    let mut cells = vec![row.name.to_owned()];
    cells.extend(row.costs.iter().map(|cost| number(cost.ns)));
    cells.resize(columns + 1, "–".to_owned());
    cells.push(verdict);
    cells
}

fn number(ns: f64) -> String {
    match ns {
        ns if ns < 10.0 => format!("{ns:.1}"),
        ns if ns < 99_999.5 => format!("{ns:.0}"),
        ns => format!("{:.0} µs", ns / 1e3),
    }
}
