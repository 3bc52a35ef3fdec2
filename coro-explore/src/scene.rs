//! Who stands where, for people.

use std::panic::Location;

use coro::CoroState;

use crate::choice::Number;
use crate::log::Entry;
use crate::play::{Standing, State};
use crate::world::World;

/// `buf.rs:31`.
pub(crate) fn short(place: &Location<'_>) -> String {
    let file = place.file();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{name}:{}", place.line())
}

/// Returns how all coros stand that were made until now.
pub(crate) fn coros(world: &World, log: &[Entry]) -> Vec<Standing> {
    let report = coro::report();
    let all = coro::all();
    let stand = |number: Number, desc: Option<&str>| {
        let coro = all.iter().find(|coro| world.number(coro.id()) == number);
        let row = coro.and_then(|coro| report.coros().iter().find(|row| row.id() == coro.id()));
        let state = match coro {
            None => State::Ended,
            Some(coro) if coro.is_finished() => State::Ended,
            Some(coro) if coro.is_running() => State::Running,
            Some(coro) if coro.is_ready() => State::Ready,
            Some(_) => State::Blocked,
        };
        let row = row.filter(|_| state != State::Ended);
        let wait = row
            .and_then(|row| row.wait())
            .filter(|_| state == State::Blocked);
        Standing {
            number,
            name: desc.unwrap_or_default().to_owned(),
            state,
            what: wait.map(|wait| wait.what()),
            place: row
                .and_then(|row| row.place())
                .map_or_else(String::new, short),
        }
    };
    let spawned = log.iter().filter_map(|entry| match entry {
        Entry::Spawned { coro, desc } => Some((*coro, desc.as_deref())),
        _ => None,
    });
    spawned.map(|(coro, desc)| stand(coro, desc)).collect()
}

/// Returns a line for each coro that has not ended, and one for each cycle.
pub(crate) fn standing(world: &World) -> Vec<String> {
    let report = coro::report();
    let all = coro::all();
    let name = |id: u64| {
        let coro = all.iter().find(|coro| coro.id() == id);
        coro.map_or_else(|| format!("#{}", world.number(id)), |c| world.name(c))
    };
    let mut lines = Vec::new();
    for row in report.coros() {
        let Some(coro) = all.iter().find(|coro| coro.id() == row.id()) else {
            continue;
        };
        if *coro == coro::main() {
            continue;
        }
        let place = row
            .place()
            .map_or_else(String::new, |place| format!(" at {}", short(place)));
        let state = match row.state() {
            _ if coro.is_ready() => format!("is ready{place}, with priority {}", row.prio()),
            CoroState::New => "was never readied".to_owned(),
            CoroState::Suspended => format!("is suspended{place}"),
            _ => format!("is blocked{place}"),
        };
        let mut line = format!("{} {state}", name(row.id()));
        if let Some(wait) = row.wait().filter(|_| !coro.is_ready()) {
            let holders: Vec<_> = wait
                .holders()
                .iter()
                .map(|holder| name(holder.id()))
                .collect();
            let holders = holders.join(" and ");
            match wait.what() {
                "join" if !holders.is_empty() => line += &format!(": joins {holders}"),
                what => {
                    line += &format!(" on the {what}");
                    if let Some(made) = wait.made() {
                        line += &format!(" of {}", short(made));
                    }
                    if !holders.is_empty() {
                        line += &format!(", which {holders} has");
                    }
                }
            }
        }
        if coro.is_stranded() {
            line += ", although it can be had now";
        }
        lines.push(line);
    }
    for cycle in report.cycles() {
        let mut names: Vec<_> = cycle.coros().iter().map(|row| name(row.id())).collect();
        names.extend(names.first().cloned());
        lines.push(format!("cycle: {}", names.join(" → ")));
    }
    lines
}
