//! Everything that the kernel can do to a coro is in the picture, the trace and the columns, as it
//! was told to a listener.

use coro_debug::trace::{Recorder, Trace};
use serde_json::Value;

use super::listener::{Told, fresh, watch};
use super::model::{Arrow, Deed, Model, Span, end};
use super::picture::Picture;
use super::programs;

/// Checks that the trace tells what was told.
pub(crate) fn check(name: &str, trace: &Trace, told: &[Told]) {
    let model = Model::of(told);
    assert_eq!(trace.steps() as u64, model.steps, "{name}: steps");
    tiles(name, &model);
    check_trace(name, trace, &model);
    check_columns(name, trace, &model);
    if model.ids.len() <= 8 && model.steps < 300 {
        check_picture(name, trace, &model);
    }
}

/// That it was thought out well.
fn tiles(name: &str, model: &Model) {
    for (span, next) in model.spans.iter().zip(model.spans.iter().skip(1)) {
        if span.coro == next.coro {
            assert_eq!(span.to, next.from, "{name}: {span:?} {next:?}");
        }
    }
    let running = |step| {
        let spans = model.spans.iter().filter(|span| span.state == "running");
        spans
            .filter(|span| span.from <= step && step < span.to)
            .count()
    };
    for step in 0..model.steps {
        assert!(
            running(step) <= 1,
            "{name}: {} run at step {step}",
            running(step)
        );
    }
}

fn check_picture(name: &str, trace: &Trace, model: &Model) {
    let picture = Picture::read(&trace.to_svg());
    let shown = |span: &Span| Span {
        state: span.state.split(':').next().unwrap().to_owned(),
        ..span.clone()
    };
    let spans = model.spans.iter();
    let spans = spans.filter(|span| span.from < span.to || model.steps == 0);
    let spans: Vec<_> = spans.map(shown).collect();
    assert_eq!(picture.spans(), spans, "{name}");
    assert_eq!(picture.arrows(), model.arrows, "{name}");
    let ends = picture.with("end").map(|group| {
        let how = group.get("end").unwrap().to_owned();
        (group.number("step"), group.coro(), how)
    });
    let mut ends: Vec<_> = ends.collect();
    ends.sort();
    let expected = model.ends.iter();
    let expected: Vec<_> = expected
        .map(|&(step, coro, how)| (step, coro, end(how).to_owned()))
        .collect();
    assert_eq!(ends, expected, "{name}");
    let notes = picture
        .with("note")
        .map(|group| (group.number("step"), group.coro()));
    let mut notes: Vec<_> = notes.collect();
    notes.sort();
    let is_note = |deed: &&Deed| deed.words.starts_with('“');
    let said = model.deeds.iter().filter(is_note);
    let said: Vec<_> = said.map(|deed| (deed.step, deed.who)).collect();
    assert_eq!(notes, said, "{name}");
}

/// Checks what is so in every trace, also of the middle of a run: a coro is in one state at a time, and
/// one coro runs.
pub(crate) fn is_sane(name: &str, trace: &Trace) {
    let apart = |mut spans: Vec<Span>| {
        spans.sort_by_key(|span| (span.from, span.to));
        for pair in spans.windows(2) {
            assert!(pair[0].to <= pair[1].from, "{name}: {pair:?}");
        }
    };
    let (json, _) = (trace.to_perfetto(), trace.to_string());
    let json: Value = serde_json::from_str(&json).unwrap();
    let picture = Picture::read(&trace.to_svg());
    for spans in [slices(&json), picture.spans()] {
        apart(
            spans
                .iter()
                .filter(|span| span.state == "running")
                .cloned()
                .collect(),
        );
        for coro in spans.iter().map(|span| span.coro) {
            apart(
                spans
                    .iter()
                    .filter(|span| span.coro == coro)
                    .cloned()
                    .collect(),
            );
        }
    }
}

fn slices(json: &Value) -> Vec<Span> {
    let events = json["traceEvents"].as_array().unwrap().iter();
    let number = |event: &Value, key: &str| event[key].as_u64().unwrap();
    let slice = |event: &Value| Span {
        coro: number(event, "tid") as usize,
        from: number(event, "ts"),
        to: number(event, "ts") + number(event, "dur"),
        state: event["name"].as_str().unwrap().to_owned(),
    };
    let mut slices: Vec<_> = events
        .filter(|event| event["ph"] == "X")
        .map(slice)
        .collect();
    slices.sort();
    slices
}

fn check_trace(name: &str, trace: &Trace, model: &Model) {
    let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let of = |ph: &'static str| events.iter().filter(move |event| event["ph"] == ph);
    let number = |event: &Value, key: &str| event[key].as_u64().unwrap();
    assert_eq!(slices(&json), model.spans, "{name}");
    let tips: Vec<_> = of("f").collect();
    let mut wakes: Vec<_> = of("s")
        .map(|tail| {
            let tip = tips.iter().find(|tip| tip["id"] == tail["id"]).unwrap();
            assert_eq!(tip["ts"], tail["ts"], "{name}");
            Arrow {
                step: number(tail, "ts"),
                kind: tail["name"].as_str().unwrap().to_owned(),
                by: Some(number(tail, "tid") as usize),
                coro: number(tip, "tid") as usize,
            }
        })
        .collect();
    wakes.sort();
    assert_eq!(wakes, model.wakes, "{name}");
    let instants = of("i").map(|event| event["name"].as_str().unwrap());
    let notes = instants.clone().filter(|name| {
        model
            .deeds
            .iter()
            .any(|deed| deed.words == format!("“{name}”"))
    });
    let said = model
        .deeds
        .iter()
        .filter(|deed| deed.words.starts_with('“'));
    assert_eq!(notes.count(), said.count(), "{name}");
    let ends = instants.filter(|name| *name == "returns" || name.starts_with("ends: "));
    assert_eq!(ends.count(), model.ends.len(), "{name}");
}

/// The lines of the columns, each in that of who it is about.
fn check_columns(name: &str, trace: &Trace, model: &Model) {
    let text = format!("{trace:#}");
    if model.ids.len() > 10 {
        return;
    }
    let mut lines = text.lines().filter(|line| line.starts_with('│'));
    let head: Vec<char> = lines.next().unwrap().chars().collect();
    let head_text: String = head.iter().collect();
    let mut search = 0;
    let begins: Vec<usize> = (0..model.ids.len())
        .map(|coro| {
            let at = head_text[search..].find(&model.word(coro)).unwrap() + search;
            search = at + 1;
            head_text[..at].chars().count()
        })
        .collect();
    let mut deeds = Vec::new();
    for line in lines {
        let line: Vec<char> = line.chars().collect();
        let cell =
            |from: usize, to: usize| line[from..to].iter().collect::<String>().trim().to_owned();
        let first = cell(1, begins[0]);
        let ends = begins[1..].iter().copied().chain([line.len() - 1]);
        let cells: Vec<_> = begins
            .iter()
            .copied()
            .zip(ends)
            .map(|(from, to)| cell(from, to))
            .collect();
        let filled: Vec<_> = (0..cells.len())
            .filter(|at| !cells[*at].is_empty())
            .collect();
        assert_eq!(filled.len(), 1, "{name}: one does it\n{text}");
        let words = &cells[filled[0]];
        // In a step by itself begins what one does between two switches.
        let step: u64 = if first.is_empty() {
            0
        } else {
            first.parse().unwrap()
        };
        let place = words
            .rfind(" (")
            .filter(|_| words.ends_with(')') && !words.starts_with('“'));
        let words = place.map_or(&words[..], |at| &words[..at]).to_owned();
        deeds.push((filled[0], words, step));
    }
    let told: Vec<_> = deeds
        .iter()
        .map(|(who, words, _)| (*who, words.clone()))
        .collect();
    let expected: Vec<_> = model
        .deeds
        .iter()
        .map(|deed| (deed.who, deed.words.clone()))
        .collect();
    assert_eq!(told, expected, "{name}\n{text}");
    for ((_, words, step), deed) in deeds.iter().zip(&model.deeds) {
        assert!(
            [0, deed.step].contains(step),
            "{name}: {words} at {step}, not {}\n{text}",
            deed.step
        );
    }
    assert!(
        deeds.first().is_none_or(|(_, _, step)| *step == 1),
        "{name}\n{text}"
    );
}

#[test]
fn what_a_listener_was_told_is_in_the_picture_the_trace_and_the_columns() {
    for &(name, program) in programs::ALL {
        fresh(move || {
            let (trace, told) = watch(Recorder::new(), program);
            check(name, &trace, &told);
        });
    }
}

#[test]
fn every_program_leaves_main_alone_so_the_others_are_all_over() {
    for &(name, program) in programs::ALL {
        fresh(move || {
            let (trace, told) = watch(Recorder::new(), program);
            assert_eq!(coro::all(), [coro::main()], "{name}");
            let picture = Picture::read(&trace.to_svg());
            let spawned = told
                .iter()
                .filter(|told| matches!(told, Told::Spawned(_)))
                .count();
            assert_eq!(picture.with("end").count(), spawned, "{name}");
        });
    }
}
