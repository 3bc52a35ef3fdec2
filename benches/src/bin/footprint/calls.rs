//! What one more call adds to a program: as much as ten more calls, divided by ten.
//!
//! A program with two calls in one function is compared with one with twelve. (One call would not
//! do: what is called once only is put where it is called.)

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::cargo::{Crate, Dependency, Lto};
use crate::elf::{self, Sizes};

/// A statement.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    /// The type of the argument `it` of the function with the statements.
    of: &'static str,
    statement: &'static str,
}

const fn call(name: &'static str, of: &'static str, statement: &'static str) -> Call {
    Call {
        name,
        of,
        statement,
    }
}

pub(crate) const ALL: &[Call] = &[
    call("cede", "()", "coro::cede();"),
    call("schedule", "()", "coro::schedule();"),
    call("spawn", "()", "black_box(&coro::spawn(|| black_box(1)));"),
    call("Semaphore::down", "coro_semaphore::Semaphore", "it.down();"),
    call("Semaphore::up", "coro_semaphore::Semaphore", "it.up();"),
    call(
        "Semaphore::acquire",
        "coro_semaphore::Semaphore",
        "black_box(&it.acquire());",
    ),
    call(
        "Channel::get",
        "coro_channel::Channel<u64>",
        "black_box(it.get());",
    ),
    call(
        "Channel::put",
        "coro_channel::Channel<u64>",
        "it.put(black_box(1));",
    ),
    call("Mutex::lock", "coro_mutex::Mutex<u64>", "*it.lock() += 1;"),
    call(
        "RwLock::read",
        "coro_rwlock::RwLock<u64>",
        "black_box(*it.read());",
    ),
    call(
        "RwLock::write",
        "coro_rwlock::RwLock<u64>",
        "*it.write() += 1;",
    ),
    call("Signal::wait", "coro_signal::Signal", "it.wait();"),
    call(
        "select!",
        "[coro_channel::Channel<u64>; 2]",
        "coro_channel::select! { \
         one = it[0].get_arm() => { black_box(one); }, other = it[1].get_arm() => { black_box(other); } }",
    ),
    call(
        "std::sync::Mutex::lock",
        "std::sync::Mutex<u64>",
        "*it.lock().unwrap() += 1;",
    ),
];

const DEPENDENCIES: &[Dependency] = &[
    ("coro", "{ path = \"WORKSPACE/coro\" }"),
    ("coro-channel", "{ path = \"WORKSPACE/coro-channel\" }"),
    ("coro-mutex", "{ path = \"WORKSPACE/coro-sync/mutex\" }"),
    ("coro-rwlock", "{ path = \"WORKSPACE/coro-sync/rwlock\" }"),
    (
        "coro-semaphore",
        "{ path = \"WORKSPACE/coro-sync/semaphore\" }",
    ),
    ("coro-signal", "{ path = \"WORKSPACE/coro-sync/signal\" }"),
];

const FEW: usize = 2;
const MANY: usize = FEW + MORE;
const MORE: usize = 10;

/// What a call adds, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Added {
    pub(crate) text: f64,
    pub(crate) loaded: f64,
}

/// Returns for each of these what it adds in a plain release build. (Where all is optimised as one,
/// it adds as much.)
///
/// # Errors
///
/// If they cannot be built: the last lines of cargo's.
pub(crate) fn measure(calls: &[&Call]) -> Result<Vec<Added>, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let mut sources = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        for count in [FEW, MANY] {
            let path = format!("bin/{}.rs", file(index, count));
            sources.push((path, call.source(count)));
        }
    }
    let sources: Vec<_> = sources
        .iter()
        .map(|(path, text)| (&path[..], &text[..]))
        .collect();
    let is_used = |(name, _): &&Dependency| {
        let path = format!("{}::", name.replace('-', "_"));
        sources.iter().any(|(_, text)| text.contains(&path))
    };
    let dependencies: Vec<_> = DEPENDENCIES.iter().filter(is_used).copied().collect();
    let programs = Crate::new(folder.path().to_owned(), &dependencies, &sources)?;
    let built = programs.build(Lto::Off)?;
    let sizes = |index, count| read(&built.programs.join(file(index, count)));
    (0..calls.len())
        .map(|index| Ok(Added::between(sizes(index, FEW)?, sizes(index, MANY)?)))
        .collect()
}

impl Added {
    fn between(few: Sizes, many: Sizes) -> Self {
        let each = |few: u64, many: u64| (many as f64 - few as f64) / MORE as f64;
        Self {
            text: each(few.text, many.text),
            loaded: each(few.loaded, many.loaded),
        }
    }
}

impl Call {
    /// Returns a program with so many calls, none of which is made, as nobody can know.
    fn source(&self, count: usize) -> String {
        let line = format!("    {}\n", self.statement);
        format!(
            "#![allow(unused)]\n\
             use std::hint::black_box;\n\n\
             #[inline(never)]\n\
             fn calls(it: &{}) {{\n{}}}\n\n\
             fn main() {{\n    if let Some(it) = black_box(None) {{\n        calls(it);\n    }}\n}}\n",
            self.of,
            line.repeat(count)
        )
    }
}

fn file(index: usize, count: usize) -> String {
    format!("call_{index}_{count}")
}

fn read(path: &Path) -> Result<Sizes, String> {
    let failure = |error: String| format!("{}: {error}", path.display());
    let file = fs::read(path).map_err(|error| failure(error.to_string()))?;
    elf::sizes(&file).map_err(failure)
}
