//! Whether a project's own code uses a package.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the project's own code uses a package, as its imports tell. Nothing is run: what a setting or a plug-in loads by
/// name is not seen, so that this is a hint about what to look at first and no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// What was found.
    pub state: UsageState,
    /// Where the package is imported, or the one that leads to it: `src/app.py:3`; a few places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Box<str>>,
    /// The imported package that needs it, directly or through others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Box<str>>,
    /// Functions that advisories name: those that are called, or all of them where none is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Box<str>>,
    /// Files of the project whose imports were read.
    pub files: u32,
    /// Why nobody can say, if that is so; of what is not imported, which other version is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Box<str>>,
}

/// How a project uses a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UsageState {
    /// The project's own code calls a function that an advisory names.
    Called,
    /// The project's own code imports it.
    Imported,
    /// The project's own code imports it, and nowhere names any of the functions that its advisories name; what it calls may.
    NotCalled,
    /// The project's own code imports a package that needs it.
    Through,
    /// The project's own code imports neither it nor a package that needs it.
    NotImported,
    /// Imports do not tell.
    Unknown,
}

impl Usage {
    /// In words, as a clause without a full stop.
    pub fn words(&self) -> String {
        let at = match &*self.places {
            [] => String::new(),
            [one] => format!(" ({one})"),
            [one, rest @ ..] => format!(" ({one} and {} more)", rest.len()),
        };
        match self.state {
            UsageState::Imported => format!("the project's own code imports it{at}"),
            UsageState::Called => {
                format!(
                    "the project's own code calls {}{at}",
                    self.functions.join(", ")
                )
            }
            UsageState::NotCalled => format!(
                "the project's own code imports it{at}, and names none of the vulnerable functions ({}); what the package calls by \
                 itself is not seen",
                self.functions.join(", ")
            ),
            UsageState::Through => format!(
                "the project's own code imports {}, which needs it{at}",
                self.through.as_deref().unwrap_or("a package")
            ),
            UsageState::NotImported => format!(
                "no import in {} of the project leads to it{}; what is loaded by name is not seen",
                match self.files {
                    1 => "the 1 file".to_owned(),
                    many => format!("the {many} files"),
                },
                self.because
                    .as_deref()
                    .map_or_else(String::new, |why| format!(" ({why})"))
            ),
            UsageState::Unknown => format!(
                "imports do not tell whether it is used{}",
                self.because
                    .as_deref()
                    .map_or_else(String::new, |why| format!(": {why}"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_words() {
        let mut usage = Usage {
            state: UsageState::Through,
            places: vec!["a.py:3".into(), "b.py:1".into()],
            through: Some("django".into()),
            functions: Vec::new(),
            files: 2,
            because: None,
        };
        assert_eq!(
            usage.words(),
            "the project's own code imports django, which needs it (a.py:3 and 1 more)"
        );
        usage.state = UsageState::NotImported;
        assert!(usage.words().contains("the 2 files"));
        usage.functions = vec!["yaml.load".into()];
        usage.state = UsageState::Called;
        assert_eq!(
            usage.words(),
            "the project's own code calls yaml.load (a.py:3 and 1 more)"
        );
        usage.state = UsageState::NotCalled;
        assert!(
            usage
                .words()
                .contains("none of the vulnerable functions (yaml.load)")
        );
    }
}
