//! The objects that coros of a scenario use, a file a type.
//!
//! To add a type: a file with its [`Object`], and its line in [`make`] and in `TYPES`.

mod channel;
mod rwlock;
mod semaphore;
mod semaphore_set;
mod signal;
mod specific;

use std::any::Any;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::body::Frame;
use crate::model::Op;
use crate::world::World;

/// Stands for a payload that is no text.
pub(crate) const NO_TEXT: &str = "(a payload that is no text)";

/// The ops of the types that there are.
const TYPES: &[&[&str]] = &[
    semaphore::OPS,
    channel::OPS,
    signal::OPS,
    rwlock::OPS,
    semaphore_set::OPS,
    specific::OPS,
];

/// What an object does with the ops that name it.
pub(crate) trait Object {
    /// Returns why the op is not made, if it is not.
    fn refuse(&self, _frame: &Frame, _op: &Op) -> Option<&'static str> {
        None
    }

    /// Makes an op, and returns what it returns.
    fn perform(&'static self, frame: &Frame, op: &Op) -> Value;

    /// Does what a destroy handler asks for: up, send, broadcast.
    fn act(&self, action: &str) {
        panic!("no object of this type can {action}");
    }

    /// Returns how it stands at the end.
    fn state(&self) -> Value;
}

/// Makes an object. It lives as long as the process, because guards borrow it.
pub(crate) fn make(parameters: &Value) -> Option<&'static dyn Object> {
    Some(match parameters["type"].as_str()? {
        "semaphore" => Box::leak(Box::new(semaphore::make(parameters))),
        "channel" => Box::leak(Box::new(channel::make(parameters))),
        "signal" => Box::leak(Box::new(signal::make())),
        "rwlock" => Box::leak(Box::new(rwlock::make())),
        "semaphore_set" => Box::leak(Box::new(semaphore_set::make(parameters))),
        "specific" => Box::leak(Box::new(specific::make())),
        _ => return None,
    })
}

/// Returns `true` for an op on an object.
pub(crate) fn has_op(name: &str) -> bool {
    TYPES.iter().any(|ops| ops.contains(&name))
}

/// Returns the names of all ops on objects.
pub(crate) fn ops() -> impl Iterator<Item = &'static str> {
    TYPES.iter().copied().flatten().copied()
}

/// Returns the callback that an op registers: it tells that it is called.
fn callback(frame: &Frame, op: &Op) -> impl FnOnce() + 'static {
    let world = frame.world.clone();
    let fields = [("o", op.value(1)), ("k", op.value(2))];
    move || world.trace.event("cb", &fields)
}

/// A permit that a coro holds: the guard, and of what. It tells of its release.
pub(crate) struct Permit {
    world: Rc<World>,
    object: String,
    /// Which one of a set.
    id: Option<Value>,
    /// Dropped after the release was told.
    _guard: Box<dyn Any>,
}

impl Permit {
    fn is_of(&self, object: &str, id: Option<&Value>) -> bool {
        self.object == object && (id.is_none() || self.id.as_ref() == id)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut fields = vec![("o", self.object.as_str().into())];
        fields.extend(self.id.clone().map(|id| ("id", id)));
        self.world.trace.event("release", &fields);
    }
}

/// Keeps a guard in the frame of the coro that has got it.
fn hold(frame: &Frame, op: &Op, id: Option<Value>, guard: impl Any) -> Value {
    frame.permits.borrow_mut().push(Permit {
        world: frame.world.clone(),
        object: op.text(1).to_owned(),
        id,
        _guard: Box::new(guard),
    });
    json!(1)
}

/// Why a permit cannot be dropped.
fn not_held(frame: &Frame, op: &Op, id: Option<&Value>) -> Option<&'static str> {
    let permits = frame.permits.borrow();
    let held = permits.iter().any(|permit| permit.is_of(op.text(1), id));
    (!held).then_some("not-held")
}

/// Drops the newest permit of this kind.
fn release(frame: &Frame, op: &Op, id: Option<&Value>) -> Value {
    let mut permits = frame.permits.borrow_mut();
    let newest = permits
        .iter()
        .rposition(|permit| permit.is_of(op.text(1), id));
    let permit = newest.map(|at| permits.remove(at));
    drop(permits);
    drop(permit);
    json!(1)
}

/// Returns the names of the coros in the list `field` of an object's `Debug` text: who waits, the
/// oldest first.
fn waiters(object: &impl std::fmt::Debug, field: &str) -> Value {
    names_in(&format!("{object:?}"), field)
}

/// Returns the names in the first list of this name.
fn names_in(text: &str, field: &str) -> Value {
    let list = text
        .split_once(&format!("{field}: ["))
        .map_or("", |(_, rest)| rest);
    let mut depth = 1;
    let end = list.find(|c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        depth == 0
    });
    let names = list[..end.unwrap_or(list.len())].split("desc: \"").skip(1);
    names.filter_map(|rest| rest.split('"').next()).collect()
}
