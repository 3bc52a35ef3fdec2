//! Small helpers of the tests: a log of what happened, drop counters, panics that print nothing.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Display;
use std::fs;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use coro_semaphore::Semaphore;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The log of this OS thread: every coro of a test says into it what it does.
///
/// It is `Copy`, so that closures take it along; no borrow of it outlives a call.
#[derive(Clone, Copy)]
pub(crate) struct Log(PhantomData<*const ()>);

impl Log {
    /// Begins an empty log.
    pub(crate) fn new() -> Self {
        LINES.with(RefCell::take);
        Self(PhantomData)
    }

    /// Adds a line.
    pub(crate) fn say(self, line: impl Display) {
        let line = line.to_string();
        LINES.with(|lines| lines.borrow_mut().push(line));
    }

    /// Compares all lines said since the last call, and forgets them.
    #[track_caller]
    pub(crate) fn expect<const N: usize>(self, expected: [&str; N]) {
        let said = LINES.with(RefCell::take);
        assert_eq!(said, expected);
    }

    /// Returns all lines said since the last call in alphabetical order, and forgets them.
    pub(crate) fn sorted(self) -> Vec<String> {
        let mut said = LINES.with(RefCell::take);
        said.sort();
        said
    }

    /// Returns a value that says `line` when it is dropped.
    pub(crate) fn mark(self, line: &'static str) -> impl Sized {
        defer(move || self.say(line))
    }
}

/// Runs its closure when it is dropped.
pub(crate) struct Defer<F: FnOnce()>(Option<F>);

/// Returns a value that runs `f` when it is dropped.
pub(crate) fn defer<F: FnOnce()>(f: F) -> Defer<F> {
    Defer(Some(f))
}

impl<F: FnOnce()> Drop for Defer<F> {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f();
        }
    }
}

/// A value whose drops are counted; it may be thrown.
#[derive(Debug)]
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often a [`Counted`] was dropped.
#[derive(Clone)]
pub(crate) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns a value and the counter of its drops.
pub(crate) fn counted() -> (Counted, Drops) {
    let count = Arc::new(AtomicUsize::new(0));
    (Counted(Arc::clone(&count)), Drops(count))
}

/// Returns a semaphore that coros can share.
pub(crate) fn semaphore(count: isize) -> Rc<Semaphore> {
    Rc::new(Semaphore::new(count))
}

/// Panics without a message on standard error.
pub(crate) fn die(text: &'static str) -> ! {
    resume_unwind(Box::new(text))
}

/// Catches whatever unwinds out of `f`: panics, throws, cancels.
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Returns the text of what was thrown or panicked with.
pub(crate) fn text(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "(a payload that is no text)"
    }
}

/// Tells what came out of `f`: "returned", or the text of the panic or throw. Lets cancels through.
pub(crate) fn outcome<R>(f: impl FnOnce() -> R) -> String {
    match coro::catch(f) {
        Ok(_) => "returned".to_owned(),
        Err(payload) => text(&*payload).to_owned(),
    }
}

/// Runs a test that the kernel may answer with an abort in a process of its own. `name` is its path below the crate.
#[track_caller]
pub(crate) fn in_a_process(name: &str, test: impl FnOnce()) {
    const MARK: &str = "CORO_TEST_IN_A_PROCESS";
    if std::env::var_os(MARK).is_some() {
        return test();
    }
    let binary = std::env::current_exe().expect("the test binary has a path");
    let run = std::process::Command::new(binary)
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("the test binary can be run");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("1 passed"),
        "{}\n{said}\n{}",
        run.status,
        String::from_utf8_lossy(&run.stderr)
    );
}

/// Runs a test on an OS thread of its own, so in a kernel that nobody has used before.
pub(crate) fn fresh(test: impl FnOnce() + Send + 'static) {
    if let Err(payload) = std::thread::spawn(test).join() {
        resume_unwind(payload);
    }
}

/// Returns the tests' own sources: their paths below `tests/it`, and their texts.
pub(crate) fn sources() -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("it");
    let mut sources = Vec::new();
    read(&top, &top, &mut sources);
    sources
}

/// Collects the Rust files below a folder, by their paths below `top`.
fn read(top: &Path, folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            read(top, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(top).expect("it is below");
            let text = fs::read_to_string(&path).expect("it is text");
            sources.push((name.to_string_lossy().into_owned(), text));
        }
    }
}
