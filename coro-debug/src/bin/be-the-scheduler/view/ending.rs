//! What is said when it is over: how the program failed, or that it did not.

use coro_explore::Failure;
use ratatui::text::{Line, Span};

use crate::session::Session;
use crate::view::{style, text};
use crate::wording::{count, with_article};

/// Returns at most so many lines. The replay string is whole, whatever else there is no room for.
pub(crate) fn lines(session: &Session, width: u16, most: u16) -> Vec<Line<'static>> {
    let Some(failure) = session.game().position().failure() else {
        return well();
    };
    let verdict = with_article(failure.verdict());
    let title = format!(" ✓ You have won: the program fails, by {verdict}.");
    let mut score = text::wrap(&score(session, failure), width - 4);
    let replay = text::wrap(&format!("CORO_SCHEDULE={}", failure.schedule()), width - 4);
    let room = (most as usize).saturating_sub(2 + score.len() + replay.len());
    let mut details: Vec<_> = failure
        .details()
        .iter()
        .flat_map(|detail| text::wrap(detail, width - 4))
        .collect();
    if details.len() > room {
        let left = details.len() + 1 - room;
        details.truncate(room.saturating_sub(1));
        details.push(format!("… {}: v shows all", count(left, "more line")));
    }
    score.push(
        "In the environment of this game, or of the explorer, this leads there again:".to_owned(),
    );
    let mut lines = vec![Line::styled(title, style::WON)];
    let add = |lines: &mut Vec<Line<'static>>, all: Vec<String>| {
        let indented = all.into_iter().map(|line| Line::raw(format!("   {line}")));
        lines.extend(indented);
    };
    add(&mut lines, details);
    add(&mut lines, score);
    let replay = replay.into_iter();
    lines.extend(replay.map(|line| {
        let line = Span::styled(line, style::KEY);
        Line::from(vec![Span::raw("   "), line])
    }));
    lines
}

fn well() -> Vec<Line<'static>> {
    vec![
        Line::styled(
            " The program has ended, and nothing was wrong this time.",
            style::HEADING,
        ),
        Line::raw(
            "   In another order it fails. Undo (u), or restart (r); a hint (h) says how far.",
        ),
    ]
}

/// How many moves it took, and how few would do.
fn score(session: &Session, failure: &Failure) -> String {
    let (moves, deviations) = (session.game().choices(), failure.deviations());
    let own = format!("It took {}", count(moves, "move"));
    if deviations == 0 {
        return format!("{own}, all as production would do: nobody has to be unlucky.");
    }
    let own = format!(
        "{own}, with {} from production order",
        count(deviations, "deviation")
    );
    match session.game().best() {
        Some(best) if deviations > best.deviations => {
            let moves = best.choices.map_or_else(String::new, |choices| {
                format!(", in {}", count(choices, "move"))
            });
            let least = best.deviations;
            format!("{own}. The explorer needs no more than {least}{moves}.")
        }
        Some(_) => format!("{own}; with fewer it does not fail, says the explorer."),
        None => format!("{own}."),
    }
}
