//! Variables with a value of their own in every coro.

use coro_specific::Specific;
use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::Object;

pub(crate) const OPS: &[&str] = &["set", "fetch"];

pub(crate) fn make() -> Specific<Value> {
    Specific::new()
}

impl Object for Specific<Value> {
    fn perform(&'static self, _: &Frame, op: &Op) -> Value {
        match op.name() {
            "set" => self.set(op.value(2)),
            "fetch" => return self.get().unwrap_or(Value::Null),
            other => panic!("a specific cannot {other}"),
        }
        Value::Null
    }

    fn state(&self) -> Value {
        json!({})
    }
}
