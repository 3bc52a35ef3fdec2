//! Colours: those of Okabe and Ito, which people tell apart whatever they see, in the 256 that every
//! terminal has. None says anything that a word or a sign does not say too.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::view::text;

const ORANGE: Color = Color::Indexed(172);
const SKY_BLUE: Color = Color::Indexed(74);
const GREEN: Color = Color::Indexed(36);
const VERMILLION: Color = Color::Indexed(166);

pub(crate) const TITLE: Style = Style::new().add_modifier(Modifier::BOLD.union(Modifier::REVERSED));
pub(crate) const KEY: Style = Style::new().fg(SKY_BLUE).add_modifier(Modifier::BOLD);
pub(crate) const SAID: Style = Style::new().fg(ORANGE);
pub(crate) const READY: Style = Style::new().fg(GREEN);
pub(crate) const BLOCKED: Style = Style::new().fg(VERMILLION);
pub(crate) const QUIET: Style = Style::new().add_modifier(Modifier::DIM);
pub(crate) const HEADING: Style = Style::new().add_modifier(Modifier::BOLD);
pub(crate) const NEW: Style = Style::new().add_modifier(Modifier::BOLD);
pub(crate) const WON: Style = Style::new().fg(GREEN).add_modifier(Modifier::BOLD);
pub(crate) const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);

/// A line across the screen, with words in it.
pub(crate) fn rule(left: &str, right: &str, width: u16) -> Line<'static> {
    let words = text::width(left) + text::width(right);
    let rest = (width as usize).saturating_sub(words + 2);
    Line::from(vec![
        Span::styled("─", QUIET),
        Span::styled(left.to_owned(), HEADING),
        Span::styled("─".repeat(rest), QUIET),
        Span::raw(right.to_owned()),
        Span::styled("─", QUIET),
    ])
}
