//! One judge for each exercise: it explores a program that uses the answer.
//!
//! The files are called otherwise than the answers, to be told apart in what the explorer says.

use std::thread;

use coro_explore::{Builder, Failure, Report};

#[path = "judge_barber.rs"]
pub(crate) mod barber;
#[path = "judge_barrier.rs"]
pub(crate) mod barrier;
#[path = "judge_between_switches.rs"]
pub(crate) mod between_switches;
#[path = "judge_bounded_buffer.rs"]
pub(crate) mod bounded_buffer;
#[path = "judge_cancellation.rs"]
pub(crate) mod cancellation;
#[path = "judge_channels.rs"]
pub(crate) mod channels;
#[path = "judge_coro_local.rs"]
pub(crate) mod coro_local;
#[path = "judge_deadlines.rs"]
pub(crate) mod deadlines;
#[path = "judge_dining.rs"]
pub(crate) mod dining;
#[path = "judge_forgotten_up.rs"]
pub(crate) mod forgotten_up;
#[path = "judge_h2o.rs"]
pub(crate) mod h2o;
#[path = "judge_if_or_while.rs"]
pub(crate) mod if_or_while;
#[path = "judge_locks.rs"]
pub(crate) mod locks;
#[path = "judge_lost_update.rs"]
pub(crate) mod lost_update;
#[path = "judge_priorities.rs"]
pub(crate) mod priorities;
#[path = "judge_readers_writers.rs"]
pub(crate) mod readers_writers;
#[path = "judge_ready_queue.rs"]
pub(crate) mod ready_queue;
#[path = "judge_rendezvous.rs"]
pub(crate) mod rendezvous;
#[path = "judge_semaphore.rs"]
pub(crate) mod semaphore;
#[path = "judge_smokers.rs"]
pub(crate) mod smokers;
#[path = "judge_switching.rs"]
pub(crate) mod switching;

/// Explores one program after the other, so that each tells only of what concerns it. Returns the last
/// report, or the first of what could not be explored to its end.
fn all(explorer: &Builder, programs: &[fn()]) -> Result<Report, Failure> {
    let test = thread::current().name().unwrap_or("judge").to_owned();
    let mut told: Option<Report> = None;
    for (number, program) in (1..).zip(programs) {
        // A name for each, as a schedule is of one of them.
        let explorer = explorer.clone().name(&format!("{test}/{number}"));
        let report = explorer.run(*program)?;
        if told.as_ref().is_none_or(Report::is_exhaustive) {
            told = Some(report);
        }
    }
    Ok(told.expect("there is a program"))
}
