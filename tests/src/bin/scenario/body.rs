//! What every coro of a scenario runs: its ops one after another, each told before and after.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::objects::{self, Permit};
use crate::ops::{self, Thrown};
use crate::world::{Member, Values, World};

/// So many events may a scenario have.
const LIMIT: usize = 20_000;

/// A running coro's own: it is dropped when the body's locals go.
pub(crate) struct Frame {
    pub(crate) world: Rc<World>,
    pub(crate) me: Rc<Member>,
    /// The permits it holds, the newest last.
    pub(crate) permits: RefCell<Vec<Permit>>,
    /// How often it holds each lock. It keeps them when it ends.
    pub(crate) locks: RefCell<BTreeMap<String, u32>>,
}

impl Frame {
    fn tell(&self, event: &str, fields: &[(&str, Value)]) {
        let mut all = vec![("c", self.me.name().into())];
        all.extend_from_slice(fields);
        self.world.trace.event(event, &all);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        while let Some(newest) = self.permits.get_mut().pop() {
            drop(newest);
        }
        self.tell("unwind", &[]);
    }
}

/// Returns the body of a coro. What it owns is unwound even if it never runs.
pub(crate) fn new(world: Rc<World>, me: Rc<Member>) -> impl FnOnce() + 'static {
    let frame = Frame {
        world,
        me,
        permits: RefCell::default(),
        locks: RefCell::default(),
    };
    move || run(frame)
}

fn run(frame: Frame) {
    frame.tell("start", &[]);
    let me = frame.me.clone();
    for (at, op) in me.definition.ops.iter().enumerate() {
        if frame.world.trace.len() > LIMIT {
            give_up(&frame.world);
        }
        if op.name() == "return" {
            return finish(frame, op.values(1));
        }
        let number = ("i", Value::from(at));
        frame.tell("op", std::slice::from_ref(&number));
        if let Some(reason) = ops::refuse(&frame, op) {
            frame.tell("ret", &[number, ("skip", reason.into())]);
            continue;
        }
        me.doing.set(Some(at));
        let result = coro::catch(|| ops::perform(&frame, op));
        me.doing.set(None);
        match result {
            Ok(value) => frame.tell("ret", &[number, ("r", value)]),
            Err(payload) => {
                me.owes_itself.set(false);
                frame.tell("exc", &[number, ("x", describe(&*payload))]);
                if me.definition.ends_by_exception {
                    return finish(frame, vec!["exc".into()]);
                }
            }
        }
    }
    finish(frame, Vec::new());
}

/// Ends the body with these values: the locals go after it has told so.
fn finish(frame: Frame, values: Values) {
    frame.tell("end", &[("v", values.clone().into())]);
    frame.me.status.replace(values);
}

/// Ends the scenario from within.
fn give_up(world: &World) {
    world.endless.set(true);
    world.trace.mute();
    // Main is neither finished nor suspended.
    let _ = coro::main().schedule_to();
}

/// What was thrown; an error of the kernel or of an object is marked.
fn describe(payload: &(dyn Any + Send)) -> Value {
    if let Some(Thrown(value)) = payload.downcast_ref() {
        return value.clone();
    }
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("!{}", text.unwrap_or(objects::NO_TEXT)).into()
}
