//! Versions of NuGet packages (<https://learn.microsoft.com/nuget/concepts/package-versioning>).

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use thiserror::Error;

/// A version of a NuGet package: up to four numbers, pre-release labels whose case does not count, and metadata that
/// does not count at all.
#[derive(Clone, Debug)]
pub struct NuGetVersion {
    numbers: [u32; 4],
    labels: Vec<Box<str>>,
}

/// A text that is no version of a NuGet package.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no version of a NuGet package")]
pub struct NuGetVersionError(String);

impl NuGetVersion {
    /// True if it has a pre-release label.
    pub const fn is_prerelease(&self) -> bool {
        !self.labels.is_empty()
    }

    /// The form in which registries name files: no leading zeros, no fourth number that is zero, lower case.
    pub fn normalized(&self) -> String {
        let [major, minor, patch, revision] = self.numbers;
        let mut text = format!("{major}.{minor}.{patch}");
        if revision != 0 {
            let _ = write!(text, ".{revision}");
        }
        if !self.labels.is_empty() {
            text.push('-');
            text.push_str(&self.labels.join(".").to_ascii_lowercase());
        }
        text
    }
}

impl FromStr for NuGetVersion {
    type Err = NuGetVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || NuGetVersionError(text.chars().take(256).collect());
        let plain = text.trim().split('+').next().unwrap_or("");
        let (main, labels) = plain
            .split_once('-')
            .map_or((plain, None), |(main, labels)| (main, Some(labels)));
        let mut numbers = [0; 4];
        let parts: Vec<&str> = main.split('.').collect();
        if parts.len() > 4 || text.len() > 256 {
            return Err(error());
        }
        for (number, part) in numbers.iter_mut().zip(&parts) {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            *number = part
                .parse()
                .ok()
                .filter(|n| digits && i32::try_from(*n).is_ok())
                .ok_or_else(error)?;
        }
        let labels: Vec<Box<str>> =
            labels.map_or_else(Vec::new, |l| l.split('.').map(Into::into).collect());
        let fine = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !labels.iter().all(|l| fine(l)) {
            return Err(error());
        }
        Ok(Self { numbers, labels })
    }
}

fn compare_labels(a: &str, b: &str) -> Ordering {
    // what does not fit into 32 bits is a text to NuGet
    match (a.parse::<i32>(), b.parse::<i32>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()),
    }
}

impl Ord for NuGetVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let released = |v: &Self| v.labels.is_empty();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| released(self).cmp(&released(other)))
            .then_with(|| {
                self.labels
                    .iter()
                    .zip(&other.labels)
                    .map(|(a, b)| compare_labels(a, b))
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| self.labels.len().cmp(&other.labels.len()))
            })
    }
}

impl PartialOrd for NuGetVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NuGetVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NuGetVersion {}

impl fmt::Display for NuGetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normalized())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> NuGetVersion {
        text.parse().expect(text)
    }

    #[test]
    fn the_order_is_that_of_nuget() {
        let ascending = [
            "0.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-Alpha.1",
            "1.0.0-alpha.a",
            "1.0.0-beta",
            "1.0.0-RC",
            "1.0",
            "1.0.0.1",
            "1.0.1",
            "1.9",
            "1.10",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for (a, b) in [
            ("1", "1.0.0.0"),
            ("1.0.0-RC", "1.0.0-rc"),
            ("1.01", "1.1"),
            ("1.0+a", "1.0+b"),
        ] {
            assert_eq!(version(a), version(b), "{a} {b}");
        }
        assert_eq!(version("1.02.0.0-RC.1+abc").normalized(), "1.2.0-rc.1");
        assert_eq!(version("1.0.0.5").to_string(), "1.0.0.5");
        for text in [
            "",
            "1.0.0.0.0",
            "a",
            "1.-1",
            "1.0-",
            "1.0-a..b",
            "1.0-ä",
            "9999999999",
        ] {
            assert!(text.parse::<NuGetVersion>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_order_is_total(texts in proptest::collection::vec("[0-2](\\.[0-2]){0,3}(-[0-2aB]{1,2}(\\.[0-2aB]{1,2})?)?", 3)) {
            let [a, b, c] = &*texts.iter().map(|t| version(t)).collect::<Vec<_>>() else { unreachable!() };
            assert_eq!(a.cmp(b), b.cmp(a).reverse());
            if a <= b && b <= c {
                assert!(a <= c);
            }
            assert_eq!(version(&a.normalized()), *a);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = text.parse::<NuGetVersion>();
        }
    }
}
