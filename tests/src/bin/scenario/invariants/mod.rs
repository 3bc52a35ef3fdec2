//! What holds for every trace of ours, whether Coro agrees or not: nothing that is free has a
//! waiter, nothing is lost, and nothing happens twice.

mod heard;
mod things;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::invariants::things::{End, Thing};
use crate::model::{Op, Scenario};

/// Checks a trace, and returns what is wrong.
pub(crate) fn check(scenario: &Scenario, lines: &[&str]) -> Vec<String> {
    let mut model = Model::new(scenario);
    for line in lines {
        match serde_json::from_str(line) {
            Ok(event) => model.event(&event),
            Err(_) => model.wrong.push(format!("no JSON: {line}")),
        }
    }
    if !model.over {
        model.wrong.push("there is no outcome".to_owned());
    }
    model.wrong
}

/// What the events so far tell.
struct Model<'a> {
    coros: BTreeMap<&'a str, Life<'a>>,
    things: BTreeMap<&'a str, Thing<'a>>,
    /// The callbacks that are registered, by the names of their objects, and were not called.
    callbacks: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// What the destroy handlers have to do, by their names.
    handlers: BTreeMap<&'a str, &'a Op>,
    called: BTreeSet<String>,
    /// A coro was suspended. What it is given meanwhile does not wake it, nor does the resume.
    suspended: bool,
    over: bool,
    wrong: Vec<String>,
}

#[derive(Default)]
struct Life<'a> {
    ops: &'a [Op],
    /// How often it was created, and so on.
    new: u32,
    started: u32,
    ended: u32,
    unwound: u32,
    destroyed: u32,
    /// The number of the next op.
    next: usize,
    open: Option<&'a Op>,
}

impl<'a> Model<'a> {
    fn new(scenario: &'a Scenario) -> Model<'a> {
        let coros = scenario.coros.iter().map(|coro| {
            let life = Life {
                ops: &coro.ops,
                ..Life::default()
            };
            (coro.name.as_str(), life)
        });
        let mut model = Model {
            coros: coros.collect(),
            things: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            handlers: BTreeMap::new(),
            called: BTreeSet::new(),
            suspended: false,
            over: false,
            wrong: Vec::new(),
        };
        let objects = scenario.objects.iter();
        model.things = objects
            .map(|(name, made)| (name.as_str(), Thing::new(made)))
            .collect();
        let handlers = scenario.ops().filter(|op| op.name() == "on_destroy");
        model.handlers = handlers.map(|op| (op.text(2), op)).collect();
        model
    }

    fn event(&mut self, event: &Value) {
        if self.over {
            return self.wrong.push(format!("after the end: {event}"));
        }
        match event["e"].as_str() {
            Some("release") => {
                let key = event["id"].as_str().unwrap_or("");
                let thing = self.things.get_mut(event["o"].as_str().unwrap_or(""));
                if !thing.is_some_and(|thing| thing.released(key)) {
                    self.wrong.push(format!("nothing to release: {event}"));
                }
            }
            Some("cb") => self.called_back(event),
            Some("on_destroy") => self.handler(event["k"].as_str().unwrap_or("")),
            Some("outcome") => self.outcome(event),
            Some(kind) => self.of_a_coro(kind, event),
            None => self.wrong.push(format!("no event: {event}")),
        }
    }

    fn of_a_coro(&mut self, kind: &str, event: &Value) {
        let Some(life) = event["c"]
            .as_str()
            .and_then(|name| self.coros.get_mut(name))
        else {
            return self.wrong.push(format!("of no coro: {event}"));
        };
        let number = event["i"].as_u64().unwrap_or(0) as usize;
        let alive = life.new == 1 && life.destroyed == 0;
        let runs = alive && life.started == 1 && life.unwound == 0 && life.ended == 0;
        let mut done = None;
        let fits = match kind {
            "new" => {
                life.new += 1;
                life.new == 1
            }
            "start" => {
                life.started += 1;
                alive && life.started == 1
            }
            "op" => {
                let fits = runs && life.open.is_none() && life.next == number;
                life.open = life.ops.get(number);
                life.next = number + 1;
                fits && life.open.is_some()
            }
            "ret" | "exc" => {
                done = life.open.take();
                runs && done.is_some() && life.next == number + 1
            }
            "end" => {
                life.ended += 1;
                runs && life.open.is_none()
            }
            "unwind" => {
                life.unwound += 1;
                life.open = None;
                alive && life.unwound == 1
            }
            "destroyed" => {
                life.destroyed += 1;
                alive && life.unwound == 1
            }
            _ => false,
        };
        let begun = (kind == "op").then_some(life.open).flatten();
        if !fits {
            self.wrong.push(format!("out of place: {event}"));
        }
        let Some((&coro, _)) = self.coros.get_key_value(event["c"].as_str().unwrap_or("")) else {
            return;
        };
        if let Some(op) = begun {
            self.begin(coro, op);
        }
        match (done, kind) {
            (Some(op), "ret") if event.get("skip").is_none() => self.end(coro, op, &event["r"]),
            (Some(_), "exc") | (None, "unwind") => {
                self.things.values_mut().for_each(|thing| thing.gone(coro));
            }
            _ => {}
        }
    }

    fn begin(&mut self, coro: &'a str, op: &'a Op) {
        let key = op.text(1);
        if matches!(
            op.name(),
            "throw" | "throw_clear" | "cancel" | "safe_cancel"
        ) {
            let inside = self.coros.get(key).and_then(|life| life.open);
            if let Some(thing) = inside.and_then(|op| self.things.get_mut(op.text(1))) {
                thing.interrupted();
            }
        } else if let Some(thing) = self.things.get_mut(key) {
            thing.begin(coro, op);
            if matches!(op.name(), "sem_wait_cb" | "wait_cb") {
                self.callbacks.entry(key).or_default().insert(op.text(2));
            }
        }
    }

    fn end(&mut self, coro: &'a str, op: &'a Op, result: &Value) {
        self.suspended |= op.name() == "suspend";
        if let Some(thing) = self.things.get_mut(op.text(1))
            && !thing.end(coro, op, result)
        {
            self.wrong
                .push(format!("{op:?} of {coro} returned {result}"));
        }
    }

    /// Each callback is called once.
    fn called_back(&mut self, event: &Value) {
        let (object, key) = (
            event["o"].as_str().unwrap_or(""),
            event["k"].as_str().unwrap_or(""),
        );
        let registered = self
            .callbacks
            .get_mut(object)
            .is_some_and(|keys| keys.remove(key));
        let by_itself = |life: &Life<'_>| {
            life.open
                .is_some_and(|op| op.name().ends_with("wait_cb") && op.text(2) == key)
        };
        let at_once = self.coros.values().any(by_itself);
        let thing = self.things.get_mut(object);
        if !registered || !thing.is_some_and(|thing| thing.called_back(at_once)) {
            self.wrong.push(format!("nothing to call back: {event}"));
        }
    }

    fn handler(&mut self, key: &str) {
        if !self.called.insert(key.to_owned()) {
            self.wrong.push(format!("handler {key} was called twice"));
        }
        match self.handlers.get(key) {
            Some(op) => {
                if let Some(thing) = self.things.get_mut(op.text(4)) {
                    thing.act(op.text(3));
                }
            }
            None => self
                .wrong
                .push(format!("handler {key} was never registered")),
        }
    }

    fn outcome(&mut self, event: &Value) {
        self.over = true;
        let mut wrong = Vec::new();
        for (name, life) in &self.coros {
            let dead = event["coros"][name]["s"] == "dead";
            if dead != (life.destroyed == 1) {
                wrong.push(format!("{name} is dead, or destroyed, but not both"));
            }
            let Some(op) = life.open else { continue };
            let joined = &event["coros"][op.text(1)]["s"];
            if op.name() == "join" && *joined == "dead" && !self.suspended {
                wrong.push(format!(
                    "{name} waits for the end of {}, which is dead",
                    op.text(1)
                ));
            }
        }
        for (name, thing) in &self.things {
            let inside = |(coro, life): (&&'a str, &Life<'a>)| Some((*coro, life.open?));
            let blocked = self.coros.iter().filter_map(inside);
            let mut end = End {
                state: &event["objects"][name],
                callbacks: self.callbacks.get(name).map_or(0, BTreeSet::len),
                blocked: blocked.filter(|(_, op)| op.text(1) == *name).collect(),
                suspended: self.suspended,
                wrong: Vec::new(),
            };
            thing.outcome(&mut end);
            let what = end.wrong.into_iter();
            wrong.extend(what.map(|what| format!("{name} {what}: {}", end.state)));
        }
        self.wrong.append(&mut wrong);
    }
}
