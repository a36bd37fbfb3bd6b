//! Colours and line-drawing characters.

use anstyle::{AnsiColor, Style};
use foretaste_model::{EvidenceRole, Verdict};

/// The styles. Without colour, all of them are plain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    color: bool,
}

impl Palette {
    pub(super) const fn new(color: bool) -> Self {
        Self { color }
    }

    const fn style(self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }

    const fn hue(self, color: AnsiColor) -> Style {
        self.style(color.on_default())
    }

    pub(super) const fn verdict(self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Block => self.style(AnsiColor::BrightRed.on_default().bold()),
            Verdict::Review => self.style(AnsiColor::BrightYellow.on_default().bold()),
            Verdict::Incomplete => self.style(AnsiColor::BrightMagenta.on_default().bold()),
            Verdict::Note => self.style(AnsiColor::BrightCyan.on_default()),
            Verdict::Clear => self.style(AnsiColor::BrightGreen.on_default()),
        }
    }

    pub(super) const fn strong(self) -> Style {
        self.style(Style::new().bold())
    }

    pub(super) const fn dim(self) -> Style {
        self.style(Style::new().dimmed())
    }

    pub(super) const fn label(self) -> Style {
        self.hue(AnsiColor::Cyan)
    }

    pub(super) const fn gutter(self) -> Style {
        self.hue(AnsiColor::BrightBlue)
    }

    pub(super) const fn role(self, role: EvidenceRole) -> Style {
        match role {
            EvidenceRole::Source => self.hue(AnsiColor::BrightYellow),
            EvidenceRole::Transform => self.hue(AnsiColor::BrightCyan),
            EvidenceRole::Sink | EvidenceRole::Site => self.hue(AnsiColor::BrightRed),
            EvidenceRole::Trigger => self.hue(AnsiColor::BrightMagenta),
        }
    }
}

/// The characters that Foretaste draws with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyphs {
    /// Between parts of one line.
    pub(super) dot: &'static str,
    /// Where text was cut.
    pub(super) more: &'static str,
    /// Before an item of a list.
    pub(super) bullet: &'static str,
    /// The left edge of a snippet.
    pub(super) bar: &'static str,
    /// Its upper corner, a further header, and its lower corner.
    pub(super) top: &'static str,
    pub(super) middle: &'static str,
    pub(super) bottom: &'static str,
    /// Below the code that a note speaks of.
    pub(super) underline: &'static str,
    /// Before a note on the line above as a whole.
    pub(super) hook: &'static str,
    ascii: bool,
}

impl Glyphs {
    pub(super) const fn new(ascii: bool) -> Self {
        if ascii {
            Self {
                dot: "-",
                more: "...",
                bullet: "-",
                bar: "|",
                top: ",-",
                middle: "|-",
                bottom: "`-",
                underline: "^",
                hook: "^",
                ascii,
            }
        } else {
            Self {
                dot: "·",
                more: "…",
                bullet: "·",
                bar: "│",
                top: "╭─",
                middle: "├─",
                bottom: "╰─",
                underline: "─",
                hook: "└",
                ascii,
            }
        }
    }

    pub(super) const fn mark(self, verdict: Verdict) -> &'static str {
        match (verdict, self.ascii) {
            (Verdict::Block, false) => "✗",
            (Verdict::Block, true) => "X",
            (Verdict::Review, _) => "!",
            (Verdict::Incomplete, _) => "?",
            (Verdict::Note, false) => "·",
            (Verdict::Note, true) => "-",
            (Verdict::Clear, false) => "✓",
            (Verdict::Clear, true) => "+",
        }
    }
}
