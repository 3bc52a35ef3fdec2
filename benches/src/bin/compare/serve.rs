//! A peer's side: does what it is asked to on its standard input, and answers on its standard
//! output.
//!
//! | asked | answered |
//! |---|---|
//! | `run WORKLOAD OPS` | `took OPS NANOSECONDS`, or `none` if the peer has nothing like it |
//! | `block COUNT` | `blocked COUNT`, or `none` |
//! | `go`, after `blocked` | `ended` |

use std::io::{self, Write as _};

use clap::ValueEnum as _;

use crate::peers::Program;
use crate::workload::Workload;

/// Answers until nobody asks.
///
/// # Errors
///
/// If it cannot read or write, or is asked something else.
pub(crate) fn serve(program: &Program) -> io::Result<()> {
    let mut lines = io::stdin().lines();
    while let Some(line) = lines.next() {
        let line = line?;
        let unclear = || io::Error::other(format!("asked for `{line}`"));
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["run", workload, ops] => {
                let workload = Workload::from_str(workload, false).map_err(|_| unclear())?;
                let ops = ops.parse().map_err(|_| unclear())?;
                match (program.run)(workload) {
                    Some(run) => {
                        let took = run(ops);
                        answer(&format!("took {} {}", took.ops, took.time.as_nanos()))?;
                    }
                    None => answer("none")?,
                }
            }
            ["block", count] => {
                let count = count.parse().map_err(|_| unclear())?;
                match program.block {
                    Some(block) => {
                        let mut paused = Ok(());
                        block(count, &mut || {
                            paused = answer(&format!("blocked {count}"))
                                .and_then(|()| lines.next().transpose().map(drop));
                        });
                        paused?;
                        answer("ended")?;
                    }
                    None => answer("none")?,
                }
            }
            _ => return Err(unclear()),
        }
    }
    Ok(())
}

fn answer(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
