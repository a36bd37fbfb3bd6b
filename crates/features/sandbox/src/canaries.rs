//! Plants secrets that are only there to be stolen, and looks for them.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use foretaste_behaviour::canary::{self, Canary, Finder, Seed};
use foretaste_behaviour::{Action, CanaryPlace, Record};

use crate::contained::decoy::Decoy;
use crate::overlay::review::{self, Start};
use crate::rootfs::plan::Step;

/// Bytes of one changed file that are looked through.
const MAX_FILE: u64 = 16 << 20;
/// Bytes of all changed files that are looked through.
const MAX_ALL: u64 = 2 << 30;

/// The secrets of one run.
#[derive(Debug)]
pub(crate) struct Canaries {
    planted: Vec<Canary>,
    finder: Finder,
}

impl Canaries {
    /// New ones.
    ///
    /// # Errors
    /// There are no random numbers.
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut seed = [0; 32];
        // so few bytes come all at once
        rustix::rand::getrandom(&mut seed[..], rustix::rand::GetRandomFlags::empty())?;
        let planted = canary::plant(&Seed(seed));
        let finder = Finder::new(&planted);
        Ok(Self { planted, finder })
    }

    /// The files.
    pub(crate) fn steps(&self, home: &Path) -> Vec<Step> {
        self.planted
            .iter()
            .filter_map(|canary| canary.file.as_ref())
            .map(|(path, content)| Step::File {
                to: home.join(path),
                content: content.clone().into_bytes(),
                mode: 0o600,
                over: false,
            })
            .collect()
    }

    /// The variables, besides those that are set already.
    pub(crate) fn set(&self, environment: &mut Vec<(OsString, OsString)>) {
        for canary in &self.planted {
            if let Some(name) = canary.variable
                && !environment.iter().any(|(own, _)| own == name)
            {
                environment.push((name.into(), canary.value.clone().into()));
            }
        }
    }

    /// A CI runner's process that holds secrets as the real one does.
    pub(crate) fn decoy(&self, program: &Path) -> Option<Decoy> {
        let token = self
            .planted
            .iter()
            .find(|canary| canary.name == canary::RUNNER)?;
        let token = &token.value;
        let variable = |name: &str, value: String| (name.into(), value.into());
        Some(Decoy {
            program: program.to_owned(),
            environment: vec![
                variable("GITHUB_ACTIONS", "true".to_owned()),
                variable("ACTIONS_RUNTIME_TOKEN", token.clone()),
                variable(
                    "RUNNER_CONTEXT",
                    format!(
                        "{{\"system.github.token\":{{\"value\":\"{token}\",\"isSecret\":true}}}}"
                    ),
                ),
            ],
        })
    }

    /// What the cloud's metadata service would say to a request for this path (AWS, Instance Metadata Service).
    pub(crate) fn metadata(&self, path: &str) -> Option<String> {
        const ROLES: &str = "/meta-data/iam/security-credentials/";
        let (_, role) = path.split_once(ROLES)?;
        if role.is_empty() {
            return Some("build".to_owned());
        }
        let value = |name: &str| {
            let mut planted = self.planted.iter();
            planted
                .find(|canary| canary.name == name)
                .map(|canary| canary.value.clone())
        };
        let answer = serde_json::json!({
            "Code": "Success",
            "Type": "AWS-HMAC",
            "AccessKeyId": value("aws-access-key-id")?,
            "SecretAccessKey": value("aws-secret-access-key")?,
        });
        Some(answer.to_string())
    }

    /// What is found in bytes.
    pub(crate) fn in_bytes(&self, bytes: &[u8], place: CanaryPlace, detail: &str) -> Vec<Action> {
        let found = self.finder.search(bytes);
        found
            .into_iter()
            .map(|sighting| seen(&sighting, place, detail))
            .collect()
    }

    /// What is found in a program's arguments.
    pub(crate) fn in_arguments(&self, arguments: &str, program: &str) -> Vec<Action> {
        let found = self.finder.search_arguments(arguments.as_bytes());
        found
            .iter()
            .map(|sighting| seen(sighting, CanaryPlace::Argument, program))
            .collect()
    }

    /// What is found in a name.
    pub(crate) fn in_name(&self, name: &str) -> Vec<Action> {
        self.finder
            .search_name(name)
            .into_iter()
            .map(|sighting| seen(&sighting, CanaryPlace::Name, name))
            .collect()
    }

    /// Looks through the files that a run leaves, as the review comes past them.
    pub(crate) fn in_files<'a>(
        &'a self,
        now: u64,
        record: &'a mut Record,
    ) -> impl FnMut(&Path, File, u64) -> Start + 'a {
        let mut left = MAX_ALL;
        let mut buffer = Vec::new();
        move |path, file, size| {
            if left < size || size > MAX_FILE {
                let gap = "large files were not searched for planted secrets";
                if !record.gaps.iter().any(|known| known == gap) {
                    record.gaps.push(gap.to_owned());
                }
                return review::start(path, file, size);
            }
            left -= size;
            let bytes = read(file, size, &mut buffer);
            for action in self.in_bytes(bytes, CanaryPlace::File, &path.to_string_lossy()) {
                record.add(now, None, action);
            }
            let mut start = Start::default();
            for (to, from) in start.iter_mut().zip(bytes) {
                *to = *from;
            }
            start
        }
    }
}

/// Reads a file of a known size that nobody writes to any more, in one call where the kernel gives it at once. What cannot
/// be read to its end is looked through as far as it was read.
fn read(mut file: File, size: u64, buffer: &mut Vec<u8>) -> &[u8] {
    let size = usize::try_from(size).unwrap_or(0);
    if buffer.len() < size {
        buffer.resize(size.next_power_of_two(), 0);
    }
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..size).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    buffer.get(..length).unwrap_or(&[])
}

fn seen(sighting: &canary::Sighting, place: CanaryPlace, detail: &str) -> Action {
    Action::Canary {
        canary: sighting.canary.to_owned(),
        place,
        encoding: sighting.encoding.to_owned(),
        detail: detail.to_owned(),
    }
}
