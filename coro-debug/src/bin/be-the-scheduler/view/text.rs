//! Widths of texts: breaking and cutting them.

use ratatui::text::Span;

/// Returns how many places of the screen a text takes.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// Returns the width of one letter.
fn width_of(letter: char) -> usize {
    width(letter.encode_utf8(&mut [0; 4]))
}

/// Returns the text from this place of the screen to that.
pub(crate) fn slice(text: &str, from: usize, to: usize) -> String {
    let mut at = 0;
    let mut part = String::new();
    for letter in text.chars() {
        if (from..to).contains(&at) {
            part.push(letter);
        }
        at += width_of(letter);
    }
    part
}

/// Returns the text, or as much as there is room for, and dots.
pub(crate) fn fit(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut part = String::new();
    for letter in text.chars() {
        if width(&part) + width_of(letter) + 1 > room {
            break;
        }
        part.push(letter);
    }
    if room > 0 {
        part.push('…');
    }
    part
}

/// Returns the text with spaces behind it.
pub(crate) fn pad(text: &str, room: usize) -> String {
    let text = fit(text, room);
    let spaces = room - width(&text);
    text + &" ".repeat(spaces)
}

/// Breaks a text into lines, between words where that is possible. Lines stay lines, and what they
/// begin with stays before what is broken off.
pub(crate) fn wrap(text: &str, room: u16) -> Vec<String> {
    let room = room as usize;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let indent = " ".repeat(indent.min(room / 2));
        let mut now = indent.clone();
        let mut is_empty = true;
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let space = usize::from(!is_empty);
            if !is_empty && width(&now) + space + width(word) > room {
                lines.push(std::mem::replace(&mut now, indent.clone()));
                is_empty = true;
            }
            if !is_empty {
                now.push(' ');
            }
            for letter in word.chars() {
                if width(&now) + width_of(letter) > room {
                    lines.push(std::mem::replace(&mut now, indent.clone()));
                }
                now.push(letter);
            }
            is_empty = false;
        }
        lines.push(now);
    }
    lines
}
