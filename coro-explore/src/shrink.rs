//! Taking departures away that a failure does not need.

use crate::replay::run_once;
use crate::run::Run;
use crate::schedule::Schedule;
use crate::search::Found;
use crate::settings::Settings;
use crate::world::Body;

/// Returns the same failure with fewer departures, each of which it needs: none can be left out
/// alone.
pub(crate) fn shrink(settings: &Settings, body: &Body, mut found: Found) -> Found {
    let mut at = found.schedule.marks.len();
    while at > 0 {
        at -= 1;
        let mut plan: Vec<_> = found
            .schedule
            .marks
            .iter()
            .map(|mark| mark.deviation)
            .collect();
        if at < plan.len() {
            plan.remove(at);
        }
        let replayed = run_once(settings, body, plan);
        if let Err(trouble) = replayed.result
            && trouble.verdict == found.trouble.verdict
            && replayed.missed.is_none()
        {
            found = Found {
                trouble,
                schedule: Schedule::of(&settings.name, &replayed.log),
                run: Run::new(replayed.log),
                ..found
            };
        }
    }
    found
}
