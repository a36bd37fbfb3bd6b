//! # It chooses where and when to act
//!
//! ## What it finds
//! Code that runs at install or import time asks for the machine's language, time zone or place, whether somebody is watching
//! (debuggers, sandboxes, virtual machines), or, while it is being installed, for the date, and also destroys, sends or starts
//! something.
//!
//! ## Why it matters
//! Protestware wiped machines in chosen countries (node-ipc, 2022), GlassWorm and the rspack miner (2024–25) spared others, and a
//! payload that waits for a date or leaves sandboxes alone passes every test before it.
//!
//! ## Example
//! `if (Intl.DateTimeFormat().resolvedOptions().timeZone === "Europe/X") execSync("rm -rf ~")`
//!
//! ## What to do
//! Read what it does once the condition holds: that is what it is for.
//!
//! ## When it is wrong
//! Libraries ask for the language to translate messages. That alone is not reported, nor is anything that waits to be called.
use foretaste_engine::prelude::*;
use foretaste_model::facts::UseKind;

use crate::code;

declare_rule! {
    ChosenVictims,
    id: "chosen-victims",
    title: "chooses where and when to act",
    group: Chain,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1480", "T1497", "T1614"],
    since: "0.1.0",
}

/// Calls that tell a person's language, time zone or country.
const PLACE: &[&str] = &[
    "getdefaultlocale",
    "getlocale",
    "tzname",
    "get_localzone",
    "resolvedOptions",
    "getTimezoneOffset",
    "GetUserDefaultUILanguage",
    "GetKeyboardLayout",
    "navigator.language",
    "os-locale",
];

impl FileRule for ChosenVictims {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let early = |u: &&Use| file.context(u.function) <= ExecutionContext::Import;
        let installing = |u: &Use| file.context(u.function) <= ExecutionContext::Start;
        let asks = facts.uses.iter().filter(early).find_map(|u| {
            let what = if PLACE.iter().any(|p| u.api.contains(p)) {
                "where it is"
            } else if u.capability == Capability::DetectAnalysis && u.kind == UseKind::Call {
                "whether it is watched"
            } else if installing(u) && tells_date(u) {
                "what day it is"
            } else {
                return None;
            };
            Some((u, what))
        });
        let acts =
            facts.uses.iter().filter(early).find(|u| {
                code::talks(u) || code::spawns(u) || u.capability == Capability::FileDelete
            });
        let (Some((asks, what)), Some(acts)) = (asks, acts) else {
            return Vec::new();
        };
        let context = file.context(acts.function).max(file.context(asks.function));
        // on import, and of the date at all, only what one function joins
        if (context == ExecutionContext::Import || tells_date(asks))
            && asks.function != acts.function
        {
            return Vec::new();
        }
        // builds stamp what they make with the date
        let confidence = if tells_date(asks) {
            Confidence::Low
        } else {
            Confidence::Medium
        };
        vec![
            self.finding(format!("asks {what} before it acts {}", context.phrase()))
                .confidence(confidence)
                .context(context)
                .evidence(file.use_evidence(asks, EvidenceRole::Source, &*asks.api))
                .evidence(file.use_evidence(acts, EvidenceRole::Sink, &*acts.api)),
        ]
    }
}

/// True for a call that gives the date; sleeping and measuring time tell nothing, nor does a number that names a file.
fn tells_date(used: &Use) -> bool {
    used.capability == Capability::Time
        && [
            "datetime.now",
            "datetime.today",
            "date.today",
            "utcnow",
            "new Date",
        ]
        .iter()
        .any(|api| used.api.ends_with(api))
}
