//! A scenario as it is read: objects, coros, and what each coro does.

use std::fmt;

use serde_json::{Map, Value};

/// One scenario.
pub(crate) struct Scenario {
    /// Its name in the trace.
    pub(crate) id: Value,
    /// Name, type and parameters of each object, in the order of the names.
    pub(crate) objects: Vec<(String, Value)>,
    pub(crate) coros: Vec<Definition>,
}

/// A coro of a scenario.
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) prio: i64,
    pub(crate) start: Start,
    /// An exception out of an op ends the body; else it is reported, and the next op follows.
    pub(crate) ends_by_exception: bool,
    pub(crate) ops: Vec<Op>,
}

/// Whether a coro exists from the beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Ready,
    New,
    /// An op creates it.
    Lazy,
}

/// One operation: its name and its arguments.
pub(crate) struct Op(Vec<Value>);

impl Scenario {
    /// Reads a line; `number` is the name of a scenario that has none. `None`: it is no scenario.
    pub(crate) fn parse(line: &str, number: usize) -> Option<Scenario> {
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else {
            return None;
        };
        let mut objects: Vec<_> = match fields.get("objects") {
            Some(Value::Object(objects)) => objects.clone().into_iter().collect(),
            _ => Vec::new(),
        };
        objects.sort_by(|(a, _), (b, _)| a.cmp(b));
        let coros = fields.get("coros").and_then(Value::as_array);
        Some(Scenario {
            id: fields.get("id").cloned().unwrap_or_else(|| number.into()),
            objects,
            coros: coros.map_or(Some(Vec::new()), |coros| {
                coros.iter().map(Definition::read).collect()
            })?,
        })
    }

    /// Returns all operations of all coros.
    pub(crate) fn ops(&self) -> impl Iterator<Item = &Op> {
        self.coros.iter().flat_map(|coro| &coro.ops)
    }
}

impl Definition {
    fn read(value: &Value) -> Option<Definition> {
        let fields = value.as_object()?;
        let text = |key: &str| fields.get(key).and_then(Value::as_str);
        Some(Definition {
            name: text("name")?.to_owned(),
            prio: fields.get("prio").and_then(Value::as_i64).unwrap_or(0),
            start: match text("start") {
                None | Some("ready") => Start::Ready,
                Some("lazy") => Start::Lazy,
                Some(_) => Start::New,
            },
            ends_by_exception: text("catch") == Some("end"),
            ops: Definition::read_ops(fields)?,
        })
    }

    fn read_ops(fields: &Map<String, Value>) -> Option<Vec<Op>> {
        let Some(ops) = fields.get("ops") else {
            return Some(Vec::new());
        };
        let read = |op: &Value| op.as_array().map(|op| Op(op.clone()));
        ops.as_array()?.iter().map(read).collect()
    }
}

impl Op {
    /// Returns the name.
    pub(crate) fn name(&self) -> &str {
        self.text(0)
    }

    /// Returns an argument that is a text; "" if there is none. The first one has the number 1.
    pub(crate) fn text(&self, at: usize) -> &str {
        self.0.get(at).and_then(Value::as_str).unwrap_or("")
    }

    /// Returns an argument that is a number; 0 if there is none.
    pub(crate) fn number(&self, at: usize) -> i64 {
        self.0.get(at).and_then(Value::as_i64).unwrap_or(0)
    }

    /// Returns an argument.
    pub(crate) fn value(&self, at: usize) -> Value {
        self.0.get(at).cloned().unwrap_or(Value::Null)
    }

    /// Returns all arguments from one on.
    pub(crate) fn values(&self, from: usize) -> Vec<Value> {
        self.0.get(from..).unwrap_or(&[]).to_vec()
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
