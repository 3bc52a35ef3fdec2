//! Running one schedule again.

use std::env;
use std::sync::Arc;
use std::thread;

use crate::budget::Budget;
use crate::choice::Deviation;
use crate::failure::{Failure, VARIABLE};
use crate::log::{Entry, fingerprint};
use crate::report::{Extent, Report};
use crate::run::Run;
use crate::schedule::{Mark, Schedule};
use crate::search::Found;
use crate::settings::Settings;
use crate::strategy::Strategy;
use crate::world::{Body, Trouble, World};

/// What came of one schedule.
pub(crate) struct Replayed {
    pub(crate) result: Result<(), Trouble>,
    pub(crate) log: Vec<Entry>,
    pub(crate) missed: Option<Deviation>,
    pub(crate) steps: u32,
}

impl Schedule {
    /// Returns the schedule of an execution.
    pub(crate) fn of(name: &str, log: &[Entry]) -> Schedule {
        let mark = |(at, entry): (usize, &Entry)| match entry {
            Entry::Deviated(deviation) => Some(Mark {
                deviation: *deviation,
                past: fingerprint(&log[..at]),
            }),
            _ => None,
        };
        Schedule {
            name: name.to_owned(),
            marks: log.iter().enumerate().filter_map(mark).collect(),
            whole: fingerprint(log),
        }
    }

    /// Returns the schedule of this name that the environment asks for.
    pub(crate) fn asked_for(name: &str) -> Option<String> {
        let text = env::var(VARIABLE).ok()?;
        match text.parse::<Schedule>() {
            Ok(schedule) if schedule.name == name => Some(text),
            Ok(_) => None,
            Err(_) => panic!("{VARIABLE} is not a schedule: {text:?}"),
        }
    }
}

/// Runs one schedule on an OS thread of its own.
pub(crate) fn run_once(settings: &Settings, body: &Body, plan: Vec<Deviation>) -> Replayed {
    let settings = Settings {
        // What may happen is what has happened.
        budget: Budget::UNLIMITED,
        replay: Some(String::new()),
        ..settings.clone()
    };
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let world = World::install(Arc::new(settings));
            let result = world.execute(body, Strategy::Plan { plan, next: 0 }, 0, None);
            let replayed = Replayed {
                missed: world.missed(),
                steps: world.steps(),
                log: world.take_log(),
                result: result.map(drop),
            };
            if replayed.result.is_ok() {
                world.leave();
            }
            replayed
        });
        match worker.join() {
            Ok(replayed) => replayed,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    })
}

pub(crate) fn replay(
    settings: &Settings,
    body: &Body,
    schedule: &str,
) -> Result<(Report, Vec<Run>), Failure> {
    let Ok(schedule) = schedule.parse::<Schedule>() else {
        panic!("not a schedule: {schedule:?}");
    };
    let plan = schedule.plan();
    let replayed = run_once(settings, body, plan);
    let now = Schedule::of(&settings.name, &replayed.log);
    let mut pairs = schedule.marks.iter().zip(&now.marks);
    let departs = pairs
        .find(|(then, now)| then != now)
        .map(|(then, _)| then.deviation);
    let missing = schedule
        .marks
        .get(now.marks.len())
        .map(|mark| mark.deviation);
    let place = match departs.or(replayed.missed).or(missing) {
        Some(at) => Some(format!("before step {}", at.step)),
        None if now.whole != schedule.whole => {
            let last = schedule.marks.last().map_or(0, |mark| mark.deviation.step);
            Some(format!("after step {last}"))
        }
        None => None,
    };
    let divergence =
        place.map(|place| format!("the code has changed: not the same happens {place}"));
    let report = Report {
        executions: 1,
        steps: replayed.steps,
        costs: Vec::new(),
        long: 0,
        extent: Extent::Replay,
        divergence,
    };
    let run = Run::new(replayed.log);
    match replayed.result {
        Ok(()) => Ok((report, vec![run])),
        Err(trouble) => {
            let found = Found {
                cost: 0,
                number: 1,
                trouble,
                schedule: now,
                run,
            };
            Err(Failure::new(settings, found, report))
        }
    }
}
