//! How names, places and amounts are written.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use super::rows::CoroReport;
use super::waits::HolderReport;

/// A longer path is shortened to so many characters, from the left.
const PATH: usize = 40;

/// `#12 "fetch"`.
pub(super) struct Name<'a> {
    id: u64,
    desc: Option<&'a str>,
}

/// A longer description is cut in a name.
const DESC: usize = 40;

impl<'a> Name<'a> {
    pub(super) fn of(coro: &'a CoroReport) -> Name<'a> {
        Name {
            id: coro.id,
            desc: coro.desc.as_deref(),
        }
    }

    pub(super) fn of_holder(holder: &'a HolderReport) -> Name<'a> {
        Name {
            id: holder.id,
            desc: holder.desc.as_deref(),
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.id)?;
        match self.desc {
            Some(desc) => write!(f, " \"{}\"", cut(desc, DESC)),
            None => Ok(()),
        }
    }
}

/// Returns the text with nothing in it that would break a line, and cut to `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().flat_map(char::escape_debug).collect();
    // A quote does not harm here, and a backslash before it does not help.
    let text = text.replace("\\\"", "\"").replace("\\'", "'");
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// `src/main.rs:12:9`, a long path from its end.
pub(super) struct Place(pub(super) &'static Location<'static>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place(place) = self;
        write!(
            f,
            "{}:{}:{}",
            shorten(place.file()),
            place.line(),
            place.column()
        )
    }
}

fn shorten(path: &str) -> String {
    let length = path.chars().count();
    if length <= PATH {
        return path.to_owned();
    }
    let end: String = path.chars().skip(length - (PATH - 1)).collect();
    // Whole names only, if the last one is not too long by itself.
    let whole = end.find(['/', '\\']).map_or(&*end, |at| &end[at..]);
    format!("…{whole}")
}

/// `1.2/256 KiB`: how much of a stack is used.
pub(super) fn stack(used: Option<usize>, size: Option<usize>) -> String {
    match (used, size) {
        (Some(used), Some(size)) => format!("{:.1}/{} KiB", used as f64 / 1024.0, size / 1024),
        _ => "-".to_owned(),
    }
}

/// `8 KiB`.
pub(super) fn kib(bytes: Option<usize>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{} KiB", bytes / 1024))
}

/// `1.2 s`.
pub(super) fn time(time: Option<Duration>) -> String {
    let Some(time) = time else {
        return "-".to_owned();
    };
    let s = time.as_secs();
    match s {
        0 => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s / 60 % 60),
    }
}

/// `3 coros`, `1 coro`.
pub(super) fn count(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// The article of what a coro waits for.
pub(super) fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i']) {
        "an"
    } else {
        "a"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_shortened_from_the_left_to_whole_names() {
        let short = "src/table.rs";
        assert_eq!(shorten(short), short);
        let long = "/home/kant/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/table-0.1.0/src/lib.rs";
        assert_eq!(shorten(long), "…/table-0.1.0/src/lib.rs");
        let name = "ä".repeat(90);
        assert_eq!(shorten(&name), format!("…{}", "ä".repeat(39)));
    }

    #[test]
    fn a_description_stays_on_its_line() {
        assert_eq!(cut("two\nlines", 20), "two\\nlines");
        assert_eq!(cut("it's \"it\"", 20), "it's \"it\"");
        assert_eq!(cut("abcdefghij", 5), "abcd…");
    }

    #[test]
    fn a_time_has_two_units_at_most() {
        let ms = |ms| time(Some(Duration::from_millis(ms)));
        let all = [0, 12, 1_234, 59_900, 61_000, 3_600_000, 90_060_000].map(ms);
        let expected = [
            "0.0 ms",
            "12.0 ms",
            "1.2 s",
            "59.9 s",
            "1 min 1 s",
            "1 h 0 min",
            "25 h 1 min",
        ];
        assert_eq!(all, expected);
    }
}
