//! Having the watch run by itself.

/// Variables that say where the book and the caches lie and where uv is found. A timer has none of those of a shell; none of
/// them is a secret.
pub const KEPT_VARIABLES: &[&str] = &[
    "PATH",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "FORETASTE_CACHE_DIR",
    "FORETASTE_CONFIG",
    "FORETASTE_CONFIG_DIR",
    "FORETASTE_DATA_DIR",
];

/// A name and its value.
pub type Variable<'a> = (&'a str, &'a str);

/// A systemd service that runs the watch once. `program` is the path of the binary.
pub fn systemd_service(program: &str, variables: &[Variable<'_>]) -> String {
    let variables: String = variables
        .iter()
        .map(|(name, value)| format!("Environment={}\n", quoted(&format!("{name}={value}"))))
        .collect();
    format!(
        "[Unit]\nDescription=Foretaste: judge watched dependencies again\n\n[Service]\nType=oneshot\n{variables}ExecStart={} watch run --once\n# 1: something is worse, 3: something could not be vetted; both were told\nSuccessExitStatus=1 3\nNoNewPrivileges=yes\n",
        quoted(program)
    )
}

/// The timer that starts it every so many hours.
pub fn systemd_timer(hours: u32) -> String {
    format!(
        "[Unit]\nDescription=Foretaste: judge watched dependencies again\n\n[Timer]\nOnBootSec=5min\nOnUnitActiveSec={hours}h\nRandomizedDelaySec=10min\n\n[Install]\nWantedBy=timers.target\n"
    )
}

/// The line of a crontab. `minute` spreads many machines over the hour.
pub fn cron_line(program: &str, variables: &[Variable<'_>], hours: u32, minute: u32) -> String {
    let variables: String = variables
        .iter()
        .map(|(name, value)| format!("{name}={} ", shell_quoted(value)))
        .collect();
    let every = match hours {
        0 | 1 => "*".to_owned(),
        n => format!("*/{}", n.min(23)),
    };
    format!(
        "{} {every} * * * {variables}{} watch run --once --quiet\n",
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
        let variables = [
            ("PATH", "/opt/my tools:/bin"),
            ("FORETASTE_DATA_DIR", "/a%b"),
        ];
        let service = systemd_service("/opt/my tools/100%/foretaste", &variables);
        assert!(service.contains(
            "Environment=\"PATH=/opt/my tools:/bin\"\nEnvironment=\"FORETASTE_DATA_DIR=/a%%b\"\n"
        ));
        assert!(service.contains("ExecStart=\"/opt/my tools/100%%/foretaste\" watch run --once"));
        assert_eq!(
            cron_line("/opt/a b/foretaste", &variables, 6, 77),
            "17 */6 * * * PATH='/opt/my tools:/bin' FORETASTE_DATA_DIR='/a\\%b' '/opt/a b/foretaste' watch run --once --quiet\n"
        );
    }
}
