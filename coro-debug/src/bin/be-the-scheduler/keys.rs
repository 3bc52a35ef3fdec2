//! Which key does what.

use coro_explore::Move;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::session::{Action, Screen, Session};

/// Returns the key of a move: `1`, or `w1` for two, one after the other.
pub(crate) fn of(wanted: Move) -> String {
    match wanted {
        Move::Run(coro) => digit(coro),
        Move::Pick(which) => digit(which),
        Move::Timer => "t".to_owned(),
        Move::Wake(coro) => format!("w{}", digit(coro)),
        Move::Throw(coro) => format!("x{}", digit(coro)),
        Move::Cancel(coro) => format!("c{}", digit(coro)),
        Move::SafeCancel(coro) => format!("a{}", digit(coro)),
        Move::Timeout(coro) => format!("o{}", digit(coro)),
        other => format!("{other:?}"),
    }
}

/// `0` to `9`, and then letters.
fn digit(number: u32) -> String {
    const LETTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = LETTERS.chars().nth(number as usize);
    letter.map_or_else(|| number.to_string(), String::from)
}

/// Returns what a key asks for, if it is enough.
pub(crate) fn action(session: &mut Session, key: KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Action::Quit);
    }
    let first = session.pending.take();
    match key.code {
        KeyCode::Up => return Some(Action::Scroll(-1)),
        KeyCode::Down => return Some(Action::Scroll(1)),
        KeyCode::PageUp => return Some(Action::Scroll(-10)),
        KeyCode::PageDown => return Some(Action::Scroll(10)),
        KeyCode::Left => return Some(Action::Across(-8)),
        KeyCode::Right => return Some(Action::Across(8)),
        KeyCode::Char('q') => return Some(Action::Quit),
        KeyCode::Esc => return Some(Action::Close),
        _ => {}
    }
    match (session.screen, key.code) {
        (Screen::Levels, KeyCode::Enter) => Some(Action::Choose),
        (Screen::Levels, KeyCode::Char('?')) => Some(Action::Help),
        (Screen::Levels, KeyCode::Char(letter)) => Some(Action::Unknown(letter.to_string())),
        (Screen::Levels, _) => None,
        (_, KeyCode::Enter) => Some(Action::Usual),
        (_, KeyCode::Char(letter)) => pressed(session, first, letter),
        _ => None,
    }
}

fn pressed(session: &mut Session, first: Option<char>, letter: char) -> Option<Action> {
    let legal = session.game().position().moves();
    let typed: String = first.into_iter().chain([letter]).collect();
    if let Some(chosen) = legal.iter().find(|chosen| of(**chosen) == typed) {
        return Some(Action::Move(*chosen));
    }
    if first.is_none() && legal.iter().any(|chosen| of(*chosen).starts_with(letter)) {
        session.pending = Some(letter);
        return None;
    }
    Some(match letter {
        'e' => Action::GoOn,
        'u' => Action::Undo,
        'r' => Action::Restart,
        'h' => Action::Hint,
        's' => Action::Source,
        'v' => Action::Report,
        'l' => Action::Levels,
        'n' => Action::Next,
        'p' => Action::Previous,
        '?' => Action::Help,
        _ => Action::Unknown(typed),
    })
}
