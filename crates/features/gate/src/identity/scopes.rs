//! What a token allows.

use foretaste_model::{Ecosystem, PackageName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pattern::PackagePattern;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Read pages and files.
    Read,
    /// Publish, yank and unpublish.
    Publish,
    /// Decide about releases, see the log.
    Admin,
}

/// What a token allows. The default allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scopes {
    /// The verbs.
    #[schemars(length(min = 1))]
    pub verbs: Vec<Verb>,
    /// Patterns of the packages that may be published; empty for all.
    #[serde(default)]
    #[schemars(inner(regex(pattern = PackagePattern::PLAIN)))]
    pub packages: Vec<String>,
    /// The team that it belongs to, for what the policy says about teams.
    #[serde(default)]
    pub team: Option<String>,
}

impl Scopes {
    /// True if the verb is allowed. Who may publish or administrate may read.
    pub fn allow(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb) || (verb == Verb::Read && !self.verbs.is_empty())
    }

    /// True if a package may be published.
    pub fn allow_publishing(&self, ecosystem: Ecosystem, name: &PackageName) -> bool {
        self.allow(Verb::Publish)
            && (self.packages.is_empty()
                || self.packages.iter().any(|text| {
                    PackagePattern::parse(text).is_ok_and(|p| p.covers_package(ecosystem, name))
                }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publishing_token_stays_with_its_packages() {
        let scopes = Scopes {
            verbs: vec![Verb::Publish],
            packages: vec!["pypi:acme-*".to_owned()],
            team: None,
        };
        let name = |text| PackageName::new(Ecosystem::Pypi, text);
        assert!(scopes.allow(Verb::Read) && !scopes.allow(Verb::Admin));
        assert!(scopes.allow_publishing(Ecosystem::Pypi, &name("Acme_Utils")));
        assert!(!scopes.allow_publishing(Ecosystem::Pypi, &name("requests")));
        assert!(!scopes.allow_publishing(Ecosystem::Cargo, &name("acme-utils")));
        assert!(!Scopes::default().allow(Verb::Read));
    }
}
