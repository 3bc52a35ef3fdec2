//! What is longer than the screen: the source, the report, the help.

use std::iter::repeat;

use coro_explore::{Standing, State};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::session::{Screen, Session};
use crate::view::{coros, from_below, key_line, style, text};
use crate::wording;

/// Draws it, as far down as it is scrolled.
pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, session: &mut Session) {
    let page = session.game().page();
    let (title, lines) = match session.screen {
        Screen::Source => (
            format!("The wrong program: {}", page.title),
            source(session, area),
        ),
        Screen::Report => {
            let (lines, most) = report(session, area);
            session.across = session.across.min(most);
            (format!("What has happened: {}", page.title), lines)
        }
        _ => ("How to play".to_owned(), help(area)),
    };
    let height = area.height.saturating_sub(2) as usize;
    let most = lines.len().saturating_sub(height);
    session.scroll = session.scroll.min(most);
    let under = most - session.scroll;
    let more = match under {
        0 => String::new(),
        under => format!(" ↓ {} ", wording::count(under, "more line")),
    };
    let title = text::pad(&format!(" {title}"), area.width as usize);
    let shown = lines.into_iter().skip(session.scroll).take(height);
    let all: Vec<_> = [Line::styled(title, style::TITLE)]
        .into_iter()
        .chain(shown)
        .collect();
    frame.render_widget(Paragraph::new(all), area);
    let footer = from_below(area, 1);
    let scroll = match session.screen {
        Screen::Report => ("↑ ↓ ← →", "scroll"),
        _ => ("↑ ↓", "scroll"),
    };
    let mut keys = key_line(&[scroll, ("Esc", "back"), ("q", "quit")]);
    keys.push_span(more);
    frame.render_widget(Paragraph::new(keys), footer);
}

/// The source, with numbers, and where each coro stands.
fn source(session: &Session, area: Rect) -> Vec<Line<'static>> {
    let game = session.game();
    let page = game.page();
    let stands = |coro: &Standing| game.line_of(coro).map(|(line, _)| line);
    let mut lines = Vec::new();
    for (number, code) in (1..).zip(page.wrong_source.lines()) {
        let here = game.position().coros().iter();
        let here: Vec<_> = here.filter(|coro| stands(coro) == Some(number)).collect();
        let (mark, style) = match here.is_empty() {
            true => (' ', Style::new()),
            false => ('▶', style::SAID),
        };
        let code = text::wrap(code, area.width - 8);
        let numbers = [format!("{number:>3}")]
            .into_iter()
            .chain(repeat("   ".to_owned()));
        for (part, number) in code.into_iter().zip(numbers) {
            lines.push(Line::styled(format!(" {mark}{number}  {part}"), style));
        }
        for coro in here {
            lines.push(Line::styled(format!("      ╰ {}", sign(coro)), style));
        }
    }
    lines
}

/// `#1 ann is blocked here on mutex`.
fn sign(coro: &Standing) -> String {
    let name = coros::called(coro);
    match (coro.state(), coro.what()) {
        (State::Running, _) => format!("{name} runs here"),
        (State::Ready, _) => format!("{name} is ready here"),
        (_, Some(what)) => format!("{name} is blocked here on {what}"),
        (_, None) => format!("{name} is blocked here"),
    }
}

/// All that is known, and how far it goes beyond the right edge.
fn report(session: &Session, area: Rect) -> (Vec<Line<'static>>, usize) {
    let position = session.game().position();
    let text = match position.failure() {
        Some(failure) => failure.to_string(),
        None => position.execution().to_string(),
    };
    // The command to replay it would be broken, and the game shows the schedule.
    let lines = text.lines().filter(|line| !line.starts_with("replay:"));
    let is_drawn = |line: &str| line.starts_with(['│', '┌', '╞', '└']);
    let (drawn, said): (Vec<_>, Vec<_>) = lines.partition(|line| is_drawn(line));
    let said = said.iter().flat_map(|line| text::wrap(line, area.width));
    let widest = drawn.iter().map(|line| text::width(line)).max();
    let most = widest.unwrap_or(0).saturating_sub(area.width as usize);
    let across = session.across.min(most);
    let drawn = drawn.iter();
    let drawn = drawn.map(|line| text::slice(line, across, usize::MAX));
    (said.chain(drawn).map(Line::raw).collect(), most)
}

fn help(area: Rect) -> Vec<Line<'static>> {
    let lines = text::wrap(wording::HELP, area.width - 2);
    lines
        .iter()
        .map(|line| Line::raw(format!(" {line}")))
        .collect()
}
