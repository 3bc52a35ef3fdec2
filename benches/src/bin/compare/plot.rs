//! The picture: a row a workload, nanoseconds on a logarithmic axis, ours against everybody's.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::peers::Peer;
use crate::report::{Row, human};
use crate::workload::Workload;

// Okabe and Ito's colours, which colour-blind people can tell apart.
const OURS: RGBColor = RGBColor(213, 94, 0);
const BEST: RGBColor = RGBColor(0, 114, 178);
const OTHER: RGBColor = RGBColor(150, 150, 150);
const LINE: RGBColor = RGBColor(225, 225, 225);

const LEFT: i32 = 190;
const RIGHT: i32 = 60;
const TOP: i32 = 70;
const PITCH: i32 = 26;
const WIDTH: i32 = 960;

/// Draws all rows whose unit is nanoseconds.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn draw(path: &Path, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let rows: Vec<_> = rows
        .iter()
        .filter(|row| row.workload != Workload::MemBlocked && row.measured().next().is_some())
        .collect();
    let bottom = TOP + PITCH * rows.len() as i32;
    let size = (WIDTH as u32, (bottom + 40) as u32);
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE)?;
    let all = || rows.iter().flat_map(|row| row.measured().map(|(_, ns)| ns));
    let least = all().fold(f64::INFINITY, f64::min).log10().floor();
    let most = all().fold(0.0, f64::max).log10().ceil().max(least + 1.0);
    let x = |ns: f64| {
        let share = (ns.log10() - least) / (most - least);
        LEFT + (share * f64::from(WIDTH - LEFT - RIGHT)) as i32
    };
    let text = |size: i32, color: &RGBColor, h: HPos| {
        ("sans-serif", size)
            .into_font()
            .color(color)
            .pos(Pos::new(h, VPos::Center))
    };

    legend(&area)?;
    for power in least as i32..=most as i32 {
        let x = x(10_f64.powi(power));
        area.draw(&PathElement::new([(x, TOP - 14), (x, bottom)], LINE))?;
        let label = match power {
            9.. => format!("{} s", 10_u64.pow(power as u32 - 9)),
            6.. => format!("{} ms", 10_u64.pow(power as u32 - 6)),
            3.. => format!("{} µs", 10_u64.pow(power as u32 - 3)),
            0.. => format!("{} ns", 10_u64.pow(power as u32)),
            _ => format!("{} ns", 10_f64.powi(power)),
        };
        area.draw_text(&label, &text(12, &BLACK, HPos::Center), (x, bottom + 14))?;
    }
    for (row, y) in rows.iter().zip((TOP..).step_by(PITCH as usize)) {
        let name = row.workload.name();
        area.draw_text(&name, &text(13, &BLACK, HPos::Right), (LEFT - 12, y))?;
        let (ours, best) = (row.least(Peer::Coro), row.best_rival());
        for (peer, ns) in row.measured() {
            match peer {
                Peer::Corosensei | Peer::Sequential => {
                    let tick = [(x(ns), y - 8), (x(ns), y + 8)];
                    area.draw(&PathElement::new(tick, BLACK.stroke_width(2)))?;
                }
                _ => area.draw(&Circle::new((x(ns), y), 3, OTHER.filled()))?,
            }
        }
        if let Some((peer, ns)) = best {
            area.draw(&Circle::new((x(ns), y), 5, BEST.filled()))?;
            let ratio = ours.map_or(String::new(), |ours| format!(", × {:.1}", ns / ours));
            let label = format!("{} {}{ratio}", peer.name(), human(ns));
            area.draw_text(&label, &text(11, &BEST, HPos::Left), (x(ns) + 8, y - 7))?;
        }
        if let Some(ours) = ours {
            area.draw(&Circle::new((x(ours), y), 6, OURS.filled()))?;
            // Left of all marks, as somebody else may be the first.
            let first = row.measured().map(|(_, ns)| x(ns)).min();
            let at = (first.unwrap_or_default() - 10, y);
            area.draw_text(&human(ours), &text(12, &OURS, HPos::Right), at)?;
        }
    }
    area.present()?;
    Ok(())
}

/// Says what the marks are.
fn legend(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
) -> Result<(), Box<dyn Error>> {
    let font = ("sans-serif", 13).into_font();
    let style = font.color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    let y = 24;
    let mut x = LEFT;
    for (color, radius, name, width) in [
        (OURS, 6, "ours", 80),
        (BEST, 5, "best rival, and how many times ours", 270),
        (OTHER, 3, "other rivals", 120),
    ] {
        area.draw(&Circle::new((x, y), radius, color.filled()))?;
        area.draw_text(name, &style, (x + 12, y))?;
        x += width;
    }
    area.draw(&PathElement::new(
        [(x, y - 8), (x, y + 8)],
        BLACK.stroke_width(2),
    ))?;
    area.draw_text("floor", &style, (x + 12, y))?;
    Ok(())
}
