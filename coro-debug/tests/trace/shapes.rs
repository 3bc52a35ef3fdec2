//! Who cannot tell colours apart, and who reads it in print, sees the same.

use coro::{Builder, cede, note, schedule, spawn};
use coro_debug::trace::record;

use super::listener::fresh;
use super::picture::{Group, Picture, Shape};
use super::programs;

/// A picture that has all that can be drawn.
fn picture() -> Picture {
    fresh(|| {
        let ((), trace) = record(|| {
            let made = Builder::new().desc("made").build(|| ());
            let waits = Builder::new().desc("waits").spawn(schedule);
            note("notes");
            cede();
            waits.coro().throw(1);
            cede();
            made.coro().ready();
            let cancelled = spawn(schedule);
            cede();
            cancelled.coro().cancel();
            spawn(|| panic!("on purpose")).join().unwrap_err();
            cede();
        });
        Picture::read(&trace.to_svg())
    })
}

/// The bar of a state, the first one.
fn bar<'a>(picture: &'a Picture, state: &str) -> &'a Group {
    picture
        .with("state")
        .find(|bar| bar.get("state") == Some(state))
        .unwrap()
}

/// Linear light of a colour, as `#rrggbb`.
fn light(colour: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn luminance(light: [f64; 3]) -> f64 {
    let [red, green, blue] = light;
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// How much two colours differ in lightness, as WCAG 2 has it: 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let [a, b] = [one, other].map(|colour| luminance(light(colour)) + 0.05);
    a.max(b) / a.min(b)
}

/// The main colour of a shape.
fn colour(shape: &Shape) -> &str {
    let fill = shape.get("fill").filter(|fill| *fill != "none");
    fill.or(shape.get("stroke")).unwrap()
}

#[test]
fn states_differ_in_shape_and_not_in_colour_alone() {
    let picture = picture();
    let kinds = |state: &str| {
        let shapes = bar(&picture, state)
            .shapes
            .iter()
            .filter(|shape| shape.kind != "text");
        shapes.map(|shape| shape.kind.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("running"), ["rect"], "solid");
    assert_eq!(kinds("ready"), ["rect", "line"], "hatched");
    assert_eq!(
        kinds("blocked"),
        ["line", "line"],
        "a line, and where it begins"
    );
    assert_eq!(kinds("new"), ["line"]);
    let hatch = &bar(&picture, "ready").shapes[1];
    assert!(hatch.get("stroke-dasharray").is_some() && hatch.get("transform").is_some());
    let height = |state: &str| bar(&picture, state).shapes[0].number("height");
    assert!(
        height("running") >= 2.0 * height("ready"),
        "and not so high"
    );
    assert!(
        bar(&picture, "blocked").shapes[0]
            .get("stroke-dasharray")
            .is_none()
    );
    assert!(
        bar(&picture, "new").shapes[0]
            .get("stroke-dasharray")
            .is_some()
    );
}

#[test]
fn states_differ_in_lightness_so_that_a_grey_print_shows_them() {
    let picture = picture();
    let of = |state: &str| colour(&bar(&picture, state).shapes[0]).to_owned();
    assert!(
        contrast(&of("running"), &of("ready")) >= 3.0,
        "{} {}",
        of("running"),
        of("ready")
    );
    for state in ["running", "blocked", "new"] {
        assert!(contrast(&of(state), "#ffffff") >= 3.0, "{state}");
    }
}

/// What an eye sees that lacks a kind of cones, of linear light (Viénot, Brettel and Mollon 1999).
fn seen(without: char, [red, green, blue]: [f64; 3]) -> [f64; 3] {
    match without {
        'L' => {
            let both = 0.11238 * red + 0.88762 * green;
            [both, both, 0.00401 * (red - green) + blue]
        }
        _ => {
            let both = 0.29275 * red + 0.70725 * green;
            [both, both, -0.02234 * (red - green) + blue]
        }
    }
}

#[test]
fn states_differ_in_colour_for_those_who_see_no_red_or_no_green() {
    let picture = picture();
    let colours = ["running", "ready", "blocked"].map(|state| {
        // What is ready has a pale ground: its hatching tells.
        let shapes = &bar(&picture, state).shapes;
        shapes.iter().rfind(|shape| shape.kind != "text").unwrap()
    });
    let colours = colours.map(|shape| light(colour(shape)));
    for without in ['L', 'M'] {
        let seen = colours.map(|light| seen(without, light));
        for (at, one) in seen.iter().enumerate() {
            for other in &seen[at + 1..] {
                let apart: f64 = one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
                assert!(apart.sqrt() > 0.2, "{without}: {one:?} {other:?}");
            }
        }
    }
}

#[test]
fn all_that_is_written_can_be_read() {
    for &(name, program) in programs::ALL {
        let svg = fresh(move || record(program).1.to_svg());
        let picture = Picture::read(&svg);
        for text in picture.shapes().filter(|shape| shape.kind == "text") {
            let ratio = contrast(text.get("fill").unwrap(), "#ffffff");
            assert!(ratio >= 4.5, "{name}: {:?} has {ratio:.2}", text.text);
            assert!(text.number("font-size") >= 11.0, "{name}");
        }
    }
}

#[test]
fn kinds_of_arrows_and_of_ends_differ_in_shape() {
    let picture = picture();
    let look = |group: &Group| {
        let shapes = group.shapes.iter().filter(|shape| shape.kind != "text");
        // Where it is does not count, nor does its colour.
        let shape = |shape: &Shape| {
            let path = shape.get("d").map(|d| {
                d.chars()
                    .filter(char::is_ascii_alphabetic)
                    .collect::<String>()
            });
            format!(
                "{} {:?} {path:?}",
                shape.kind,
                shape.get("stroke-dasharray")
            )
        };
        shapes.map(shape).collect::<Vec<_>>()
    };
    for key in ["arrow", "end"] {
        let mut looks: Vec<(String, Vec<String>)> = Vec::new();
        for group in picture.with(key) {
            let kind = group.get(key).unwrap().to_owned();
            if !looks.iter().any(|(known, _)| *known == kind) {
                looks.push((kind, look(group)));
            }
        }
        assert!(looks.len() >= 3, "{looks:?}");
        for (at, (kind, look)) in looks.iter().enumerate() {
            for (other, looks_so) in &looks[at + 1..] {
                assert_ne!(look, looks_so, "{kind} {other}");
            }
        }
    }
}
