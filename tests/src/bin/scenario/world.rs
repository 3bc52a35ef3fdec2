//! The world of one scenario: its coros, objects and callbacks, and what is known of them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use coro::{Builder, Coro, Prio, Rouse, RouseCallback};
use serde_json::{Value, json};

use crate::body;
use crate::model::{Definition, Op, Scenario};
use crate::objects::{self, Object};
use crate::trace::Trace;

/// The values with which a coro ends, or with which a callback is called.
pub(crate) type Values = Vec<Value>;

/// The world of one scenario.
pub(crate) struct World {
    pub(crate) trace: Trace,
    pub(crate) objects: BTreeMap<String, &'static dyn Object>,
    pub(crate) members: BTreeMap<String, Rc<Member>>,
    pub(crate) calls: RefCell<BTreeMap<String, Call>>,
    /// Callbacks whose key was given to a newer one; their waiters wait for ever.
    pub(crate) replaced: RefCell<Vec<Call>>,
    /// The scenario has had more events than are allowed.
    pub(crate) endless: Cell<bool>,
}

/// A coro of the scenario, from before its creation to after its end.
pub(crate) struct Member {
    pub(crate) definition: Definition,
    pub(crate) coro: RefCell<Option<Coro>>,
    /// The values given by the last one who ended it: itself or a canceller.
    pub(crate) status: RefCell<Values>,
    pub(crate) dead: Cell<bool>,
    /// The number of the op that has begun and not ended.
    pub(crate) doing: Cell<Option<usize>>,
    /// It has thrown at itself, and not received it yet.
    pub(crate) owes_itself: Cell<bool>,
}

/// A rouse callback and its wait, each until it is used.
pub(crate) struct Call {
    pub(crate) callback: Option<RouseCallback<Values>>,
    pub(crate) wait: Option<Rouse<Values>>,
}

impl World {
    /// Makes the objects. The error is the type of an object that there is not.
    pub(crate) fn new(scenario: Scenario) -> Result<Rc<World>, String> {
        let mut made = BTreeMap::new();
        for (name, parameters) in scenario.objects {
            match objects::make(&parameters) {
                Some(object) => made.insert(name, object),
                None => return Err(parameters["type"].as_str().unwrap_or("?").to_owned()),
            };
        }
        let members = scenario.coros.into_iter().map(|definition| {
            let member = Member {
                definition,
                coro: RefCell::new(None),
                status: RefCell::new(Vec::new()),
                dead: Cell::new(false),
                doing: Cell::new(None),
                owes_itself: Cell::new(false),
            };
            (member.definition.name.clone(), Rc::new(member))
        });
        Ok(Rc::new(World {
            trace: Trace::default(),
            objects: made,
            members: members.collect(),
            calls: RefCell::default(),
            replaced: RefCell::default(),
            endless: Cell::new(false),
        }))
    }

    /// Returns a coro of the scenario that exists, or has existed.
    pub(crate) fn existing(&self, name: &str) -> Option<(&Rc<Member>, Coro)> {
        let member = self.members.get(name)?;
        let coro = member.coro.borrow().clone()?;
        Some((member, coro))
    }

    /// Creates a coro; it is not readied.
    pub(crate) fn create(self: &Rc<World>, name: &str) -> Option<Coro> {
        let member = self.members.get(name)?;
        let name = member.definition.name.as_str();
        let prio = Prio::new(clamp(member.definition.prio));
        let body = body::new(self.clone(), member.clone());
        let coro = Builder::new().desc(name).prio(prio).build(body);
        let coro = coro.coro().clone();
        let (world, dying) = (self.clone(), member.clone());
        // The first handler is called last.
        coro.on_destroy(move || {
            dying.dead.set(true);
            dying.doing.set(None);
            let fields = [
                ("c", dying.definition.name.as_str().into()),
                ("v", dying.status.borrow().clone().into()),
            ];
            world.trace.event("destroyed", &fields);
        });
        self.trace.event("new", &[("c", name.into())]);
        member.coro.replace(Some(coro.clone()));
        Some(coro)
    }

    /// Adds the last event: how everything stands.
    pub(crate) fn outcome(&self) {
        let alive = |m: &Rc<Member>| {
            let coro = m.coro.borrow();
            !m.dead.get() && coro.as_ref().is_some_and(|coro| !coro.is_new())
        };
        let how = if self.endless.get() {
            "limit"
        } else if self.members.values().any(alive) {
            "deadlock"
        } else {
            "finished"
        };
        let coros = self.members.iter();
        let objects = self.objects.iter();
        let fields = [
            ("r", how.into()),
            (
                "coros",
                Value::Object(coros.map(|(k, m)| (k.clone(), m.state())).collect()),
            ),
            (
                "objects",
                Value::Object(objects.map(|(k, o)| (k.clone(), o.state())).collect()),
            ),
            ("taint", json!([])),
        ];
        self.trace.event("outcome", &fields);
    }

    /// Forgets what holds the world: coros, and callbacks that hold coros.
    pub(crate) fn clear(&self) {
        for member in self.members.values() {
            drop(member.coro.take());
        }
        drop((self.calls.take(), self.replaced.take()));
    }
}

impl Member {
    pub(crate) fn name(&self) -> &str {
        &self.definition.name
    }

    fn op(&self) -> Option<(usize, &Op)> {
        let at = self.doing.get()?;
        Some((at, self.definition.ops.get(at)?))
    }

    fn state(&self) -> Value {
        let coro = self.coro.borrow();
        let state = match &*coro {
            _ if self.dead.get() => return json!({"s": "dead", "v": *self.status.borrow()}),
            None => return json!({"s": "absent"}),
            Some(coro) if coro.is_new() => "new",
            Some(coro) if coro.is_suspended() => "suspended",
            Some(_) => "blocked",
        };
        match self.op() {
            Some((at, op)) => json!({"s": state, "i": at, "op": op.name()}),
            None => json!({"s": state}),
        }
    }
}

/// Returns the nearest `i8`: priorities are clamped further by the kernel.
pub(crate) fn clamp(n: i64) -> i8 {
    n.clamp(i8::MIN.into(), i8::MAX.into()) as i8
}
