//! Who stands where when nobody can go on, for people.

use std::panic::Location;

use coro::CoroState;

use crate::world::World;

/// `buf.rs:31`.
pub(crate) fn short(place: &Location<'_>) -> String {
    let file = place.file();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{name}:{}", place.line())
}

/// Returns a line for each coro that has not ended, and one for each cycle.
pub(crate) fn blocked(world: &World) -> Vec<String> {
    let report = coro::report();
    let all = coro::all();
    let name = |id: u64| {
        let coro = all.iter().find(|coro| coro.id() == id);
        coro.map_or_else(|| format!("#{}", world.number(id)), |c| world.name(c))
    };
    let is_main = |id: u64| coro::main().id() == id;
    let mut lines = Vec::new();
    for row in report.coros().iter().filter(|row| !is_main(row.id())) {
        let mut line = name(row.id());
        match row.state() {
            CoroState::New => line += " was never readied",
            CoroState::Suspended => line += " is suspended",
            _ => line += " is blocked",
        }
        if let Some(place) = row.place() {
            line += &format!(" at {}", short(place));
        }
        if let Some(wait) = row.wait() {
            line += &format!(" on the {}", wait.what());
            if let Some(made) = wait.made() {
                line += &format!(" of {}", short(made));
            }
            for holder in wait.holders() {
                line += &format!(", which {} has", name(holder.id()));
            }
        }
        let coro = all.iter().find(|coro| coro.id() == row.id());
        if coro.is_some_and(coro::Coro::is_stranded) {
            line += ", although it could have it";
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
