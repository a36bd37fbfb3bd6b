//! Asking the interpreter what it is. It runs isolated (`-I`: no user site, no current folder, no `PYTHON*`), with a
//! fixed program that only prints; nothing of a package is near.

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_io::{Environment, Program};
use foretaste_registry::Answers;
use serde::Deserialize;

use super::{Implementation, Libc, Platform, System};

/// Prints one JSON object.
const QUESTION: &str = r#"
import json, os, platform, struct, sys, sysconfig
def libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "implementation": sys.implementation.name,
    "soabi": sysconfig.get_config_var("SOABI") or "",
    "platform": sysconfig.get_platform(),
    "machine": platform.machine(),
    "bits": struct.calcsize("P") * 8,
    "libc": libc(),
    "host": sysconfig.get_config_var("HOST_GNU_TYPE") or "",
    "mac": platform.mac_ver()[0],
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))
"#;

#[derive(Deserialize)]
struct Answer {
    version: (u32, u32, u32),
    implementation: String,
    soabi: String,
    platform: String,
    machine: String,
    bits: u32,
    libc: String,
    host: String,
    mac: String,
    free_threaded: bool,
}

/// The interpreter that this machine's client would use: the active virtual environment's, else the one on `PATH`.
pub fn find_python(env: &Environment) -> Option<PathBuf> {
    if let Some(venv) = env.var("VIRTUAL_ENV").map(Path::new) {
        for inner in ["bin/python3", "bin/python", "Scripts/python.exe"] {
            let path = venv.join(inner);
            if foretaste_io::files::is_file(&path) {
                return Some(path);
            }
        }
    }
    env.which("python3").or_else(|| env.which("python"))
}

/// This machine's interpreter, asked once and remembered by path and time of change; the newest CPython is assumed
/// where there is none or where it does not answer.
pub async fn of_machine(env: &Environment) -> Platform {
    let Some(python) = find_python(env) else {
        return Platform::assumed();
    };
    let answers = Answers::of_program(env, "platform", &python);
    if let Some(platform) = answers
        .recall(Answers::OF_PROGRAM)
        .and_then(|text| serde_json::from_str(&text).ok())
    {
        return platform;
    }
    let asked = Program::new(&python)
        .args(["-I", "-S", "-c", QUESTION])
        .timeout(Duration::from_secs(10))
        .run()
        .await;
    match asked {
        Ok(output) if output.success => {
            if let Some(platform) = read(&output.stdout) {
                if let Ok(text) = serde_json::to_string(&platform) {
                    answers.remember(&text);
                }
                return platform;
            }
            tracing::warn!(python = %python.display(), "the interpreter's answer cannot be read; assuming the newest CPython");
        }
        Ok(_) => {
            tracing::warn!(python = %python.display(), "the interpreter failed; assuming the newest CPython");
        }
        Err(error) => tracing::warn!(%error, "assuming the newest CPython"),
    }
    Platform::assumed()
}

/// Reads the answer to the question.
fn read(text: &str) -> Option<Platform> {
    let answer: Answer = serde_json::from_str(text.trim().lines().last()?).ok()?;
    let (major, minor, micro) = answer.version;
    let implementation = match answer.implementation.as_str() {
        "cpython" => Implementation::CPython,
        // SOABI is `pypy311-pp73`, perhaps with the platform behind it.
        "pypy" => Implementation::PyPy(
            answer
                .soabi
                .split('-')
                .take(2)
                .collect::<Vec<_>>()
                .join("_"),
        ),
        "ironpython" => Implementation::Other("ip".into()),
        "jython" => Implementation::Other("jy".into()),
        other => Implementation::Other(other.into()),
    };
    let tag = answer.platform.replace(['-', '.'], "_");
    let (system, arch) = if let Some(arch) = tag.strip_prefix("linux_") {
        // A 32-bit interpreter on a 64-bit kernel.
        let arch = match (arch, answer.bits) {
            ("x86_64", 32) => "i686",
            ("aarch64", 32) => "armv8l",
            (arch, _) => arch,
        };
        (
            System::Linux(libc(&answer.libc, &answer.host)),
            arch.to_owned(),
        )
    } else if tag.starts_with("macosx_") {
        let mut parts = answer.mac.split('.').map(|p| p.parse().unwrap_or(0));
        let version = (parts.next().unwrap_or(11), parts.next().unwrap_or(0));
        (System::MacOs(version.0, version.1), answer.machine)
    } else if let Some(arch) = tag.strip_prefix("win_") {
        (System::Windows, arch.to_owned())
    } else if tag == "win32" {
        (System::Windows, tag)
    } else {
        (System::Other(tag), answer.machine)
    };
    Some(Platform {
        python_full_version: format!("{major}.{minor}.{micro}"),
        python: (major, minor),
        implementation,
        system,
        arch,
        free_threaded: answer.free_threaded,
        assumed: false,
    })
}

fn libc(confstr: &str, host: &str) -> Libc {
    if let Some(version) = confstr.strip_prefix("glibc ") {
        let mut parts = version.trim().split('.').map(|p| p.parse().ok());
        if let (Some(Some(major)), Some(Some(minor))) = (parts.next(), parts.next()) {
            return Libc::Glibc(major, minor);
        }
    }
    // musl tells no version to programs; 1.2 is what every maintained distribution has.
    if host.contains("musl") {
        return Libc::Musl(1, 2);
    }
    Libc::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(changes: &[(&str, serde_json::Value)]) -> Option<Platform> {
        let mut value = serde_json::json!({
            "version": [3, 11, 7], "implementation": "cpython",
            "soabi": "cpython-311-x86_64-linux-gnu", "platform": "linux-x86_64",
            "machine": "x86_64", "bits": 64, "libc": "glibc 2.36",
            "host": "x86_64-pc-linux-gnu", "mac": "", "free_threaded": false,
        });
        for (key, change) in changes {
            value[key] = change.clone();
        }
        read(&value.to_string())
    }

    #[test]
    fn reads_linux_mac_windows_musl_and_pypy() {
        let linux = answer(&[]).expect("an answer");
        assert_eq!(linux.python, (3, 11));
        assert_eq!(linux.system, System::Linux(Libc::Glibc(2, 36)));
        assert_eq!(linux.arch, "x86_64");
        let musl = answer(&[
            ("libc", "".into()),
            ("host", "x86_64-alpine-linux-musl".into()),
        ])
        .expect("an answer");
        assert_eq!(musl.system, System::Linux(Libc::Musl(1, 2)));
        let mac = answer(&[
            ("platform", "macosx-11.0-arm64".into()),
            ("machine", "arm64".into()),
            ("mac", "14.2.1".into()),
        ])
        .expect("an answer");
        assert_eq!((mac.system, &*mac.arch), (System::MacOs(14, 2), "arm64"));
        let windows = answer(&[("platform", "win-amd64".into())]).expect("an answer");
        assert_eq!((windows.system, &*windows.arch), (System::Windows, "amd64"));
        let pypy = answer(&[
            ("implementation", "pypy".into()),
            ("soabi", "pypy311-pp73".into()),
        ])
        .expect("an answer");
        assert_eq!(
            pypy.implementation,
            Implementation::PyPy("pypy311_pp73".into())
        );
        let small = answer(&[("bits", 32.into())]).expect("an answer");
        assert_eq!(small.arch, "i686");
        assert!(read("Traceback").is_none());
    }

    #[tokio::test]
    async fn without_python_the_newest_is_assumed() {
        let dir = tempfile::tempdir().expect("a folder");
        let env = Environment::below(dir.path()).with("PATH", "/no/such/folder");
        assert!(of_machine(&env).await.assumed);
    }
}
