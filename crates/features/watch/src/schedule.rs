//! Having the watch run by itself.

/// A systemd service that runs the watch once. `program` is the path of the binary.
pub fn systemd_service(program: &str) -> String {
    format!(
        "[Unit]\nDescription=Foretaste: judge watched dependencies again\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nType=oneshot\nExecStart={} watch run --once\n# 1: something is worse, 3: something could not be vetted; both were told\nSuccessExitStatus=1 3\nNoNewPrivileges=yes\nPrivateTmp=yes\n",
        quoted(program)
    )
}

/// The timer that starts it every so many hours.
pub fn systemd_timer(hours: u32) -> String {
    format!(
        "[Unit]\nDescription=Foretaste: judge watched dependencies again\n\n[Timer]\nOnBootSec=5min\nOnUnitActiveSec={hours}h\nRandomizedDelaySec=10min\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
}

/// The line of a crontab. `minute` spreads many machines over the hour.
pub fn cron_line(program: &str, hours: u32, minute: u32) -> String {
    let every = match hours {
        0 | 1 => "*".to_owned(),
        n => format!("*/{}", n.min(23)),
    };
    format!(
        "{} {every} * * * {} watch run --once --quiet\n",
        minute % 60,
        shell_quoted(program)
    )
}

/// systemd reads `%` as a specifier and splits at spaces.
fn quoted(path: &str) -> String {
    let path = path
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    format!("\"{path}\"")
}

/// For `sh`; cron itself reads `%` as a line break.
fn shell_quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', "'\\''")).replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_spaces_and_percents_survive() {
        let service = systemd_service("/opt/my tools/100%/foretaste");
        assert!(service.contains("ExecStart=\"/opt/my tools/100%%/foretaste\" watch run --once"));
        assert_eq!(
            cron_line("/opt/a b/foretaste", 6, 77),
            "17 */6 * * * '/opt/a b/foretaste' watch run --once --quiet\n"
        );
    }
}
