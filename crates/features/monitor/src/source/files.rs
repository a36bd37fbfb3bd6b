//! Files that are written, and secrets that are opened: fanotify marks on file systems and on the places of secrets. It
//! needs root. The event brings an open descriptor, so that an artifact which its client removes at once is hashed still.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_io::files;
use nix::errno::Errno;
use nix::sys::fanotify::{EventFFlags, Fanotify, InitFlags, MarkFlags, MaskFlags};
use rustix::fs::CWD;
use sha2::{Digest, Sha256};

use super::{About, Outlet, Source, SourceError, Stop, proc};
use crate::observation::Observation;

/// Kinds of file systems that hold what is installed.
const KINDS: &[&str] = &[
    "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlay", "bcachefs",
];
/// Where secrets lie below a home.
const SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".azure",
    ".kube",
    ".gnupg",
    ".docker/config.json",
    ".config/gcloud",
    ".config/gh/hosts.yml",
    ".config/solana",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".cargo/credentials.toml",
    ".cargo/credentials",
    ".gem/credentials",
    ".vault-token",
    ".terraform.d/credentials.tfrc.json",
    ".bash_history",
    ".zsh_history",
];
/// How long files are gathered before they are read off together: to be woken for each one that an installer writes costs more
/// than to look at it. The kernel holds them meanwhile, so that what is removed at once is hashed still.
const GATHER: Duration = Duration::from_millis(20);
/// Bytes of an artifact that is hashed.
const MAX_ARTIFACT: u64 = 1 << 30;

/// The source.
#[derive(Debug)]
pub struct Files {
    group: Fanotify,
    unmarked: Vec<String>,
    own: u32,
}

impl Files {
    /// Marks every file system that is mounted now, and the secrets of every home.
    ///
    /// # Errors
    /// The kernel has no fanotify, or the process lacks the right, or nothing could be marked.
    pub fn open() -> Result<Self, SourceError> {
        let what = "fanotify";
        let flags = InitFlags::FAN_CLASS_NOTIF
            | InitFlags::FAN_CLOEXEC
            | InitFlags::FAN_NONBLOCK
            | InitFlags::FAN_UNLIMITED_QUEUE
            | InitFlags::FAN_UNLIMITED_MARKS;
        let events = EventFFlags::O_RDONLY | EventFFlags::O_LARGEFILE | EventFFlags::O_CLOEXEC;
        let group = Fanotify::init(flags, events).map_err(SourceError::of(what))?;
        let mut unmarked = Vec::new();
        let mut marked = 0;
        for place in mounts() {
            match group.mark(
                MarkFlags::FAN_MARK_ADD | MarkFlags::FAN_MARK_FILESYSTEM,
                MaskFlags::FAN_CLOSE_WRITE,
                CWD,
                Some(&place),
            ) {
                Ok(()) => marked += 1,
                Err(error) => unmarked.push(format!("{} ({error})", place.display())),
            }
        }
        if marked == 0 {
            return Err(SourceError {
                what,
                why: format!("no file system can be marked: {}", unmarked.join(", ")),
            });
        }
        for place in secrets() {
            // a place that goes away meanwhile holds no secret
            let _ = group.mark(
                MarkFlags::FAN_MARK_ADD,
                MaskFlags::FAN_OPEN | MaskFlags::FAN_EVENT_ON_CHILD,
                CWD,
                Some(&place),
            );
        }
        Ok(Self {
            group,
            unmarked,
            own: std::process::id(),
        })
    }

    fn drain(&self, out: &Outlet) {
        loop {
            let events = match self.group.read_events() {
                Ok(events) => events,
                Err(Errno::EINTR) => continue,
                Err(_) => return,
            };
            if events.is_empty() {
                return;
            }
            for event in events {
                let Some(file) = event.fd() else {
                    out.tell(Observation::Lost(1));
                    continue;
                };
                let pid = event.pid().cast_unsigned();
                if pid == self.own {
                    continue;
                }
                let at = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
                let Some(path) = proc::link(&at) else {
                    continue;
                };
                let path = path.strip_suffix(" (deleted)").unwrap_or(&path).to_owned();
                if event.mask().contains(MaskFlags::FAN_CLOSE_WRITE) {
                    let sha256 = is_artifact(&path).then(|| hash(file)).flatten();
                    out.tell(Observation::Write { pid, path, sha256 });
                } else {
                    out.tell(Observation::Read { pid, path });
                }
            }
        }
    }
}

impl Source for Files {
    fn about(&self) -> About {
        let mut blind =
            vec!["files on file systems that are mounted later, and files that are only renamed or linked".to_owned()];
        if !self.unmarked.is_empty() {
            blind.push(format!("files on {}", self.unmarked.join(", ")));
        }
        About {
            name: "fanotify",
            sees: "installs, artifacts by their digest, files from which something could be started, and reads of the places of secrets",
            blind,
        }
    }

    fn run(&mut self, out: &Outlet, stop: &Stop) {
        while stop.wait(&self.group.as_fd()) {
            std::thread::sleep(GATHER);
            self.drain(out);
        }
        self.drain(out);
    }
}

/// Where file systems are mounted, one place for each.
fn mounts() -> Vec<PathBuf> {
    let text = files::read_start(Path::new("/proc/self/mounts"), 4 << 20)
        .map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let mut devices = BTreeSet::new();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (device, place, kind) = (words.next()?, words.next()?, words.next()?);
            let is_kernels = place.starts_with("/sys") || place.starts_with("/proc");
            let is_known = device.starts_with('/') && !devices.insert(device.to_owned());
            (KINDS.contains(&kind) && !is_kernels && !is_known)
                .then(|| PathBuf::from(place.replace("\\040", " ")))
        })
        .collect()
}

/// Places of secrets that exist.
fn secrets() -> Vec<PathBuf> {
    let passwd = files::read_start(Path::new("/etc/passwd"), 1 << 20)
        .map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let homes: BTreeSet<PathBuf> = passwd
        .lines()
        .filter_map(|line| line.split(':').nth(5))
        .filter(|home| home.len() > 1)
        .map(PathBuf::from)
        .collect();
    let mut places: Vec<PathBuf> = homes
        .iter()
        .flat_map(|home| SECRETS.iter().map(|secret| home.join(secret)))
        .chain(["/etc/shadow", "/var/run/secrets", "/var/run/docker.sock"].map(PathBuf::from))
        .collect();
    places.retain(|place| files::exists(place));
    places
}

/// True for a file that a package is installed from.
fn is_artifact(path: &str) -> bool {
    [".whl", ".tar.gz", ".tgz", ".crate", ".zip", ".gem"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// The digest of what a descriptor has, read without moving where others read.
fn hash(file: BorrowedFd<'_>) -> Option<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 18];
    let mut at = 0_u64;
    loop {
        let bytes = rustix::io::pread(file, &mut buffer[..], at).ok()?;
        if bytes == 0 {
            return Some(hex::encode(digest.finalize()));
        }
        digest.update(buffer.get(..bytes)?);
        at += bytes as u64;
        if at > MAX_ARTIFACT {
            return None;
        }
    }
}
