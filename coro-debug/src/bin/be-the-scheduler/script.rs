//! Plays from a text, a line for each move, and prints what a player would see.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use coro_explore::Move;

use crate::game::Outcome;
use crate::session::{Action, Session};
use crate::view;
use crate::wording;

const WIDTH: u16 = 80;
const HEIGHT: u16 = 24;

/// Reads a script from a file, or from standard input.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    text.map_err(|error| format!("{}: {error}", path.display()))
}

/// Plays a script; returns whether the program fails at its end.
pub(crate) fn play(
    session: &mut Session,
    script: &str,
    is_quiet: bool,
    out: &mut impl Write,
) -> Result<bool, String> {
    let mut print = |text: &str| {
        let written = out.write_all(text.as_bytes());
        written.map_err(|error| format!("standard output: {error}"))
    };
    if !is_quiet {
        print(&view::to_text(session, WIDTH, HEIGHT))?;
    }
    for (number, line) in (1..).zip(script.lines()) {
        let line = without_comment(line);
        if line.is_empty() {
            continue;
        }
        let at_line = |what: String| format!("line {number}: {what}");
        let action = parse(line).map_err(at_line)?;
        session.act(action).map_err(at_line)?;
        if !is_quiet {
            print(&format!("> {line}\n"))?;
            print(&view::to_text(session, WIDTH, HEIGHT))?;
        }
    }
    if is_quiet {
        print(&view::to_text(session, WIDTH, HEIGHT))?;
    }
    let game = session.game();
    match game.position().failure() {
        Some(failure) => {
            let (verdict, schedule) = (failure.verdict(), failure.schedule());
            let moves = wording::count(game.choices(), "move");
            print(&format!(
                "won: {verdict} in {moves}; replay: CORO_SCHEDULE={schedule}\n"
            ))?;
        }
        None => print("not yet\n")?,
    }
    Ok(game.outcome() == Outcome::Failed)
}

/// `#` begins a comment, but for `run #1`.
fn without_comment(line: &str) -> &str {
    let is_comment = |(at, _): &(usize, &str)| {
        let after = line[at + 1..].chars().next();
        *at == 0 || line[..*at].trim().is_empty() || !after.is_some_and(|c| c.is_ascii_digit())
    };
    let comment = line.match_indices('#').find(is_comment);
    line[..comment.map_or(line.len(), |(at, _)| at)].trim()
}

/// Returns what a line says.
fn parse(line: &str) -> Result<Action, String> {
    let mut words = line.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let with: Option<fn(u32) -> Move> = match verb {
        "run" => Some(Move::Run),
        "wake" => Some(Move::Wake),
        "pick" => Some(Move::Pick),
        "throw" => Some(Move::Throw),
        "cancel" => Some(Move::Cancel),
        "safe_cancel" => Some(Move::SafeCancel),
        "timeout" => Some(Move::Timeout),
        _ => None,
    };
    let action = match (verb, with) {
        (_, Some(of)) => {
            let number = words.next().unwrap_or_default();
            let parsed = number.trim_start_matches('#').parse();
            let wrong = |_| format!("{verb} wants a number, as in \"{verb} 1\", not {number:?}");
            Action::Move(of(parsed.map_err(wrong)?))
        }
        ("timer", _) => Action::Move(Move::Timer),
        ("enter", _) => Action::Usual,
        ("end", _) => Action::GoOn,
        ("undo", _) => Action::Undo,
        ("restart", _) => Action::Restart,
        ("hint", _) => Action::Hint,
        ("source", _) => Action::Source,
        ("report", _) => Action::Report,
        ("help", _) => Action::Help,
        ("show", _) => Action::Close,
        ("next", _) => Action::Next,
        ("previous", _) => Action::Previous,
        _ => {
            return Err(format!(
                "{verb:?} is nothing that can be done; --help lists what is"
            ));
        }
    };
    match words.next() {
        Some(word) => Err(format!("{word:?} is one word too many")),
        None => Ok(action),
    }
}
