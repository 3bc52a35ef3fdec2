//! What holds for every trace of ours, whether Coro agrees or not: nothing that is free has a
//! waiter, nothing is lost, and nothing happens twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

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
    scenario: &'a Scenario,
    coros: BTreeMap<&'a str, Life<'a>>,
    semaphores: BTreeMap<&'a str, i64>,
    channels: BTreeMap<&'a str, Stored>,
    /// What the destroy handlers have to do, by their names.
    handlers: BTreeMap<&'a str, &'a Op>,
    called: BTreeSet<String>,
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

struct Stored {
    values: VecDeque<Value>,
    /// `None`: any number.
    capacity: Option<usize>,
    shut_down: bool,
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
            scenario,
            coros: coros.collect(),
            semaphores: BTreeMap::new(),
            channels: BTreeMap::new(),
            handlers: BTreeMap::new(),
            called: BTreeSet::new(),
            over: false,
            wrong: Vec::new(),
        };
        for (name, object) in &scenario.objects {
            match object["type"].as_str() {
                Some("semaphore") => {
                    let count = object["count"].as_i64().unwrap_or(1);
                    model.semaphores.insert(name, count);
                }
                Some("channel") => {
                    let size = object["size"].as_u64().unwrap_or(0) as usize;
                    let stored = Stored {
                        values: VecDeque::new(),
                        capacity: size.checked_sub(1),
                        shut_down: false,
                    };
                    model.channels.insert(name, stored);
                }
                _ => {}
            }
        }
        let handlers = scenario.ops().filter(|op| op.name() == "on_destroy");
        model.handlers = handlers.map(|op| (op.text(2), op)).collect();
        model
    }

    fn event(&mut self, event: &Value) {
        if self.over {
            return self.wrong.push(format!("after the end: {event}"));
        }
        match event["e"].as_str() {
            Some("release") => self.raise(event["o"].as_str().unwrap_or(""), 1),
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
        if let Some(op) = begun {
            self.begin(op);
        }
        if let (Some(op), "ret", None) = (done, kind, event.get("skip")) {
            self.end(op, &event["r"]);
        }
    }

    /// A put stores before it waits.
    fn begin(&mut self, op: &'a Op) {
        if op.name() == "put"
            && let Some(channel) = self.channels.get_mut(op.text(1))
        {
            channel.values.push_back(op.value(2));
        }
    }

    fn end(&mut self, op: &'a Op, result: &Value) {
        let object = op.text(1);
        match op.name() {
            "down" | "guard" => self.raise(object, -1),
            "try" if *result == 1 => self.raise(object, -1),
            "up" => self.raise(object, 1),
            "adjust" => self.raise(object, op.number(2)),
            "count" => {
                let count = self.semaphores.get(object);
                if count.copied() != result.as_i64() {
                    self.wrong
                        .push(format!("{object} has count {result}, not {count:?}"));
                }
            }
            "shutdown" | "size" | "get" => self.end_channel(op, result),
            _ => {}
        }
    }

    fn end_channel(&mut self, op: &'a Op, result: &Value) {
        let Some(channel) = self.channels.get_mut(op.text(1)) else {
            return;
        };
        let fits = match op.name() {
            "shutdown" => {
                channel.shut_down = true;
                true
            }
            "size" => result.as_u64() == Some(channel.values.len() as u64),
            _ => match channel.values.pop_front() {
                Some(oldest) => oldest == *result,
                None => result.is_null() && channel.shut_down,
            },
        };
        if !fits {
            self.wrong.push(format!("{op:?} returned {result}"));
        }
    }

    fn raise(&mut self, semaphore: &str, by: i64) {
        match self.semaphores.get_mut(semaphore) {
            Some(count) => *count += by,
            None => self.wrong.push(format!("{semaphore} is no semaphore")),
        }
    }

    fn handler(&mut self, key: &str) {
        if !self.called.insert(key.to_owned()) {
            self.wrong.push(format!("handler {key} was called twice"));
        }
        match self.handlers.get(key) {
            Some(op) if op.text(3) == "up" => {
                let semaphore = op.text(4);
                self.raise(semaphore, 1);
            }
            Some(_) => {}
            None => self
                .wrong
                .push(format!("handler {key} was never registered")),
        }
    }

    fn outcome(&mut self, event: &Value) {
        self.over = true;
        let mut wrong = Vec::new();
        let suspended = self
            .coros
            .keys()
            .any(|name| event["coros"][name]["s"] == "suspended");
        for (name, life) in &self.coros {
            let dead = event["coros"][name]["s"] == "dead";
            if dead != (life.destroyed == 1) {
                wrong.push(format!("{name} is dead, or destroyed, but not both"));
            }
            let Some(op) = life.open else { continue };
            let joined = &event["coros"][op.text(1)]["s"];
            // A suspended coro cannot take what it was given.
            if op.name() == "join" && *joined == "dead" && event["coros"][name]["s"] != "suspended"
            {
                wrong.push(format!(
                    "{name} waits for the end of {}, which is dead",
                    op.text(1)
                ));
            }
        }
        for (name, _) in &self.scenario.objects {
            let state = &event["objects"][name];
            if let Some(count) = self.semaphores.get(name.as_str()) {
                if state["count"] != *count {
                    wrong.push(format!("{name} has count {}, not {count}", state["count"]));
                }
                let waiting = self.blocked(&["down", "guard", "sem_wait"], name);
                let listed = names(&state["waiters"]);
                if *count > 0 && !listed.is_empty() && !suspended {
                    wrong.push(format!("{name} is free, and {listed:?} wait"));
                }
                if listed != waiting && !suspended {
                    wrong.push(format!("{name} lists {listed:?}, but {waiting:?} wait"));
                }
            }
            if let Some(channel) = self.channels.get(name.as_str()) {
                let size = channel.values.len();
                if state["size"] != size {
                    wrong.push(format!("{name} has size {}, not {size}", state["size"]));
                }
                let (getters, putters) = (names(&state["get"]), names(&state["put"]));
                if !suspended {
                    if size > 0 && !getters.is_empty() {
                        wrong.push(format!("{name} has {size} values, and {getters:?} wait"));
                    }
                    // Each putter that waits has stored its value beyond the capacity.
                    let room = channel
                        .capacity
                        .map_or(usize::MAX, |cap| cap + putters.len());
                    if size < room && !putters.is_empty() {
                        wrong.push(format!("{name} has a free slot, and {putters:?} wait"));
                    }
                    if getters != self.blocked(&["get"], name)
                        || putters != self.blocked(&["put"], name)
                    {
                        wrong.push(format!("{name} does not list who waits: {state}"));
                    }
                }
            }
        }
        self.wrong.append(&mut wrong);
    }

    /// Who has begun one of these ops on this object, and has not ended it.
    fn blocked(&self, ops: &[&str], object: &str) -> BTreeSet<String> {
        let waits = |op: &Op| ops.contains(&op.name()) && op.text(1) == object;
        let coros = self.coros.iter();
        let blocked = coros.filter(|(_, life)| life.open.is_some_and(waits));
        blocked.map(|(name, _)| (*name).to_owned()).collect()
    }
}

/// The names in a list; one that is there twice counts as another one.
fn names(list: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for name in list.as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or("?").to_owned();
        if !names.insert(name.clone()) {
            names.insert(format!("{name} once more"));
        }
    }
    names
}
