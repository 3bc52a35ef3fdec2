//! How much of its stack a coro uses.

use crate::control::Coro;
use crate::root;
use crate::stack;
use crate::state::{DEAD, ROOT};
use crate::switch::stack_pointer;

/// Its stack.
impl Coro {
    /// Returns the size of the coro's stack in bytes; `None` for main, whose stack is the OS
    /// thread's, and if the coro has ended.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().stack_size(60_000).spawn(|| ());
    /// assert_eq!(c.stack_size(), Some(65_536));
    /// assert_eq!(coro::main().stack_size(), None);
    /// ```
    #[must_use]
    pub fn stack_size(&self) -> Option<usize> {
        let c = self.control();
        (!c.has(DEAD | ROOT)).then(|| 1 << c.stack_class)
    }

    /// Returns how many bytes of its stack the coro uses: now if it runs, else when it was switched
    /// out. `None` for main, before its first run, and when it has ended.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// fn deep() {
    ///     let bytes = std::hint::black_box([1u8; 10_000]);
    ///     coro::schedule();
    ///     std::hint::black_box(bytes);
    /// }
    /// let c = coro::spawn(deep);
    /// assert_eq!(c.stack_used(), None);
    /// coro::cede();
    /// assert!(c.stack_used().unwrap() >= 10_000);
    /// # c.cancel();
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `rss`.
    #[must_use]
    pub fn stack_used(&self) -> Option<usize> {
        let c = self.control();
        let stack = c.stack().filter(|_| !c.has(DEAD))?;
        let sp = if root::kernel().is_running(c) {
            stack_pointer()
        } else {
            c.sp.get()
        };
        // Between the base and the end of the last page lies only the colour.
        let base = c.yielder.get().addr();
        stack.contains(&sp).then(|| base.saturating_sub(sp))
    }

    /// Returns how many bytes of the coro's stack are in memory: the pages that it has touched, and
    /// those that another one had before, whose stack it took over. `None` as for
    /// [`stack_used`](Coro::stack_used).
    ///
    /// Pages that the system has swapped out do not count. It is a system call.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| {
    ///     std::hint::black_box([1u8; 100_000]);
    ///     coro::schedule();
    /// });
    /// coro::cede();
    /// assert!(c.stack_peak().unwrap() >= 100_000);
    /// # c.cancel();
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[must_use]
    pub fn stack_peak(&self) -> Option<usize> {
        let c = self.control();
        let stack = c.stack().filter(|_| !c.has(DEAD))?;
        stack::touched(stack)
    }
}
