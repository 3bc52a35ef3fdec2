//! What is printed: the table, and what is wrong.

use std::fmt;

use comfy_table::{CellAlignment, Table as Grid, presets};

use crate::table::Table;

/// How many more instructions an operation may take, as a part of what is committed.
const MORE: f64 = 0.05;

/// What is committed, and what was counted.
#[derive(Debug)]
pub(crate) struct Comparison {
    rows: Vec<Row>,
    builds: [String; 2],
}

#[derive(Debug)]
struct Row {
    id: String,
    committed: Option<f64>,
    now: Option<f64>,
}

/// What became of an operation.
#[derive(Debug, PartialEq)]
enum Verdict {
    Same,
    Better,
    Worse,
    /// It is not in the table.
    New,
    /// It is in the table, but is not counted any more.
    Gone,
}

impl Comparison {
    /// Compares all that is in `now`, and if it is `whole`, looks for rows that nobody counts any more.
    pub(crate) fn new(committed: &Table, now: &Table, whole: bool) -> Self {
        let mut rows: Vec<_> = now
            .rows
            .iter()
            .map(|row| Row {
                id: row.id.clone(),
                committed: committed.get(&row.id),
                now: Some(row.instructions),
            })
            .collect();
        if whole {
            let gone = committed
                .rows
                .iter()
                .filter(|row| now.get(&row.id).is_none());
            rows.extend(gone.map(|row| Row {
                id: row.id.clone(),
                committed: Some(row.instructions),
                now: None,
            }));
        }
        Self {
            rows,
            builds: [committed.build.clone(), now.build.clone()],
        }
    }

    /// Returns what is wrong, a line each.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let complain = |row: &Row| {
            let what = match row.verdict() {
                Verdict::Same | Verdict::Better => return None,
                Verdict::New => "is not in the table".to_owned(),
                Verdict::Gone => "is in the table, but is not counted any more".to_owned(),
                Verdict::Worse => format!(
                    "takes {} instructions instead of {}: {}, and {:.0} % more is the most",
                    cell(row.now),
                    cell(row.committed),
                    row.change(),
                    100.0 * MORE
                ),
            };
            Some(format!("{} {what}", row.id))
        };
        self.rows.iter().filter_map(complain).collect()
    }

    /// Says so if the table is of another compiler, processor or profile.
    pub(crate) fn different_builds(&self) -> Option<String> {
        let [committed, now] = &self.builds;
        (committed != now && !committed.is_empty()).then(|| {
            format!(
                "the table was counted with {committed}, but this is {now}: that alone can be the reason"
            )
        })
    }
}

impl Row {
    fn verdict(&self) -> Verdict {
        match (self.committed, self.now) {
            (Some(committed), Some(now)) if now > committed * (1.0 + MORE) => Verdict::Worse,
            (Some(committed), Some(now)) if now <= committed * (1.0 - MORE) => Verdict::Better,
            (Some(_), Some(_)) => Verdict::Same,
            (None, _) => Verdict::New,
            (Some(_), None) => Verdict::Gone,
        }
    }

    fn change(&self) -> String {
        self.committed.zip(self.now).map_or_else(
            || "–".to_owned(),
            |(committed, now)| format!("{:+.1} %", 100.0 * (now / committed - 1.0)),
        )
    }
}

fn cell(count: Option<f64>) -> String {
    count.map_or_else(|| "–".to_owned(), |count| format!("{count:.2}"))
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grid = Grid::new();
        grid.load_style(presets::ASCII_MARKDOWN);
        grid.set_header(["instructions for one", "committed", "now", "change", ""]);
        for column in grid.column_iter_mut().skip(1).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for row in &self.rows {
            let remark = match row.verdict() {
                Verdict::Same => "",
                Verdict::Better => "better; write it down",
                Verdict::Worse => "WORSE",
                Verdict::New => "new",
                Verdict::Gone => "gone",
            };
            let counts = [cell(row.committed), cell(row.now)];
            let [committed, now] = counts;
            grid.add_row([&row.id, &committed, &now, &row.change(), remark]);
        }
        writeln!(f, "{grid}\n{}", self.builds[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counted;

    fn table(rows: &[(&str, f64)]) -> Table {
        let rows = rows.iter().map(|&(id, instructions)| Counted {
            id: id.to_owned(),
            instructions,
        });
        Table {
            build: "rustc 1".to_owned(),
            rows: rows.collect(),
        }
    }

    fn compare(committed: &[(&str, f64)], now: &[(&str, f64)]) -> Vec<String> {
        Comparison::new(&table(committed), &table(now), true).complaints()
    }

    #[test]
    fn a_twentieth_more_is_the_most() {
        assert!(compare(&[("a", 100.0)], &[("a", 105.0)]).is_empty());
        assert!(compare(&[("a", 100.0)], &[("a", 1.0)]).is_empty());
        let complaints = compare(&[("a", 100.0)], &[("a", 105.1)]);
        assert_eq!(
            complaints,
            ["a takes 105.10 instructions instead of 100.00: +5.1 %, and 5 % more is the most"]
        );
    }

    #[test]
    fn a_row_too_many_and_one_too_few_are_told() {
        let complaints = compare(&[("a", 1.0)], &[("b", 1.0)]);
        assert_eq!(
            complaints,
            [
                "b is not in the table",
                "a is in the table, but is not counted any more"
            ]
        );
        let part = Comparison::new(&table(&[("a", 1.0)]), &table(&[]), false);
        assert!(part.complaints().is_empty());
    }

    #[test]
    fn a_twentieth_less_is_worth_writing_down() {
        let shown = |now| Comparison::new(&table(&[("a", 100.0)]), &table(&[("a", now)]), true);
        assert!(shown(95.0).to_string().contains("better; write it down"));
        assert!(!shown(95.1).to_string().contains("better"));
    }
}
