//! What is on the screen, and what is done about it: the same for keys and for scripts.

use coro_explore::Move;
use coro_guide::Page;

use crate::game::{Game, Outcome};
use crate::levels;
use crate::wording;

/// Above the columns.
const HEADS: usize = 1;

/// So many lines of the source are shown before the first that counts.
const CONTEXT: usize = 4;

/// No text is so wide.
const WIDEST: usize = 1000;

/// All that a player sees.
pub(crate) struct Session {
    pub(crate) levels: Vec<&'static Page>,
    /// Which were won since the program began.
    pub(crate) won: Vec<bool>,
    /// Which is played.
    pub(crate) at: usize,
    game: Game,
    pub(crate) screen: Screen,
    /// What a text is in front of: the game, or the list of levels.
    behind: Screen,
    /// How far the screen is from where it would be by itself: lines up in the columns, lines down
    /// in a text.
    pub(crate) scroll: usize,
    /// How far a text is scrolled to the right.
    pub(crate) across: usize,
    /// In the list of levels.
    pub(crate) cursor: usize,
    /// The first key of two.
    pub(crate) pending: Option<char>,
    /// What is said to the player.
    pub(crate) notice: String,
    /// The columns were so many lines long before the last move.
    pub(crate) seen: usize,
    pub(crate) is_over: bool,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Levels,
    Play,
    Source,
    Report,
    Help,
}

/// What the player wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Move(Move),
    Usual,
    GoOn,
    Undo,
    Restart,
    Hint,
    Source,
    Report,
    Help,
    Levels,
    Choose,
    Next,
    Previous,
    Scroll(isize),
    Across(isize),
    Close,
    Quit,
    Unknown(String),
}

impl Session {
    /// Begins with this level.
    pub(crate) fn new(levels: Vec<&'static Page>, at: usize) -> Session {
        let game = Game::new(levels[at]);
        let mut session = Session {
            won: vec![false; levels.len()],
            levels,
            at,
            game,
            screen: Screen::Play,
            behind: Screen::Play,
            scroll: 0,
            across: 0,
            cursor: at,
            pending: None,
            notice: String::new(),
            seen: 0,
            is_over: false,
        };
        session.seen = session.length();
        session.tell_of_automatic_moves();
        session
    }

    pub(crate) fn game(&self) -> &Game {
        &self.game
    }

    /// Goes where a schedule leads, if it is one of this level.
    pub(crate) fn replay(&mut self, schedule: &str) -> Result<(), String> {
        match levels::of_schedule(&self.levels, schedule) {
            Some(level) if level == self.at => {
                self.notice.clear();
                self.game.replay(schedule)?;
                self.conclude();
            }
            Some(level) => {
                let name = self.levels[level].name;
                self.notice = format!("CORO_SCHEDULE is of another level, {name}; not used here.");
            }
            None if schedule.split(':').nth(1).is_some() => {
                self.notice = "CORO_SCHEDULE is of no level; not used here.".to_owned();
            }
            None => return Err(format!("CORO_SCHEDULE: {schedule} is no schedule")),
        }
        Ok(())
    }

    /// Returns `true` if this may take a while.
    pub(crate) fn takes_long(&self, action: &Action) -> bool {
        *action == Action::Hint && self.game.must_search()
    }

    /// Does it, or says why not.
    pub(crate) fn act(&mut self, action: Action) -> Result<(), String> {
        let seen = self.length();
        self.notice.clear();
        match action {
            Action::Scroll(by) => {
                self.scroll_by(by);
                return Ok(());
            }
            Action::Across(by) => {
                self.across = self.across.saturating_add_signed(by).min(WIDEST);
                return Ok(());
            }
            Action::Quit => self.is_over = true,
            Action::Close => match self.screen {
                Screen::Play => self.show_levels(),
                Screen::Levels => self.show(Screen::Play),
                _ => self.show(self.behind),
            },
            Action::Source => {
                self.toggle(Screen::Source);
                if self.screen == Screen::Source {
                    self.scroll = self.first_line().saturating_sub(CONTEXT);
                }
            }
            Action::Report => self.toggle(Screen::Report),
            Action::Help => self.toggle(Screen::Help),
            Action::Levels => self.show_levels(),
            Action::Choose => self.begin(self.cursor),
            Action::Next if self.at + 1 == self.levels.len() => {
                return Err("this is the last level".to_owned());
            }
            Action::Next => self.begin(self.at + 1),
            Action::Previous if self.at == 0 => return Err("this is the first level".to_owned()),
            Action::Previous => self.begin(self.at - 1),
            Action::Hint => {
                self.show(Screen::Play);
                self.notice = wording::hint(&self.game.hint());
            }
            Action::Unknown(keys) => return Err(format!("{keys} does nothing here; ? is help")),
            action => {
                self.show(Screen::Play);
                let done = match action {
                    Action::Move(chosen) => self.game.make(chosen),
                    Action::Usual => self.game.make_usual(),
                    Action::GoOn => self.game.go_on(),
                    Action::Undo => self.game.undo(),
                    _ => {
                        self.game.restart();
                        Ok(())
                    }
                };
                done.map_err(|refusal| wording::refusal(&refusal))?;
                let is_new = matches!(action, Action::Move(_) | Action::Usual | Action::GoOn);
                self.seen = if is_new { seen } else { self.length() };
                self.conclude();
            }
        }
        Ok(())
    }

    /// How many lines the columns have.
    fn length(&self) -> usize {
        let run = self.game.position().execution().to_string();
        let lines = run.lines().filter(|line| line.starts_with('│'));
        lines.count().saturating_sub(HEADS)
    }

    /// The first line of the source where a coro stands.
    fn first_line(&self) -> usize {
        let coros = self.game.position().coros().iter();
        let lines = coros.filter_map(|coro| Some(self.game.line_of(coro)?.0));
        lines.min().unwrap_or(0)
    }

    fn begin(&mut self, level: usize) {
        self.at = level;
        self.game = Game::new(self.levels[level]);
        self.seen = self.length();
        self.show(Screen::Play);
        self.tell_of_automatic_moves();
    }

    /// Tells of what came by itself, and looks whether that is all.
    fn conclude(&mut self) {
        match self.game.outcome() {
            Outcome::Open => self.tell_of_automatic_moves(),
            Outcome::Failed => {
                self.game.find_best();
                self.won[self.at] = true;
            }
            Outcome::Well => {}
        }
    }

    fn tell_of_automatic_moves(&mut self) {
        let automatic = self.game.automatic();
        if !automatic.is_empty() {
            self.notice = wording::made_at_once(automatic);
        }
    }

    fn toggle(&mut self, screen: Screen) {
        if self.screen == screen {
            return self.show(self.behind);
        }
        if matches!(self.screen, Screen::Play | Screen::Levels) {
            self.behind = self.screen;
        }
        self.show(screen);
    }

    fn show_levels(&mut self) {
        self.cursor = self.at;
        self.show(Screen::Levels);
    }

    fn show(&mut self, screen: Screen) {
        self.screen = screen;
        self.scroll = 0;
        self.across = 0;
    }

    fn scroll_by(&mut self, by: isize) {
        match self.screen {
            Screen::Levels => {
                let last = self.levels.len() - 1;
                self.cursor = self.cursor.saturating_add_signed(by).min(last);
            }
            // The newest is below: up is back.
            Screen::Play => self.scroll = self.scroll.saturating_add_signed(-by),
            Screen::Source | Screen::Report | Screen::Help => {
                self.scroll = self.scroll.saturating_add_signed(by);
            }
        }
    }
}
