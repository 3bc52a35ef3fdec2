//! Who is measured, in turns, and what came out.

use std::time::{Duration, Instant};

use crate::matrix::{Factors, Matrix};
use crate::product::sequential;
use crate::programs::{Crew, Jobs, Program, Refusal};

/// Repeats of OS threads and of Perl: they take up to hundreds of times longer, and no aim depends on their last percent.
const THREADS_REPEATS: usize = 10;
const PERL_REPEATS: usize = 3;

/// What is multiplied, how, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) factors: &'a Factors,
    pub(crate) jobs: Jobs,
    pub(crate) crew: Crew,
    pub(crate) repeat: Repeat,
    /// Whether Perl takes part, as far as its programs take matrices of this size.
    pub(crate) perl: bool,
}

/// How often the programs of this process multiply.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Repeat {
    /// That often.
    Times(usize),
    /// For two seconds, and on until the fastest time of each is no accident, but at most five seconds. At least once.
    ///
    /// A busy neighbour on the same core makes everything a third slower, for milliseconds at a time. A time is no
    /// accident when it came out five times, give or take a percent; a minimum of a hundred repeats was seen to catch
    /// the quiet moments for one program and to miss them for another.
    Steady,
}

impl Repeat {
    /// Whether there is another turn after `turns` of them.
    fn goes_on(self, turns: usize, elapsed: Duration, fastest: &[Timing]) -> bool {
        match self {
            Self::Times(times) => turns < times,
            Self::Steady if turns == 0 || elapsed < Duration::from_secs(2) => true,
            Self::Steady => {
                elapsed < Duration::from_secs(5) && fastest.iter().any(|t| t.confirmed < 5)
            }
        }
    }
}

/// What came out of one task.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) jobs: Jobs,
    /// The product that the coros made.
    pub(crate) product: Matrix,
    pub(crate) entries: Vec<Entry>,
}

/// What came out of one program.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) program: Program,
    pub(crate) result: Result<Timing, Refusal>,
}

/// The time of a program's fastest repeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Timing {
    pub(crate) time: Duration,
    /// How many repeats took this long, give or take a percent.
    pub(crate) confirmed: u32,
    /// Whether every repeat gave exactly the sequential product.
    pub(crate) correct: bool,
}

impl Outcome {
    /// Returns the time of a program, if it has one, in milliseconds.
    pub(crate) fn ms(&self, program: Program) -> Option<f64> {
        let entry = self.entries.iter().find(|entry| entry.program == program)?;
        let timing = entry.result.as_ref().ok()?;
        Some(timing.time.as_secs_f64() * 1e3)
    }

    /// Returns how many times longer than `base` a program takes, if both have a time.
    pub(crate) fn ratio(&self, program: Program, base: Program) -> Option<f64> {
        Some(self.ms(program)? / self.ms(base)?)
    }

    /// Whether a program of this process has made a wrong product.
    pub(crate) fn is_wrong(&self) -> bool {
        self.entries.iter().any(|entry| {
            !Program::PERL.contains(&entry.program)
                && entry.result.as_ref().is_ok_and(|timing| !timing.correct)
        })
    }
}

/// Runs all programs, checks every product, and keeps the fastest times.
///
/// The programs of this process take turns, so that a machine which slows down or is busy slows all alike. They fill
/// the same matrix, blank each time: none pays for fresh memory, and none profits from the numbers of another.
pub(crate) fn measure(task: Task<'_>) -> Outcome {
    let Task {
        factors,
        jobs,
        crew,
        repeat,
        perl,
    } = task;
    let mut expected = factors.blank_product();
    sequential(factors, &mut expected);
    let mut product = factors.blank_product();
    let mut by_coros = factors.blank_product();
    let programs = Program::in_rust(crew);
    let mut results: Vec<Option<Result<Timing, Refusal>>> = vec![None; programs.len()];
    let start = Instant::now();
    for turn in 0.. {
        // OS threads never become steady, and no aim hangs on them.
        let fastest: Vec<_> = results[..3].iter().flatten().flatten().copied().collect();
        if !repeat.goes_on(turn, start.elapsed(), &fastest) {
            break;
        }
        for (program, result) in programs.iter().copied().zip(&mut results) {
            let enough = program == Program::Threads && turn >= THREADS_REPEATS;
            if enough || matches!(result, Some(Err(_))) {
                continue;
            }
            product.values_mut().fill(f64::NAN);
            let run = program.run(factors, jobs, crew, &mut product);
            if program == Program::Coro {
                by_coros.clone_from(&product);
            }
            *result = Some(run.map(|time| {
                let timing = judge(time, &product, &expected);
                match result {
                    Some(Ok(former)) => former.and(timing),
                    _ => timing,
                }
            }));
        }
    }
    let mut entries: Vec<_> = programs
        .into_iter()
        .zip(results)
        .map(|(program, result)| Entry {
            program,
            result: result.expect("there is at least one repeat"),
        })
        .collect();
    if perl {
        let repeat = match repeat {
            Repeat::Times(times) => times.min(PERL_REPEATS),
            Repeat::Steady => PERL_REPEATS,
        };
        let programs = Program::PERL.into_iter();
        entries.extend(
            programs
                .filter(|program| factors.rows() <= program.largest())
                .map(|program| Entry {
                    program,
                    result: program
                        .run_perl(factors, jobs, crew.workers, repeat)
                        .map(|runs| best(&runs, &expected)),
                }),
        );
    }
    Outcome {
        jobs,
        product: by_coros,
        entries,
    }
}

fn judge(time: Duration, product: &Matrix, expected: &Matrix) -> Timing {
    Timing {
        time,
        confirmed: 1,
        correct: product.is_exactly(expected),
    }
}

fn best(runs: &[(Duration, Matrix)], expected: &Matrix) -> Timing {
    runs.iter()
        .map(|(time, product)| judge(*time, product, expected))
        .reduce(Timing::and)
        .expect("there is at least one repeat")
}

impl Timing {
    /// Joins two repeats: the fastest time counts, and one wrong product spoils all.
    fn and(self, other: Self) -> Self {
        let (fast, slow) = if self.time <= other.time {
            (self, other)
        } else {
            (other, self)
        };
        let confirmed = if slow.time <= fast.time + fast.time / 100 {
            fast.confirmed + slow.confirmed
        } else {
            fast.confirmed
        };
        Self {
            time: fast.time,
            confirmed,
            correct: fast.correct && slow.correct,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_repeat_counts_and_one_wrong_product_spoils_all() {
        let (right, wrong) = (Matrix::new(1, 1, vec![2.0]), Matrix::new(1, 1, vec![3.0]));
        let ms = Duration::from_millis;
        let good = [(ms(3), right.clone()), (ms(1), right.clone())];
        let timing = best(&good, &right);
        assert_eq!((timing.time, timing.correct), (ms(1), true));
        for spoiled in [
            [(ms(1), wrong.clone()), (ms(2), right.clone())],
            [(ms(1), right.clone()), (ms(2), wrong.clone())],
        ] {
            assert!(!best(&spoiled, &right).correct);
        }
    }

    #[test]
    fn a_place_that_nobody_filled_is_found_out() {
        let right = Matrix::new(1, 2, vec![2.0, 3.0]);
        let half = Matrix::new(1, 2, vec![2.0, f64::NAN]);
        assert!(!judge(Duration::ZERO, &half, &right).correct);
    }

    #[test]
    fn a_task_measures_every_program_of_this_process() {
        let factors = Factors::scrambled(5);
        let outcome = measure(Task {
            factors: &factors,
            jobs: Jobs::Element,
            crew: Crew {
                workers: 3,
                threads: Some(2),
            },
            repeat: Repeat::Times(2),
            perl: false,
        });
        let programs: Vec<_> = outcome.entries.iter().map(|e| e.program).collect();
        assert_eq!(programs[..4], Program::RUST);
        assert_eq!(programs[4..], [Program::CoroThreads]);
        assert!(!outcome.is_wrong());
        let mut expected = factors.blank_product();
        sequential(&factors, &mut expected);
        assert!(outcome.product.is_exactly(&expected));
        assert_eq!(
            outcome.ratio(Program::Sequential, Program::Sequential),
            Some(1.0)
        );
        assert_eq!(outcome.ratio(Program::PerlCoro, Program::Coro), None);
    }

    #[test]
    fn only_times_close_by_confirm_the_fastest() {
        let timing = |ms| Timing {
            time: Duration::from_millis(ms),
            confirmed: 1,
            correct: true,
        };
        let join = |times: &[u64]| times.iter().map(|ms| timing(*ms)).reduce(Timing::and);
        let confirmed = |times| join(times).unwrap().confirmed;
        assert_eq!(confirmed(&[1000, 1010, 1005, 1011]), 3);
        assert_eq!(confirmed(&[1020, 1005, 1000]), 2);
        assert_eq!(confirmed(&[1500, 1500, 1000]), 1);
    }

    #[test]
    fn a_steady_repeat_begins_once_and_ends_when_confirmed_or_late() {
        let confirmed = |confirmed| Timing {
            time: Duration::from_millis(1),
            confirmed,
            correct: true,
        };
        let (short, late) = (Duration::from_millis(1999), Duration::from_secs(5));
        let between = Duration::from_secs(3);
        let goes_on = |turns, elapsed, n: u32| {
            Repeat::Steady.goes_on(turns, elapsed, &[confirmed(9), confirmed(n)])
        };
        assert!(goes_on(0, late, 0));
        assert!(goes_on(1, short, 9));
        assert!(goes_on(1, between, 4) && !goes_on(1, between, 5));
        assert!(!goes_on(1, late, 4));
        assert!(Repeat::Times(2).goes_on(1, late, &[]));
        assert!(!Repeat::Times(2).goes_on(2, short, &[]));
    }
}
