//! Plots as inline SVG: no scripts, readable in print, in the dark and without colour.

use std::fmt::Write as _;

use crate::escape::html;

/// One bar with its 95 % interval, all between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Its length.
    pub share: f64,
    /// Where the interval begins; equal to `high` for none.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Which of the two colours.
    pub second: bool,
}

/// Horizontal bars on an axis from 0 to `most`.
pub fn bars(title: &str, bars: &[Bar], most: f64) -> String {
    let most = most.max(1e-6);
    let (left, width, row) = (190.0, 400.0, 26.0);
    let height = row * bars.len() as f64 + 30.0;
    let x = |share: f64| left + share.min(most) / most * width;
    let mut out = open(title, 720.0, height);
    for step in 0..=4_u8 {
        let share = most * f64::from(step) / 4.0;
        let at = x(share);
        let foot = height - 8.0;
        let _ = write!(
            out,
            "<line class=grid x1={at:.1} y1=4 x2={at:.1} y2={:.1} /><text class=tick x={at:.1} y={foot:.1} text-anchor=middle>{}</text>",
            height - 24.0,
            percent(share)
        );
    }
    for (index, bar) in bars.iter().enumerate() {
        let top = 6.0 + row * index as f64;
        let middle = top + 8.0;
        let class = if bar.second { "b" } else { "a" };
        let (end, low, high) = (x(bar.share), x(bar.low), x(bar.high));
        let whisker = if bar.high > bar.low {
            format!("<line class=whisker x1={low:.1} y1={middle:.1} x2={high:.1} y2={middle:.1} />")
        } else {
            String::new()
        };
        let _ = write!(
            out,
            "<text x={:.1} y={:.1} text-anchor=end>{}</text><rect class={class} x={left} y={top:.1} width={:.1} height=16 />{whisker}<text x={:.1} y={:.1}>{}</text>",
            left - 8.0,
            top + 12.0,
            html(&bar.label),
            (end - left).max(0.5),
            high.max(end) + 6.0,
            top + 12.0,
            percent(bar.share)
        );
    }
    out + "</svg>"
}

/// A curve through points of the unit square, with x cut at `right`.
pub fn curve(title: &str, points: &[(f64, f64)], right: f64, axes: (&str, &str)) -> String {
    let (left, top, side) = (50.0, 10.0, 300.0);
    let x = |v: f64| left + v.min(right) / right * side;
    let y = |v: f64| top + (1.0 - v) * side;
    let mut out = open(title, 380.0, 360.0);
    for step in 0..=4_u8 {
        let part = f64::from(step) / 4.0;
        let (across, up) = (x(part * right), y(part));
        let _ = write!(
            out,
            "<line class=grid x1={across:.1} y1={top} x2={across:.1} y2={:.1} /><line class=grid x1={left} y1={up:.1} x2={:.1} y2={up:.1} /><text class=tick x={across:.1} y={:.1} text-anchor=middle>{}</text><text class=tick x={:.1} y={:.1} text-anchor=end>{}</text>",
            top + side,
            left + side,
            top + side + 16.0,
            percent(part * right),
            left - 6.0,
            up + 4.0,
            percent(part)
        );
    }
    let mut path = format!("M{:.1} {:.1}", x(0.0), y(0.0));
    let mut last = (0.0, 0.0);
    for &(across, up) in points {
        if across > right {
            let slope = if across > last.0 {
                (up - last.1) / (across - last.0)
            } else {
                0.0
            };
            let cut = (right - last.0).mul_add(slope, last.1);
            let _ = write!(path, "L{:.1} {:.1}", x(right), y(cut));
            break;
        }
        let _ = write!(path, "L{:.1} {:.1}", x(across), y(up));
        last = (across, up);
    }
    let _ = write!(
        out,
        "<path class=curve d=\"{path}\" /><text class=tick x={:.1} y={:.1} text-anchor=middle>{}</text><text class=tick transform=\"translate(10 {:.1}) rotate(-90)\" text-anchor=middle>{}</text>",
        left + side / 2.0,
        top + side + 36.0,
        html(axes.0),
        top + side / 2.0,
        html(axes.1)
    );
    out + "</svg>"
}

/// Two histograms over scores, one above and one below the axis, with lines at the thresholds.
pub fn mirrored(title: &str, above: &[f64], below: &[f64], marks: &[(f64, &str)]) -> String {
    let (left, width, half) = (20.0, 660.0, 110.0);
    let axis = 20.0 + half;
    let columns = above.len().max(below.len()).max(1);
    let step = width / columns as f64;
    let mut out = open(title, 720.0, 2.0 * half + 60.0);
    for (values, class, up) in [(above, "b", true), (below, "a", false)] {
        let most = values.iter().copied().fold(1e-9, f64::max);
        for (index, value) in values.iter().enumerate() {
            let height = value / most * half;
            let top = if up { axis - height } else { axis };
            let _ = write!(
                out,
                "<rect class={class} x={:.1} y={top:.1} width={:.1} height={height:.1} />",
                left + step * index as f64,
                step - 1.0
            );
        }
    }
    let _ = write!(
        out,
        "<line class=axis x1={left} y1={axis} x2={:.1} y2={axis} />",
        left + width
    );
    for (at, label) in marks {
        let x = left + at * width;
        let _ = write!(
            out,
            "<line class=mark x1={x:.1} y1=14 x2={x:.1} y2={:.1} /><text class=tick x={x:.1} y=11 text-anchor=middle>{} {at}</text>",
            axis + half,
            html(label)
        );
    }
    out + "</svg>"
}

/// One line of a plot over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is of.
    pub label: String,
    /// Values between 0 and 1, one for each label of the axis; none where there is nothing to measure.
    pub values: Vec<Option<f64>>,
}

/// Lines over equal steps of time, each named at its end. At most four are told apart.
pub fn lines(title: &str, labels: &[String], series: &[Series]) -> String {
    const DASHES: [&str; 4] = ["", "7 4", "2 3", "9 3 2 3"];
    let (left, top, width, height) = (56.0, 12.0, 440.0, 200.0);
    let steps = labels.len().saturating_sub(1).max(1) as f64;
    let x = |index: usize| left + index as f64 / steps * width;
    let y = |value: f64| top + (1.0 - value) * height;
    let mut out = open(title, 760.0, height + 50.0);
    for step in 0..=4_u8 {
        let part = f64::from(step) / 4.0;
        let up = y(part);
        let _ = write!(
            out,
            "<line class=grid x1={left} y1={up:.1} x2={:.1} y2={up:.1} /><text class=tick x={:.1} y={:.1} text-anchor=end>{}</text>",
            left + width,
            left - 6.0,
            up + 4.0,
            percent(part)
        );
    }
    for (index, label) in labels.iter().enumerate() {
        let _ = write!(
            out,
            "<text class=tick x={:.1} y={:.1} text-anchor=middle>{}</text>",
            x(index),
            top + height + 20.0,
            html(label)
        );
    }
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (number, line) in series.iter().enumerate() {
        let mut path = String::new();
        for (index, value) in line.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let verb = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{:.1} {:.1}", x(index), y(*value));
        }
        let class = if number % 2 == 0 {
            "curve"
        } else {
            "curve second"
        };
        let dash = DASHES[number % DASHES.len()];
        let _ = write!(
            out,
            "<path class=\"{class}\" stroke-dasharray=\"{dash}\" d=\"{path}\" />"
        );
        if let Some(last) = line.values.iter().rev().flatten().next() {
            ends.push((y(*last) + 4.0, number));
        }
    }
    // names that would lie on one another are moved apart
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = f64::MIN;
    for (at, number) in ends {
        let at = at.max(free);
        free = at + 15.0;
        if let Some(line) = series.get(number) {
            let _ = write!(
                out,
                "<text x={:.1} y={at:.1}>{}</text>",
                left + width + 8.0,
                html(&line.label)
            );
        }
    }
    out + "</svg>"
}

fn open(title: &str, width: f64, height: f64) -> String {
    let title = html(title);
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width={width} role=img aria-label=\"{title}\" xmlns=\"http://www.w3.org/2000/svg\"><title>{title}</title>"
    )
}

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}
