//! A log whose lines are indented by the sections that they belong to.

use std::cell::{Cell, RefCell};

/// A log.
#[derive(Default)]
pub struct Log {
    lines: RefCell<Vec<String>>,
    depth: Cell<usize>,
}

impl Log {
    /// Writes a line, two spaces deeper for each section of this log that this coro is in.
    pub fn write(&self, text: &str) {
        let line = format!("{:1$}{text}", "", 2 * self.depth.get());
        self.lines.borrow_mut().push(line);
    }

    /// Writes the title of a section, and calls `f`, which is the section. `f` may block.
    ///
    /// However `f` ends, by a return, by a panic or by a cancel, the section ends then.
    pub fn section<R>(&self, title: &str, f: impl FnOnce() -> R) -> R {
        self.write(title);
        self.depth.set(self.depth.get() + 1);
        let result = f();
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// Takes all lines out.
    pub fn take(&self) -> Vec<String> {
        self.lines.take()
    }
}
