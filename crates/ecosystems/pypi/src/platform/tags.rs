//! Compatibility of wheels, as `packaging.tags` decides it, as a predicate instead of a list of a thousand tags.

use std::str::FromStr as _;

use serde::{Deserialize, Serialize};
use uv_pep440::Version;

use crate::filename::{DistFilename, WheelFilename};

/// An interpreter on a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Its full version, e.g. `3.11.7`.
    pub python_full_version: String,
    /// Major and minor version.
    pub python: (u32, u32),
    /// Which interpreter.
    pub implementation: Implementation,
    /// The operating system.
    pub system: System,
    /// The machine as in platform tags: `x86_64`, `aarch64`, `arm64`, `amd64`, `win32`.
    pub arch: String,
    /// True for a CPython built without the global lock (PEP 703).
    pub free_threaded: bool,
    /// True if nobody was asked and the newest CPython was assumed.
    pub assumed: bool,
}

/// Which interpreter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Implementation {
    /// CPython.
    CPython,
    /// PyPy, with its ABI tag, e.g. `pypy311_pp73`.
    PyPy(String),
    /// Another one, by its short name: only pure-Python wheels fit.
    Other(String),
}

/// The operating system, as far as wheels care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    /// Linux with a C library.
    Linux(Libc),
    /// macOS of a version.
    MacOs(u32, u32),
    /// Windows.
    Windows,
    /// Another one, as the tag has it, e.g. `freebsd_14_0_release_amd64`: exact match only.
    Other(String),
}

/// The C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Libc {
    /// glibc of a version: manylinux wheels.
    Glibc(u32, u32),
    /// musl of a version: musllinux wheels.
    Musl(u32, u32),
    /// Unknown: neither.
    Unknown,
}

/// The CPython that is assumed where there is none to ask.
const NEWEST_CPYTHON: (u32, u32) = (3, 14);

impl Platform {
    /// The newest CPython on the machine this program was built for: what is assumed where there is no Python to ask.
    pub fn assumed() -> Self {
        let (system, arch) = if cfg!(target_os = "macos") {
            let arch = if cfg!(target_arch = "aarch64") {
                "arm64"
            } else {
                "x86_64"
            };
            (System::MacOs(15, 0), arch)
        } else if cfg!(windows) {
            let arch = if cfg!(target_arch = "aarch64") {
                "arm64"
            } else {
                "amd64"
            };
            (System::Windows, arch)
        } else {
            let libc = if cfg!(target_env = "musl") {
                Libc::Musl(1, 2)
            } else {
                Libc::Glibc(2, 36)
            };
            (System::Linux(libc), std::env::consts::ARCH)
        };
        let (major, minor) = NEWEST_CPYTHON;
        Self {
            python_full_version: format!("{major}.{minor}.0"),
            python: NEWEST_CPYTHON,
            implementation: Implementation::CPython,
            system,
            arch: arch.to_owned(),
            free_threaded: false,
            assumed: true,
        }
    }

    /// The same machine with CPython of another version (`3.12` or `3.12.4`); none for anything else.
    #[must_use]
    pub fn with_python(mut self, version: &str) -> Option<Self> {
        let mut parts = version.trim().splitn(3, '.');
        let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let patch: u32 = parts.next().map_or(Some(0), |p| p.parse().ok())?;
        self.python = (major, minor);
        self.python_full_version = format!("{major}.{minor}.{patch}");
        self.implementation = Implementation::CPython;
        Some(self)
    }

    /// The interpreter's version for `Requires-Python`.
    pub fn python_version(&self) -> Version {
        Version::from_str(&self.python_full_version)
            .unwrap_or_else(|_| Version::new([u64::from(self.python.0), u64::from(self.python.1)]))
    }

    /// Whether the client could install this file here, by its name. Eggs and installers are used by no current client.
    pub fn accepts(&self, file: &DistFilename) -> bool {
        match file {
            DistFilename::Wheel(wheel) => self.accepts_wheel(wheel),
            DistFilename::Sdist { .. } => true,
            DistFilename::Egg { .. } | DistFilename::Other { .. } => false,
        }
    }

    /// Whether one of the wheel's tag combinations is among the interpreter's.
    pub fn accepts_wheel(&self, wheel: &WheelFilename) -> bool {
        wheel.platform.iter().any(|platform| {
            let any = &**platform == "any";
            (any || self.accepts_platform(platform))
                && wheel.python.iter().any(|python| {
                    wheel
                        .abi
                        .iter()
                        .any(|abi| self.accepts_interpreter(python, abi, any))
                })
        })
    }

    fn accepts_interpreter(&self, python: &str, abi: &str, any_platform: bool) -> bool {
        let (major, minor) = self.python;
        if let Some(digits) = python.strip_prefix("py") {
            let fits = match version_digits(digits) {
                Some((m, None)) => m == major,
                Some((m, Some(n))) => m == major && n <= minor,
                None => false,
            };
            return fits && abi == "none";
        }
        match &self.implementation {
            Implementation::CPython => {
                let Some((m, n)) = python.strip_prefix("cp").and_then(version_digits) else {
                    return false;
                };
                // A bare `cp3` names the interpreter alone; `packaging` accepts it for pure-Python wheels.
                let Some(n) = n else {
                    return m == major && abi == "none" && any_platform;
                };
                match abi {
                    "none" => (m, n) == self.python,
                    "abi3" => {
                        !self.free_threaded && m == major && m == 3 && (2..=minor).contains(&n)
                    }
                    "abi3t" => m == 3 && m == major && (15..=minor).contains(&n),
                    _ => {
                        let own = format!("cp{major}{minor}");
                        let fits = if self.free_threaded {
                            abi == format!("{own}t")
                        } else {
                            // Before 3.8 the ABI names had an `m` (pymalloc).
                            abi == own || (minor < 8 && abi == format!("{own}m"))
                        };
                        (m, n) == self.python && fits
                    }
                }
            }
            Implementation::PyPy(own_abi) => {
                python == format!("pp{major}{minor}") && (abi == "none" || abi == own_abi)
            }
            Implementation::Other(short) => {
                python == format!("{short}{major}{minor}") && abi == "none"
            }
        }
    }

    fn accepts_platform(&self, tag: &str) -> bool {
        match &self.system {
            System::Linux(libc) => self.accepts_linux(tag, *libc),
            System::MacOs(major, minor) => self.accepts_macos(tag, (*major, *minor)),
            System::Windows => match self.arch.as_str() {
                "win32" | "x86" => tag == "win32",
                arch => tag.strip_prefix("win_") == Some(arch),
            },
            System::Other(own) => tag == own,
        }
    }

    fn accepts_linux(&self, tag: &str, libc: Libc) -> bool {
        let arch = self.arch.as_str();
        if tag.strip_prefix("linux_") == Some(arch) {
            return true;
        }
        if let Some(rest) = tag.strip_prefix("musllinux_") {
            return matches!(libc, Libc::Musl(major, minor)
                if versioned(rest, arch).is_some_and(|(m, n)| m == major && n <= minor));
        }
        let Libc::Glibc(major, minor) = libc else {
            return false;
        };
        // PEP 600 and the three older names, which are aliases.
        for (prefix, needed) in [
            ("manylinux1_", (2, 5)),
            ("manylinux2010_", (2, 12)),
            ("manylinux2014_", (2, 17)),
        ] {
            if let Some(found) = tag.strip_prefix(prefix) {
                return found == arch && needed <= (major, minor);
            }
        }
        tag.strip_prefix("manylinux_")
            .and_then(|rest| versioned(rest, arch))
            .is_some_and(|(m, n)| m == major && n <= minor)
    }

    fn accepts_macos(&self, tag: &str, own: (u32, u32)) -> bool {
        let Some(rest) = tag.strip_prefix("macosx_") else {
            return false;
        };
        let mut parts = rest.splitn(3, '_');
        let mut number = || parts.next().and_then(|p| p.parse::<u32>().ok());
        let (Some(major), Some(minor)) = (number(), number()) else {
            return false;
        };
        let arch = parts.next().unwrap_or_default();
        let new_enough = if own.0 >= 11 && major >= 11 {
            // From macOS 11 on only the major version counts.
            major <= own.0
        } else {
            (major, minor) <= own
        };
        new_enough
            && if self.arch == "arm64" {
                match arch {
                    "arm64" => major >= 11,
                    "universal2" => true,
                    _ => false,
                }
            } else {
                arch == self.arch
                    || matches!(
                        arch,
                        "universal2" | "intel" | "fat64" | "fat32" | "fat3" | "universal"
                    )
            }
    }
}

/// `39` → 3.9, `312` → 3.12, `3` → 3.
fn version_digits(digits: &str) -> Option<(u32, Option<u32>)> {
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (major, minor) = digits.split_at(1);
    let minor = if minor.is_empty() {
        None
    } else {
        Some(minor.parse().ok()?)
    };
    Some((major.parse().ok()?, minor))
}

/// `2_17_x86_64` for the arch `x86_64` → 2.17.
fn versioned(text: &str, arch: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('_')?;
    let (minor, found) = rest.split_once('_')?;
    (found == arch).then_some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn platform(python: (u32, u32), system: System, arch: &str) -> Platform {
        Platform {
            python_full_version: format!("{}.{}.1", python.0, python.1),
            python,
            implementation: Implementation::CPython,
            system,
            arch: arch.into(),
            free_threaded: false,
            assumed: false,
        }
    }

    fn fits(platform: &Platform, tags: &str) -> bool {
        WheelFilename::parse(&format!("x-1-{tags}.whl")).is_some_and(|w| platform.accepts_wheel(&w))
    }

    #[test]
    fn another_python_version_can_be_asked_for() {
        let platform = Platform::assumed().with_python("3.9.1").expect("a version");
        assert_eq!(
            (platform.python, platform.python_full_version.as_str()),
            ((3, 9), "3.9.1")
        );
        assert!(Platform::assumed().with_python("python3").is_none());
    }

    #[test]
    fn cpython_on_linux() {
        let here = platform((3, 11), System::Linux(Libc::Glibc(2, 36)), "x86_64");
        for (tags, expected) in [
            ("py3-none-any", true),
            ("py2.py3-none-any", true),
            ("py2-none-any", false),
            ("py39-none-any", true),
            ("py312-none-any", false),
            (
                "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
                true,
            ),
            ("cp311-cp311-manylinux_2_36_x86_64", true),
            ("cp311-cp311-manylinux_2_38_x86_64", false),
            ("cp311-cp311-manylinux1_x86_64", true),
            ("cp311-cp311-manylinux2014_aarch64", false),
            ("cp311-cp311-musllinux_1_1_x86_64", false),
            ("cp311-cp311-linux_x86_64", true),
            ("cp310-cp310-manylinux2014_x86_64", false),
            ("cp37-abi3-manylinux2014_x86_64", true),
            ("cp312-abi3-manylinux2014_x86_64", false),
            ("cp311-none-manylinux2014_x86_64", true),
            ("cp310-none-any", false),
            ("py3-none-manylinux2014_x86_64", true),
            ("py3-none-win_amd64", false),
            ("pp311-pypy311_pp73-manylinux2014_x86_64", false),
            ("cp311-cp311t-manylinux2014_x86_64", false),
        ] {
            assert_eq!(fits(&here, tags), expected, "{tags}");
        }
    }

    #[test]
    fn musl_mac_windows_pypy_and_free_threading() {
        let musl = platform((3, 12), System::Linux(Libc::Musl(1, 2)), "aarch64");
        assert!(fits(&musl, "cp312-cp312-musllinux_1_1_aarch64"));
        assert!(!fits(&musl, "cp312-cp312-manylinux2014_aarch64"));
        assert!(!fits(&musl, "cp312-cp312-musllinux_1_3_aarch64"));

        let mac = platform((3, 12), System::MacOs(14, 2), "arm64");
        for (tags, expected) in [
            ("cp312-cp312-macosx_11_0_arm64", true),
            ("cp312-cp312-macosx_14_0_arm64", true),
            ("cp312-cp312-macosx_15_0_arm64", false),
            ("cp312-cp312-macosx_10_9_universal2", true),
            ("cp312-cp312-macosx_10_9_x86_64", false),
        ] {
            assert_eq!(fits(&mac, tags), expected, "{tags}");
        }
        let old_mac = platform((3, 9), System::MacOs(10, 15), "x86_64");
        assert!(fits(&old_mac, "cp39-cp39-macosx_10_9_x86_64"));
        assert!(!fits(&old_mac, "cp39-cp39-macosx_11_0_x86_64"));

        let windows = platform((3, 12), System::Windows, "amd64");
        assert!(fits(&windows, "cp312-cp312-win_amd64"));
        assert!(!fits(&windows, "cp312-cp312-win32"));

        let mut pypy = platform((3, 11), System::Linux(Libc::Glibc(2, 36)), "x86_64");
        pypy.implementation = Implementation::PyPy("pypy311_pp73".into());
        assert!(fits(&pypy, "pp311-pypy311_pp73-manylinux2014_x86_64"));
        assert!(fits(&pypy, "py3-none-any"));
        assert!(!fits(&pypy, "cp311-cp311-manylinux2014_x86_64"));

        let mut threaded = platform((3, 13), System::Linux(Libc::Glibc(2, 36)), "x86_64");
        threaded.free_threaded = true;
        assert!(fits(&threaded, "cp313-cp313t-manylinux2014_x86_64"));
        assert!(!fits(&threaded, "cp313-cp313-manylinux2014_x86_64"));
        assert!(!fits(&threaded, "cp38-abi3-manylinux2014_x86_64"));
    }

    #[test]
    fn old_cpython_has_pymalloc_in_its_abi() {
        let old = platform((3, 7), System::Linux(Libc::Glibc(2, 17)), "x86_64");
        assert!(fits(&old, "cp37-cp37m-manylinux1_x86_64"));
    }

    proptest! {
        #[test]
        fn never_panics(tags in "[a-z0-9_.]{0,12}-[a-z0-9_.]{0,12}-[a-z0-9_.]{0,24}") {
            fits(&platform((3, 11), System::Linux(Libc::Glibc(2, 36)), "x86_64"), &tags);
            fits(&platform((3, 11), System::MacOs(14, 0), "arm64"), &tags);
        }
    }
}
