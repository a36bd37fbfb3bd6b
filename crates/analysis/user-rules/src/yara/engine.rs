//! The engine behind the rules. One trait, so that another engine can take boreal's place.

use std::fmt;
use std::time::Duration;

use boreal::compiler::CompilerParams;
use boreal::scanner::ScanParams;
use boreal::{Compiler, MetadataValue, Scanner};

/// The longest piece of a match that is looked at.
const MAX_MATCH: usize = 512;
/// Matches of one string that are looked at.
const MAX_MATCHES: u32 = 64;

/// A rule as it was compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRule {
    /// The file.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its metadata, as text.
    pub metadata: Vec<(String, String)>,
}

/// A rule that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The file.
    pub namespace: String,
    /// The name.
    pub rule: String,
    /// Its strings that match: name, offset, length.
    pub places: Vec<(String, usize, usize)>,
}

/// Something that matches YARA rules.
pub trait Engine: fmt::Debug + Send + Sync {
    /// The rules that can be reported; private ones cannot.
    fn rules(&self) -> Vec<RawRule>;

    /// Scans bytes within a time: what matches, and whether the scan came to its end.
    fn scan(&self, bytes: &[u8], time: Duration) -> (Vec<Hit>, bool);
}

/// Boreal: pure Rust, no modules, no files.
pub(crate) struct Boreal(Scanner);

impl fmt::Debug for Boreal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Boreal")
    }
}

impl Boreal {
    pub(crate) fn compile(sources: &[(String, String)]) -> Result<Self, String> {
        let mut compiler = Compiler::new();
        // what a rule file names must be given by the user, not found on the disk
        compiler.set_params(CompilerParams::default().disable_includes(true));
        for (path, text) in sources {
            compiler
                .add_rules_str_in_namespace(text, path)
                .map_err(|error| placed(path, &error.to_string()))?;
        }
        let mut scanner = compiler.finalize();
        scanner.set_scan_params(
            ScanParams::default()
                .compute_full_matches(true)
                .match_max_length(MAX_MATCH)
                .string_max_nb_matches(MAX_MATCHES),
        );
        Ok(Self(scanner))
    }
}

/// The compiler calls texts `mem`; say the file.
fn placed(path: &str, message: &str) -> String {
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.is_empty())
        .collect();
    let first = lines.first().copied().unwrap_or("it cannot be compiled");
    let rest = lines
        .iter()
        .skip(1)
        .map(|l| format!("\n  {l}"))
        .collect::<String>();
    format!(
        "cannot compile {path}{}{rest}",
        first.strip_prefix("mem").unwrap_or(first)
    )
}

impl Engine for Boreal {
    fn rules(&self) -> Vec<RawRule> {
        let symbol = |s| self.0.get_string_symbol(s).to_owned();
        self.0
            .rules()
            .filter(|rule| !rule.is_private)
            .map(|rule| RawRule {
                namespace: rule.namespace.to_owned(),
                name: rule.name.to_owned(),
                tags: rule.tags.iter().map(|t| symbol(*t)).collect(),
                metadata: rule
                    .metadatas
                    .iter()
                    .map(|m| {
                        let value = match m.value {
                            MetadataValue::Bytes(b) => {
                                String::from_utf8_lossy(self.0.get_bytes_symbol(b)).into_owned()
                            }
                            MetadataValue::Integer(i) => i.to_string(),
                            MetadataValue::Boolean(b) => b.to_string(),
                        };
                        (symbol(m.name), value)
                    })
                    .collect(),
            })
            .collect()
    }

    fn scan(&self, bytes: &[u8], time: Duration) -> (Vec<Hit>, bool) {
        // a clone shares the compiled rules
        let mut scanner = self.0.clone();
        let params = scanner.scan_params().clone();
        scanner.set_scan_params(params.timeout_duration(Some(time)));
        let (result, complete) = match scanner.scan_mem(bytes) {
            Ok(result) => (result, true),
            // out of time, or out of anything else: what was found counts
            Err((_, result)) => (result, false),
        };
        let hits = result
            .rules
            .into_iter()
            .map(|rule| Hit {
                namespace: rule.namespace.to_owned(),
                rule: rule.name.to_owned(),
                places: rule
                    .matches
                    .into_iter()
                    .flat_map(|string| {
                        let name = string.name.to_owned();
                        string
                            .matches
                            .into_iter()
                            .map(move |m| (name.clone(), m.offset, m.length))
                    })
                    .collect(),
            })
            .collect();
        (hits, complete)
    }
}
