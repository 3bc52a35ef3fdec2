//! In which state each coro was, from when to when.

use std::time::Duration;

use super::story::{Number, Place, Step, Story, What};

/// What a coro is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    Running,
    Ready,
    /// Nobody has readied it yet.
    New,
    Blocked {
        /// On what, if it said so.
        wait: Option<&'static str>,
        /// Where, unless it blocked before the recording began.
        place: Option<Place>,
    },
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Ready => "ready",
            State::New => "new",
            State::Blocked { .. } => "blocked",
        }
    }
}

/// A state of a coro, from one step to another.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) coro: Number,
    pub(crate) state: State,
    pub(crate) from: Moment,
    pub(crate) to: Moment,
    /// Who made a coro ready, or spawned it; itself, if it ceded.
    pub(crate) by: Option<Number>,
    /// The recording ends before the state does.
    pub(crate) is_open: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    pub(crate) step: Step,
    pub(crate) time: Option<Duration>,
}

/// One switched to another that was not ready.
pub(crate) struct HandOver {
    pub(crate) from: Number,
    pub(crate) to: Number,
    pub(crate) at: Moment,
}

/// Returns all states, by their ends, and who was switched to without having been ready.
pub(crate) fn of(story: &Story) -> (Vec<Span>, Vec<HandOver>) {
    let mut spans = Spans {
        now: before(story)
            .into_iter()
            .map(|state| state.map(Now::from_the_beginning))
            .collect(),
        ..Spans::default()
    };
    spans.follow(story);
    let end = story
        .happened
        .last()
        .map_or_else(Moment::default, |last| Moment {
            step: story.end(),
            time: last.time,
        });
    for coro in 0..story.coros.len() {
        spans.close(coro, end, true);
    }
    (spans.all, spans.hand_overs)
}

/// What each was at before what comes first of it; nothing, if it was not there yet.
fn before(story: &Story) -> Vec<Option<State>> {
    let mut before = vec![Some(BEFORE); story.coros.len()];
    // Backwards, so that what comes first has the last word.
    for happened in story.happened.iter().rev() {
        match happened.what {
            What::Spawns { coro, .. } => before[coro] = None,
            What::Runs(coro) => before[coro] = Some(State::Ready),
            What::Leaves { coro, .. } => before[coro] = Some(State::Running),
            What::Readies(coro) | What::Ends(coro, _) => before[coro] = Some(BEFORE),
            What::Throws(_) | What::Cancels(_) | What::Notes(..) => {}
        }
    }
    if let Some(first) = story.first {
        before[first] = Some(State::Running);
    }
    before
}

/// A coro that is blocked since before the recording.
const BEFORE: State = State::Blocked {
    wait: None,
    place: None,
};

#[derive(Clone, Copy)]
struct Now {
    state: State,
    since: Moment,
    by: Option<Number>,
}

impl Now {
    fn from_the_beginning(state: State) -> Now {
        Now {
            state,
            since: Moment::default(),
            by: None,
        }
    }
}

#[derive(Default)]
struct Spans {
    all: Vec<Span>,
    hand_overs: Vec<HandOver>,
    now: Vec<Option<Now>>,
}

impl Spans {
    fn follow(&mut self, story: &Story) {
        // Who has ended, and until when it has readied its joiners, and called its handlers.
        let mut ending: Option<(Number, Moment)> = None;
        let mut last = story.first;
        for happened in &story.happened {
            let at = Moment {
                step: happened.step,
                time: happened.time,
            };
            let by = happened.by;
            if let Some((ended, until)) = &mut ending {
                if by == Some(*ended) && !matches!(happened.what, What::Runs(_)) {
                    *until = at;
                } else {
                    self.close(*ended, *until, false);
                    ending = None;
                }
            }
            match happened.what {
                What::Runs(coro) => {
                    let is_blocked = |now: Now| !matches!(now.state, State::Ready | State::Running);
                    if let Some(from) = last
                        && self.now[coro].is_some_and(is_blocked)
                    {
                        self.hand_overs.push(HandOver { from, to: coro, at });
                    }
                    if let Some(from) = last
                        && self.now[from].is_some_and(|now| now.state == State::Running)
                    {
                        // It has not left, so it has ended, and that is forgotten.
                        self.close(from, at, false);
                    }
                    self.turn(coro, State::Running, at, None);
                    last = Some(coro);
                }
                What::Leaves {
                    coro,
                    place,
                    wait,
                    is_ready,
                } => {
                    let place = Some(place);
                    let state = match is_ready {
                        true => State::Ready,
                        false => State::Blocked { wait, place },
                    };
                    self.turn(coro, state, at, is_ready.then_some(coro));
                }
                What::Spawns { coro, is_ready } => {
                    let state = if is_ready { State::Ready } else { State::New };
                    self.turn(coro, state, at, by);
                }
                What::Readies(coro) => {
                    let is_running = |now: Now| matches!(now.state, State::Running | State::Ready);
                    if !self.now[coro].is_none_or(is_running) {
                        self.turn(coro, State::Ready, at, by);
                    }
                }
                What::Ends(coro, _) if by == Some(coro) => ending = Some((coro, at)),
                What::Ends(coro, _) => self.close(coro, at, false),
                What::Throws(_) | What::Cancels(_) | What::Notes(..) => {}
            }
        }
        if let Some((ended, until)) = ending {
            self.close(ended, until, false);
        }
    }

    fn turn(&mut self, coro: Number, state: State, at: Moment, by: Option<Number>) {
        self.close(coro, at, false);
        self.now[coro] = Some(Now {
            state,
            since: at,
            by,
        });
    }

    fn close(&mut self, coro: Number, at: Moment, is_open: bool) {
        if let Some(now) = self.now[coro].take()
            && (now.since != at || is_open)
        {
            self.all.push(Span {
                coro,
                state: now.state,
                from: now.since,
                to: at,
                by: now.by,
                is_open,
            });
        }
    }
}
