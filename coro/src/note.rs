//! What a coro says to the observer.

use std::fmt::{self, Write};
use std::str;

use crate::hooks::Event;
use crate::root;
use crate::state::kernel::OBSERVER;

/// Tells the [`Observer`](crate::Observer) of this OS thread, if there is one, what the current coro
/// has to say: for pictures and reports of what happened. Without one, `text` is not even formatted. If
/// it fails to format, what it has written until then is told.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use coro::{Event, Observer};
/// use std::{cell::RefCell, rc::Rc};
///
/// struct Listen(Rc<RefCell<Vec<String>>>);
/// impl Observer for Listen {
///     fn event(&mut self, event: &Event<'_>) {
///         if let Event::Noted { text, .. } = event {
///             self.0.borrow_mut().push((*text).to_owned());
///         }
///     }
/// }
///
/// coro::note("nobody listens");
/// let heard = Rc::new(RefCell::new(Vec::new()));
/// coro::set_observer(Some(Box::new(Listen(heard.clone()))));
/// coro::note(format_args!("eats {}", 3));
/// coro::set_observer(None);
/// assert_eq!(*heard.borrow(), ["eats 3"]);
/// ```
#[inline]
pub fn note(text: impl fmt::Display) {
    let k = root::kernel();
    if k.has(OBSERVER) {
        let mut noted = Text::new();
        // If it says in the middle that it cannot be written, that is as far as it goes.
        _ = write!(noted, "{text}");
        k.tell(&Event::Noted {
            coro: &k.current().handle(),
            text: noted.as_str(),
        });
    }
}

/// What is formatted: as long as it is short, nothing is allocated for it.
struct Text {
    short: [u8; SHORT],
    len: usize,
    /// All of it, if it is not short.
    long: String,
}

/// So many bytes are short.
const SHORT: usize = 64;

impl Text {
    fn new() -> Text {
        Text {
            short: [0; SHORT],
            len: 0,
            long: String::new(),
        }
    }

    fn as_str(&self) -> &str {
        if self.long.is_empty() {
            str::from_utf8(&self.short[..self.len]).expect("only whole strings were added")
        } else {
            &self.long
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let len = self.len + part.len();
        if let Some(room) = self.short.get_mut(self.len..len) {
            room.copy_from_slice(part.as_bytes());
            self.len = len;
            return Ok(());
        }
        if self.long.is_empty() {
            self.long = self.as_str().to_owned();
        }
        self.long.push_str(part);
        // Nothing more fits in there.
        self.len = SHORT;
        Ok(())
    }
}
