//! Code inside of constants: what a decode step reveals, and what is handed to an interpreter as text.
//!
//! Candidates are gathered while a file is interpreted and observed afterwards, each text once.

use foretaste_model::facts::Language;
use foretaste_observe::decode;
use rustc_hash::FxHashMap;

/// How deep layers nest.
pub(crate) const MAX_DEPTH: u8 = 4;
/// Layers of one file, and their bytes.
const MAX_LAYERS: usize = 24;
const MAX_BYTES: usize = 2 << 20;

/// Text that is code, and how it was reached.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) text: String,
    pub(crate) steps: Vec<Box<str>>,
    pub(crate) range: (u32, u32),
    pub(crate) executed: bool,
    /// The language, where the command line says it.
    pub(crate) language: Option<Language>,
}

/// Executed data that does not decode: how far it came, where it stands.
pub(crate) type Opaque = (Vec<Box<str>>, (u32, u32));

/// The candidates of one file.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    found: Vec<Candidate>,
    known: FxHashMap<String, usize>,
    bytes: usize,
    pub(crate) opaque: Vec<Opaque>,
}

impl Layers {
    /// Looks whether a constant is encoded code.
    pub(crate) fn consider(&mut self, data: &[u8], range: (u32, u32)) {
        // prose and paths have blanks and dots early on; encoded text has neither
        let head = data.get(..data.len().min(24)).unwrap_or(data);
        if data.len() < 24 || head.iter().any(|b| matches!(b, b' ' | b'.' | b':' | b'\n')) {
            return;
        }
        if let Some((steps, text)) = decode::peel(data) {
            self.add(text, steps, range, false, None);
        }
    }

    /// Constant code that is executed.
    pub(crate) fn add_code(&mut self, text: &str, steps: &[&'static str], range: (u32, u32)) {
        if text.len() < 8 || (steps.is_empty() && !decode::looks_like_code(text)) {
            return;
        }
        let steps: Vec<Box<str>> = if steps.is_empty() {
            vec!["constant".into()]
        } else {
            steps.iter().map(|s| (*s).into()).collect()
        };
        self.add(text.to_owned(), steps, range, true, None);
    }

    /// Text that is written or passed on and looks like code.
    pub(crate) fn add_text(
        &mut self,
        text: &str,
        steps: &[&'static str],
        range: (u32, u32),
        executed: bool,
    ) {
        if decode::looks_like_code(text) {
            let steps = steps.iter().map(|s| (*s).into()).collect();
            self.add(text.to_owned(), steps, range, executed, None);
        }
    }

    /// A command line: code may stand in it.
    pub(crate) fn command(&mut self, words: &[String], range: (u32, u32)) {
        let line = words.join(" ");
        let lower = line.to_ascii_lowercase();
        if lower.contains("python") || words.iter().any(|w| w == "-c" || w == "{}") {
            if let Some(at) = words.iter().position(|w| w == "-c")
                && let Some(code) = words.get(at + 1)
                && at <= 4
                && (lower.contains("python") || line.starts_with("{}"))
            {
                // whatever it looks like
                self.add_code(code, &["python -c"], range);
            } else if let Some((_, code)) = line.split_once(" -c ") {
                let code = code.trim().trim_matches(['"', '\'']);
                if code.starts_with("import ") || code.starts_with("from ") {
                    self.add_code(code, &["python -c"], range);
                } else {
                    self.add_text(code, &["python -c"], range, true);
                }
            }
        }
        if lower.contains("powershell") || lower.contains("pwsh") {
            for pair in lower
                .split_whitespace()
                .zip(lower.split_whitespace().skip(1))
            {
                let flag = pair.0.trim_start_matches('-').trim_start_matches('/');
                let encoded =
                    flag.starts_with('e') && "encodedcommand".starts_with(flag) || flag == "ec";
                if encoded && pair.1.len() >= 16 {
                    // find the word again in its own case
                    let word = line
                        .split_whitespace()
                        .find(|w| w.eq_ignore_ascii_case(pair.1))
                        .unwrap_or("");
                    if let Some(text) = utf16(word.trim_matches(['"', '\''])) {
                        let steps = vec!["base64".into(), "utf-16".into()];
                        self.add(text, steps, range, true, Some(Language::PowerShell));
                    }
                }
            }
        }
    }

    /// A text that the evaluator saw executed.
    pub(crate) fn add_executed(&mut self, text: String, steps: Vec<Box<str>>, range: (u32, u32)) {
        if text.len() >= 8 && (!steps.is_empty() || decode::looks_like_code(&text)) {
            let steps = if steps.is_empty() {
                vec!["constant".into()]
            } else {
                steps
            };
            self.add(text, steps, range, true, None);
        }
    }

    /// Forgets a text that does nothing but execute another one, which is known.
    pub(crate) fn forget(&mut self, text: &str) {
        if let Some(at) = self.known.get(text)
            && let Some(candidate) = self.found.get_mut(*at)
        {
            candidate.text.clear();
        }
    }

    /// Something that could not be decoded is executed.
    pub(crate) fn add_opaque(&mut self, steps: Vec<Box<str>>, range: (u32, u32)) {
        if self.opaque.len() < 8 && !self.opaque.iter().any(|(_, known)| *known == range) {
            self.opaque.push((steps, range));
        }
    }

    fn add(
        &mut self,
        text: String,
        steps: Vec<Box<str>>,
        range: (u32, u32),
        executed: bool,
        language: Option<Language>,
    ) {
        if let Some(known) = self.known.get(&text) {
            if let Some(known) = self.found.get_mut(*known)
                && executed
                && !known.executed
            {
                known.executed = true;
            }
            return;
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if self.found.len() >= MAX_LAYERS || self.bytes > MAX_BYTES {
            return;
        }
        self.known.insert(text.clone(), self.found.len());
        self.found.push(Candidate {
            text,
            steps,
            range,
            executed,
            language,
        });
    }

    /// What was found, in the order in which it was found.
    pub(crate) fn into_candidates(self) -> Vec<Candidate> {
        self.found
            .into_iter()
            .filter(|c| !c.text.is_empty())
            .collect()
    }
}

/// Base64 of UTF-16, as PowerShell takes it.
fn utf16(word: &str) -> Option<String> {
    let data = decode::base64(word.as_bytes())?;
    let units: Vec<u16> = data
        .chunks_exact(2)
        .filter_map(|c| c.try_into().ok())
        .map(u16::from_le_bytes)
        .collect();
    let text = String::from_utf16(&units).ok()?;
    (text.len() >= 4 && text.chars().filter(char::is_ascii).count() * 2 > text.chars().count())
        .then_some(text)
}
