//! The picture: what it is made of, that it fits into pages of others, and that its shapes are where
//! they say they are.

use coro::{Builder, cede, note, schedule, spawn};
use coro_debug::trace::{Recorder, record};

use super::listener::fresh;
use super::picture::{Group, Picture};
use super::programs;

fn picture(f: impl FnOnce()) -> Picture {
    Picture::read(&record(f).1.to_svg())
}

/// The pictures of all programs, and of all of them together.
fn pictures() -> Vec<(String, Picture)> {
    let mut pictures: Vec<_> = programs::ALL
        .iter()
        .map(|&(name, program)| (name.to_owned(), fresh(move || picture(program))))
        .collect();
    let all = fresh(|| picture(|| programs::ALL.iter().for_each(|(_, program)| program())));
    pictures.push(("all".to_owned(), all));
    let long = fresh(|| picture(|| (0..100).for_each(|_| spawn(cede).join().unwrap())));
    pictures.push(("long".to_owned(), long));
    pictures
}

#[test]
fn a_picture_fits_into_markdown_and_does_not_disturb_others() {
    for (name, picture) in pictures() {
        let svg = &picture.svg;
        assert!(
            svg.lines().all(|line| !line.trim().is_empty()),
            "{name}: a blank line ends HTML"
        );
        assert!(svg.ends_with("</svg>\n"), "{name}");
        let first = svg.lines().next().unwrap();
        assert!(
            first.starts_with("<svg ") && first.ends_with('>') && first.matches('<').count() == 1
        );
        let document = roxmltree::Document::parse(svg).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            let tag = node.tag_name().name();
            assert!(
                !["style", "script", "defs", "use", "marker", "pattern"].contains(&tag),
                "{name}: {tag}"
            );
            assert_eq!(
                node.tag_name().namespace(),
                Some("http://www.w3.org/2000/svg")
            );
            for attribute in ["id", "class", "href"] {
                assert!(!node.has_attribute(attribute), "{name}: {attribute}");
            }
            assert!(
                !node.attributes().any(|a| a.value().contains("url(")),
                "{name}"
            );
        }
    }
}

#[test]
fn a_picture_can_be_read_out() {
    for (name, picture) in pictures() {
        assert!(picture.svg.contains(r#"role="img""#), "{name}");
        let who = if ["all", "long"].contains(&&name[..]) {
            "Timeline of "
        } else {
            "Timeline of main"
        };
        assert!(picture.title.starts_with(who), "{name}: {}", picture.title);
    }
    let told = picture(|| spawn(|| note("here")).join().unwrap()).description;
    for sentence in [
        "1: main spawns #1.",
        "2: main blocks on join at svg.rs:",
        "3: #1 says “here”.",
        "4: #1 returns.",
        "4: #1 readies main.",
    ] {
        assert!(told.contains(sentence), "{sentence}\n{told}");
    }
}

#[test]
fn all_that_is_drawn_is_within_the_picture() {
    for (name, picture) in pictures() {
        let (width, height) = picture.size;
        for shape in picture.shapes() {
            let is_in = |x: f64, y: f64| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
            let get = |name| shape.number(name);
            let (x, y) = (get("x"), get("y"));
            let inside = match &shape.kind[..] {
                "rect" => {
                    assert!(
                        get("width") >= 0.0 && get("height") > 0.0,
                        "{name}: {shape:?}"
                    );
                    is_in(x, y) && is_in(x + get("width"), y + get("height"))
                }
                "line" if shape.get("transform").is_some() => true,
                "line" => is_in(get("x1"), get("y1")) && is_in(get("x2"), get("y2")),
                // A letter is at most 0.61 of its size wide.
                "text" if shape.get("text-anchor").is_some() => is_in(x, y),
                "text" => is_in(
                    x + shape.text.chars().count() as f64 * get("font-size") * 0.61,
                    y,
                ),
                "circle" => {
                    is_in(get("cx") - get("r"), get("cy") - get("r"))
                        && is_in(get("cx") + get("r"), get("cy"))
                }
                "polygon" | "path" => true,
                other => panic!("{name}: {other}"),
            };
            assert!(inside, "{name}: {shape:?} of {:?}", picture.size);
        }
    }
}

/// From where to where its shape goes.
fn extent(bar: &Group) -> (f64, f64) {
    let shape = &bar.shapes[0];
    match &shape.kind[..] {
        "rect" => (shape.number("x"), shape.number("x") + shape.number("width")),
        _ => (shape.number("x1"), shape.number("x2")),
    }
}

#[test]
fn a_bar_is_drawn_from_its_first_step_to_its_last_by_the_axis() {
    for (name, picture) in pictures() {
        if picture.svg.contains("These are the first") {
            continue;
        }
        for bar in picture.with("state") {
            let (from, to) = extent(bar);
            for (step, x) in [(bar.number("from"), from), (bar.number("to"), to)] {
                if let Some(axis) = picture.x_of(bar.band, step) {
                    assert!(
                        (axis - x).abs() <= 1.0,
                        "{name}: {bar:?} is at {x}, not {axis}"
                    );
                }
            }
        }
    }
}

/// The height of the row of a coro, in a line of the picture.
fn row(picture: &Picture, coro: usize, band: usize) -> Option<f64> {
    let of_coro = |bar: &&Group| bar.coro() == coro && bar.band == band;
    let shape = &picture.with("state").find(of_coro)?.shapes[0];
    Some(match &shape.kind[..] {
        "rect" => shape.number("y") + shape.number("height") / 2.0,
        _ => shape.number("y1"),
    })
}

#[test]
fn an_arrow_goes_from_the_row_of_who_does_it_to_that_of_whom_it_concerns_at_its_step() {
    let mut seen = 0;
    for (name, picture) in pictures() {
        for arrow in picture.with("arrow") {
            let Some(by) = arrow.get("by") else { continue };
            let (by, coro) = (by.parse().unwrap(), arrow.coro());
            if by == coro {
                continue;
            }
            let shaft = arrow
                .shapes
                .iter()
                .find(|shape| shape.kind == "line")
                .unwrap();
            assert_eq!(shaft.get("x1"), shaft.get("x2"), "{name}: it is upright");
            if let Some(x) = picture.x_of(arrow.band, arrow.number("step")) {
                assert_eq!(shaft.number("x1"), x, "{name}: {arrow:?}");
            }
            let (Some(tail), Some(tip)) = (
                row(&picture, by, arrow.band),
                row(&picture, coro, arrow.band),
            ) else {
                assert!(by.max(coro) >= 24, "{name}: {arrow:?} has both ends");
                continue;
            };
            assert!(
                (shaft.number("y1") - tail).abs() <= 12.0,
                "{name}: {arrow:?} from {tail}"
            );
            assert!(
                (shaft.number("y2") - tip).abs() <= 12.0,
                "{name}: {arrow:?} to {tip}"
            );
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn rows_are_apart_so_that_no_bar_is_over_another() {
    for (name, picture) in pictures() {
        let mut rows: Vec<_> = picture
            .with("state")
            .map(|bar| {
                (
                    row(&picture, bar.coro(), bar.band).unwrap() as i64,
                    bar.coro(),
                )
            })
            .collect();
        rows.sort();
        rows.dedup();
        for pair in rows.windows(2) {
            assert!(pair[1].0 - pair[0].0 >= 30, "{name}: {pair:?}");
        }
    }
}

#[test]
fn each_part_tells_what_it_is_when_the_mouse_is_over_it() {
    for (name, picture) in pictures() {
        for group in &picture.groups {
            assert!(!group.title.trim().is_empty(), "{name}: {group:?}");
        }
        for bar in picture.with("state") {
            let who = if bar.coro() == 0 {
                "main".to_owned()
            } else {
                format!("#{}", bar.coro())
            };
            let words = match bar.get("state").unwrap() {
                "running" => "runs",
                "ready" => "is ready",
                "new" => "is new",
                "blocked" => "is blocked",
                other => panic!("{other}"),
            };
            assert!(
                bar.title.starts_with(&who) && bar.title.contains(words),
                "{name}: {}",
                bar.title
            );
            assert!(
                bar.title
                    .contains(&format!("from time {}", bar.number("from"))),
                "{name}: {}",
                bar.title
            );
        }
    }
    let picture = picture(
        programs::ALL
            .iter()
            .find(|(name, _)| *name == "semaphore")
            .unwrap()
            .1,
    );
    let titles: Vec<_> = picture
        .groups
        .iter()
        .map(|group| &group.title[..])
        .collect();
    let has = |parts: &[&str]| {
        titles
            .iter()
            .any(|title| parts.iter().all(|part| title.contains(part)))
    };
    assert!(
        has(&["#2 b is blocked: semaphore at programs.rs:"]),
        "{titles:?}"
    );
    assert!(has(&["#2 b is ready, made ready by #1 a"]), "{titles:?}");
    assert!(has(&["#1 a wakes #2 b", "time "]), "{titles:?}");
    assert!(has(&["#1 a is ready, as it cedes"]), "{titles:?}");
}

#[test]
fn the_legend_names_all_that_is_drawn() {
    for (name, picture) in pictures() {
        let legend = picture.legend();
        let has = |words: &str| legend.iter().any(|text| text.starts_with(words));
        for bar in picture.with("state") {
            let words = match bar.get("state").unwrap() {
                "running" => "runs",
                "ready" => "is ready",
                "new" => "is new",
                _ => "is blocked",
            };
            assert!(has(words), "{name}: {words} {legend:?}");
        }
        for arrow in picture.with("arrow") {
            let words = match (arrow.get("arrow").unwrap(), arrow.get("by")) {
                ("wakes", None) => "is woken by a timer",
                ("throws", _) => "throws into",
                (words, _) => words,
            };
            assert!(has(words), "{name}: {words} {legend:?}");
        }
        for end in picture.with("end") {
            assert!(has(end.get("end").unwrap()), "{name}: {legend:?}");
        }
        assert_eq!(picture.with("note").count() > 0, has("says"), "{name}");
        let straight = picture
            .groups
            .iter()
            .any(|group| group.title.contains(" switches to "));
        assert_eq!(straight, has("switches straight to"), "{name}");
    }
}

#[test]
fn who_switches_to_one_that_was_not_ready_is_shown_and_between_whom() {
    let told = |program: &str| {
        let program = programs::ALL
            .iter()
            .find(|(name, _)| *name == program)
            .unwrap()
            .1;
        let picture = fresh(move || picture(program));
        let titles = picture.groups.into_iter().map(|group| group.title);
        titles
            .filter(|title| title.contains(" switches to "))
            .collect::<Vec<_>>()
    };
    let schedule_to = told("schedule to");
    assert_eq!(schedule_to.len(), 2);
    assert!(schedule_to[0].starts_with("main switches to #1, which was not ready; after time 2"));
    assert!(schedule_to[1].starts_with("#1 switches to main, which was not ready; after time 4"));
    assert_eq!(told("cede to"), [""; 0], "it was ready");
    assert_eq!(told("cedes in turn"), [""; 0]);
}

#[test]
fn a_picture_says_what_it_leaves_out() {
    fresh(|| {
        let many = picture(|| {
            let all: Vec<_> = (0..40).map(|_| spawn(schedule)).collect();
            cede();
            all.into_iter().for_each(|c| c.coro().cancel());
        });
        let says = |picture: &Picture, words: &str| {
            picture
                .loose
                .iter()
                .any(|shape| shape.kind == "text" && shape.text.contains(words))
        };
        assert!(says(&many, "These are the first 24 of 41 coros"));
        assert!(says(&many, "These are the first 150 of "));
        assert!(many.spans().iter().all(|span| span.coro < 24));
        let long = picture(|| (0..300).for_each(note));
        assert!(!says(&long, "These are"), "it may have 300 steps");
        assert_eq!(long.with("note").count(), 300);
        let longer = picture(|| (0..301).for_each(note));
        assert!(says(&longer, "These are the first 300 of 301 steps"));
        let recording = Recorder::new().last(1).start();
        (0..10).for_each(note);
        let last = Picture::read(&recording.stop().to_svg());
        assert!(says(&last, "9 events before the first step were forgotten"));
    });
}

#[test]
fn notes_are_not_written_over_each_other() {
    fresh(|| {
        let picture = picture(|| {
            for n in 0..30 {
                note(format_args!("{n} is a note that is somewhat long"));
                if n % 7 == 0 {
                    Builder::new().spawn(|| note("short")).join().unwrap();
                }
            }
        });
        let mut texts: Vec<_> = picture
            .with("note")
            .flat_map(|note| note.shapes.iter().filter(|shape| shape.kind == "text"))
            .map(|text| {
                let x = text.number("x");
                let end = x + text.text.chars().count() as f64 * text.number("font-size") * 0.6;
                (text.number("y") as i64, x, end)
            })
            .collect();
        texts.sort_by(|a, b| a.partial_cmp(b).unwrap());
        for pair in texts.windows(2) {
            assert!(pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1, "{pair:?}");
        }
    });
}
