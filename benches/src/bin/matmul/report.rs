//! What is printed: tables for people, an object a line for programs.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::matrix::Factors;
use crate::measure::{Entry, Outcome};
use crate::programs::{Crew, Jobs, Program};

/// An aim of the project, and the case it is for.
struct Aim {
    program: Program,
    base: Program,
    n: usize,
    holds: fn(f64) -> bool,
    text: &'static str,
}

/// All are for 16 workers and a job an element: the most communication.
const AIMS: [Aim; 3] = [
    Aim {
        program: Program::Sequential,
        base: Program::Plain,
        n: 128,
        holds: |x| x <= 1.05,
        text: "at most 1.05",
    },
    Aim {
        program: Program::Coro,
        base: Program::Sequential,
        n: 128,
        holds: |x| x <= 1.15,
        text: "at most 1.15",
    },
    Aim {
        program: Program::PerlIthreads,
        base: Program::Coro,
        n: 64,
        holds: |x| x >= 300.0,
        text: "at least 300",
    },
];

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    name: Program,
    jobs: Jobs,
    /// Rows of the product; with `inner` and `columns` the shapes of all three matrices.
    n: usize,
    inner: usize,
    columns: usize,
    workers: usize,
    threads: usize,
    /// The fastest repeat; null if there is none.
    ms: Option<f64>,
    /// To the sequential product in Rust.
    ratio: Option<f64>,
    /// To the coros; for `perl-ithreads` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_coro: Option<f64>,
    checked: bool,
    /// Why there is no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Prints an object a line.
///
/// # Errors
///
/// Those of `sink`.
pub(crate) fn json(
    sink: &mut impl Write,
    factors: &Factors,
    crew: Crew,
    outcome: &Outcome,
) -> io::Result<()> {
    for Entry { program, result } in &outcome.entries {
        let error = result.as_ref().err().map(ToString::to_string);
        let line = Line {
            name: *program,
            jobs: outcome.jobs,
            n: factors.rows(),
            inner: factors.inner(),
            columns: factors.columns(),
            workers: program.workers(crew),
            threads: program.threads(crew),
            ms: outcome.ms(*program),
            ratio: outcome.ratio(*program, Program::Sequential),
            over_coro: (*program == Program::PerlIthreads)
                .then(|| outcome.ratio(*program, Program::Coro))
                .flatten(),
            checked: result.as_ref().is_ok_and(|timing| timing.correct),
            error: error.as_deref(),
        };
        serde_json::to_writer(&mut *sink, &line)?;
        writeln!(sink)?;
    }
    sink.flush()
}

/// Two tables that grow, a task at a time.
pub(crate) struct Tables {
    times: Table,
    figures: Table,
}

impl Tables {
    pub(crate) fn new() -> Self {
        let mut times = Table::new();
        times.set_header([
            "n",
            "a job is",
            "program",
            "workers",
            "OS threads",
            "ms",
            "x sequential",
            "product",
        ]);
        let mut figures = Table::new();
        figures.set_header(["figure", "n", "a job is", "measured", "aim", ""]);
        for (table, numbers) in [(&mut times, &[0, 3, 4, 5, 6][..]), (&mut figures, &[1, 3])] {
            table.load_style(presets::UTF8_FULL_CONDENSED);
            for i in numbers {
                let column = table.column_mut(*i).expect("the header has this column");
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { times, figures }
    }

    /// Adds what came out of a task.
    pub(crate) fn add(&mut self, factors: &Factors, crew: Crew, outcome: &Outcome) {
        let jobs = outcome.jobs.name();
        let (rows, inner, columns) = (factors.rows(), factors.inner(), factors.columns());
        let square = rows == inner && inner == columns;
        let n = if square {
            rows.to_string()
        } else {
            format!("{rows}x{inner} {inner}x{columns}")
        };
        for Entry { program, result } in &outcome.entries {
            let product = match result {
                Ok(timing) if timing.correct => "equal".to_owned(),
                Ok(_) => "WRONG".to_owned(),
                Err(refusal) => refusal.to_string(),
            };
            self.times.add_row([
                n.clone(),
                jobs.to_owned(),
                program.title(crew),
                program.workers(crew).to_string(),
                program.threads(crew).to_string(),
                number(outcome.ms(*program)),
                number(outcome.ratio(*program, Program::Sequential)),
                product,
            ]);
        }
        let figures = [
            (Program::Sequential, Program::Plain),
            (Program::Coro, Program::Sequential),
            (Program::Coro, Program::Plain),
            (Program::Coro, Program::CoroThreads),
            (Program::PerlIthreads, Program::PerlCoro),
            (Program::PerlIthreads, Program::Coro),
        ];
        for (program, base) in figures {
            let Some(measured) = outcome.ratio(program, base) else {
                continue;
            };
            let aim = AIMS.iter().find(|aim| {
                let case = aim.program == program && aim.base == base && aim.n == rows;
                case && square && crew.workers == 16 && outcome.jobs == Jobs::Element
            });
            self.figures.add_row([
                format!("{} / {}", program.title(crew), base.title(crew)),
                n.clone(),
                jobs.to_owned(),
                number(Some(measured)),
                aim.map_or("", |aim| aim.text).to_owned(),
                aim.map_or("", |aim| verdict((aim.holds)(measured)))
                    .to_owned(),
            ]);
        }
        self.add_communication(n, factors, outcome);
    }

    /// Adds what a job costs to be handed out and its result to be handed in.
    fn add_communication(&mut self, n: String, factors: &Factors, outcome: &Outcome) {
        let count = match outcome.jobs {
            Jobs::Element => factors.rows() * factors.columns(),
            Jobs::Row => factors.rows(),
        };
        let ms = |program| outcome.ms(program);
        if let (Some(coros), Some(sequential)) = (ms(Program::Coro), ms(Program::Sequential)) {
            self.figures.add_row([
                "coros - sequential, ns a job".to_owned(),
                n,
                outcome.jobs.name().to_owned(),
                number(Some((coros - sequential) * 1e6 / count as f64)),
            ]);
        }
    }

    /// Prints both.
    ///
    /// # Errors
    ///
    /// Those of `sink`.
    pub(crate) fn print(&self, sink: &mut impl Write) -> io::Result<()> {
        writeln!(sink, "{}\n\n{}", self.times, self.figures)?;
        sink.flush()
    }
}

fn verdict(holds: bool) -> &'static str {
    if holds { "reached" } else { "MISSED" }
}

/// Prints three digits or more, and a dash for what is not there.
fn number(x: Option<f64>) -> String {
    match x {
        None => "-".to_owned(),
        Some(x) if x < 10.0 => format!("{x:.3}"),
        Some(x) if x < 100.0 => format!("{x:.2}"),
        Some(x) => format!("{x:.0}"),
    }
}
