//! One line of the table: what was measured, its bar, and how far it is on the right side of it.

/// What a figure must be.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// As [`Bar::AtMost`], but what is hoped for rather than asked for.
    AimAtMost(f64),
    /// Anything: it is told because it explains another one.
    None,
}

impl Bar {
    /// How many times better than the bar: 1 just holds it.
    fn margin(self, figure: f64) -> f64 {
        match self {
            Self::AtMost(bar) | Self::AimAtMost(bar) => bar / figure.max(1e-9),
            Self::AtLeast(bar) => figure / bar,
            Self::None => 1.0,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::AtMost(bar) => format!("≤ {bar}"),
            Self::AtLeast(bar) => format!("≥ {bar}"),
            Self::AimAtMost(bar) => format!("aim ≤ {bar}"),
            Self::None => "-".to_owned(),
        }
    }

    fn verdict(self, margin: f64) -> &'static str {
        match (margin >= 1.0, self) {
            (_, Self::None) => "",
            (true, _) => "held",
            (false, Self::AimAtMost(_)) => "not reached",
            (false, _) => "MISSED",
        }
    }
}

/// Prints the head of the table.
pub(crate) fn head() {
    println!(
        "{:<46} {:>9} {:>9} {:>7}  {:<11} measured",
        "benchmark", "here", "bar", "margin", ""
    );
}

/// Prints one line; `detail` says what was measured, with the floor or the peer of the same run.
pub(crate) fn row(name: &str, figure: f64, bar: Bar, detail: &str) {
    let margin = bar.margin(figure);
    let shown = match bar {
        Bar::None => String::new(),
        _ => format!("{margin:.1}×"),
    };
    println!(
        "{name:<46} {figure:>9.2} {:>9} {shown:>7}  {:<11} {detail}",
        bar.shown(),
        bar.verdict(margin),
    );
}
