//! Which files hold secrets, and what they hold.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::hidden;

/// A part of the path, and what such a file holds.
const PARTS: &[(&str, &str)] = &[
    ("/.ssh/", "ssh keys"),
    ("/.gnupg/", "keys"),
    ("/.aws/", "cloud credentials"),
    ("/.config/gcloud/", "cloud credentials"),
    ("/.azure/", "cloud credentials"),
    ("/.oci/", "cloud credentials"),
    ("/.kube/config", "cluster credentials"),
    ("/.docker/config.json", "registry credentials"),
    ("/.pypirc", "registry token"),
    ("/.cargo/credentials", "registry token"),
    ("/.gem/credentials", "registry token"),
    ("/.git-credentials", "repository token"),
    ("/.config/gh/hosts.yml", "repository token"),
    ("/.netrc", "passwords"),
    ("/.terraform.d/credentials", "cloud credentials"),
    ("/.vault-token", "vault token"),
    ("/.config/google-chrome/", "browser profile"),
    ("/.config/chromium/", "browser profile"),
    ("/.config/BraveSoftware/", "browser profile"),
    ("/.mozilla/firefox/", "browser profile"),
    ("/.bitcoin/", "wallet"),
    ("/.ethereum/", "wallet"),
    ("/.electrum/", "wallet"),
    ("/.config/solana/", "wallet"),
    ("/Exodus/", "wallet"),
    ("wallet.dat", "wallet"),
    ("/.bash_history", "history"),
    ("/.zsh_history", "history"),
    ("/etc/shadow", "passwords"),
    ("/var/run/secrets/", "cluster credentials"),
    ("docker.sock", "the container engine"),
    ("containerd.sock", "the container engine"),
    ("/sys/class/dmi/", "machine"),
    ("/sys/hypervisor", "machine"),
    ("/etc/machine-id", "machine"),
    ("/.dockerenv", "machine"),
];

/// How the names of such files and folders begin that begin with a dot.
const HIDDEN: &[&str] = &[
    "aws",
    "azure",
    "bash_",
    "bitcoin",
    "cargo",
    "config",
    "docker",
    "electrum",
    "env",
    "ethereum",
    "gem",
    "git-",
    "gnupg",
    "kube",
    "mozilla",
    "netrc",
    "oci",
    "pypirc",
    "ssh",
    "terraform.d",
    "vault-token",
    "zsh_",
];

/// False for a whole path that is nobody's secret, by one look.
pub fn may_be(path: &[u8]) -> bool {
    static MARKS: LazyLock<[Finder<'static>; 8]> = LazyLock::new(|| {
        [
            "/proc/",
            "/sys/",
            "shadow",
            "/Exodus/",
            "wallet.dat",
            "/secrets/",
            ".sock",
            "machine-id",
        ]
        .map(Finder::new)
    });
    hidden::begins(path, HIDDEN) || MARKS.iter().any(|mark| mark.find(path).is_some())
}

/// What process 1 shows of the machine that it runs on.
pub(crate) const MACHINE_BEHIND: &str = "the machine behind process 1";

/// Links of process 1 that lead out of what a process sees itself.
const BEHIND_INIT: &[&str] = &["cwd", "exe", "fd", "map_files", "root"];

/// What a path holds, if that is secret.
pub fn what(path: &str) -> Option<&'static str> {
    if let Some(rest) = path.strip_prefix("/proc/") {
        let (process, file) = rest.split_once('/')?;
        let is_other = process.bytes().all(|byte| byte.is_ascii_digit());
        let is_memory = ["mem", "environ"].contains(&file.rsplit('/').next().unwrap_or(""));
        if process == "1" && BEHIND_INIT.contains(&file.split('/').next().unwrap_or("")) {
            return Some(MACHINE_BEHIND);
        }
        return (is_other && is_memory).then_some("memory of processes");
    }
    let name = path.rsplit('/').next().unwrap_or("");
    if name == ".env" || name.starts_with(".env.") {
        return Some("secrets of the project");
    }
    PARTS
        .iter()
        .find(|(part, _)| path.contains(part))
        .map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_and_other_files_are_not() {
        assert_eq!(what("/home/me/.ssh/id_rsa"), Some("ssh keys"));
        assert_eq!(what("/proc/17/environ"), Some("memory of processes"));
        assert_eq!(what("/proc/self/environ"), None);
        assert_eq!(what("/proc/1/root/etc/passwd"), Some(MACHINE_BEHIND));
        assert_eq!(what("/proc/1/exe"), Some(MACHINE_BEHIND));
        assert_eq!(what("/proc/1/environ"), Some("memory of processes"));
        assert_eq!(what("/proc/1/cgroup"), None);
        assert_eq!(what("/proc/17/exe"), None);
        assert_eq!(what("/home/me/p/.env"), Some("secrets of the project"));
        assert_eq!(what("/usr/lib/python3/os.py"), None);
    }

    #[test]
    fn the_first_look_misses_none() {
        for (part, _) in PARTS {
            let path = format!("/home/me{}x", part.trim_end_matches('/').to_owned() + "/");
            let path = if part.starts_with('/') {
                path
            } else {
                format!("/home/me/{part}")
            };
            assert_eq!(what(&path).is_some(), may_be(path.as_bytes()), "{path}");
            assert!(may_be(path.as_bytes()), "{path}");
        }
        for path in [
            "/proc/17/environ",
            "/home/me/.env",
            "/p/.env.local",
            "/etc//shadow",
        ] {
            assert!(may_be(path.as_bytes()), "{path}");
        }
        assert!(!may_be(b"/usr/lib/python3/os.py"));
    }
}
