//! Variables of the environment, by their names.

/// What the system says about the machine and its user.
const OF_SYSTEM: &[&str] = &[
    "APPDATA",
    "COMPUTERNAME",
    "DISPLAY",
    "EDITOR",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "HOST",
    "HOSTNAME",
    "LANG",
    "LANGUAGE",
    "LOCALAPPDATA",
    "LOGNAME",
    "LOGONSERVER",
    "MAIL",
    "NUMBER_OF_PROCESSORS",
    "OLDPWD",
    "OS",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PUBLIC",
    "PWD",
    "SHELL",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERDOMAIN",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
    "_",
];

/// What the names of variables begin with that some other program, service or build machine defines, and that thieves ask for.
const OF_OTHERS: &[&str] = &[
    "ACTIONS_",
    "ANTHROPIC",
    "ARM_",
    "ARTIFACTORY",
    "AWS",
    "AZURE",
    "BITBUCKET",
    "BUILDKITE",
    "CARGO",
    "CI_",
    "CIRCLE",
    "CLAUDE",
    "CLOUDFLARE",
    "CODECOV",
    "CONDA",
    "DATABASE",
    "DB_",
    "DIGITALOCEAN",
    "DISCORD",
    "DOCKER",
    "ETH_",
    "FLY_",
    "GCLOUD",
    "GCP",
    "GEMINI",
    "GH_",
    "GIT_",
    "GITHUB",
    "GITLAB",
    "GOOGLE",
    "GPG",
    "HEROKU",
    "HF_",
    "HUGGING",
    "JENKINS",
    "JWT",
    "KUBE",
    "LC_",
    "MNEMONIC",
    "MONGO",
    "MYSQL",
    "NETLIFY",
    "NODE_AUTH",
    "NPM",
    "NUGET",
    "OPENAI",
    "PG",
    "POETRY",
    "POSTGRES",
    "PRIVATE",
    "PROCESSOR_",
    "PYPI",
    "PYTHON",
    "REDIS",
    "RUNNER",
    "SECRET",
    "SENTRY",
    "SESSION",
    "SOLANA",
    "SONAR",
    "SSH",
    "STRIPE",
    "SUDO",
    "TF_",
    "TRAVIS",
    "TWILIO",
    "TWINE",
    "UV_",
    "VAULT",
    "VERCEL",
    "VIRTUAL_ENV",
    "WALLET",
    "XDG_",
    "YARN",
];

/// True for a variable that nobody sets but for one program, which asks for it: `WEATHER_API_KEY`, `DEFAULT_SENDER_EMAIL`.
/// A name without a word of its own (`TOKEN`, `API_KEY`) tells nothing.
pub(crate) fn is_of_one_program(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_one = name.contains('_')
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let general = [
        "ACCESS",
        "API",
        "APP",
        "AUTH",
        "BOT",
        "CLIENT",
        "CREDENTIALS",
        "ID",
        "KEY",
        "PASS",
        "PASSWORD",
        "TOKEN",
        "USER",
    ];
    is_one
        && !OF_SYSTEM.contains(&&*name)
        && !OF_OTHERS.iter().any(|prefix| name.starts_with(prefix))
        && !name.split('_').all(|word| general.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::is_of_one_program;

    #[test]
    fn thieves_ask_for_what_others_set() {
        for own in [
            "WEATHER_API_KEY",
            "DEFAULT_SENDER_EMAIL",
            "NOTES_WORKSPACE",
            "SLACK_WEBHOOK_URL",
        ] {
            assert!(is_of_one_program(own), "{own}");
        }
        for other in [
            "USERNAME",
            "PROCESSOR_IDENTIFIER",
            "AWS_SECRET_ACCESS_KEY",
            "NPM_TOKEN",
            "GITHUB_REPOSITORY",
            "DATABASE_URL",
            "API_KEY",
            "TOKEN",
            "…",
            "npm_config_registry",
        ] {
            assert!(!is_of_one_program(other), "{other}");
        }
    }
}
