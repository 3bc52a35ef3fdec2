//! What a recording has to show, made of what the listener heard by the rules of the documentation.

use coro::End;

use super::listener::Told;

/// A state of a coro, from the end of one step to that of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) coro: usize,
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) state: String,
}

/// What one coro does to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) step: u64,
    pub(crate) kind: String,
    pub(crate) by: Option<usize>,
    pub(crate) coro: usize,
}

/// A line of the columns: whose, and its words, up to the place in the source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deed {
    pub(crate) step: u64,
    pub(crate) who: usize,
    pub(crate) words: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) ids: Vec<u64>,
    pub(crate) steps: u64,
    pub(crate) spans: Vec<Span>,
    pub(crate) arrows: Vec<Arrow>,
    /// All that are readied by somebody else: also those that belong to another step.
    pub(crate) wakes: Vec<Arrow>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) ends: Vec<(u64, usize, End)>,
    now: Vec<Option<(String, u64)>>,
    running: Option<usize>,
    /// Who has ended and goes on: its handlers are called.
    ending: Option<usize>,
    last_deed: u64,
}

impl Model {
    /// Main runs at the beginning, alone.
    pub(crate) fn of(told: &[Told]) -> Model {
        let mut model = Model {
            ids: vec![0],
            now: vec![Some(("running".to_owned(), 0))],
            running: Some(0),
            ..Model::default()
        };
        for at in 0..told.len() {
            model.tell(told, at);
        }
        let end = model.steps + u64::from(matches!(told.last(), Some(Told::In(_))));
        model.settle_end();
        for coro in 0..model.ids.len() {
            if let Some((state, from)) = model.now[coro].take() {
                model.spans.push(Span {
                    coro,
                    from,
                    to: end,
                    state,
                });
            }
        }
        model.spans.sort();
        model.arrows.sort();
        model.wakes.sort();
        model
    }

    /// `main` or `#1`.
    pub(crate) fn word(&self, coro: usize) -> String {
        match self.ids[coro] {
            0 => "main".to_owned(),
            _ => format!("#{coro}"),
        }
    }

    fn number(&mut self, id: u64) -> usize {
        self.ids
            .iter()
            .position(|known| *known == id)
            .unwrap_or_else(|| {
                self.ids.push(id);
                self.now.push(None);
                self.ids.len() - 1
            })
    }

    /// The one that runs, if it is this one; nobody otherwise.
    fn by(&mut self, id: u64) -> Option<usize> {
        let by = self.ids.iter().position(|known| *known == id);
        if by.is_none() || by != self.running {
            self.settle_end();
            self.running = None;
        }
        self.running
    }

    fn turn(&mut self, coro: usize, state: Option<String>) {
        if let Some((before, from)) = self.now[coro].take()
            && from < self.steps
        {
            let (to, state) = (self.steps, before);
            self.spans.push(Span {
                coro,
                from,
                to,
                state,
            });
        }
        self.now[coro] = state.map(|state| (state, self.steps));
    }

    /// Closes the bar of who has ended, at the last thing that it did.
    fn settle_end(&mut self) {
        if let Some(ended) = self.ending.take()
            && let Some((state, from)) = self.now[ended].take()
            && from < self.last_deed
        {
            let to = self.last_deed;
            self.spans.push(Span {
                coro: ended,
                from,
                to,
                state,
            });
        }
    }

    fn deed(&mut self, who: usize, words: String) {
        self.last_deed = self.steps;
        self.deeds.push(Deed {
            step: self.steps,
            who,
            words,
        });
    }

    fn arrow(&mut self, kind: &str, by: Option<usize>, coro: usize) {
        self.arrows.push(Arrow {
            step: self.steps,
            kind: kind.to_owned(),
            by,
            coro,
        });
    }

    fn tell(&mut self, told: &[Told], at: usize) {
        let before = &told[..at];
        let next = told.get(at + 1);
        match told[at] {
            Told::Spawned(id) => {
                if let Some(Told::Readied { by, .. }) = next {
                    self.by(*by);
                }
                self.steps += 1;
                let coro = self.number(id);
                let by = self.running;
                self.arrow("spawns", by, coro);
                self.turn(coro, Some("new".to_owned()));
                let words = format!("spawns {}", self.word(coro));
                self.deed(by.unwrap_or(coro), words);
            }
            Told::Readied { coro: id, by } => self.readied(id, by, before, next),
            Told::Out {
                coro: id,
                is_ready,
                wait,
            } => {
                self.steps += 1;
                let coro = self.number(id);
                self.running = None;
                let state = match (is_ready, wait) {
                    (true, _) => "ready".to_owned(),
                    (false, wait) => format!("blocked: {}", wait.unwrap_or("schedule")),
                };
                self.turn(coro, Some(state));
                let words = match (wait, is_ready) {
                    (Some(wait), _) => format!("■ {wait}"),
                    (None, true) => "cede".to_owned(),
                    (None, false) => "■ schedule".to_owned(),
                };
                self.deed(coro, words);
            }
            Told::In(id) => {
                self.settle_end();
                let coro = self.number(id);
                self.turn(coro, Some("running".to_owned()));
                self.running = Some(coro);
            }
            Told::Thrown { coro, by } => {
                self.interrupted("throws", "throws into", "is thrown into", coro, by)
            }
            Told::Cancelled { coro, by } => {
                self.interrupted("cancels", "cancels", "is cancelled", coro, by)
            }
            Told::Noted(id, ref text) => {
                self.by(id);
                self.steps += 1;
                let coro = self.number(id);
                self.deed(coro, format!("“{text}”"));
            }
            Told::Ended(id, how) => self.ended(id, how),
        }
    }

    fn readied(&mut self, id: u64, by: u64, before: &[Told], next: Option<&Told>) {
        if id == by && matches!(next, Some(Told::Out { coro, .. }) if *coro == id) {
            return; // to cede is one step
        }
        let by = self.by(by);
        let is_new = before.last() == Some(&Told::Spawned(id));
        let of_end = before
            .iter()
            .rev()
            .find(|told| !matches!(told, Told::Readied { .. }));
        let of_end =
            matches!(of_end, Some(Told::Ended(ended, _)) if by == Some(self.number(*ended)));
        self.steps += u64::from(!is_new && !of_end);
        let coro = self.number(id);
        if self.now[coro]
            .as_ref()
            .is_some_and(|(state, _)| state != "running" && state != "ready")
        {
            self.turn(coro, Some("ready".to_owned()));
        }
        let word = self.word(coro);
        if by.is_some_and(|by| by != coro) {
            let step = self.steps;
            self.wakes.push(Arrow {
                step,
                kind: "wakes".to_owned(),
                by,
                coro,
            });
        }
        if is_new {
            return;
        }
        self.arrow("wakes", by, coro);
        match by {
            Some(by) => self.deed(by, format!("readies {word}")),
            None => self.deed(coro, "is readied".to_owned()),
        }
    }

    fn interrupted(&mut self, kind: &str, does: &str, is_done: &str, coro: u64, by: u64) {
        let by = self.by(by);
        self.steps += 1;
        let coro = self.number(coro);
        self.arrow(kind, by, coro);
        let word = self.word(coro);
        match by {
            Some(by) => self.deed(by, format!("{does} {word}")),
            None => self.deed(coro, is_done.to_owned()),
        }
    }

    fn ended(&mut self, id: u64, how: End) {
        self.steps += 1;
        let coro = self.number(id);
        self.ends.push((self.steps, coro, how));
        let words = end(how).to_owned();
        if self.running == Some(coro) {
            self.ending = Some(coro);
            return self.deed(coro, words);
        }
        self.turn(coro, None);
        let word = self.word(coro);
        self.deed(self.running.unwrap_or(coro), format!("{word} {words}"));
    }
}

/// How an end is told.
pub(crate) fn end(how: End) -> &'static str {
    match how {
        End::Returned => "returns",
        End::Cancelled => "ends: cancelled",
        End::Panicked => "ends: panicked",
        End::Thrown => "ends: thrown into",
        End::NoStack => "ends: there is no stack",
        _ => panic!("coros end in more ways than they did"),
    }
}
