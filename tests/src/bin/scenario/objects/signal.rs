//! Signals.

use coro_sync::Signal;
use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::{Object, callback, waiters};

pub(crate) const OPS: &[&str] = &["wait", "wait_cb", "send", "broadcast", "awaited"];

pub(crate) fn make() -> Signal {
    Signal::new()
}

impl Object for Signal {
    fn perform(&'static self, frame: &Frame, op: &Op) -> Value {
        match op.name() {
            "wait" => self.wait(),
            "wait_cb" => self.wait_with(callback(frame, op)),
            "awaited" => return json!(u8::from(self.awaited() > 0)),
            other => self.act(other),
        }
        Value::Null
    }

    fn act(&self, action: &str) {
        match action {
            "send" => self.send(),
            "broadcast" => self.broadcast(),
            other => panic!("a signal cannot {other}"),
        }
    }

    fn state(&self) -> Value {
        let pending = format!("{self:?}").contains("sent: true");
        json!({"pending": u8::from(pending), "waiters": waiters(self, "waiters")})
    }
}
