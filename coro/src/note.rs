//! What a coro says to the observer.

use std::fmt;

use crate::hooks::Event;
use crate::root;
use crate::state::kernel::OBSERVER;

/// Tells the [`Observer`](crate::Observer) of this OS thread, if there is one, what the current coro
/// has to say: for pictures and reports of what happened. Without one, `text` is not even formatted.
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
        let text = text.to_string();
        k.tell(&Event::Noted {
            coro: &k.current().handle(),
            text: &text,
        });
    }
}
