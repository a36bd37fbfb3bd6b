//! The two streams: data on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use foretaste_report::Detail;

use crate::cli::{ColorWhen, Global};

/// Decides once how both streams are coloured. `NO_COLOR`, `CLICOLOR` and pipes are respected with `auto`.
pub(crate) fn set_colour(when: ColorWhen) {
    match when {
        ColorWhen::Auto => {}
        ColorWhen::Always => anstream::ColorChoice::Always.write_global(),
        ColorWhen::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// What the user asked to see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// `-q`
    pub(crate) quiet: bool,
    /// `-v`
    pub(crate) verbose: bool,
    no_progress: bool,
}

impl Printer {
    /// From the global options.
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            quiet: global.quiet,
            verbose: global.verbose > 0,
            no_progress: global.no_progress,
        }
    }

    /// Writes data to standard output. A reader that went away (`| head`) ends the program quietly.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(crate) fn data(text: &str) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(|error| {
                anyhow::Error::new(error).context("cannot write to standard output")
            }),
        }
    }

    /// A hint or remark on standard error.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            let bold = Style::new().bold();
            anstream::eprintln!("{bold}note{bold:#}: {text}");
        }
    }

    /// What the user must know even where only what matters is said.
    pub(crate) fn warn(text: &str) {
        let yellow = AnsiColor::Yellow.on_default().bold();
        anstream::eprintln!("{yellow}foretaste{yellow:#}: {text}");
    }

    /// A reason why the command does not do what it was asked for.
    pub(crate) fn complaint(text: &str) {
        let red = AnsiColor::Red.on_default().bold();
        anstream::eprintln!(
            "{red}refused{red:#}: {}",
            foretaste_report::escape::visible(text)
        );
    }

    /// An error, with its causes; a last line that begins with `hint:` stands apart.
    pub(crate) fn error(error: &anyhow::Error) {
        let red = AnsiColor::Red.on_default().bold();
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let mut message = String::new();
        for cause in causes {
            if !message.contains(&cause) {
                if !message.is_empty() {
                    message.push_str(": ");
                }
                message.push_str(&cause);
            }
        }
        // a message may name what a package is called
        let message = foretaste_report::escape::source(&message);
        anstream::eprintln!("{red}error{red:#}: {message}");
    }

    /// True if a progress bar helps anybody.
    pub(crate) fn shows_progress(self) -> bool {
        !self.quiet
            && !self.no_progress
            && std::io::stderr().is_terminal()
            && std::env::var_os("CI").is_none()
    }

    /// How much a report says.
    pub(crate) const fn detail(self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Normal,
        }
    }

    /// True if standard output is coloured.
    pub(crate) fn colours_stdout() -> bool {
        anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
    }
}

/// Columns to write in: `COLUMNS`, the terminal's width, or 80 for a pipe.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)))
        .unwrap_or(80)
}

/// True if the locale says that the terminal does not show Unicode.
pub(crate) fn is_ascii_only() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|v| std::env::var(v).ok().filter(|l| !l.is_empty()));
    let Some(locale) = locale.map(|l| l.to_ascii_lowercase()) else {
        return false;
    };
    !(locale.contains("utf-8") || locale.contains("utf8"))
}
