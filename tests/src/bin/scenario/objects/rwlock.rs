//! Locks for readers and writers.

use coro_sync::RawRwLock;
use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::objects::{Object, waiters};

pub(crate) const OPS: &[&str] = &["rdlock", "wrlock", "tryrdlock", "trywrlock", "unlock"];

pub(crate) fn make() -> RawRwLock {
    RawRwLock::new()
}

impl Object for RawRwLock {
    /// Only a holder may unlock. Whether it reads or writes, the lock knows.
    fn refuse(&self, frame: &Frame, op: &Op) -> Option<&'static str> {
        let held = frame.locks.borrow().get(op.text(1)).copied();
        (op.name() == "unlock" && held.unwrap_or(0) == 0).then_some("not-held")
    }

    fn perform(&'static self, frame: &Frame, op: &Op) -> Value {
        let got = match op.name() {
            "rdlock" => {
                self.rdlock();
                true
            }
            "wrlock" => {
                self.wrlock();
                true
            }
            "tryrdlock" => self.try_rdlock(),
            "trywrlock" => self.try_wrlock(),
            "unlock" => {
                *frame
                    .locks
                    .borrow_mut()
                    .entry(op.text(1).to_owned())
                    .or_default() -= 1;
                self.unlock();
                return Value::Null;
            }
            other => panic!("a lock cannot {other}"),
        };
        if got {
            *frame
                .locks
                .borrow_mut()
                .entry(op.text(1).to_owned())
                .or_default() += 1;
        }
        json!(u8::from(got))
    }

    fn state(&self) -> Value {
        json!({
            "writers": u8::from(self.is_write_locked()),
            "readers": self.readers(),
            "wq": waiters(self, "writers"),
            "rq": waiters(self, "readers"),
        })
    }
}
