//! Plays in a terminal, and leaves it as it was: at the end, on ctrl-c, on a panic, and when it is
//! ended from outside.

use std::io;
use std::panic;
use std::thread;

use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::execute;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::keys;
use crate::session::Session;
use crate::view;

/// Plays until the player has enough.
pub(crate) fn play(session: &mut Session) -> io::Result<()> {
    let mut screen = Screen::open()?;
    restore_on_signals()?;
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

/// Gives the terminal back before a signal ends the process. To wait for keys would not end when the
/// terminal is gone: so SIGHUP is not ignored either, if it was.
fn restore_on_signals() -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            _ = ratatui::try_restore();
            _ = execute!(io::stdout(), Show);
            _ = emulate_default_handler(signal);
        }
    });
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
