//! # A policy permits more than it did
//!
//! ## What it finds
//! A policy of `foretaste run` or `foretaste monitor` that permits what it did not at the commit that `--since` names.
//! That is another host, endpoint, wildcard or network, a folder that can be read or changed, a variable that is passed on,
//! another preset, a registry that is no longer only read, what was hidden and is not, `audit` instead of `block`, namespaces
//! instead of gVisor, less that is recorded, no planted secrets. Policies are compared by what they mean: another order or
//! spelling, a new name of the file, or entries that others cover are no change. A new policy counts for what it permits
//! beyond what was without one.
//!
//! ## Why it matters
//! A policy is the fence around code that nobody has read. Whoever brings in a package that must send something somewhere
//! changes the package and the policy in one pull request, and one more line in a list is easily passed: the compromised
//! action of March 2025 (tj-actions) was seen because its traffic was on no list.
//!
//! ## Example
//! `"*.cdn.example"` in `[network] allow` of `run.toml`, where `"files.cdn.example"` stood.
//!
//! ## What to do
//! Ask what needs it: `foretaste run --learn` shows what the command reaches. Allow that alone, by its full name, for the step that
//! needs it; or take the line back.
//!
//! ## When it is wrong
//! The project does need it, and who reviews the change knows why.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::policies;

declare_rule! {
    WidenedPolicy,
    id: "widened-policy",
    title: "a policy permits more than it did",
    group: Change,
    severity: Medium,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for WidenedPolicy {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        policies(scene, LapseKind::WidenedPolicy, "now permits", |said| {
            self.finding(said)
                .remedy("ask what needs it; allow that alone, or take the line back")
        })
        .into_iter()
        .collect()
    }
}
