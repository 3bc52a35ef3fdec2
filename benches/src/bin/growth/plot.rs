//! The plot: cost against size, both in powers of ten, a panel for each group.
//!
//! A flat operation is a flat line. One that looks at all others rises by as many decades as the
//! sizes do; it is drawn thick. Where there are few lines each bears its name; of the waiters, which
//! are many and alike, only those that grow, and colours tell the operations apart.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::combinators::LogCoord;
use plotters::prelude::*;

use crate::measure::Row;
use crate::verdict;
use crate::workload::Group;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<LogCoord<f64>, LogCoord<f64>>>;
/// A name, where it would best stand, and its colour.
type Label = (String, (i32, i32), RGBColor);

/// Those of Okabe and Ito, which the colour-blind can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(60, 60, 60),
];
const GREY: RGBColor = RGBColor(150, 150, 150);
const WIDTH: u32 = 1200;
const TITLE: u32 = 34;
const PANEL: u32 = 620;
/// Room for the names, to the right of the lines.
const NAMES: u32 = 250;
/// From one name to the next.
const LINE: i32 = 17;
/// What waiters do.
const OPERATIONS: [&str; 5] = ["wake", "cancel", "throw", "timeout", "patient"];

/// Draws what was measured into a file.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn draw(path: &Path, control: &Row, rows: &[Row]) -> Result<(), String> {
    let groups = [
        (Group::Coros, "beside or among so many coros"),
        (Group::Waiters, "for one of so many waiters of a primitive"),
        (
            Group::Timers,
            "beside or among so many timers, keys or values",
        ),
    ];
    let panels: Vec<_> = groups
        .into_iter()
        .map(|(group, title)| {
            let of_group: Vec<_> = rows.iter().filter(|row| row.group == group).collect();
            (group, title, of_group)
        })
        .filter(|panel| !panel.2.is_empty())
        .collect();
    let height = TITLE + PANEL * panels.len() as u32;
    let root = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    let drawn = || -> Result<(), Box<dyn std::error::Error + '_>> {
        root.fill(&WHITE)?;
        let root = root.titled("What an operation costs", ("sans-serif", 24))?;
        for ((group, title, rows), area) in panels.iter().zip(root.split_evenly((panels.len(), 1)))
        {
            panel(&area, *group, title, control, rows)?;
        }
        root.present()?;
        Ok(())
    };
    drawn().map_err(|error| error.to_string())
}

fn panel<'a>(
    area: &Area<'a>,
    group: Group,
    title: &str,
    control: &Row,
    rows: &[&Row],
) -> Result<(), Box<dyn std::error::Error + 'a>> {
    let costs = || rows.iter().flat_map(|row| &row.costs).chain(&control.costs);
    let most = costs().map(|cost| cost.size).max().unwrap_or(1).max(10) as f64;
    let least_ns = costs().map(|cost| cost.ns).fold(1.0, f64::min).max(0.1);
    let most_ns = costs().map(|cost| cost.ns).fold(10.0, f64::max) * 1.5;
    let mut chart = ChartBuilder::on(area)
        .caption(format!("One operation, {title}"), ("sans-serif", 18))
        .margin(10)
        .margin_right(NAMES)
        .x_label_area_size(42)
        .y_label_area_size(70)
        .build_cartesian_2d((1.0..most).log_scale(), (least_ns..most_ns).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(RGBColor(245, 245, 245))
        .bold_line_style(RGBColor(222, 222, 222))
        .x_desc("how many")
        .x_label_formatter(&|size| power(*size))
        .y_label_formatter(&|ns| time(*ns))
        .label_style(("sans-serif", 14))
        .draw()?;
    let mut labels = Vec::new();
    labels.extend(line(
        &mut chart,
        control,
        GREY,
        2,
        Some("a cache miss (control)"),
    )?);
    let mut used = [false; OPERATIONS.len()];
    for (nth, row) in rows.iter().enumerate() {
        let verdict = verdict::judge(&row.costs, &control.costs);
        let grows = verdict.is_some_and(|verdict| verdict.is_too_much());
        let operation = OPERATIONS.iter().position(|what| row.name.ends_with(what));
        let (colour, name) = match (group, operation) {
            (Group::Waiters, Some(operation)) => {
                used[operation] = true;
                (operation, grows || rows.len() <= 20)
            }
            _ => (nth, true),
        };
        let colour = COLOURS[colour % COLOURS.len()];
        let width = if grows { 4 } else { 1 };
        labels.extend(line(
            &mut chart,
            row,
            colour,
            width,
            name.then_some(row.name),
        )?);
    }
    let (left, top) = (
        chart.plotting_area().get_pixel_range().0.start,
        chart.plotting_area().get_pixel_range().1.start,
    );
    let base = area.get_base_pixel();
    names(
        area,
        labels,
        (top - base.1, top - base.1 + PANEL as i32 - 110),
        base,
    )?;
    let keys = OPERATIONS.iter().zip(COLOURS).zip(used).filter(|key| key.1);
    for (nth, ((what, colour), _)) in keys.enumerate() {
        let (x, y) = (left - base.0 + 14 + 110 * nth as i32, top - base.1 + 16);
        area.draw(&PathElement::new(
            [(x, y), (x + 24, y)],
            colour.stroke_width(4),
        ))?;
        let style = ("sans-serif", 15).into_font().color(&BLACK);
        area.draw(&Text::new(*what, (x + 30, y - 7), style))?;
    }
    Ok(())
}

/// Draws a line, and returns its name and where it ends.
fn line<'a>(
    chart: &mut Chart<'_, 'a>,
    row: &Row,
    colour: RGBColor,
    width: u32,
    name: Option<&str>,
) -> Result<Option<Label>, Box<dyn std::error::Error + 'a>> {
    let mut points = row
        .costs
        .iter()
        .map(|cost| (cost.size as f64, cost.ns.max(0.1)));
    chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(width)))?;
    let style = colour.filled();
    chart.draw_series(points.clone().map(|point| Circle::new(point, 2, style)))?;
    Ok(points
        .next_back()
        .zip(name)
        .map(|(last, name)| (name.to_owned(), chart.backend_coord(&last), colour)))
}

/// Writes the names to the right, each as near to the end of its line as there is room.
fn names<'a>(
    area: &Area<'a>,
    mut labels: Vec<Label>,
    (top, bottom): (i32, i32),
    base: (i32, i32),
) -> Result<(), Box<dyn std::error::Error + 'a>> {
    labels.sort_by_key(|label| label.1.1);
    let wanted: Vec<_> = labels.iter().map(|label| label.1.1 - base.1).collect();
    for ((name, (x, y), colour), at) in labels.into_iter().zip(apart(&wanted, top, bottom)) {
        let (x, y) = (x - base.0, y - base.1);
        let from = WIDTH as i32 - NAMES as i32 + 22;
        area.draw(&PathElement::new(
            [(x + 4, y), (from - 16, y), (from - 4, at)],
            colour.mix(0.45),
        ))?;
        let style = ("sans-serif", 14).into_font().color(&colour);
        area.draw(&Text::new(name, (from, at - 7), style))?;
    }
    Ok(())
}

/// Moves what is in rising order apart by [`LINE`], and as well as can be between top and bottom.
fn apart(wanted: &[i32], top: i32, bottom: i32) -> Vec<i32> {
    let mut places = Vec::with_capacity(wanted.len());
    let mut free = top;
    for &want in wanted {
        places.push(want.max(free));
        free = want.max(free) + LINE;
    }
    let mut free = bottom;
    for place in places.iter_mut().rev() {
        *place = (*place).min(free);
        free = *place - LINE;
    }
    places
}

fn power(size: f64) -> String {
    let digits = ["", "0", "²", "³", "⁴", "⁵", "⁶"];
    match size.log10().round() as usize {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        power => format!("10{}", digits.get(power).unwrap_or(&"?")),
    }
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns < 0.95 => format!("{ns:.1} ns"),
        ns if ns < 950.0 => format!("{ns:.0} ns"),
        ns if ns < 950_000.0 => format!("{:.0} µs", ns / 1e3),
        ns if ns < 950_000_000.0 => format!("{:.0} ms", ns / 1e6),
        ns => format!("{:.0} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_apart_and_within_the_panel() {
        assert_eq!(apart(&[10, 100], 0, 200), [10, 100]);
        assert_eq!(apart(&[10, 12, 100], 0, 200), [10, 10 + LINE, 100]);
        assert_eq!(apart(&[195, 199], 0, 200), [200 - LINE, 200]);
    }

    #[test]
    fn sizes_and_times_are_written_short() {
        let sizes = [1.0, 10.0, 1e2, 1e6].map(power);
        assert_eq!(sizes, ["1", "10", "10²", "10⁶"]);
        let times = [0.1, 1.0, 100.0, 1e3, 1e5, 1e7, 1e9].map(time);
        assert_eq!(
            times,
            ["0.1 ns", "1 ns", "100 ns", "1 µs", "100 µs", "10 ms", "1 s"]
        );
    }
}
