//! What holds for each type of object.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use crate::invariants::heard::Heard;
use crate::model::Op;

/// What the events so far tell about an object.
pub(crate) enum Thing<'a> {
    /// Its count.
    Semaphore(i64),
    Set(Set),
    Channel(Stored),
    Signal(Heard<'a>),
    Lock(Lock),
    /// An object that nobody waits for.
    Other,
}

/// A set: the count of a new semaphore, those that there were, and the guards that are held.
pub(crate) struct Set {
    initial: i64,
    counts: BTreeMap<String, i64>,
    guards: BTreeMap<String, i64>,
}

pub(crate) struct Stored {
    values: VecDeque<Value>,
    /// `None`: any number.
    capacity: Option<usize>,
    shut_down: bool,
}

#[derive(Default)]
pub(crate) struct Lock {
    readers: i64,
    writers: i64,
}

/// How a scenario has ended, for one of its objects, and what is wrong with that.
pub(crate) struct End<'a> {
    pub(crate) state: &'a Value,
    /// How many callbacks are registered and were not called.
    pub(crate) callbacks: usize,
    /// Who has begun an op on the object and not ended it.
    pub(crate) blocked: Vec<(&'a str, &'a Op)>,
    /// A coro was suspended, and so may not have taken what it was given: lists tell nothing.
    pub(crate) suspended: bool,
    pub(crate) wrong: Vec<String>,
}

impl End<'_> {
    fn must(&mut self, holds: bool, what: &str) {
        if !holds {
            self.wrong.push(what.to_owned());
        }
    }

    /// Checks a list of waiters: it names those who are inside these ops, with this key if there
    /// is one, and none if there is what they wait for.
    fn lists(&mut self, list: &Value, free: bool, ops: &[&str], key: Option<&str>) {
        if self.suspended {
            return;
        }
        let inside = |(_, op): &&(&str, &Op)| {
            ops.contains(&op.name()) && key.is_none_or(|key| key == op.text(2))
        };
        let waiting = self.blocked.iter().filter(inside);
        let waiting: BTreeSet<_> = waiting.map(|(coro, _)| (*coro).to_owned()).collect();
        let listed = names(list);
        self.must(listed == waiting, "does not list who waits");
        self.must(!free || listed.is_empty(), "has what somebody waits for");
    }
}

impl<'a> Thing<'a> {
    pub(crate) fn new(parameters: &Value) -> Thing<'a> {
        let count = parameters["count"].as_i64().unwrap_or(1);
        match parameters["type"].as_str() {
            Some("semaphore") => Thing::Semaphore(count),
            Some("semaphore_set") => Thing::Set(Set {
                initial: count,
                counts: BTreeMap::new(),
                guards: BTreeMap::new(),
            }),
            Some("channel") => {
                let size = parameters["size"].as_u64().unwrap_or(0) as usize;
                Thing::Channel(Stored {
                    values: VecDeque::new(),
                    capacity: size.checked_sub(1),
                    shut_down: false,
                })
            }
            Some("signal") => Thing::Signal(Heard::default()),
            Some("rwlock") => Thing::Lock(Lock::default()),
            _ => Thing::Other,
        }
    }

    /// An op begins, and was not refused.
    pub(crate) fn begin(&mut self, coro: &'a str, op: &'a Op) {
        match self {
            // A put stores before it waits.
            Thing::Channel(channel) if op.name() == "put" => {
                channel.values.push_back(op.value(2));
            }
            Thing::Signal(signal) => signal.begin(coro, op.name()),
            _ => {}
        }
    }

    /// An op has returned this. Returns `false` if it should not.
    pub(crate) fn end(&mut self, coro: &str, op: &Op, result: &Value) -> bool {
        match self {
            Thing::Semaphore(count) => match op.name() {
                "down" | "guard" => *count -= 1,
                "try" if *result == 1 => *count -= 1,
                "up" => *count += 1,
                "adjust" => *count += op.number(2),
                "count" => return *result == *count,
                _ => {}
            },
            Thing::Set(set) => return set.end(op, result),
            Thing::Channel(channel) => return channel.end(op, result),
            Thing::Signal(signal) => return signal.end(coro, op.name()),
            Thing::Lock(lock) => return lock.end(op.name(), result),
            Thing::Other => {}
        }
        true
    }

    /// A coro inside an op was interrupted, or will be.
    pub(crate) fn interrupted(&mut self) {
        if let Thing::Signal(signal) = self {
            signal.interrupted();
        }
    }

    /// An op has ended without a result.
    pub(crate) fn gone(&mut self, coro: &str) {
        if let Thing::Signal(signal) = self {
            signal.gone(coro);
        }
    }

    /// A guard was dropped. Returns `false` if there is none of this key.
    pub(crate) fn released(&mut self, key: &str) -> bool {
        match self {
            Thing::Semaphore(count) => *count += 1,
            Thing::Set(set) => {
                set.raise(key, 1);
                let guards = set.guards.entry(key.to_owned()).or_default();
                *guards -= 1;
                return *guards >= 0;
            }
            _ => return false,
        }
        true
    }

    /// What a destroy handler does.
    pub(crate) fn act(&mut self, action: &str) {
        match self {
            Thing::Semaphore(count) if action == "up" => *count += 1,
            Thing::Signal(signal) => signal.begin("", action),
            _ => {}
        }
    }

    /// A callback was called; `at_once` by its own registration. Returns `false` if it should not.
    pub(crate) fn called_back(&mut self, at_once: bool) -> bool {
        match self {
            Thing::Signal(signal) => signal.called_back(at_once),
            Thing::Semaphore(count) => *count > 0 || !at_once,
            _ => false,
        }
    }

    /// Checks how it has ended.
    pub(crate) fn outcome(&self, end: &mut End<'_>) {
        let state = end.state;
        match self {
            Thing::Semaphore(count) => {
                end.must(state["count"] == *count, "has another count");
                let ops = ["down", "guard", "sem_wait"];
                end.lists(&state["waiters"], *count > 0, &ops, None);
                end.must(*count <= 0 || end.callbacks == 0, "has not called back");
            }
            Thing::Set(set) => set.outcome(end),
            Thing::Channel(channel) => channel.outcome(end),
            Thing::Signal(signal) => {
                let free = state["pending"] == 1;
                let agrees = signal.agrees(state) || end.suspended;
                end.must(agrees, "has lost or doubled a wake-up");
                end.must(free || state["pending"] == 0, "remembers two sends");
                end.lists(&state["waiters"], free, &["wait"], None);
                end.must(!free || end.callbacks == 0, "has not called back");
            }
            Thing::Lock(lock) => {
                let fits = state["readers"] == lock.readers && state["writers"] == lock.writers;
                end.must(fits, "is held by others");
                let free = lock.readers == 0 && lock.writers == 0;
                end.lists(&state["rq"], free, &["rdlock"], None);
                end.lists(&state["wq"], free, &["wrlock"], None);
            }
            Thing::Other => {}
        }
    }
}

impl Set {
    fn count(&self, key: &str) -> i64 {
        self.counts.get(key).copied().unwrap_or(self.initial)
    }

    fn raise(&mut self, key: &str, by: i64) {
        let count = self.count(key) + by;
        self.counts.insert(key.to_owned(), count);
    }

    fn end(&mut self, op: &Op, result: &Value) -> bool {
        let key = op.text(2);
        match op.name() {
            "set_down" => self.raise(key, -1),
            "set_guard" => {
                self.raise(key, -1);
                *self.guards.entry(key.to_owned()).or_default() += 1;
            }
            "set_up" => self.raise(key, 1),
            "set_count" => return *result == self.count(key),
            "set_try" => {
                let free = self.count(key) > 0;
                self.raise(key, -i64::from(free));
                return *result == u8::from(free);
            }
            _ => {}
        }
        true
    }

    /// An entry is there as long as it differs from a new one, or somebody uses it.
    fn outcome(&self, end: &mut End<'_>) {
        let ops = ["set_down", "set_guard", "set_wait"];
        let keys = self.counts.keys().map(String::as_str);
        let waited_for = end.blocked.iter().map(|(_, op)| op.text(2));
        let keys: BTreeSet<&str> = keys.chain(waited_for).collect();
        for key in keys {
            let count = self.count(key);
            let Some(entry) = end.state.get(key) else {
                end.must(count == self.initial, "has lost an entry");
                end.lists(&Value::Null, false, &ops, Some(key));
                continue;
            };
            end.must(entry["count"] == count, "has an entry with another count");
            end.lists(&entry["waiters"], count > 0, &ops, Some(key));
            let held = self.guards.get(key).is_some_and(|guards| *guards > 0);
            let used = held || count != self.initial || !names(&entry["waiters"]).is_empty();
            end.must(used || end.suspended, "has kept an entry that nobody uses");
        }
    }
}

impl Stored {
    fn end(&mut self, op: &Op, result: &Value) -> bool {
        match op.name() {
            "shutdown" => self.shut_down = true,
            "size" => return *result == self.values.len(),
            "get" => {
                return match self.values.pop_front() {
                    Some(oldest) => oldest == *result,
                    None => result.is_null() && self.shut_down,
                };
            }
            _ => {}
        }
        true
    }

    fn outcome(&self, end: &mut End<'_>) {
        let size = self.values.len();
        let state = end.state;
        end.must(state["size"] == size, "has another size");
        end.lists(&state["get"], size > 0, &["get"], None);
        // Each putter that waits has stored its value beyond the capacity.
        let putters = names(&state["put"]).len();
        let room = self.capacity.map_or(usize::MAX, |cap| cap + putters);
        end.lists(&state["put"], size < room, &["put"], None);
    }
}

impl Lock {
    fn end(&mut self, op: &str, result: &Value) -> bool {
        let may_read = self.writers == 0;
        let may_write = may_read && self.readers == 0;
        match op {
            "rdlock" => self.readers += 1,
            "wrlock" => self.writers += 1,
            "tryrdlock" if may_read => self.readers += 1,
            "trywrlock" if may_write => self.writers += 1,
            "unlock" if self.readers > 0 => self.readers -= 1,
            "unlock" => self.writers -= 1,
            _ => {}
        }
        match op {
            "rdlock" => may_read,
            "wrlock" => may_write,
            "tryrdlock" => *result == u8::from(may_read),
            "trywrlock" => *result == u8::from(may_write),
            _ => self.writers >= 0,
        }
    }
}

/// The names in a list; one that is there twice counts as another one.
fn names(list: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for name in list.as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or("?").to_owned();
        if !names.insert(name.clone()) {
            names.insert(format!("{name} once more"));
        }
    }
    names
}
