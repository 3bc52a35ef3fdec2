//! Draws shapes and writes text as SVG, with attributes only, so that nothing outside is touched.

use std::fmt::Write;

/// Who runs; and the outline of who is ready.
pub(super) const BLUE: &str = "#0072b2";
/// Who is ready: the hatching, and what is below it.
pub(super) const SKY: &str = "#56b4e9";
pub(super) const PALE: &str = "#e3f2fb";
/// Who is blocked; and a panic.
pub(super) const RED: &str = "#d55e00";
/// What is written of who is blocked: letters are thin, so it is darker, to stand out from white by 5 to 1.
pub(super) const RUST: &str = "#b34f00";
/// Throws and cancels.
pub(super) const PURPLE: &str = "#cc79a7";
pub(super) const BLACK: &str = "#222222";
pub(super) const GREY: &str = "#767676";
pub(super) const FAINT: &str = "#e6e6e6";

/// How a text stands to its point.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// A picture that is being drawn.
#[derive(Default)]
pub(super) struct Pen {
    out: String,
}

impl Pen {
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Writes a line as it is.
    pub(super) fn raw(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Begins a group that tells `title` when the mouse is over it.
    pub(super) fn begin(&mut self, attributes: &str, title: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        self.raw(&format!(
            "<g{space}{attributes}><title>{}</title>",
            escape(title)
        ));
    }

    pub(super) fn end(&mut self) {
        self.raw("</g>");
    }

    pub(super) fn rect(&mut self, (x, y): (i32, i32), (width, height): (i32, i32), fill: &str) {
        self.raw(&format!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#
        ));
    }

    /// A rectangle with an outline.
    pub(super) fn frame(&mut self, (x, y): (i32, i32), (width, height): (i32, i32)) {
        self.raw(&format!(
            r#"<rect x="{x}.5" y="{y}.5" width="{width}" height="{height}" fill="{PALE}" stroke="{BLUE}"/>"#
        ));
    }

    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), stroke: &str, width: &str) {
        self.dashed(from, to, stroke, width, "");
    }

    pub(super) fn dashed(
        &mut self,
        (x1, y1): (i32, i32),
        (x2, y2): (i32, i32),
        stroke: &str,
        width: &str,
        dashes: &str,
    ) {
        let dashes = match dashes {
            "" => String::new(),
            dashes => format!(r#" stroke-dasharray="{dashes}""#),
        };
        self.raw(&format!(
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{width}"{dashes}/>"#
        ));
    }

    /// Slanted stripes, from there to the right: they are the dashes of one thick line, askew.
    pub(super) fn hatch(&mut self, (x, y): (i32, i32), width: i32, height: i32) {
        if width > 0 {
            self.raw(&format!(
                r#"<line x2="{width}" stroke="{SKY}" stroke-width="{height}" stroke-dasharray="1.5 4.5" transform="translate({x},{y}) skewX(-45)"/>"#
            ));
        }
    }

    pub(super) fn path(&mut self, path: &str, fill: &str, stroke: &str, width: &str) {
        self.raw(&format!(
            r#"<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, (x, y): (i32, i32), radius: i32) {
        self.raw(&format!(
            r##"<circle cx="{x}" cy="{y}" r="{radius}" fill="#ffffff" stroke="{BLACK}" stroke-width="1.5"/>"##
        ));
    }

    /// Text in a fixed pitch, so that its width is known; with a white edge, for what is below it.
    pub(super) fn text(
        &mut self,
        (x, y): (i32, i32),
        anchor: Anchor,
        fill: &str,
        size: i32,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
        };
        self.raw(&format!(
            r##"<text x="{x}" y="{y}"{anchor} fill="{fill}" font-size="{size}" stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke">{}</text>"##,
            escape(text)
        ));
    }

    /// A head of an arrow that points up or down, with its point there.
    pub(super) fn head(&mut self, (x, y): (i32, i32), is_down: bool, fill: &str) {
        let back = if is_down { y - 7 } else { y + 7 };
        self.raw(&format!(
            r#"<polygon points="{x},{y} {},{back} {},{back}" fill="{fill}"/>"#,
            x - 4,
            x + 4
        ));
    }

    /// A small head that points down, from there.
    pub(super) fn tip(&mut self, (x, y): (i32, i32)) {
        self.path(&format!("M{} {y}h6l-3 5z", x - 3), BLACK, "none", "0");
    }

    /// A cross.
    pub(super) fn cross(&mut self, (x, y): (i32, i32)) {
        let (left, right, above, below) = (x - 5, x + 5, y - 5, y + 5);
        let path = format!("M{left} {above}L{right} {below}M{left} {below}L{right} {above}");
        // Black below colour, to be seen in grey on any ground.
        self.path(&path, "none", "#ffffff", "6");
        self.path(&path, "none", BLACK, "4");
        self.path(&path, "none", PURPLE, "2");
    }

    /// A flash of lightning.
    pub(super) fn flash(&mut self, (x, y): (i32, i32)) {
        let path = format!("M{} {}l-6 9h4l-3 8l9-11h-4l4-6z", x + 1, y - 9);
        self.path(&path, PURPLE, BLACK, "1");
    }

    /// A star with eight points.
    pub(super) fn star(&mut self, (x, y): (i32, i32)) {
        const POINTS: [(i32, i32); 16] = [
            (0, -9),
            (2, -4),
            (6, -6),
            (4, -2),
            (9, 0),
            (4, 2),
            (6, 6),
            (2, 4),
            (0, 9),
            (-2, 4),
            (-6, 6),
            (-4, 2),
            (-9, 0),
            (-4, -2),
            (-6, -6),
            (-2, -4),
        ];
        let mut points = String::new();
        for (dx, dy) in POINTS {
            _ = write!(points, "{},{} ", x + dx, y + dy);
        }
        self.raw(&format!(
            r#"<polygon points="{}" fill="{RED}" stroke="{BLACK}" stroke-width="1"/>"#,
            points.trim_end()
        ));
    }
}

/// Returns the width of a text in this size, at most.
pub(super) fn width(text: &str, size: i32) -> i32 {
    // A little more than the common fixed-pitch fonts have; what is not Latin may be twice as wide.
    let is_wide = |c| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..);
    let units: usize = text
        .chars()
        .map(|c| if is_wide(c) { 122 } else { 61 })
        .sum();
    (units as i32 * size + 99) / 100
}

/// Writes a text so that it means itself in XML, in one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A blank line would end the block of HTML in Markdown.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            // XML has no way to say the others.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
