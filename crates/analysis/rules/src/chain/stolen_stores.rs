//! # It reads the secret stores of other programs
//!
//! ## What it finds
//! Paths of browser profiles, messenger tokens, wallets, SSH keys and cloud credentials as constants: of several programs in
//! one file, or next to code that decrypts or sends what it reads.
//!
//! ## Why it matters
//! Stealers walk through lists of such paths. A client of one service knows one such path, its own.
//!
//! ## Example
//! `["Google/Chrome/User Data", "BraveSoftware/Brave-Browser", "discord/Local Storage/leveldb", "Exodus/exodus.wallet"]`
//!
//! ## What to do
//! Do not install. If it ran, change every password that the browsers on that machine kept.
//!
//! ## When it is wrong
//! Forensic, back-up and browser automation tools list them too, and say so. On the benign development set it fires on
//! none at a weight that asks for a review.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use crate::code;

declare_rule! {
    StolenStores,
    id: "stolen-stores",
    title: "reads the secret stores of other programs",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1555.003", "T1552.001", "T1539"],
    since: "0.1.0",
}

/// (part of a path, whose store it is); lower case, forward slashes.
const OWNERS: &[(&str, Owner)] = &[
    ("chrome", Owner::Browser),
    ("brave", Owner::Browser),
    ("/edge/", Owner::Browser),
    ("opera", Owner::Browser),
    ("vivaldi", Owner::Browser),
    ("yandex", Owner::Browser),
    ("firefox", Owner::Browser),
    ("login data", Owner::Browser),
    ("web data", Owner::Browser),
    ("local state", Owner::Browser),
    ("cookies.sqlite", Owner::Browser),
    ("key4.db", Owner::Browser),
    ("logins.json", Owner::Browser),
    ("network/cookies", Owner::Browser),
    ("default/cookies", Owner::Browser),
    ("iridium", Owner::Browser),
    ("centbrowser", Owner::Browser),
    ("7star", Owner::Browser),
    ("coccoc", Owner::Browser),
    ("discord", Owner::Messenger),
    ("lightcord", Owner::Messenger),
    ("leveldb", Owner::Messenger),
    ("tdata", Owner::Messenger),
    ("telegram", Owner::Messenger),
    ("signal/", Owner::Messenger),
    ("whatsapp", Owner::Messenger),
    ("minecraft", Owner::Game),
    ("steam", Owner::Game),
    ("ssfn", Owner::Game),
    ("loginusers", Owner::Game),
    ("lunarclient", Owner::Game),
    ("wallet", Owner::Wallet),
    ("exodus", Owner::Wallet),
    ("electrum", Owner::Wallet),
    ("atomic", Owner::Wallet),
    ("metamask", Owner::Wallet),
    ("ethereum", Owner::Wallet),
    ("zcash", Owner::Wallet),
    ("bytecoin", Owner::Wallet),
    ("armory", Owner::Wallet),
    ("guarda", Owner::Wallet),
    (".ssh", Owner::Keys),
    ("id_rsa", Owner::Keys),
    ("id_ed25519", Owner::Keys),
    (".gnupg", Owner::Keys),
    (".aws", Owner::Cloud),
    ("gcloud", Owner::Cloud),
    (".azure", Owner::Cloud),
    (".kube", Owner::Cloud),
    ("application_default_credentials", Owner::Cloud),
    (".npmrc", Owner::Registry),
    (".pypirc", Owner::Registry),
    (".cargo/credentials", Owner::Registry),
    (".git-credentials", Owner::Forge),
    ("gh/hosts", Owner::Forge),
    (".netrc", Owner::Forge),
    (".docker", Owner::Container),
    ("/etc/shadow", Owner::System),
    ("/etc/passwd", Owner::System),
    ("keychain", Owner::System),
    ("_history", Owner::System),
    ("/proc/self/environ", Owner::System),
];

/// Whose store a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Browser,
    Messenger,
    Game,
    Wallet,
    Keys,
    Cloud,
    Registry,
    Forge,
    Container,
    System,
}

impl FileRule for StolenStores {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        if !facts.language.is_program_text() {
            return Vec::new();
        }
        let stores: Vec<(&Literal, Owner)> = facts
            .literals
            .iter()
            .filter(|l| l.kind == LiteralKind::SecretPath)
            .filter_map(|l| Some((l, owner(&l.value)?)))
            .collect();
        let Some((first, _)) = stores.iter().min_by_key(|(l, _)| file.context(l.function)) else {
            return Vec::new();
        };
        let owners: BTreeSet<Owner> = stores.iter().map(|(_, o)| *o).collect();
        let paths: BTreeSet<&str> = stores.iter().map(|(l, _)| &*l.value).collect();
        let sends = facts.uses.iter().find(|u| code::talks(u));
        let decrypts = facts.uses.iter().find(|u| {
            matches!(
                u.capability,
                Capability::CredentialStore | Capability::DecodeCipher
            ) || u.api.contains("CryptUnprotectData")
        });
        // names that nobody opens are what somebody keeps away from: patterns of an exclude list
        let opens = || {
            facts.uses.iter().any(|u| {
                matches!(
                    u.capability,
                    Capability::FileRead
                        | Capability::FileWrite
                        | Capability::FileList
                        | Capability::ProcessShell
                        | Capability::ProcessSpawn
                        | Capability::CredentialStore
                        | Capability::Database
                )
            })
        };
        let of_person = owners
            .iter()
            .filter(|o| {
                matches!(
                    o,
                    Owner::Browser | Owner::Messenger | Owner::Wallet | Owner::Game
                )
            })
            .count();
        let context = file.context(first.function);
        let (severity, confidence) = match (sends.is_some(), decrypts.is_some()) {
            (true, true) if of_person >= 1 && paths.len() >= 2 => {
                (Severity::Critical, Confidence::High)
            }
            (true, _) if of_person >= 2 || (of_person >= 1 && paths.len() >= 4) => {
                (Severity::Critical, Confidence::High)
            }
            (true, _) if owners.len() >= 3 => (Severity::Critical, Confidence::Medium),
            (true, _) if of_person >= 1 => (Severity::High, Confidence::High),
            (_, true) if of_person >= 1 && paths.len() >= 2 => (Severity::High, Confidence::High),
            (false, _) if of_person >= 2 && paths.len() >= 4 => (Severity::High, Confidence::High),
            (false, _) if owners.len() >= 4 && opens() => (Severity::High, Confidence::Medium),
            (true, _) if owners.len() == 2 && context <= ExecutionContext::Import => {
                (Severity::High, Confidence::Medium)
            }
            _ => return Vec::new(),
        };
        // a reader of cookies that sends nothing, and that somebody must call, is a tool until more is known
        let confidence = if sends.is_none() && context > ExecutionContext::Entry {
            confidence.min(Confidence::Medium)
        } else {
            confidence
        };
        // many kinds of stores in one file: it does not matter who calls it
        let confidence = if severity == Severity::Critical
            && confidence == Confidence::High
            && context <= ExecutionContext::Called
            && facts.nature == FileNature::Source
            && facts.shape.bytes < 200_000
        {
            Confidence::Certain
        } else {
            confidence
        };
        let mut finding = self
            .finding(format!(
                "names the secret stores of other programs ({} paths) {}",
                paths.len(),
                context.phrase()
            ))
            .severity(severity)
            .confidence(confidence)
            .context(context);
        for (literal, _) in stores.iter().take(4) {
            finding = finding.evidence(file.literal_evidence(literal, "secret store"));
        }
        if let Some(used) = sends {
            finding = finding.evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api));
        }
        vec![finding]
    }
}

fn owner(path: &str) -> Option<Owner> {
    let lower = path.to_lowercase().replace('\\', "/");
    // programs themselves and their installers are no stores
    let program = ["/usr/", "/opt/", "/applications/", "c:/program files"]
        .iter()
        .any(|p| lower.starts_with(p))
        || [".app", ".exe", ".msi", ".deb", ".rpm", ".dmg", ".pkg"]
            .iter()
            .any(|end| lower.ends_with(end));
    let file = [
        "login data",
        "web data",
        "local state",
        "cookies.sqlite",
        "key4.db",
        "logins.json",
        "wallet.dat",
        "id_rsa",
        "id_ed25519",
        "leveldb",
        ".npmrc",
        ".pypirc",
        ".netrc",
        ".ssh",
        ".aws",
        "tdata",
        "application_default_credentials",
        "discordptb",
        "discordcanary",
        "lightcord",
        ".git-credentials",
        "_history",
        "loginusers",
        ".kube",
        ".gnupg",
    ];
    if program || !(lower.contains('/') || file.iter().any(|f| lower.contains(f))) {
        return None;
    }
    OWNERS
        .iter()
        .find(|(part, _)| lower.contains(part))
        .map(|(_, owner)| *owner)
}
