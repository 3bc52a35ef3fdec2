//! Semaphores.

use coro_semaphore::Semaphore;
use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::{Object, callback, hold, not_held, release, waiters};

pub(crate) const OPS: &[&str] = &[
    "down",
    "up",
    "try",
    "adjust",
    "sem_wait",
    "sem_wait_cb",
    "count",
    "guard",
    "drop_guard",
];

pub(crate) fn make(parameters: &Value) -> Semaphore {
    Semaphore::new(parameters["count"].as_i64().unwrap_or(1) as isize)
}

impl Object for Semaphore {
    fn refuse(&self, frame: &Frame, op: &Op) -> Option<&'static str> {
        (op.name() == "drop_guard").then(|| not_held(frame, op, None))?
    }

    fn perform(&'static self, frame: &Frame, op: &Op) -> Value {
        match op.name() {
            "down" => {
                self.down();
                return json!(1);
            }
            "try" => return json!(u8::from(self.try_down())),
            "count" => return json!(self.count()),
            "guard" => return hold(frame, op, None, self.acquire()),
            "drop_guard" => return release(frame, op, None),
            "up" => self.up(),
            "adjust" => self.adjust(op.number(2) as isize),
            "sem_wait" => self.wait(),
            "sem_wait_cb" => self.wait_with(callback(frame, op)),
            other => panic!("a semaphore cannot {other}"),
        }
        Value::Null
    }

    fn act(&self, action: &str) {
        assert_eq!(action, "up", "a semaphore cannot do this");
        self.up();
    }

    fn state(&self) -> Value {
        json!({"count": self.count(), "waiters": waiters(self, "waiters")})
    }
}
