//! Traces as they are read back from files.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The lines of each scenario, by its first line.
pub(crate) type Traces<'a> = Vec<(&'a str, Vec<&'a str>)>;

/// Reads a file; one whose name ends in `.gz` is unpacked.
pub(crate) fn read(path: &str) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut text = String::new();
    if path.ends_with(".gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        file.read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Splits a text into traces.
pub(crate) fn split(text: &str) -> Traces<'_> {
    let mut traces: Traces<'_> = Vec::new();
    for line in text.lines() {
        match traces.last_mut() {
            Some((_, lines)) if !line.starts_with("{\"e\":\"scenario\"") => lines.push(line),
            _ => traces.push((line, Vec::new())),
        }
    }
    traces
}

/// Returns a field of a line; null if there is none.
pub(crate) fn field(line: &str, key: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    line[key].clone()
}

/// Returns how a trace ended. The last line may be about what came after.
pub(crate) fn outcome(lines: &[&str]) -> String {
    let is_outcome = |line: &&&str| line.starts_with("{\"e\":\"outcome\"");
    let line = lines.iter().rfind(is_outcome).copied();
    let how = line.map(|line| field(line, "r"));
    how.and_then(|how| how.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether the oracle says that the trace depends on a defect of Coro.
pub(crate) fn is_tainted(lines: &[&str]) -> bool {
    lines.last().is_some_and(|line| {
        let taint = field(line, "taint");
        taint.as_array().is_some_and(|labels| !labels.is_empty())
    })
}
