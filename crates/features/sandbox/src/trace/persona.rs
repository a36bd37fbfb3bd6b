//! Whom a package believes to run it.

/// One whom malware looks for, or avoids.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    /// What reports call it.
    pub name: &'static str,
    /// Its variables, besides the planted secrets.
    pub(super) variables: &'static [(&'static str, &'static str)],
}

impl Persona {
    /// Every persona.
    pub(super) const ALL: [&'static Self; 2] = [
        &Self {
            name: "developer",
            variables: &[
                ("LANG", "en_US.UTF-8"),
                ("TZ", "Europe/Vienna"),
                ("TERM", "xterm-256color"),
                ("EDITOR", "vim"),
            ],
        },
        &Self {
            name: "runner",
            variables: &[
                ("CI", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "example/build"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_EVENT_NAME", "push"),
                ("GITHUB_WORKFLOW", "build"),
                ("GITHUB_RUN_ID", "4817263950"),
                ("GITHUB_ACTOR", "example"),
                ("RUNNER_OS", "Linux"),
                ("RUNNER_ENVIRONMENT", "github-hosted"),
            ],
        },
    ];
}
