//! Fetching first, with the network, and building after, without: what package managers can do one after the other.

use std::ffi::{OsStr, OsString};

use thiserror::Error;

use super::preset::Preset;

/// Where pip keeps what it fetched, inside the run.
const FETCHED: &str = "/tmp/foretaste-fetched";

/// The commands of a run in phases, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases {
    /// With the network of the policy.
    pub fetch: Vec<OsString>,
    /// Without: what the policy allows to builds alone.
    pub build: Vec<Vec<OsString>>,
    /// What of packages may run while the network is there.
    pub caveat: Option<&'static str>,
}

/// Why a command cannot be taken apart.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{command}` cannot be run in phases: {reason}\n  hint: {hint}")]
pub struct NoPhases {
    /// The command.
    pub command: String,
    /// Why.
    pub reason: String,
    /// What can be done.
    pub hint: &'static str,
}

/// Takes a command apart.
///
/// # Errors
/// The package manager fetches and builds in one, or the command is not one that installs or builds.
pub fn phases(preset: Option<Preset>, command: &[OsString]) -> Result<Phases, NoPhases> {
    let no = |reason: String, hint| NoPhases {
        command: command
            .iter()
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" "),
        reason,
        hint,
    };
    let words: Vec<String> = command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let at = verb(preset, &words);
    let verb = words.get(at).map_or("", String::as_str);
    let parts = command.split_at(at.min(command.len()));
    let (program, rest) = (parts.0, parts.1.get(1..).unwrap_or(&[]));
    match (preset, verb) {
        (Some(Preset::Npm), "ci" | "clean-install" | "install" | "i" | "add") => {
            Ok(npm(program, command))
        }
        (Some(Preset::Pnpm), "install" | "i") => Ok(Phases {
            fetch: with(program, &["fetch"], &[]),
            build: vec![with(program, &["install", "--offline"], rest)],
            caveat: None,
        }),
        (
            Some(Preset::Cargo),
            "build" | "b" | "check" | "c" | "test" | "t" | "run" | "r" | "clippy" | "doc",
        ) => {
            let mut fetch = with(program, &["fetch"], &[]);
            fetch.extend(of_fetch(rest));
            Ok(Phases {
                fetch,
                build: vec![with(program, &[verb, "--offline"], rest)],
                caveat: None,
            })
        }
        (Some(Preset::Pip), "install") => {
            let download = pip_download(rest).map_err(|option| {
                no(
                    format!("pip fetches nothing with `{option}`"),
                    "leave the option away, or run it without --phases",
                )
            })?;
            let fetch = with(program, &["download", "--dest", FETCHED], &download);
            let build = with(
                program,
                &["install", "--no-index", "--find-links", FETCHED],
                rest,
            );
            let caveat = "pip asks a source distribution for its metadata while it fetches: its build backend runs then, with the registry in reach (read only)";
            Ok(Phases {
                fetch,
                build: vec![build],
                caveat: Some(caveat),
            })
        }
        (Some(Preset::Uv | Preset::Poetry | Preset::Gem | Preset::Yarn), _) => Err(no(
            "this package manager fetches and builds in one".to_owned(),
            "without --phases the registry can be read, and nothing else reached",
        )),
        _ => Err(no(
            "which part of it fetches is not known".to_owned(),
            "phases are for `npm ci`, `npm install`, `pnpm install`, `cargo build` and `pip install`",
        )),
    }
}

/// Where the verb stands: behind the program or the module that Python runs, and behind cargo's toolchain.
fn verb(preset: Option<Preset>, words: &[String]) -> usize {
    let behind = words.get(1..).unwrap_or(&[]);
    if let Some((_, rest)) = foretaste_io::python_module(behind)
        .filter(|(module, _)| preset == Some(Preset::Pip) && *module == "pip")
    {
        return words.len() - rest.len();
    }
    1 + usize::from(behind.first().is_some_and(|word| word.starts_with('+')))
}

fn with(program: &[OsString], words: &[&str], rest: &[OsString]) -> Vec<OsString> {
    let words = words.iter().map(OsString::from);
    program
        .iter()
        .cloned()
        .chain(words)
        .chain(rest.iter().cloned())
        .collect()
}

/// npm installs without scripts, then runs them: the packages', then the project's.
fn npm(program: &[OsString], command: &[OsString]) -> Phases {
    let mut fetch = command.to_vec();
    fetch.push("--ignore-scripts".into());
    let scripts = [
        "preinstall",
        "install",
        "postinstall",
        "prepublish",
        "preprepare",
        "prepare",
        "postprepare",
    ];
    let is_off = |word: &OsString| word == "--ignore-scripts" || word == "--ignore-scripts=true";
    let build = if command.iter().any(is_off) {
        Vec::new()
    } else {
        let own = scripts.map(|script| with(program, &["run", "--if-present", script], &[]));
        std::iter::once(with(program, &["rebuild"], &[]))
            .chain(own)
            .collect()
    };
    Phases {
        fetch,
        build,
        caveat: None,
    }
}

/// Options of a build that also say what is fetched.
fn of_fetch(rest: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next().filter(|word| *word != "--") {
        let text = word.to_string_lossy();
        let name = text.split('=').next().unwrap_or("");
        if ["--locked", "--frozen"].contains(&name) {
            kept.push("--locked".into());
        } else if ["--manifest-path", "--config", "--target"].contains(&name) {
            kept.push(word.clone());
            if !text.contains('=') {
                kept.extend(words.next().cloned());
            }
        }
    }
    kept
}

/// The arguments of `pip install` that `pip download` takes; otherwise the one that cannot be.
fn pip_download(rest: &[OsString]) -> Result<Vec<OsString>, String> {
    /// Only for the installation: alone, and with a value.
    const ALONE: &[&str] = &[
        "-U",
        "--upgrade",
        "--user",
        "--force-reinstall",
        "-I",
        "--ignore-installed",
        "--compile",
        "--no-compile",
        "--no-warn-script-location",
        "--no-warn-conflicts",
        "--break-system-packages",
    ];
    const VALUED: &[&str] = &[
        "-t",
        "--target",
        "--root",
        "--prefix",
        "--upgrade-strategy",
        "--report",
    ];
    const NEVER: &[&str] = &["-e", "--editable", "--dry-run"];
    let mut kept = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.split('=').next().unwrap_or("");
        if NEVER.contains(&name) {
            return Err(name.to_owned());
        } else if VALUED.contains(&name) {
            if !text.contains('=') {
                words.next();
            }
        } else if !ALONE.contains(&name) {
            kept.push(OsStr::to_owned(word));
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Vec<String>, String> {
        let command: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let join = |words: &[OsString]| {
            let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            words.join(" ")
        };
        let phases = phases(Preset::of(&command), &command).map_err(|error| error.to_string())?;
        Ok(std::iter::once(join(&phases.fetch))
            .chain(phases.build.iter().map(|words| join(words)))
            .collect())
    }

    #[test]
    fn scripts_run_after_everything_was_fetched() {
        let npm = of("npm ci --omit=dev").expect("npm can");
        assert_eq!(
            npm[..2],
            ["npm ci --omit=dev --ignore-scripts", "npm rebuild"]
        );
        assert!(npm.contains(&"npm run --if-present postinstall".to_owned()));
        assert_eq!(
            of("cargo +stable build --release --locked --target x86_64-unknown-linux-gnu -- --locked").expect("cargo can"),
            [
                "cargo +stable fetch --locked --target x86_64-unknown-linux-gnu",
                "cargo +stable build --offline --release --locked --target x86_64-unknown-linux-gnu -- --locked",
            ]
        );
        assert_eq!(
            of("python3 -m pip install -U --target=lib -t lib -r req.txt").expect("pip can"),
            [
                "python3 -m pip download --dest /tmp/foretaste-fetched -r req.txt",
                "python3 -m pip install --no-index --find-links /tmp/foretaste-fetched -U --target=lib -t lib -r req.txt",
            ]
        );
    }

    #[test]
    fn who_wants_no_scripts_gets_none() {
        let npm = of("npm ci --ignore-scripts").expect("npm can");
        assert_eq!(npm, ["npm ci --ignore-scripts --ignore-scripts"]);
        assert!(of("npm ci --ignore-scripts=false").expect("npm can").len() > 1);
    }

    #[test]
    fn the_module_that_python_runs_is_found_as_python_finds_it() {
        let pip = of("python3 -I -mpip install x").expect("pip can");
        assert_eq!(
            pip,
            [
                "python3 -I -mpip download --dest /tmp/foretaste-fetched x",
                "python3 -I -mpip install --no-index --find-links /tmp/foretaste-fetched x",
            ]
        );
        assert!(of("python3 setup.py -m pip install x").is_err());
    }

    #[test]
    fn what_cannot_be_taken_apart_says_so() {
        for (line, why) in [
            ("uv sync", "in one"),
            ("pip install -e .", "`-e`"),
            ("pip list", "not known"),
            ("make", "not known"),
        ] {
            assert!(of(line).expect_err(line).contains(why), "{line}");
        }
    }
}
