//! A decision and how it came about.

use std::fmt;

use foretaste_model::{ContentDigest, ReleaseId};
use serde::{Deserialize, Serialize};

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is served.
    Serve,
    /// It is refused.
    Refuse,
    /// It waits for a person.
    Hold,
    /// It must be vetted first.
    Unvetted,
}

impl Outcome {
    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Refuse => "refuse",
            Self::Hold => "hold",
            Self::Unvetted => "unvetted",
        }
    }

    /// True if a file is left out of an index: one that was not vetted yet is not.
    pub const fn hides(self) -> bool {
        matches!(self, Self::Refuse | Self::Hold)
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether the bytes are those that the index names, and named before.
    Digest,
    /// Whether the name is the organisation's own.
    Owned,
    /// The deny list.
    DenyList,
    /// What a person decided.
    Approval,
    /// What the upstream says about the package.
    Upstream,
    /// The allow list.
    AllowList,
    /// The minimum age.
    Age,
    /// The gravest advisory that covers it.
    Advisories,
    /// The licence.
    Licence,
    /// Whether code of it runs when it is installed.
    InstallScript,
    /// Whether it has provenance.
    Provenance,
    /// The verdict.
    Verdict,
}

impl Check {
    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Owned => "owned",
            Self::DenyList => "deny-list",
            Self::Approval => "approval",
            Self::Upstream => "upstream",
            Self::AllowList => "allow-list",
            Self::Age => "age",
            Self::Advisories => "advisories",
            Self::Licence => "licence",
            Self::InstallScript => "install-script",
            Self::Provenance => "provenance",
            Self::Verdict => "verdict",
        }
    }
}

/// One check of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was looked at.
    pub check: Check,
    /// What was found.
    pub found: String,
}

/// A decision about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Names the decision: the same facts give the same one.
    pub id: String,
    /// The package URL of the release.
    pub purl: String,
    /// The file.
    pub filename: String,
    /// What happens.
    pub outcome: Outcome,
    /// What settled it.
    pub check: Check,
    /// Why, in one sentence.
    pub reason: String,
    /// What the reader can do; empty if nothing has to be done.
    pub advice: String,
    /// Served only because the gate is in dry-run mode.
    pub dry_run: bool,
    /// Every check that was made, in order.
    pub path: Vec<Step>,
    /// Keeps no words.
    #[serde(skip)]
    silent: bool,
    /// Its reader is nobody else's user.
    #[serde(skip)]
    alone: bool,
}

impl Ruling {
    pub(super) fn open(release: &ReleaseId, filename: &str, alone: bool) -> Self {
        Self {
            alone,
            purl: release.purl(),
            filename: filename.to_owned(),
            ..Self::blank()
        }
    }

    const fn blank() -> Self {
        Self {
            id: String::new(),
            purl: String::new(),
            filename: String::new(),
            outcome: Outcome::Unvetted,
            check: Check::Verdict,
            reason: String::new(),
            advice: String::new(),
            dry_run: false,
            path: Vec::new(),
            silent: false,
            alone: false,
        }
    }

    /// One that keeps its outcome and no words: whoever asks for many outcomes reads none of them.
    pub(super) fn silent() -> Self {
        Self {
            silent: true,
            ..Self::blank()
        }
    }

    pub(super) fn pass(&mut self, check: Check, found: fmt::Arguments<'_>) {
        if !self.silent {
            self.path.push(Step {
                check,
                found: found.to_string(),
            });
        }
    }

    /// Settles the matter; always true.
    pub(super) fn end(
        &mut self,
        check: Check,
        outcome: Outcome,
        reason: fmt::Arguments<'_>,
        advice: &str,
    ) -> bool {
        self.outcome = outcome;
        self.check = check;
        if self.silent {
            return true;
        }
        self.reason = reason.to_string();
        self.path.push(Step {
            check,
            found: self.reason.clone(),
        });
        advice.clone_into(&mut self.advice);
        true
    }

    /// What to do instead, if anything, or whom to ask for what; whoever runs a gate for one command asks nobody.
    pub(super) fn or_ask(&self, instead: &str, what: &str) -> String {
        if self.silent {
            return String::new();
        }
        let or = if instead.is_empty() { "" } else { ", or " };
        if self.alone {
            format!(
                "{instead}{or}put it on the allow list of a gate.toml for `foretaste install --settings`"
            )
        } else {
            format!("{instead}{or}ask an administrator {what}")
        }
    }

    pub(super) fn only_write_down(&mut self) {
        if self.outcome.hides() {
            self.outcome = Outcome::Serve;
            self.dry_run = true;
        }
    }

    pub(super) fn seal(&mut self) {
        let text = format!(
            "{}\n{}\n{}\n{}\n{}",
            self.purl,
            self.filename,
            self.outcome.id(),
            self.check.id(),
            self.reason
        );
        let hex = ContentDigest::of(text.as_bytes()).to_hex();
        self.id = format!("d-{}", hex.get(..12).unwrap_or_default());
    }

    /// True if the file is served.
    pub fn serves(&self) -> bool {
        self.outcome == Outcome::Serve
    }

    /// True if the version is left out of an index: what was not vetted yet is not.
    pub fn hides(&self) -> bool {
        self.outcome.hides()
    }

    /// One line for a client that prints one.
    pub fn line(&self) -> String {
        let what = match self.outcome {
            Outcome::Serve => "served",
            Outcome::Refuse => "blocked",
            Outcome::Hold => "held for review",
            Outcome::Unvetted => "being vetted",
        };
        let mut line = format!("{what} by foretaste: {}", self.reason);
        if !self.advice.is_empty() {
            line.push_str("; ");
            line.push_str(&self.advice);
        }
        format!("{line} [{}]", self.id)
    }
}
