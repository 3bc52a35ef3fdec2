//! How things are called, for people: the words of the explorer's columns.

use coro::End;

use super::story::{Number, Place, Story, What};

/// `dining.rs:14`.
pub(crate) fn short(place: Place) -> String {
    let file = place.file().rsplit(['/', '\\']).next().unwrap_or("");
    format!("{file}:{}", place.line())
}

/// What somebody did, without who: `spawns #1`.
pub(crate) fn deed(story: &Story, what: &What) -> String {
    let name = |coro: Number| story.number(coro);
    match what {
        What::Runs(_) => "runs".to_owned(),
        What::Spawns(coro) => format!("spawns {}", name(*coro)),
        What::Readies(coro) => format!("readies {}", name(*coro)),
        What::Throws(coro) => format!("throws into {}", name(*coro)),
        What::Cancels(coro) => format!("cancels {}", name(*coro)),
        What::Notes(_, text) => format!("“{text}”"),
        What::Leaves {
            place,
            wait,
            is_ready,
            ..
        } => {
            let place = short(place);
            match (wait, is_ready) {
                (Some(wait), _) => format!("■ {wait} ({place})"),
                (None, true) => format!("cede ({place})"),
                (None, false) => format!("■ schedule ({place})"),
            }
        }
        What::Ends(_, how) => end(*how).to_owned(),
    }
}

/// How a coro ends: what it does then.
pub(crate) fn end(how: End) -> &'static str {
    match how {
        End::Returned => "returns",
        End::Cancelled => "ends: cancelled",
        End::Panicked => "ends: panicked",
        End::Thrown => "ends: thrown into",
        End::NoStack => "ends: there is no stack",
        _ => "ends",
    }
}

/// Shortens a text to so many characters.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
