//! Names and notes that nobody would choose.

use coro::{Builder, note};
use coro_debug::trace::{Recorder, Trace};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::listener::fresh;
use super::picture::Picture;

/// The texts, with what a reader of XML or of text is to find.
const TEXTS: &[&str] = &[
    "",
    " ",
    "<&\"']]>--><![CDATA[",
    "</title></svg><script>alert(1)</script>",
    "&amp;&#10;&lt;",
    "two\nlines",
    "blank\n\n\nlines\n",
    "\n",
    "\r\n and \r alone",
    "\ttabs\tin\tit",
    "\u{1b}[31mred\u{1b}[0m \u{7}bell \u{8}back \0nul",
    "\u{7f}del \u{85}next \u{9b}csi \u{fffe}\u{ffff}",
    "\u{2028}line\u{2029}paragraph",
    "שלום עולם",
    "\u{202e}reversed\u{202d} \u{2066}isolated",
    "漢字とかな",
    "e\u{301}\u{300}\u{302}\u{303}\u{304} combining",
    "👩‍👩‍👧‍👦 🏳️‍🌈 family and flag",
    "\u{feff}\u{200b}\u{200d}nothing to see",
    "│ ■ ┌─┐ #1 main",
    "spawns #1",
    "“quoted”",
    "-- \\ ` $HOME {} %s",
];

/// A trace of a coro with this name that says this.
fn trace_of(text: &str) -> Trace {
    let text = text.to_owned();
    fresh(move || {
        let recording = Recorder::new().timed().start();
        note(&text);
        let said = text.clone();
        let c = Builder::new().desc(text).spawn(move || note(said));
        c.join().unwrap();
        recording.stop()
    })
}

fn texts() -> impl Iterator<Item = String> {
    let long = ["x", "漢", "<", "word "].map(|part| part.repeat(5000));
    // Around what is kept without an allocation.
    let about_short = (13..18).flat_map(|n| ["ab", "é"].map(|part| part.repeat(n)));
    let about_short = about_short.flat_map(|text| [format!("{text}."), text]);
    let texts = TEXTS.iter().map(|text| (*text).to_owned());
    texts.chain(long).chain(about_short)
}

#[test]
fn pictures_of_any_names_and_notes_are_xml_with_no_line_blank() {
    for text in texts() {
        let svg = trace_of(&text).to_svg();
        let picture = Picture::read(&svg);
        assert!(
            svg.lines().all(|line| !line.trim().is_empty()),
            "{text:?}\n{svg}"
        );
        let is_control = |c: char| c.is_control() && c != '\n';
        assert!(!svg.contains(is_control), "{text:?}");
        assert!(!svg.contains("<script"), "{text:?}");
        assert_eq!(
            (picture.with("note").count(), picture.with("end").count()),
            (2, 1),
            "{text:?}"
        );
        assert!(picture.size.0 <= 1200.0, "{text:?}: {:?}", picture.size);
    }
}

#[test]
fn a_picture_tells_the_whole_text_when_the_mouse_is_over_it() {
    for text in texts() {
        let picture = Picture::read(&trace_of(&text).to_svg());
        // What XML cannot say is replaced.
        let sayable = text.replace('\t', " ");
        let sayable = sayable.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
        let sayable = sayable.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        let titles: Vec<_> = picture.with("note").map(|note| &note.title).collect();
        assert!(
            titles
                .iter()
                .all(|title| title.ends_with(&format!("says: {sayable}"))),
            "{text:?}: {titles:?}"
        );
    }
}

#[test]
fn traces_of_any_names_and_notes_have_them_as_they_are() {
    for text in texts() {
        let json: Value = serde_json::from_str(&trace_of(&text).to_perfetto()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let notes = events
            .iter()
            .filter(|event| event["ph"] == "i" && event["name"] == text[..]);
        assert_eq!(notes.count(), 2, "{text:?}");
        let named = format!("#1 {text}");
        assert!(
            events.iter().any(|event| event["args"]["name"] == named),
            "{text:?}"
        );
    }
}

#[test]
fn columns_of_any_names_and_notes_are_straight() {
    for text in texts() {
        let table = trace_of(&text).to_string();
        let widths: Vec<_> = table.lines().map(UnicodeWidthStr::width).collect();
        assert!(
            widths.iter().all(|width| *width == widths[0]),
            "{text:?}: {widths:?}\n{table}"
        );
        let begins = |line: &str| {
            ['┌', '╞', '│', '└']
                .iter()
                .any(|edge| line.starts_with(*edge))
        };
        assert!(table.lines().all(begins), "{text:?}\n{table}");
    }
}

#[test]
fn columns_send_nothing_to_a_terminal_that_it_would_obey() {
    for text in texts() {
        let table = trace_of(&text).to_string();
        let obeys = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
        };
        assert!(!table.contains(obeys), "{text:?}: {table:?}");
    }
}

#[test]
fn columns_of_long_notes_are_as_wide_as_can_be_read() {
    for text in texts() {
        let table = trace_of(&text).to_string();
        let width = table.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(width <= 500, "{width}");
    }
}

#[test]
fn a_text_that_looks_like_a_deed_hides_no_deed() {
    let table = trace_of("spawns #1").to_string();
    assert!(
        table.contains("“spawns #1”") && table.matches("spawns #1").count() == 4,
        "{table}"
    );
}
