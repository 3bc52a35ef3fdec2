//! What holds for a signal: a wake-up is neither lost nor doubled, and one send is remembered.

use std::collections::BTreeSet;

use serde_json::Value;

/// A signal. If a waiter is interrupted while another was woken and has not run, nothing tells
/// which of the two it was: then nothing more is expected until nobody waits.
pub(crate) struct Heard<'a> {
    /// Whether a send is remembered; `None`: nobody knows.
    pending: Option<bool>,
    waiting: BTreeSet<&'a str>,
    /// Who will return at once, because a send is remembered.
    taking: BTreeSet<&'a str>,
    callbacks: usize,
    /// The callback that is being registered was called.
    called: bool,
    /// How many of those who wait were woken.
    woken: usize,
    sure: bool,
}

impl Default for Heard<'_> {
    fn default() -> Self {
        Heard {
            pending: Some(false),
            waiting: BTreeSet::new(),
            taking: BTreeSet::new(),
            callbacks: 0,
            called: false,
            woken: 0,
            sure: true,
        }
    }
}

impl<'a> Heard<'a> {
    fn listed(&self) -> usize {
        (self.waiting.len() + self.callbacks).saturating_sub(self.woken)
    }

    pub(crate) fn begin(&mut self, coro: &'a str, op: &str) {
        match op {
            "wait" if self.pending == Some(true) => {
                self.taking.insert(coro);
            }
            "wait" => {
                self.waiting.insert(coro);
            }
            _ if !self.sure => {}
            "send" if self.listed() > 0 => self.woken += 1,
            "send" => self.pending = Some(true),
            "broadcast" => {
                self.woken += self.listed();
                self.pending = Some(false);
            }
            _ => {}
        }
    }

    pub(crate) fn end(&mut self, coro: &str, op: &str) -> bool {
        match op {
            "wait" if self.taking.remove(coro) => self.pending = Some(false),
            "wait" => {
                self.waiting.remove(coro);
                let right = self.woken > 0 || self.pending.is_none();
                if self.woken == 0 && self.sure {
                    self.pending = Some(false);
                }
                self.woken = self.woken.saturating_sub(1);
                self.settle();
                return right;
            }
            "wait_cb" if std::mem::take(&mut self.called) => {}
            "wait_cb" => {
                self.callbacks += 1;
                return self.pending != Some(true);
            }
            _ => {}
        }
        true
    }

    pub(crate) fn called_back(&mut self, at_once: bool) -> bool {
        if at_once {
            let right = self.pending != Some(false);
            if self.sure {
                self.pending = Some(false);
            }
            self.called = true;
            return right;
        }
        let right = self.woken > 0 || !self.sure;
        self.callbacks = self.callbacks.saturating_sub(1);
        self.woken = self.woken.saturating_sub(1);
        self.settle();
        right
    }

    pub(crate) fn interrupted(&mut self) {
        (self.sure, self.pending) = (false, None);
    }

    pub(crate) fn gone(&mut self, coro: &str) {
        self.taking.remove(coro);
        if self.waiting.remove(coro) {
            self.interrupted();
            self.settle();
        }
    }

    /// When nobody waits, all is known again but what is remembered.
    fn settle(&mut self) {
        if self.waiting.is_empty() && self.callbacks == 0 && !self.sure {
            (self.sure, self.woken, self.pending) = (true, 0, None);
        }
    }

    /// Whether the last state is what the events add up to.
    pub(crate) fn agrees(&self, state: &Value) -> bool {
        let remembered = self
            .pending
            .is_none_or(|pending| state["pending"] == u8::from(pending));
        !self.sure || (remembered && self.woken == 0)
    }
}
