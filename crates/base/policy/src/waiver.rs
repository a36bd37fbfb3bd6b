//! Waivers: reasoned, expiring suppressions.

use foretaste_model::{ReleaseId, Target};
use jiff::civil::Date;

/// One suppression. It covers the findings of one rule on the releases its purl matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// A package URL; without a version it covers every version. `*` as version suffix is a wildcard.
    pub purl: String,
    /// The rule's id.
    pub rule: String,
    /// Only for an artifact with this digest (`sha256:<hex>`), if given.
    pub digest: Option<String>,
    /// Why. Never empty.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

impl Waiver {
    /// True if it names this release.
    pub fn covers(&self, release: &ReleaseId) -> bool {
        let purl = release.purl();
        if let Some(prefix) = self.purl.strip_suffix('*') {
            return purl.starts_with(prefix);
        }
        purl == self.purl
            || purl
                .rsplit_once('@')
                .is_some_and(|(package, _)| package == self.purl)
    }
}

/// The canonical form of a waiver's purl, with its trailing `*` if it has one, so that it compares with a release's.
pub(crate) fn canonical_purl(text: &str) -> Result<String, String> {
    let (plain, star) = match text.strip_suffix('*') {
        Some(plain) => (plain, "*"),
        None => (text, ""),
    };
    if plain.contains('*') {
        return Err(format!("`{text}` has a `*` that does not stand at its end"));
    }
    if !plain.starts_with("pkg:") {
        return Err(format!("`{text}` is not a package URL"));
    }
    // A wildcard may stop in the middle of a name or version: `pkg:pypi/acme-*`, `pkg:pypi/flask@3.*`.
    let probe = if star.is_empty() {
        plain.to_owned()
    } else {
        format!("{plain}0")
    };
    let target: Target = probe
        .parse()
        .map_err(|e: foretaste_model::TargetError| e.to_string())?;
    let Target::Package {
        ecosystem,
        name,
        version,
    } = target
    else {
        return Err(format!("`{text}` is not a package URL"));
    };
    let canonical = ReleaseId {
        ecosystem,
        name,
        version: version.unwrap_or_default(),
    }
    .purl();
    Ok(if star.is_empty() {
        canonical
    } else {
        let stem = canonical.strip_suffix('0').unwrap_or(&canonical);
        format!("{stem}*")
    })
}

#[cfg(test)]
mod tests {
    use foretaste_model::Ecosystem;

    use super::*;

    #[test]
    fn covers_what_its_purl_says() {
        for (purl, eco, name, version, expected) in [
            ("pkg:pypi/Flask", Ecosystem::Pypi, "flask", "3.0", true),
            ("pkg:pypi/flask@3.0", Ecosystem::Pypi, "flask", "3.0", true),
            (
                "pkg:pypi/flask@3.0",
                Ecosystem::Pypi,
                "flask",
                "3.0.1",
                false,
            ),
            (
                "pkg:pypi/flask@3.*",
                Ecosystem::Pypi,
                "flask",
                "3.0.1",
                true,
            ),
            (
                "pkg:pypi/flask@3.*",
                Ecosystem::Pypi,
                "flask",
                "30.1",
                false,
            ),
            ("pkg:pypi/flask@*", Ecosystem::Pypi, "flask", "1.0", true),
            ("pkg:pypi/acme_*", Ecosystem::Pypi, "acme-corp", "1.0", true),
            (
                "pkg:pypi/flask",
                Ecosystem::Pypi,
                "flask-login",
                "3.0",
                false,
            ),
            (
                "pkg:npm/%40acme/x",
                Ecosystem::Npm,
                "@acme/x",
                "1.0.0",
                true,
            ),
            (
                "pkg:npm/%40acme/*",
                Ecosystem::Npm,
                "@acme/y",
                "1.0.0",
                true,
            ),
            (
                "pkg:npm/%40acme/x@1.*",
                Ecosystem::Npm,
                "@acme/x",
                "2.0.0",
                false,
            ),
            ("pkg:pypi/flask", Ecosystem::Npm, "flask", "3.0", false),
        ] {
            let waiver = Waiver {
                purl: canonical_purl(purl).expect(purl),
                rule: "x".to_owned(),
                digest: None,
                reason: "tested".to_owned(),
                expires: None,
            };
            let release = ReleaseId::new(eco, name, version);
            assert_eq!(waiver.covers(&release), expected, "{purl} on {release}");
        }
    }

    #[test]
    fn refuses_what_is_no_purl() {
        for text in [
            "flask",
            "*",
            "pkg:*",
            "pkg:brew/wget",
            "pkg:pypi/a*b",
            "pkg:pypi/",
            "",
            "pypi:flask",
        ] {
            assert!(canonical_purl(text).is_err(), "{text}");
        }
    }
}
