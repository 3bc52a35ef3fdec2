//! A picture, read back.

use roxmltree::{Document, Node};

use super::model::{Arrow, Span};

/// A shape with all its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Shape {
    fn of(node: Node<'_, '_>) -> Shape {
        let attributes = node.attributes();
        let attributes = attributes.map(|a| (a.name().to_owned(), a.value().to_owned()));
        Shape {
            kind: node.tag_name().name().to_owned(),
            attributes: attributes.collect(),
            text: node.text().unwrap_or_default().to_owned(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| &value[..])
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.get(name).map_or(0.0, |value| value.parse().unwrap())
    }
}

/// Shapes that belong together, with what they tell when the mouse is over them.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    group: Shape,
    pub(crate) title: String,
    pub(crate) shapes: Vec<Shape>,
    /// Which line of the picture it is in.
    pub(crate) band: usize,
}

impl Group {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.group.get(&format!("data-{name}"))
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).unwrap().parse().unwrap()
    }

    pub(crate) fn coro(&self) -> usize {
        self.number("coro") as usize
    }
}

/// A picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    pub(crate) svg: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) size: (f64, f64),
    pub(crate) groups: Vec<Group>,
    /// Outside of all groups: the axes, the legend, what is left out.
    pub(crate) loose: Vec<Shape>,
}

impl Picture {
    pub(crate) fn read(svg: &str) -> Picture {
        let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg");
        let size = |name| root.attribute(name).unwrap().parse().unwrap();
        let mut picture = Picture {
            svg: svg.to_owned(),
            size: (size("width"), size("height")),
            ..Picture::default()
        };
        let mut bands = 0;
        for node in root.children().filter(Node::is_element) {
            let text = node.text().unwrap_or_default().to_owned();
            match node.tag_name().name() {
                "title" => picture.title = text,
                "desc" => picture.description = text,
                "g" => picture.groups.push(group(node, bands)),
                _ => {
                    bands += usize::from(text == "time");
                    picture.loose.push(Shape::of(node));
                }
            }
        }
        picture
    }

    pub(crate) fn with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups
            .iter()
            .filter(move |group| group.get(name).is_some())
    }

    /// All shapes, with those of the groups.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let grouped = self.groups.iter().flat_map(|group| &group.shapes);
        self.loose.iter().chain(grouped)
    }

    /// The bars, by coro and time; one that goes on in the next line is one.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let span = |group: &Group| Span {
            coro: group.coro(),
            from: group.number("from"),
            to: group.number("to"),
            state: group.get("state").unwrap().to_owned(),
        };
        let mut spans: Vec<_> = self.with("state").map(span).collect();
        spans.sort();
        spans.dedup();
        spans
    }

    pub(crate) fn arrows(&self) -> Vec<Arrow> {
        let arrow = |group: &Group| Arrow {
            step: group.number("step"),
            kind: group.get("arrow").unwrap().to_owned(),
            by: group.get("by").map(|by| by.parse().unwrap()),
            coro: group.coro(),
        };
        let mut arrows: Vec<_> = self.with("arrow").map(arrow).collect();
        arrows.sort();
        arrows
    }

    /// The words of the legend.
    pub(crate) fn legend(&self) -> Vec<&str> {
        let axis = self
            .loose
            .iter()
            .rposition(|shape| shape.text.parse::<u64>().is_ok());
        let after = &self.loose[axis.map_or(0, |at| at + 1)..];
        after
            .iter()
            .filter(|shape| shape.kind == "text")
            .map(|shape| &shape.text[..])
            .collect()
    }

    /// Where the axis has this step, in this line.
    pub(crate) fn x_of(&self, band: usize, step: u64) -> Option<f64> {
        let mut bands = 0;
        for shape in self.loose.iter().filter(|shape| shape.kind == "text") {
            bands += usize::from(shape.text == "time");
            if bands == band && shape.text == step.to_string() {
                return Some(shape.number("x"));
            }
        }
        None
    }
}

fn group(node: Node<'_, '_>, band: usize) -> Group {
    let (titles, shapes): (Vec<_>, Vec<_>) = node
        .children()
        .filter(Node::is_element)
        .partition(|child| child.tag_name().name() == "title");
    assert_eq!(
        titles.len(),
        1,
        "a group tells one thing when the mouse is over it"
    );
    Group {
        group: Shape::of(node),
        title: titles[0].text().unwrap_or_default().to_owned(),
        shapes: shapes.into_iter().map(Shape::of).collect(),
        band,
    }
}
