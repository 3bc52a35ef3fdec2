//! How the coros stand, and what can be chosen.

use coro_explore::{Move, Standing, State};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::game::Game;
use crate::keys;
use crate::session::Session;
use crate::view::style;
use crate::view::text::{pad, width};

/// Code is shown if so much of it fits.
const CODE: usize = 12;

/// Makes a move of a coro's number.
type OfCoro = fn(u32) -> Move;

/// What may happen to a coro beside its own doing.
const FAULTS: [(OfCoro, &str); 5] = [
    (Move::Wake, "wake"),
    (Move::Throw, "throw"),
    (Move::Cancel, "cancel"),
    (Move::SafeCancel, "safe_cancel"),
    (Move::Timeout, "time out"),
];

/// Returns at most so many lines: a line for each coro, or several coros in a line if there are more.
pub(crate) fn lines(session: &Session, room: u16, most: u16) -> Vec<Line<'static>> {
    let position = session.game().position();
    let moves = position.moves();
    let other = others(moves);
    let most = (most as usize).saturating_sub(other.len()).max(1);
    let rows = position.coros().iter();
    let rows: Vec<_> = rows.map(|coro| Row::of(coro, session.game())).collect();
    let beside = rows.len().div_ceil(most).max(1);
    let high = rows.len().div_ceil(beside);
    let each = room as usize / beside;
    let widest = |of: fn(&Row) -> &str| rows.iter().map(|row| width(of(row))).max().unwrap_or(0);
    let names = widest(|row| &row.name).min(each / 3);
    let states = widest(|row| &row.state);
    let line = |at| {
        let beside = rows.iter().skip(at).step_by(high);
        let spans = beside.flat_map(|row| row.spans(names, states, each));
        Line::from_iter(spans)
    };
    (0..high).map(line).chain(other).collect()
}

/// `#1 ann`.
pub(crate) fn called(coro: &Standing) -> String {
    match coro.name() {
        "" => format!("#{}", coro.number()),
        name => format!("#{} {name}", coro.number()),
    }
}

/// What is told of one coro.
struct Row {
    key: String,
    sign: &'static str,
    name: String,
    state: String,
    style: Style,
    code: &'static str,
    faults: Vec<(String, &'static str)>,
}

impl Row {
    fn of(coro: &Standing, game: &Game) -> Row {
        let moves = game.position().moves();
        let own = |of: fn(u32) -> Move| Some(of(coro.number())).filter(|it| moves.contains(it));
        let faults = FAULTS.into_iter();
        let faults = faults.filter_map(|(of, what)| Some((keys::of(own(of)?), what)));
        let (sign, state, style) = stands(coro, game);
        let line = game.line_of(coro);
        Row {
            key: own(Move::Run).map_or_else(String::new, keys::of),
            sign,
            name: called(coro),
            state,
            style,
            code: line.map_or("", |(_, code)| code.trim()),
            faults: faults.collect(),
        }
    }

    fn spans(&self, names: usize, states: usize, room: usize) -> Vec<Span<'static>> {
        let begin = format!(" {} {}  ", self.sign, pad(&self.name, names));
        let left = room.saturating_sub(1 + 1 + width(&begin));
        let word = |(key, what): &(String, &str)| width(key) + what.len() + 3;
        let long: usize = self.faults.iter().map(word).sum();
        let short: usize = self.faults.iter().map(|(key, _)| width(key) + 1).sum();
        let is_long = states + 2 + long <= left;
        let left = left.saturating_sub(if is_long { long } else { short });
        let mut spans = vec![
            Span::raw(" "),
            Span::styled(pad(&self.key, 1), style::KEY),
            Span::styled(begin, self.style),
        ];
        if left >= states + 2 + CODE {
            spans.push(Span::styled(pad(&self.state, states + 2), self.style));
            let code = left - states - 2;
            spans.push(Span::styled(pad(self.code, code - 1) + " ", style::QUIET));
        } else {
            spans.push(Span::styled(pad(&self.state, left), self.style));
        }
        for (key, what) in &self.faults {
            spans.push(Span::styled(key.clone(), style::KEY));
            let what = if is_long {
                format!(" {what}  ")
            } else {
                " ".to_owned()
            };
            spans.push(Span::raw(what));
        }
        spans
    }
}

/// Returns a sign, words and a colour for how a coro stands.
fn stands(coro: &Standing, game: &Game) -> (&'static str, String, Style) {
    let at = match (coro.place(), game.line_of(coro)) {
        ("", _) if coro.state() == State::Ready => " to begin".to_owned(),
        ("", _) => String::new(),
        (_, Some((line, _))) => format!(" at :{line}"),
        (place, None) => format!(" at {place}"),
    };
    match coro.state() {
        State::Running => ("▶", format!("runs, and asks{at}"), style::READY),
        State::Ready => {
            let moves = game.position().moves();
            let runs = moves.iter().filter(|next| matches!(next, Move::Run(_)));
            match runs
                .zip(1..)
                .find(|(next, _)| **next == Move::Run(coro.number()))
            {
                Some((_, 1)) => ("▶", format!("ready{at}, 1st"), style::READY),
                Some((_, 2)) => ("▶", format!("ready{at}, 2nd"), style::READY),
                Some((_, 3)) => ("▶", format!("ready{at}, 3rd"), style::READY),
                Some((_, place)) => ("▶", format!("ready{at}, {place}th"), style::READY),
                None => ("▷", format!("ready{at}, not now"), style::QUIET),
            }
        }
        State::Blocked => match coro.what() {
            Some(what) => ("■", format!("blocked on {what}{at}"), style::BLOCKED),
            None => ("■", format!("blocked{at}"), style::BLOCKED),
        },
        State::Ended => ("✓", "ended".to_owned(), style::QUIET),
        _ => ("?", at, style::QUIET),
    }
}

/// Returns lines for the moves that are of no coro.
fn others(moves: &[Move]) -> Vec<Line<'static>> {
    let key = |next: &Move| Span::styled(format!(" {}", keys::of(*next)), style::KEY);
    let say = |next: &Move| Span::raw(format!(" {next} "));
    let is_pick = |next: &&Move| matches!(next, Move::Pick(_));
    let picks: Vec<_> = moves.iter().filter(is_pick).collect();
    let mut lines = Vec::new();
    if moves.contains(&Move::Timer) {
        let next = Move::Timer;
        lines.push(Line::from(vec![key(&next), say(&next)]));
    }
    if !picks.is_empty() {
        let spans = picks.into_iter().flat_map(|pick| [key(pick), say(pick)]);
        lines.push(Line::from_iter(spans));
    }
    lines
}
