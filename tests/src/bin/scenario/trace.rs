//! The trace: one JSON object a line, its keys in a fixed order, written as the Perl oracle does.

use std::cell::{Cell, RefCell};
use std::fmt::Write;

use serde_json::Value;

/// The events of one scenario so far.
#[derive(Default)]
pub(crate) struct Trace {
    text: RefCell<String>,
    events: Cell<usize>,
    muted: Cell<bool>,
}

impl Trace {
    /// Adds an event: its type, then its other keys in this order.
    pub(crate) fn event(&self, kind: &str, fields: &[(&str, Value)]) {
        if self.muted.get() {
            return;
        }
        self.events.set(self.events.get() + 1);
        let text = &mut *self.text.borrow_mut();
        text.push_str("{\"e\":");
        write_text(text, kind);
        for (key, value) in fields {
            text.push(',');
            write_text(text, key);
            text.push(':');
            write_value(text, value);
        }
        text.push_str("}\n");
    }

    /// Returns the number of events.
    pub(crate) fn len(&self) -> usize {
        self.events.get()
    }

    /// Takes no more events.
    pub(crate) fn mute(&self) {
        self.muted.set(true);
    }

    /// Takes events again.
    pub(crate) fn unmute(&self) {
        self.muted.set(false);
    }

    /// Returns all lines.
    pub(crate) fn take(&self) -> String {
        self.text.take()
    }
}

/// Writes a value; the keys of an object are sorted.
fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "1" } else { "0" }),
        Value::Number(n) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{n}");
        }
        Value::String(text) if is_number(text) => out.push_str(text),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
    }
}

/// Perl does not tell such a text from a number.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
        }
    }
    out.push('"');
}
