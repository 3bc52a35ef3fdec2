//! Sets of semaphores.

use std::cell::RefCell;
use std::collections::BTreeSet;

use coro_sync::SemaphoreSet;
use serde_json::{Map, Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::{Object, hold, names_in, not_held, release};

pub(crate) const OPS: &[&str] = &[
    "set_down",
    "set_up",
    "set_try",
    "set_count",
    "set_wait",
    "set_guard",
    "set_drop",
];

/// A set, and the keys that it was ever asked for.
pub(crate) struct Set {
    set: SemaphoreSet<String>,
    keys: RefCell<BTreeSet<String>>,
}

pub(crate) fn make(parameters: &Value) -> Set {
    Set {
        set: SemaphoreSet::new(parameters["count"].as_i64().unwrap_or(1) as isize),
        keys: RefCell::default(),
    }
}

impl Object for Set {
    fn refuse(&self, frame: &Frame, op: &Op) -> Option<&'static str> {
        (op.name() == "set_drop").then(|| not_held(frame, op, Some(&op.value(2))))?
    }

    fn perform(&'static self, frame: &Frame, op: &Op) -> Value {
        let key = op.text(2).to_owned();
        self.keys.borrow_mut().insert(key.clone());
        match op.name() {
            "set_down" => {
                self.set.down(key);
                return json!(1);
            }
            "set_up" => self.set.up(key),
            "set_try" => return json!(u8::from(self.set.try_down(key))),
            "set_count" => return json!(self.set.count(&key)),
            "set_wait" => self.set.wait(&key),
            "set_guard" => return hold(frame, op, Some(op.value(2)), self.set.acquire(key)),
            "set_drop" => return release(frame, op, Some(&op.value(2))),
            other => panic!("a set cannot {other}"),
        }
        Value::Null
    }

    /// Each entry that there is.
    fn state(&self) -> Value {
        let text = format!("{:?}", self.set);
        let mut entries = Map::new();
        for key in &*self.keys.borrow() {
            if let Some((_, entry)) = text.split_once(&format!("{key:?}: Semaphore")) {
                let count = self.set.count(key);
                let waiters = names_in(entry, "waiters");
                entries.insert(key.clone(), json!({"count": count, "waiters": waiters}));
            }
        }
        assert_eq!(entries.len(), self.set.len(), "unknown entries in {text}");
        entries.into()
    }
}
