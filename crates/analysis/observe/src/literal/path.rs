//! Paths where secrets are kept, and paths that make code run again.

use std::borrow::Cow;

use foretaste_model::facts::LiteralKind;

use super::patterns::Patterns;
use super::{GATE, Traits};

/// Lower case, with forward slashes. A pattern matches between name boundaries.
pub(super) const SECRET: &[&str] = &[
    // shells, clouds, tools
    ".ssh",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "authorized_keys",
    "known_hosts",
    ".aws",
    ".aws/credentials",
    ".azure",
    "azureprofile.json",
    ".config/gcloud",
    "gcloud/credentials.db",
    "application_default_credentials.json",
    ".boto",
    ".s3cfg",
    ".kube/config",
    ".kube",
    ".docker/config.json",
    ".dockercfg",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".config/gh/hosts.yml",
    ".config/hub",
    ".vault-token",
    ".terraform.d/credentials.tfrc.json",
    ".pgpass",
    ".my.cnf",
    ".gnupg",
    ".password-store",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".mysql_history",
    ".psql_history",
    ".node_repl_history",
    ".env.local",
    ".env.production",
    ".wgetrc",
    ".claude.json",
    ".claude/.credentials.json",
    ".gemini/oauth_creds.json",
    ".cursor/mcp.json",
    "claude_desktop_config.json",
    ".config/github-copilot/hosts.json",
    ".config/github-copilot/apps.json",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".codex/auth.json",
    ".config/configstore",
    "filezilla/recentservers.xml",
    "filezilla/sitemanager.xml",
    "winscp.ini",
    ".config/rclone/rclone.conf",
    "openvpn/config",
    ".config/doctl",
    ".config/heroku",
    "serviceaccount/token",
    "secrets/kubernetes.io",
    // systems
    "/etc/shadow",
    "/etc/passwd",
    "/etc/sudoers",
    "/etc/master.passwd",
    "/etc/krb5.keytab",
    "/proc/self/environ",
    "/proc/1/environ",
    "system32/config/sam",
    "ntds.dit",
    "lsass.dmp",
    "login.keychain",
    "login.keychain-db",
    "library/keychains",
    ".local/share/keyrings",
    "microsoft/credentials",
    "microsoft/protect",
    "microsoft/vault",
    // browsers
    "login data",
    "web data",
    "cookies.sqlite",
    "key4.db",
    "key3.db",
    "logins.json",
    "signons.sqlite",
    "local state",
    "network/cookies",
    "default/cookies",
    "google/chrome/user data",
    "google/chrome",
    "google-chrome",
    "chromium/user data",
    "bravesoftware/brave-browser",
    "microsoft/edge/user data",
    "opera software",
    "opera gx stable",
    "vivaldi/user data",
    "yandex/yandexbrowser",
    "mozilla/firefox/profiles",
    ".mozilla/firefox",
    "firefox/profiles",
    "cookies.binarycookies",
    "iridium/user data",
    "epic privacy browser",
    "coccoc/browser",
    "7star/7star",
    "centbrowser/user data",
    // messengers and games
    "local storage/leveldb",
    "discord/local storage",
    "discordcanary",
    "discordptb",
    "lightcord",
    "telegram desktop/tdata",
    "tdata",
    "signal/config.json",
    "whatsapp/local storage",
    "slack/local storage",
    "skype for desktop",
    ".minecraft/launcher_profiles.json",
    "steam/config",
    "loginusers.vdf",
    "ssfn",
    // wallets
    "wallet.dat",
    "exodus/exodus.wallet",
    "exodus.wallet",
    "electrum/wallets",
    ".electrum",
    "ethereum/keystore",
    ".ethereum/keystore",
    "atomic/local storage",
    "com.liberty.jaxx",
    "guarda/local storage",
    "coinomi/wallets",
    "zcash",
    "armory",
    "bytecoin",
    "monero/wallets",
    "bitcoin/wallets",
    ".bitcoin",
    ".config/solana/id.json",
    "metamask",
    "local extension settings",
    "nkbihfbeogaeaoehlefnkodbefgpgknn",
    "bfnaelmomeimhlpmgjnjophhpkkoljpa",
    "sync extension settings",
    "ledger live",
    "trezor suite",
    "keplr-extension",
];

/// Lower case, with forward slashes.
pub(super) const PERSISTENCE: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish/config.fish",
    ".xinitrc",
    ".xprofile",
    ".xsessionrc",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/bash.bashrc",
    "/etc/rc.local",
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/var/spool/cron",
    "/etc/systemd/system",
    "/lib/systemd/system",
    ".config/systemd/user",
    "/etc/init.d",
    "/etc/ld.so.preload",
    ".config/autostart",
    "/etc/xdg/autostart",
    "library/launchagents",
    "library/launchdaemons",
    "start menu/programs/startup",
    "programs/startup",
    "currentversion/run",
    "currentversion/runonce",
    "currentversion/policies/explorer/run",
    "winlogon/shell",
    "winlogon/userinit",
    "image file execution options",
    ".git/hooks",
    "hooks/pre-commit",
    "hooks/post-checkout",
    "hooks/post-merge",
    ".github/workflows",
    ".vscode/tasks.json",
    ".vscode/settings.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".cursor/mcp.json",
    ".cursorrules",
    "claude.md",
    ".codex/config.toml",
    ".gemini/settings.json",
    "sitecustomize.py",
    "usercustomize.py",
    ".pythonrc",
    ".pythonstartup",
    "microsoft.powershell_profile.ps1",
    "windowspowershell/profile.ps1",
    "system32/tasks",
    "system32/drivers/etc/hosts",
    "/etc/hosts",
    "/etc/sudoers.d",
    "/etc/pam.d",
    ".ssh/rc",
    ".ssh/authorized_keys",
    "discord_desktop_core",
    "resources/app.asar",
    "profile_default/startup",
];

static PATTERNS: Patterns = Patterns::new([SECRET, PERSISTENCE]);

/// True for a text that begins with a capital word and ends with a word and a full stop, as messages for people do.
fn ends_as_sentence(value: &str) -> bool {
    let last = value.trim_end().strip_suffix(['.', '!', '?']);
    begins_as_sentence(value)
        && last
            .and_then(|text| text.split_ascii_whitespace().next_back())
            .is_some_and(is_word)
}

fn is_word(text: &str) -> bool {
    text.len() >= 2 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// True for a text that begins with a capital word.
fn begins_as_sentence(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.split_ascii_whitespace().next().is_some_and(is_word)
}

/// True for a short message for people without any path: `Load cookies.txt or cookies.sqlite`.
fn asks_people(value: &str) -> bool {
    const LINKS: &[&str] = &[
        "and", "for", "from", "of", "or", "the", "to", "with", "your",
    ];
    let mut words = value.split_ascii_whitespace();
    begins_as_sentence(value) && !value.contains('/') && words.any(|word| LINKS.contains(&word))
}

/// True for a message that tells people what to do with a path or what became of it: `Append this line to your ~/.bashrc:`. A line
/// for a shell begins with no such word, or carries an operator.
fn tells_people(value: &str) -> bool {
    let ends = value.trim_end().ends_with(['.', ':', '!', '?']);
    let operates = value.contains(['>', '|', ';', '&', '`', '$', '=', '\n']);
    begins_as_sentence(value)
        && ends
        && !operates
        && value.split_ascii_whitespace().nth(3).is_some()
}

/// True for a media type, such as `application/x-google-chrome-extension` (RFC 6838, 4.2).
fn is_media_type(value: &str) -> bool {
    let Some((kind, name)) = value.split_once('/') else {
        return false;
    };
    matches!(kind, "application" | "image" | "audio" | "video" | "font")
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

/// The most paths of one text that are looked at.
const MAX_LISTED: usize = 64;

/// The paths of `"~/.aws/credentials ~/.netrc …".split()`: a text of nothing else.
fn listed(value: &str) -> impl Iterator<Item = &str> {
    let is_path = |word: &str| {
        word.len() > 3 && (word.starts_with(['~', '/', '.', '%', '$']) || word.contains('/'))
    };
    let several = value.split_ascii_whitespace().nth(2).is_some()
        && value.split_ascii_whitespace().all(is_path);
    let value = if several { value } else { "" };
    value.split_ascii_whitespace().take(MAX_LISTED)
}

pub(super) fn classify<'v>(
    value: &'v str,
    traits: Traits,
    found: &mut Vec<(LiteralKind, Cow<'v, str>)>,
) {
    let before = found.len();
    if traits.blank && traits.slash {
        for path in listed(value) {
            one(path, traits, found);
        }
    }
    if found.len() == before {
        one(value, traits, found);
    }
}

fn one<'v>(value: &'v str, traits: Traits, found: &mut Vec<(LiteralKind, Cow<'v, str>)>) {
    // prose mentions files; a path is short and on one line
    if !(traits.dot || traits.slash || traits.backslash || value.len() <= 64)
        || value.len() > 600
        || (traits.slash && is_media_type(value))
        || found.iter().any(|(k, _)| *k == LiteralKind::Url)
    {
        return;
    }
    let mut lower = value.to_ascii_lowercase();
    if traits.backslash {
        lower = lower.replace("\\\\", "/").replace('\\', "/");
        // the gate knows the text with its backslashes only
        if !GATE.opens_for(&lower) {
            return;
        }
    }
    let words = value.split_ascii_whitespace().count();
    let bytes = lower.as_bytes();
    let (mut secret, mut persistence) = (false, false);
    for (number, start, end) in PATTERNS.find(&lower) {
        let boundary =
            |b: Option<&u8>| b.is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
        let pattern_starts_with_word = bytes.get(start).is_some_and(u8::is_ascii_alphanumeric);
        let before = start.checked_sub(1).and_then(|i| bytes.get(i));
        let before_fits = if pattern_starts_with_word {
            boundary(before)
        } else {
            before.is_none_or(|b| !b.is_ascii_alphanumeric() || bytes.get(start) == Some(&b'/'))
        };
        // `could not read the local state file`: words of a sentence, not the name of a file
        let prose = bytes.get(start..end).is_some_and(|p| p.contains(&b' '))
            && before == Some(&b' ')
            && start
                .checked_sub(2)
                .and_then(|i| bytes.get(i))
                .is_some_and(u8::is_ascii_alphabetic);
        if !before_fits || prose || !boundary(bytes.get(end)) {
            continue;
        }
        if number < SECRET.len() {
            secret = true;
        } else {
            persistence = true;
        }
    }
    // a sentence about a file is no path
    let sentence = tells_people(value)
        || ((words > 8 || (words > 4 && ends_as_sentence(value)) || asks_people(value))
            && !traits.backslash
            && !value.contains("~/"));
    if secret && !sentence {
        found.push((LiteralKind::SecretPath, Cow::Borrowed(value)));
    }
    if persistence && !sentence {
        found.push((LiteralKind::PersistencePath, Cow::Borrowed(value)));
    }
}
