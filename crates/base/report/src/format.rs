//! The output formats and their names.

use std::fmt;
use std::str::FromStr;

use foretaste_model::report::Report;
use thiserror::Error;

use crate::{
    Options, RuleLookup, github, gitlab, gitlab_dependencies, human, json, junit, markdown, sarif,
};

/// An output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Human,
    /// The report as data, in its versioned schema.
    Json,
    /// SARIF 2.1.0, for code-scanning services and editors.
    Sarif,
    /// A comment on a pull request.
    Markdown,
    /// Annotations of a GitHub workflow run.
    Github,
    /// GitLab's code-quality report.
    Gitlab,
    /// GitLab's dependency-scanning report.
    GitlabDependencies,
    /// JUnit XML.
    Junit,
}

impl Format {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 8] = [
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Markdown,
        Self::Github,
        Self::Gitlab,
        Self::GitlabDependencies,
        Self::Junit,
    ];

    /// The lower-case name, as written on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::GitlabDependencies => "gitlab-dependencies",
            Self::Junit => "junit",
        }
    }

    /// Renders a report in this format; `options` matter to [`Format::Human`], and the time to formats that name one.
    ///
    /// # Errors
    /// Only if a number in the report cannot be written as JSON.
    pub fn render(
        self,
        report: &Report,
        rules: RuleLookup<'_>,
        options: Options,
    ) -> Result<String, serde_json::Error> {
        match self {
            Self::Human => Ok(human::render(report, rules, options)),
            Self::Json => json::render(report),
            Self::Sarif => sarif::render(report, rules),
            Self::Markdown => Ok(markdown::render(report, rules)),
            Self::Github => Ok(github::render(report)),
            Self::Gitlab => gitlab::render(report),
            Self::GitlabDependencies => gitlab_dependencies::render(report, options.at),
            Self::Junit => Ok(junit::render(report)),
        }
    }

    /// True if a program reads it: no progress, no remarks and no colour may be mixed in.
    pub const fn is_for_machines(self) -> bool {
        matches!(
            self,
            Self::Json
                | Self::Sarif
                | Self::Github
                | Self::Gitlab
                | Self::GitlabDependencies
                | Self::Junit
        )
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The name of a format that does not exist.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is no output format: use human, json, sarif, markdown, github, gitlab, gitlab-dependencies or junit"
)]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        if name == "md" {
            return Ok(Self::Markdown);
        }
        Self::ALL
            .into_iter()
            .find(|f| f.id() == name)
            .ok_or_else(|| FormatError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_back_from_its_name() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert_eq!("MD".parse(), Ok(Format::Markdown));
    }

    #[test]
    fn an_unknown_format_is_an_error_that_names_the_known_ones() {
        let error = "xml".parse::<Format>().unwrap_err().to_string();
        assert!(
            error.contains(
                "human, json, sarif, markdown, github, gitlab, gitlab-dependencies or junit"
            ),
            "{error}"
        );
    }
}
