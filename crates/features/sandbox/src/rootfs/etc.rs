//! `/etc`: what programs need to start and to check certificates, and nothing that tells of the machine.

use std::path::Path;

use super::plan::Step;

/// Files and folders of the host that are shown as they are.
const SHOWN: &[&str] = &[
    "alternatives",
    "bash.bashrc",
    "ca-certificates",
    "ca-certificates.conf",
    "debian_version",
    "default/locale",
    "fonts",
    "host.conf",
    "inputrc",
    "java-8-openjdk",
    "java-11-openjdk",
    "java-17-openjdk",
    "java-21-openjdk",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ld-musl-x86_64.path",
    "ld-musl-aarch64.path",
    "locale.alias",
    "locale.conf",
    "localtime",
    "magic",
    "maven",
    "mime.types",
    "os-release",
    "perl",
    "pki",
    "protocols",
    "python2.7",
    "python3",
    "python3.11",
    "python3.12",
    "python3.13",
    "profile",
    "profile.d",
    "redhat-release",
    "rpc",
    "services",
    "shells",
    "ssl",
    "terminfo",
    "timezone",
    "xattr.conf",
    "crypto-policies",
    "static",
];
/// Package managers' configuration for the whole machine, shown without its secrets.
const CLEANED: &[&str] = &[
    "gemrc",
    "gitconfig",
    "npmrc",
    "pip.conf",
    "xdg/pip/pip.conf",
];
/// Folders with private keys below what is shown.
pub(crate) const SECRETS: &[&str] = &["ssl/private", "pki/tls/private", "pki/entitlement"];

/// Who the user is and what the machine is called, inside.
#[derive(Clone, Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) user: &'a str,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: &'a Path,
    pub(crate) hostname: &'a str,
    /// Where names are asked for.
    pub(crate) resolver: std::net::Ipv4Addr,
}

/// Steps for `/etc`.
pub(crate) fn steps(who: &Identity<'_>) -> Vec<Step> {
    let mut steps = vec![Step::Folder {
        to: "/etc".into(),
        mode: 0o755,
    }];
    for name in SHOWN {
        let path = Path::new("/etc").join(name);
        match std::fs::symlink_metadata(&path) {
            // a link is shown as what it leads to, unless that is shown anyway
            Ok(meta) if meta.is_symlink() => {
                if let Ok(target) = std::fs::read_link(&path) {
                    let whole = Path::new("/etc").join(&target);
                    if whole.starts_with("/usr") || target.starts_with("../usr") {
                        steps.push(Step::Link { to: path, target });
                    } else if let Ok(from) = whole.canonicalize() {
                        steps.push(Step::ReadOnly { from, to: path });
                    }
                }
            }
            Ok(_) => steps.push(Step::ReadOnly {
                from: path.clone(),
                to: path,
            }),
            Err(_) => {}
        }
    }
    for name in CLEANED {
        let path = Path::new("/etc").join(name);
        if let Some(content) = super::home::cleaned(&path) {
            steps.push(file(path.to_string_lossy().as_ref(), &content));
        }
    }
    let Identity {
        user,
        uid,
        gid,
        home,
        hostname,
        resolver,
    } = who;
    let home = home.display();
    let root = if *uid == 0 {
        String::new()
    } else {
        "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n".to_owned()
    };
    steps.push(file("/etc/passwd", &format!(
        "{root}{user}:x:{uid}:{gid}:{user}:{home}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )));
    let root = if *gid == 0 { "" } else { "root:x:0:\n" };
    steps.push(file(
        "/etc/group",
        &format!("{root}{user}:x:{gid}:\nnogroup:x:65534:\n"),
    ));
    steps.push(file("/etc/hostname", &format!("{hostname}\n")));
    steps.push(file(
        "/etc/hosts",
        &format!("127.0.0.1 localhost {hostname}\n::1 localhost ip6-localhost ip6-loopback\n"),
    ));
    steps.push(file(
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    ));
    steps.push(file(
        "/etc/resolv.conf",
        &format!("nameserver {resolver}\noptions timeout:1 attempts:1\n"),
    ));
    steps
}

fn file(path: &str, content: &str) -> Step {
    Step::File {
        to: path.into(),
        content: content.as_bytes().to_vec(),
        mode: 0o644,
        over: false,
    }
}
