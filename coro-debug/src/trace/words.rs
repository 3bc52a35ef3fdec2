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
        What::Spawns { coro, .. } => format!("spawns {}", name(*coro)),
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

/// Replaces what a terminal would obey: control characters, and what turns the direction of a text.
/// Lines stay lines, broken after so many characters.
pub(crate) fn tame(text: &str, most: usize) -> String {
    let mut tame = String::with_capacity(text.len());
    let mut in_line = 0;
    for c in text.chars() {
        if in_line == most && c != '\n' {
            tame.push('\n');
            in_line = 0;
        }
        in_line = if c == '\n' { 0 } else { in_line + 1 };
        tame.push(match c {
            '\n' => c,
            '\t' | '\r' => ' ',
            c if c.is_control() => '\u{fffd}',
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c => c,
        });
    }
    tame
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
