//! Plays in a terminal, and leaves it as it was: at the end, on ctrl-c, and on a panic.

use std::io;
use std::panic;
use std::thread;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::keys;
use crate::session::Session;
use crate::view;

/// Plays until the player has enough.
pub(crate) fn play(session: &mut Session) -> io::Result<()> {
    let mut screen = Screen::open()?;
    while !session.is_over {
        screen.0.draw(|frame| view::draw(frame, session))?;
        let Event::Key(key) = event::read()? else {
            continue;
        };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let Some(action) = keys::action(session, key) else {
            continue;
        };
        if session.takes_long(&action) {
            "The explorer looks for a schedule that fails …".clone_into(&mut session.notice);
            screen.0.draw(|frame| view::draw(frame, session))?;
        }
        if let Err(what) = session.act(action) {
            session.notice = what;
        }
    }
    Ok(())
}

/// The terminal, while it is ours.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> io::Result<Screen> {
        // The programs panic, on OS threads of the explorer's: what is asked last, and asks others,
        // must see only the panics of this OS thread. So what `init` installs is not used.
        let others = panic::take_hook();
        let terminal = ratatui::try_init();
        let ours = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ours {
                ratatui::restore();
            }
            others(info);
        }));
        terminal.map(Screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}
