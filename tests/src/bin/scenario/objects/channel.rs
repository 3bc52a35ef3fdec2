//! Channels.

use coro_channel::Channel;
use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::{Object, waiters};

pub(crate) const OPS: &[&str] = &["put", "get", "shutdown", "size"];

/// Coro's size counts the put that blocks; 0 is no limit.
pub(crate) fn make(parameters: &Value) -> Channel<Value> {
    match parameters["size"].as_u64() {
        None | Some(0) => Channel::unbounded(),
        Some(size) => Channel::bounded(size as usize - 1),
    }
}

impl Object for Channel<Value> {
    fn perform(&'static self, _: &Frame, op: &Op) -> Value {
        match op.name() {
            "put" => self.put(op.value(2)),
            "get" => return self.get().unwrap_or(Value::Null),
            "shutdown" => self.shutdown(),
            "size" => return json!(self.len()),
            other => panic!("a channel cannot {other}"),
        }
        Value::Null
    }

    fn state(&self) -> Value {
        json!({
            "size": self.len(),
            "get": waiters(self, "getters"),
            "put": waiters(self, "putters"),
        })
    }
}
