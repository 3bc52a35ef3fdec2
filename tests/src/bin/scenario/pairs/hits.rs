//! Finds in a trace where a coro was interrupted, or readied for nothing, inside an operation.
//!
//! It follows the events with a small model of the lists of waiters. Where the events do not tell
//! whether the waiter was listed or woken, there is no hit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Op, Scenario};
use crate::pairs::queue::Place;
use crate::pairs::waiters::Waiters;

/// The operations that may wait.
pub(crate) const BLOCKING: [&str; 18] = [
    "down",
    "guard",
    "sem_wait",
    "get",
    "put",
    "wait",
    "rdlock",
    "wrlock",
    "set_down",
    "set_guard",
    "set_wait",
    "join",
    "rouse_wait",
    "schedule",
    "schedule_to",
    "cede",
    "cede_notself",
    "cede_to",
];

/// Somebody was interrupted: who, in which op, by which op, and where it stood.
#[derive(Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) coro: &'a str,
    pub(crate) number: usize,
    pub(crate) op: &'a str,
    pub(crate) by: &'a str,
    pub(crate) place: Place,
}

/// Returns the hits of a trace.
pub(crate) fn of<'a>(scenario: &'a Scenario, lines: &[&str]) -> Vec<Hit<'a>> {
    let events: Vec<Value> = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut follower = Follower::new(scenario);
    for (at, event) in events.iter().enumerate() {
        // An op that is not made returns at once.
        let skips = |event: Option<&Value>| event.is_some_and(|e| e.get("skip").is_some());
        let refused = event["e"] == "op" && skips(events.get(at + 1));
        if !refused && !skips(Some(event)) {
            follower.event(event);
        }
    }
    follower.hits
}

/// A coro that has begun an op and not ended it.
struct Inside<'a> {
    op: &'a Op,
    number: usize,
    /// Where it stands, if it waits for no object.
    place: Place,
    /// Which callback of its key it waits for.
    generation: usize,
    /// It was interrupted already: what comes now does not count.
    interrupted: bool,
}

struct Follower<'a> {
    /// By the names of the coros.
    ops: BTreeMap<&'a str, &'a [Op]>,
    /// By the names of the destroy handlers.
    handlers: BTreeMap<&'a str, &'a Op>,
    objects: BTreeMap<&'a str, Waiters<'a>>,
    inside: BTreeMap<&'a str, Inside<'a>>,
    dead: BTreeSet<&'a str>,
    /// Coros that may be in the ready queue although nothing tells so.
    odd: BTreeSet<&'a str>,
    /// How many callbacks each key has had.
    generations: BTreeMap<&'a str, usize>,
    /// Hits by an op that has not returned yet, by who makes it.
    pending: BTreeMap<&'a str, Hit<'a>>,
    /// Exceptions that have not arrived yet, by who gets them.
    thrown: BTreeMap<&'a str, Hit<'a>>,
    hits: Vec<Hit<'a>>,
}

impl<'a> Follower<'a> {
    fn new(scenario: &'a Scenario) -> Follower<'a> {
        let coros = scenario.coros.iter();
        let handlers = scenario.ops().filter(|op| op.name() == "on_destroy");
        let objects = scenario.objects.iter();
        Follower {
            ops: coros.map(|c| (c.name.as_str(), c.ops.as_slice())).collect(),
            handlers: handlers.map(|op| (op.text(2), op)).collect(),
            objects: objects
                .filter_map(|(name, made)| Some((name.as_str(), Waiters::new(made)?)))
                .collect(),
            inside: BTreeMap::new(),
            dead: BTreeSet::new(),
            odd: BTreeSet::new(),
            generations: BTreeMap::new(),
            pending: BTreeMap::new(),
            thrown: BTreeMap::new(),
            hits: Vec::new(),
        }
    }

    fn event(&mut self, event: &Value) {
        let text = |key: &str| event[key].as_str().unwrap_or("");
        match text("e") {
            "release" => {
                if let Some(object) = self.objects.get_mut(text("o")) {
                    object.released(text("id"));
                }
                return;
            }
            "on_destroy" => {
                if let Some(handler) = self.handlers.get(text("k")) {
                    self.handle(handler);
                }
                return;
            }
            _ => {}
        }
        let Some((&coro, &ops)) = self.ops.get_key_value(text("c")) else {
            return;
        };
        let number = event["i"].as_u64().unwrap_or(0) as usize;
        match (text("e"), ops.get(number)) {
            ("op", Some(op)) => {
                self.aim(coro, op);
                self.begin(coro, op, number);
            }
            ("ret", Some(op)) => {
                self.strike(coro, &event["r"]);
                self.end(coro, op, &event["r"]);
            }
            ("exc", _) => {
                self.hits.extend(self.thrown.remove(coro));
                self.gone(coro);
            }
            ("unwind", _) => self.gone(coro),
            ("destroyed", _) => {
                self.gone(coro);
                self.dead.insert(coro);
                self.wake(|inside| inside.op.name() == "join" && inside.op.text(1) == coro);
            }
            _ => {}
        }
    }

    /// An op begins that may hit another coro.
    fn aim(&mut self, coro: &'a str, op: &'a Op) {
        let (by, target) = (op.name(), op.text(1));
        if !matches!(by, "ready" | "throw" | "cancel" | "safe_cancel") || target == coro {
            return;
        }
        let Some((&target, inside)) = self.inside.get_key_value(target) else {
            return;
        };
        let waits = inside.op.name();
        let place = match self.objects.get_mut(inside.op.text(1)) {
            Some(object) if !IN_NO_OBJECT.contains(&waits) => object.place(target, inside.op),
            _ => Some(inside.place),
        };
        let odd = waits.starts_with("schedule") && self.odd.contains(target);
        if let Some(place) = place
            && !inside.interrupted
            && !odd
            && BLOCKING.contains(&waits)
        {
            let hit = Hit {
                coro: target,
                number: inside.number,
                op: waits,
                by,
                place,
            };
            self.pending.insert(coro, hit);
        }
    }

    /// The op that may have hit another coro has returned.
    fn strike(&mut self, coro: &str, result: &Value) {
        if let Some(hit) = self.pending.remove(coro) {
            let missed = match hit.by {
                // A coro that is ready already stays where it is.
                "ready" => {
                    hit.place == Place::Woken || (*result != 1 && !hit.op.starts_with("cede"))
                }
                "safe_cancel" => *result != 1,
                _ => false,
            };
            if hit.by == "throw" {
                self.thrown.insert(hit.coro, hit);
            } else if !missed {
                self.hits.push(hit);
            }
        }
    }

    fn begin(&mut self, coro: &'a str, op: &'a Op, number: usize) {
        let key = op.text(1);
        match op.name() {
            // What it waited for is passed on before its guards are released.
            "cancel" if key != coro => return self.gone(key),
            "schedule_to" | "cede_to" => {
                self.odd.insert(key);
            }
            _ => {}
        }
        if !BLOCKING.contains(&op.name()) {
            return;
        }
        if let Some(object) = self.objects.get_mut(key)
            && !IN_NO_OBJECT.contains(&op.name())
        {
            object.begin(coro, op);
        }
        let inside = Inside {
            op,
            number,
            place: Place::Listed,
            generation: self.generations.get(key).copied().unwrap_or(0),
            interrupted: false,
        };
        self.inside.insert(coro, inside);
    }

    fn end(&mut self, coro: &'a str, op: &'a Op, result: &Value) {
        let key = op.text(1);
        self.thrown.remove(coro);
        if self.inside.remove(coro).is_some() {
            if let Some(object) = self.objects.get_mut(key)
                && !IN_NO_OBJECT.contains(&op.name())
            {
                object.got(coro, op);
            }
            return;
        }
        match op.name() {
            "ready" if *result == 1 => self.readied(key),
            "throw" | "throw_clear" => {
                self.interrupted(key);
                self.readied(key);
            }
            "safe_cancel" if *result == 1 => self.gone(key),
            "rouse_cb" => *self.generations.entry(key).or_default() += 1,
            "rouse_call" => {
                let generation = self.generations.get(key).copied().unwrap_or(0);
                self.wake(|inside| {
                    let waits = inside.op.name() == "rouse_wait" && inside.op.text(1) == key;
                    waits && inside.generation == generation
                });
            }
            _ => {
                if let Some(object) = self.objects.get_mut(key) {
                    object.made(op, result);
                }
            }
        }
    }

    /// A coro was readied by itself, or by another.
    fn readied(&mut self, coro: &'a str) {
        match self.inside.get_mut(coro) {
            Some(inside) if inside.op.name().starts_with("schedule") => inside.place = Place::Woken,
            Some(_) => {}
            None => {
                self.odd.insert(coro);
            }
        }
    }

    fn interrupted(&mut self, coro: &str) {
        if let Some(inside) = self.inside.get_mut(coro) {
            inside.interrupted = true;
        }
    }

    fn wake(&mut self, who: impl Fn(&Inside<'a>) -> bool) {
        let waiting = self.inside.values_mut().filter(|inside| who(inside));
        waiting.for_each(|inside| inside.place = Place::Woken);
    }

    /// A coro has left its op without its result.
    fn gone(&mut self, coro: &str) {
        if let Some(inside) = self.inside.remove(coro)
            && let Some(object) = self.objects.get_mut(inside.op.text(1))
            && !IN_NO_OBJECT.contains(&inside.op.name())
        {
            object.gone(coro, inside.op);
        }
    }

    fn handle(&mut self, handler: &'a Op) {
        let (action, argument) = (handler.text(3), handler.text(4));
        if action == "ready" {
            self.odd.insert(argument);
        } else if let Some(object) = self.objects.get_mut(argument) {
            object.act(action);
        }
    }
}

/// These wait for a coro, a callback or their turn.
const IN_NO_OBJECT: [&str; 7] = [
    "join",
    "rouse_wait",
    "schedule",
    "schedule_to",
    "cede",
    "cede_notself",
    "cede_to",
];
