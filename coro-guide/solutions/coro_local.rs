//! A log whose lines are indented by the sections that they belong to, in each coro by its own.

use std::cell::RefCell;

use coro_specific::Specific;

/// A log.
#[derive(Default)]
pub struct Log {
    lines: RefCell<Vec<String>>,
    depth: Specific<usize>,
}

impl Log {
    /// Writes a line, two spaces deeper for each section of this log that this coro is in.
    pub fn write(&self, text: &str) {
        let depth = self.depth.get().unwrap_or_default();
        let line = format!("{:1$}{text}", "", 2 * depth);
        self.lines.borrow_mut().push(line);
    }

    /// Writes the title of a section, and calls `f`, which is the section. `f` may block.
    ///
    /// However `f` ends, by a return, by a panic or by a cancel, the section ends then.
    pub fn section<R>(&self, title: &str, f: impl FnOnce() -> R) -> R {
        self.write(title);
        let outside = self.depth.get().unwrap_or_default();
        self.depth.set(outside + 1);
        let _section = Section { log: self, outside };
        f()
    }

    /// Takes all lines out.
    pub fn take(&self) -> Vec<String> {
        self.lines.take()
    }
}

/// A section: when this is dropped, it ends.
struct Section<'a> {
    log: &'a Log,
    outside: usize,
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        self.log.depth.set(self.outside);
    }
}
