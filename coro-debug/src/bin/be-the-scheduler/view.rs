//! Draws what is to be seen, on 80×24 or more.

mod columns;
mod coros;
mod ending;
mod list;
mod pages;
mod style;
mod text;

use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::game::Outcome;
use crate::session::{Screen, Session};
use crate::wording;

/// Less than this is not enough.
const LEAST: (u16, u16) = (80, 24);

/// The columns of the run have at least so many lines, but for an ending that needs them.
const RUN_LINES: u16 = 9;

/// A notice has at most so many lines.
const NOTICE_LINES: usize = 4;

/// Draws the session.
pub(crate) fn draw(frame: &mut Frame<'_>, session: &mut Session) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let what = format!(
            "{}×{} are needed, and here are {}×{}.\nMake the window larger, or press q.",
            LEAST.0, LEAST.1, area.width, area.height
        );
        frame.render_widget(Paragraph::new(what), area);
        return;
    }
    match session.screen {
        Screen::Levels => list::draw(frame, area, session),
        Screen::Play => play(frame, area, session),
        Screen::Source | Screen::Report | Screen::Help => pages::draw(frame, area, session),
    }
}

/// Returns the screen as lines of text, with nothing at their ends.
pub(crate) fn to_text(session: &mut Session, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it never fails");
    terminal
        .draw(|frame| draw(frame, session))
        .expect("it never fails");
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for y in 0..height {
        let mut line = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line += symbol;
            // The second half of a wide symbol is none.
            x += text::width(symbol).max(1) as u16;
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn play(frame: &mut Frame<'_>, area: Rect, session: &mut Session) {
    let game = session.game();
    let page = game.page();
    let goal = format!(
        "Make it fail: {} is possible.",
        wording::with_article(page.verdict)
    );
    let is_open = game.outcome() == Outcome::Open;
    let problem = match is_open {
        true => text::wrap(&format!("{} {goal}", page.problem), area.width - 2),
        // The room is for how it has come to that.
        false => Vec::new(),
    };
    let mut notice = text::wrap(&notice(session), area.width - 2);
    notice.truncate(NOTICE_LINES);
    let above = 2 + problem.len() as u16;
    let below = 2 + notice.len() as u16;
    let rest = area.height.saturating_sub(above + below);
    let bottom = if is_open {
        coros::lines(session, area.width, rest.saturating_sub(RUN_LINES))
    } else {
        ending::lines(session, area.width, rest.saturating_sub(RUN_LINES / 2))
    };
    let [title, what, run_rule, run, rule, bottom_area, said, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(problem.len() as u16),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(bottom.len() as u16),
        Constraint::Length(notice.len() as u16),
        Constraint::Length(1),
    ])
    .areas(area);

    draw_title(frame, title, session);
    frame.render_widget(Paragraph::new(indented(&problem)), what);
    let columns = columns::Columns::of(game.position().execution(), page.name);
    let height = run.height.saturating_sub(1) as usize;
    let most = columns.rows().saturating_sub(height);
    session.scroll = session.scroll.min(most);
    let (above, under) = (most - session.scroll, session.scroll);
    let more = match (above, under) {
        (0, 0) => String::new(),
        (above, 0) => format!(" ↑ {} above ", wording::count(above, "line")),
        (above, under) => format!(" ↑ {above} above, ↓ {under} below "),
    };
    frame.render_widget(
        style::rule(" What has happened ", &more, area.width),
        run_rule,
    );
    let lines = columns.lines(run.width, height, above, session.seen);
    frame.render_widget(Paragraph::new(lines), run);
    let heading = if is_open { " Who runs next? " } else { "" };
    frame.render_widget(style::rule(heading, "", area.width), rule);
    frame.render_widget(Paragraph::new(bottom), bottom_area);
    frame.render_widget(Paragraph::new(indented(&notice)).style(style::SAID), said);
    draw_footer(frame, footer, session);
}

fn notice(session: &Session) -> String {
    match session.pending {
        Some(first) => {
            let legal = session.game().position().moves().iter();
            let keys = legal.map(|next| (crate::keys::of(*next), next));
            let which: Vec<_> = keys
                .filter(|(key, _)| key.starts_with(first))
                .map(|(key, next)| format!("{}: {next}", &key[1..]))
                .collect();
            format!("{first} and then … {}", which.join(", "))
        }
        None => session.notice.clone(),
    }
}

fn indented(lines: &[String]) -> Vec<Line<'static>> {
    lines
        .iter()
        .map(|line| Line::raw(format!(" {line}")))
        .collect()
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let (game, of) = (session.game(), session.levels.len());
    let won = if session.won[session.at] { " ✓" } else { "" };
    let title = format!(" {}/{of}  {}{won}", session.at + 1, game.page().title);
    let moves = format!("{} ", wording::count(game.choices(), "move"));
    frame.render_widget(Paragraph::new(title).style(style::TITLE), area);
    let right = Paragraph::new(moves).alignment(Alignment::Right);
    let width = 12.min(area.width);
    let corner = Rect {
        x: area.right() - width,
        width,
        ..area
    };
    frame.render_widget(right.style(style::TITLE), corner);
}

fn draw_footer(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let keys: &[(&str, &str)] = match session.game().outcome() {
        Outcome::Open => &[
            ("⏎", "production"),
            ("e", "to its end"),
            ("u", "undo"),
            ("r", "restart"),
            ("h", "hint"),
            ("s", "source"),
            ("?", "help"),
            ("q", "quit"),
        ],
        Outcome::Failed => &[
            ("n", "next level"),
            ("u", "undo"),
            ("r", "restart"),
            ("s", "source"),
            ("v", "report"),
            ("l", "levels"),
            ("?", "help"),
            ("q", "quit"),
        ],
        Outcome::Well => &[
            ("u", "undo"),
            ("r", "restart"),
            ("h", "hint"),
            ("s", "source"),
            ("v", "report"),
            ("l", "levels"),
            ("?", "help"),
            ("q", "quit"),
        ],
    };
    frame.render_widget(Paragraph::new(key_line(keys)), area);
}

/// A line of the screen, counted from below.
fn from_below(area: Rect, line: u16) -> Rect {
    Rect {
        y: area.bottom() - line,
        height: 1,
        ..area
    }
}

/// ` u undo  r restart`.
fn key_line(keys: &[(&'static str, &'static str)]) -> Line<'static> {
    let mut spans = Vec::new();
    for (key, what) in keys {
        spans.push(Span::raw(" "));
        spans.push(Span::styled(*key, style::KEY));
        spans.push(Span::raw(format!(" {what} ")));
    }
    Line::from(spans)
}
