//! Having the watch run by itself.

use anyhow::{Context, Result, bail};
use foretaste_io::{Environment, files};
use foretaste_watch::{KEPT_VARIABLES, Variable, cron_line, systemd_service, systemd_timer};

use crate::exit::Code;
use crate::printer::Printer;

/// Writes the units, or prints the line.
pub(super) fn run(
    hours: u32,
    cron: bool,
    dry_run: bool,
    environment: &Environment,
    printer: Printer,
) -> Result<Code> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let program = program.display().to_string();
    let variables: Vec<Variable<'_>> = KEPT_VARIABLES
        .iter()
        .filter_map(|name| Some((*name, environment.var(name)?)))
        .filter(|(_, value)| !value.chars().any(char::is_control))
        .collect();
    if cron {
        // the same machine keeps its minute
        let minute = program
            .bytes()
            .fold(0_u32, |sum, b| sum.wrapping_add(u32::from(b)));
        Printer::data(&cron_line(&program, &variables, hours, minute))?;
        return Ok(Code::Clear);
    }
    if !cfg!(target_os = "linux") {
        bail!(
            "systemd timers are for Linux; `foretaste watch install --cron` prints a line for cron"
        );
    }
    let folder = environment
        .config_home()
        .context("no configuration folder is known on this system; set XDG_CONFIG_HOME")?
        .join("systemd")
        .join("user");
    let units = [
        (
            "foretaste-watch.service",
            systemd_service(&program, &variables),
        ),
        ("foretaste-watch.timer", systemd_timer(hours)),
    ];
    for (name, text) in units {
        let path = folder.join(name);
        if dry_run {
            Printer::data(&format!("# {}\n{text}\n", path.display()))?;
        } else {
            files::write_atomic(&path, text.as_bytes())?;
            Printer::data(&format!("written {}\n", path.display()))?;
        }
    }
    if !dry_run {
        printer.note("start it with: systemctl --user daemon-reload && systemctl --user enable --now foretaste-watch.timer");
        printer.note("variables that sinks name (--url-env …) must be set there: systemctl --user edit foretaste-watch.service");
    }
    Ok(Code::Clear)
}
