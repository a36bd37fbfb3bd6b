//! Hooks that outlive the monitor: a killed monitor leaves what it stopped stopped, until `foretaste monitor stop` sweeps.

use std::path::{Path, PathBuf};

use aya::programs::links::{FdLink, PinnedLink};
use foretaste_io::files;
use nix::mount::{MsFlags, mount};

use super::super::SourceError;

const WHAT: &str = "keeping hooks for the case that the monitor is killed";
const PLACE: &str = "/sys/fs/bpf";
const PREFIX: &str = "foretaste-";

/// Hooks that were kept.
#[derive(Debug, Default)]
pub(super) struct Pins {
    folder: Option<PathBuf>,
    links: Vec<PinnedLink>,
}

impl Pins {
    /// A folder for them, in the file system of the kernel's programs.
    pub(super) fn make() -> Result<Self, SourceError> {
        let is_mounted =
            files::read_start(Path::new("/proc/self/mounts"), 4 << 20).is_ok_and(|(text, _)| {
                String::from_utf8_lossy(&text).contains(&format!(" {PLACE} bpf "))
            });
        if !is_mounted {
            let none: Option<&str> = None;
            mount(Some("bpf"), PLACE, Some("bpf"), MsFlags::empty(), none)
                .map_err(SourceError::of(WHAT))?;
        }
        let folder = Path::new(PLACE).join(format!("{PREFIX}{}", std::process::id()));
        files::create_dir(&folder).map_err(SourceError::of(WHAT))?;
        Ok(Self {
            folder: Some(folder),
            links: Vec::new(),
        })
    }

    /// Keeps a hook.
    pub(super) fn keep(&mut self, name: &str, link: FdLink) -> Result<(), SourceError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let pinned = link.pin(folder.join(name)).map_err(SourceError::of(WHAT))?;
        self.links.push(pinned);
        Ok(())
    }

    /// Lets all of them go.
    pub(super) fn release(&mut self) {
        for link in self.links.drain(..) {
            if let Err(error) = link.unpin() {
                tracing::warn!(%error, "a hook could not be taken away; `foretaste monitor stop` does");
            }
        }
        if let Some(folder) = self.folder.take() {
            // the folder is empty
            let _ = rustix::fs::rmdir(&folder);
        }
    }
}

impl Drop for Pins {
    /// A monitor that fails or ends in order leaves nothing; one that is killed does not come here.
    fn drop(&mut self) {
        self.release();
    }
}

/// Takes away the hooks of monitors that do not live any more; says how many monitors had left some.
pub fn sweep() -> usize {
    let mut swept = 0;
    for name in files::list(Path::new(PLACE)).unwrap_or_default() {
        let Some(pid) = name.strip_prefix(PREFIX) else {
            continue;
        };
        // a number is given out again, and a process that nobody waited for has no command line any more
        let command = files::read_start(&Path::new("/proc").join(pid).join("cmdline"), 4096);
        if command.is_ok_and(|(bytes, _)| bytes.windows(7).any(|word| word == b"monitor")) {
            continue;
        }
        let folder = Path::new(PLACE).join(&name);
        for hook in files::list(&folder).unwrap_or_default() {
            let _ = files::remove(&folder.join(hook));
        }
        let _ = rustix::fs::rmdir(&folder);
        swept += 1;
    }
    swept
}
