//! The list of the levels, to choose one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::session::Session;
use crate::view::{from_below, key_line, style, text};

/// The title, what is said, and the keys.
const OTHER_LINES: u16 = 3;

/// Draws the list.
pub(crate) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let width = area.width as usize;
    let title = text::pad(" Be the scheduler: make the programs fail", width);
    let mut lines = vec![Line::styled(title, style::TITLE)];
    let room = (area.height - OTHER_LINES) as usize;
    let from = session.cursor.saturating_sub(room.saturating_sub(1));
    let names = session.levels.iter().map(|page| page.name.len()).max();
    let names = names.unwrap_or(0);
    for (at, page) in session.levels.iter().enumerate().skip(from).take(room) {
        let won = if session.won[at] { '✓' } else { ' ' };
        let mark = if at == session.cursor { '▶' } else { ' ' };
        let line = format!(
            " {mark} {:>2} {won} {:names$}  {}",
            at + 1,
            page.name,
            page.title
        );
        let line = text::pad(&line, width);
        lines.push(if at == session.cursor {
            Line::styled(line, style::CHOSEN)
        } else {
            Line::raw(line)
        });
    }
    frame.render_widget(Paragraph::new(lines), area);
    let (said, footer) = (from_below(area, 2), from_below(area, 1));
    let notice = text::fit(&format!(" {}", session.notice), width);
    frame.render_widget(Paragraph::new(notice).style(style::SAID), said);
    let keys = [
        ("↑ ↓", "choose"),
        ("⏎", "play"),
        ("?", "help"),
        ("q", "quit"),
    ];
    frame.render_widget(Paragraph::new(key_line(&keys)), footer);
}
