//! # It encrypts the user's own files
//!
//! ## What it finds
//! Code that goes through folders, reads each file, encrypts what it read and writes it back, where the folders are those of
//! whoever runs it (the home folder, its `Documents` or `Desktop`, a whole disk) and not named by a caller.
//!
//! ## Why it matters
//! Ransomware reaches developers through packages and editor extensions: `ahban.shiba` and `ahban.cychelloworld` (VS Code, 2025)
//! encrypted a folder, `susvsex` (VS Code, November 2025) each file below one and sent the key away; on PyPI and npm such packages
//! appear every year, often as "tests".
//!
//! ## Example
//! ```python
//! for folder, _, names in os.walk(os.path.expanduser("~/Documents")):
//!     for name in names:
//!         path = os.path.join(folder, name)
//!         open(path, "wb").write(cipher.encrypt(open(path, "rb").read()))
//! ```
//!
//! ## What to do
//! Do not install. If it ran: switch the machine off, and restore from copies that it cannot reach.
//!
//! ## When it is wrong
//! Backup and encryption tools encrypt files, too; they are told which, and write them elsewhere.
use foretaste_engine::prelude::*;
use foretaste_model::facts::Callee;

declare_rule! {
    EncryptsFiles,
    id: "encrypts-files",
    title: "encrypts the user's own files",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1486"],
    since: "0.1.0",
}

/// Folders of a person.
const FOLDERS: &[&str] = &[
    "desktop",
    "documents",
    "downloads",
    "music",
    "pictures",
    "videos",
];
/// Folders of all persons, and whole disks.
const PERSONAL: &[&str] = &[
    "/",
    "/home",
    "/home/",
    "/users",
    "/users/",
    "c:/",
    "c:/users",
    "c:\\",
    "c:\\users",
    "d:/",
    "d:\\",
    "~",
    "~/",
];

impl ChainRule for EncryptsFiles {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let encrypts = chain
            .transforms()
            .any(|t| t.capability == Capability::EncodeCipher);
        if source.capability != Capability::FileRead
            || sink.capability != Capability::FileWrite
            || !encrypts
            || chain.flow.link == FlowLink::Scope
        {
            return None;
        }
        let file = &chain.file;
        let walks = file
            .facts
            .uses
            .iter()
            .any(|u| u.capability == Capability::FileList);
        let context = chain.context();
        let mut confidence = goes_home(file)?;
        if !walks || context > ExecutionContext::Called {
            return None;
        }
        if context > ExecutionContext::Import {
            confidence = Confidence::Medium;
        }
        let mut finding = self
            .finding(format!(
                "encrypts the files of whoever runs it {}",
                context.phrase()
            ))
            .confidence(confidence)
            .context(context);
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// How certainly a file means folders of a person or machine: by their names, or because one of its functions asks for the home.
fn goes_home(file: &FileView<'_>) -> Option<Confidence> {
    let facts = file.facts;
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        let last = text.rsplit(['/', '\\']).next();
        PERSONAL.contains(&&*text) || last.is_some_and(|last| FOLDERS.contains(&last))
    };
    let in_uses = facts.uses.iter().flat_map(|u| &u.constants);
    let mut texts = in_uses.chain(facts.literals.iter().map(|l| &l.value));
    if texts.any(|text| named(text)) {
        return Some(Confidence::High);
    }
    let calls = facts.functions.iter().flat_map(|f| &f.calls);
    let asked = calls.into_iter().any(|callee| {
        matches!(callee, Callee::External(api)
            if matches!(&**api, "os.homedir" | "pathlib.Path.home" | "os.path.expanduser"))
    });
    asked.then_some(Confidence::Medium)
}
