//! The operations: which are not made, and what the others do.

use coro::{Coro, Prio};
use serde_json::Value;

use crate::body::Frame;
use crate::model::Op;
use crate::objects;
use crate::world::{Call, Values, clamp};

/// The payload of a throw.
pub(crate) struct Thrown(pub(crate) Value);

/// The operations that concern no object: scheduling, life, rouse.
pub(crate) const NAMES: &[&str] = &[
    "cede",
    "cede_notself",
    "schedule",
    "nready",
    "prio",
    "nice",
    "prio_of",
    "ready",
    "is",
    "schedule_to",
    "cede_to",
    "suspend",
    "resume",
    "cancel",
    "safe_cancel",
    "throw",
    "throw_clear",
    "join",
    "on_destroy",
    "terminate",
    "async",
    "new",
    "rouse_cb",
    "rouse_call",
    "rouse_wait",
    "return",
];

/// Returns why the op is not made, if it is not.
pub(crate) fn refuse(frame: &Frame, op: &Op) -> Option<&'static str> {
    let name = op.name();
    if !NAMES.contains(&name) {
        if !objects::has_op(name) {
            return Some("unknown-op");
        }
        let Some(object) = frame.world.objects.get(op.text(1)) else {
            return Some("no-object");
        };
        return object.refuse(frame, op);
    }
    let target = || frame.world.existing(op.text(1)).map(|(_, coro)| coro);
    let myself = op.text(1) == frame.me.name();
    let owing = frame.me.owes_itself.get();
    match name {
        "prio_of" | "ready" | "is" | "join" => target().is_none().then_some("absent"),
        "suspend" | "resume" | "on_destroy" => unless_alive(target()),
        "cancel" if owing && !myself => Some("pending"),
        "cancel" => unless_alive(target()),
        "safe_cancel" if myself => Some("self"),
        "safe_cancel" if owing => Some("pending"),
        "safe_cancel" => unless_alive(target()),
        "throw" | "throw_clear" => unless_alive(target())
            .or_else(|| target().is_some_and(|coro| coro.is_new()).then_some("new")),
        "schedule_to" | "cede_to" => unless_alive(target()).or_else(|| {
            let both = target().into_iter().chain([coro::current()]);
            both.into_iter()
                .any(|coro| coro.is_suspended())
                .then_some("suspended")
        }),
        "async" | "new" => {
            let may = frame.world.members.contains_key(op.text(1)) && target().is_none();
            (!may).then_some("exists")
        }
        "rouse_call" => {
            let calls = frame.world.calls.borrow();
            (!calls.contains_key(op.text(1))).then_some("absent")
        }
        "rouse_wait" => match frame.world.calls.borrow().get(op.text(1)) {
            None => Some("absent"),
            Some(call) => call.wait.is_none().then_some("used"),
        },
        _ => None,
    }
}

fn unless_alive(target: Option<Coro>) -> Option<&'static str> {
    match target {
        None => Some("absent"),
        Some(coro) => coro.is_finished().then_some("zombie"),
    }
}

/// Makes an op that was not refused, and returns what it returns.
pub(crate) fn perform(frame: &Frame, op: &Op) -> Value {
    let world = &frame.world;
    if let Some(object) = world.objects.get(op.text(1))
        && !NAMES.contains(&op.name())
    {
        return object.perform(frame, op);
    }
    match op.name() {
        "cede" => coro::cede(),
        "cede_notself" => coro::cede_notself(),
        "schedule" => coro::schedule(),
        "nready" => return coro::ready_count().into(),
        "prio" => return coro::current().set_prio(prio(op, 1)).get().into(),
        "nice" => return coro::current().nice(clamp(op.number(1))).get().into(),
        "terminate" => {
            frame.me.status.replace(op.values(1));
            coro::terminate(())
        }
        "async" => {
            world.create(op.text(1)).map(|coro| coro.ready());
        }
        "new" => drop(world.create(op.text(1))),
        "rouse_cb" | "rouse_call" | "rouse_wait" => return rouse(frame, op),
        _ => return to_another(frame, op),
    }
    Value::Null
}

/// The ops on a coro that exists.
fn to_another(frame: &Frame, op: &Op) -> Value {
    let Some((member, target)) = frame.world.existing(op.text(1)) else {
        panic!("{} at a coro that is not there", op.name());
    };
    let member = member.clone();
    match op.name() {
        "prio_of" => return target.set_prio(prio(op, 2)).get().into(),
        "ready" => return u8::from(target.ready()).into(),
        "is" => return is(&target),
        "schedule_to" => accepted(target.schedule_to()),
        "cede_to" => accepted(target.cede_to()),
        "suspend" => target.suspend(),
        "resume" => target.resume(),
        "cancel" => {
            member.status.replace(op.values(2));
            target.cancel();
        }
        "safe_cancel" => {
            let before = member.status.replace(op.values(2));
            if target.safe_cancel().is_ok() {
                return 1.into();
            }
            member.status.replace(before);
            return "error".into();
        }
        "throw" => {
            if target.is_running() {
                frame.me.owes_itself.set(true);
            }
            drop(target.throw(Thrown(op.value(2))));
        }
        "throw_clear" => {
            if target.is_running() {
                frame.me.owes_itself.set(false);
            }
            target.clear_throw();
        }
        "join" => {
            target.join();
            return member.status.borrow().clone().into();
        }
        "on_destroy" => on_destroy(frame, op, &target),
        other => panic!("{other} is an op without code"),
    }
    Value::Null
}

fn on_destroy(frame: &Frame, op: &Op, target: &Coro) {
    let [coro, key, action, argument] = [1, 2, 3, 4].map(|at| op.text(at).to_owned());
    let world = frame.world.clone();
    target.on_destroy(move || {
        let Some((member, _)) = world.existing(&coro) else {
            return;
        };
        let status = member.status.borrow().clone();
        let fields = [
            ("c", coro.as_str().into()),
            ("k", key.into()),
            ("v", status.into()),
        ];
        world.trace.event("on_destroy", &fields);
        if action == "ready" {
            if let Some((_, coro)) = world.existing(&argument) {
                coro.ready();
            }
        } else if let Some(object) = world.objects.get(&argument) {
            object.act(&action);
        }
    });
}

fn rouse(frame: &Frame, op: &Op) -> Value {
    let calls = &frame.world.calls;
    let key = op.text(1);
    match op.name() {
        "rouse_cb" => {
            let (callback, wait) = coro::rouse::<Values>();
            let call = Call {
                callback: Some(callback),
                wait: Some(wait),
            };
            let replaced = calls.borrow_mut().insert(key.to_owned(), call);
            frame.world.replaced.borrow_mut().extend(replaced);
            Value::Null
        }
        "rouse_call" => {
            let callback = calls
                .borrow_mut()
                .get_mut(key)
                .and_then(|c| c.callback.take());
            // Later calls are ignored.
            if let Some(callback) = callback {
                callback.call(op.values(2));
            }
            Value::Null
        }
        _ => {
            let wait = calls.borrow_mut().get_mut(key).and_then(|c| c.wait.take());
            wait.and_then(|wait| wait.wait()).into()
        }
    }
}

fn is(coro: &Coro) -> Value {
    if coro.is_finished() {
        return "zombie".into();
    }
    let flags = [
        ("new", coro.is_new()),
        ("ready", coro.is_ready()),
        ("running", coro.is_running()),
        ("suspended", coro.is_suspended()),
    ];
    let names: Vec<_> = flags.iter().filter(|f| f.1).map(|f| f.0).collect();
    names.join("+").into()
}

fn prio(op: &Op, at: usize) -> Prio {
    Prio::new(clamp(op.number(at)))
}

/// A switch that was refused is an error of the kernel: the runner refuses before.
fn accepted(result: Result<(), coro::SwitchError>) {
    if let Err(error) = result {
        panic!("{error}");
    }
}
