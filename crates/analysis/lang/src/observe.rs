//! One file: detect, decode, read, and survive whatever it does to the reader.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use foretaste_model::facts::{
    FactKey, FileFacts, FileNature, InstallSurface, Language, Layer, PICKLE, ParseOutcome, Problem,
    ProblemKind, SurfaceKind,
};
use foretaste_model::{ContentDigest, Limits, Span};
use foretaste_observe::{FactsBuilder, Places};

use crate::detect::{Detected, Reader, detect};
use crate::encoding::{Decoded, decode};
use crate::text::{self, Setting};
use crate::{
    batch, class, commands, data, html, manifest, msbuild, native, notebook, powershell, program,
    rust, shell, stack,
};

/// The version of everything that observes. Bump it when any observer sees more or otherwise than before.
pub const OBSERVER_VERSION: u32 = 36;

/// Reads one file in a process of its own: path, content, limits. The error says how that process ended.
pub type Isolated = fn(&str, &[u8], &Limits) -> Result<FileFacts, String>;

static ISOLATED: OnceLock<Isolated> = OnceLock::new();

/// Sets how files that nest too deeply for this process are read. Without it they get the facts of a fallback only.
/// Counts once; later calls change nothing.
pub fn isolate_with(isolated: Isolated) {
    let _ = ISOLATED.set(isolated);
}

/// The key under which the facts of a file are stored.
pub fn cache_key(path: &str, bytes: &[u8]) -> FactKey {
    cache_key_of(path, bytes, ContentDigest::of(bytes))
}

/// Like [`cache_key`], for a content whose digest is known.
pub fn cache_key_of(path: &str, bytes: &[u8], digest: ContentDigest) -> FactKey {
    FactKey {
        digest,
        reading: detect(path, bytes).id(),
        observer: OBSERVER_VERSION,
    }
}

/// Observes one file. Never panics; what went wrong stands in [`FileFacts::problems`].
///
/// The facts depend on the content, and on nothing of the path but what [`cache_key`] holds. A file that nests
/// beyond `limits.nesting` is read by the process set with [`isolate_with`].
pub fn observe(path: &str, bytes: &[u8], limits: &Limits) -> FileFacts {
    let mut facts = observe_here(path, bytes, limits);
    let deep = facts
        .problems
        .iter()
        .find(|p| p.kind == ProblemKind::TooDeep)
        .cloned();
    if let Some(deep) = deep
        // what is too much for a tolerant parser is too much for any other
        && facts.outcome != ParseOutcome::Unreadable
        && let Some(isolated) = ISOLATED.get()
    {
        let how = match isolated(path, bytes, limits) {
            Ok(mut read) if read.outcome != ParseOutcome::Unreadable => {
                // depth stays a finding, however well it was read
                read.problems.retain(|p| p.kind != ProblemKind::TooDeep);
                read.problems.insert(0, deep);
                return read;
            }
            // no reason to lose what was found without a parser
            Ok(_) => "could not read it".to_owned(),
            Err(how) => how,
        };
        facts.problems.push(Problem {
            kind: ProblemKind::ParserDied,
            span: None,
            message: format!("the process that parsed it {how}").into(),
        });
    }
    facts
}

/// Observes one file in this process, whatever its nesting: what the process of [`isolate_with`] calls, with
/// `limits.nesting` raised.
pub fn observe_here(path: &str, bytes: &[u8], limits: &Limits) -> FileFacts {
    let detected = detect(path, bytes);
    let mut facts = match caught(|| read(detected, bytes, limits)) {
        Ok(facts) => facts,
        Err(message) => survive(detected, bytes, &message),
    };
    if detected.disguised {
        facts.problems.push(Problem {
            kind: ProblemKind::Mislabelled,
            span: None,
            message: format!(
                "the content is {}, the file name says otherwise",
                facts.language.id()
            )
            .into(),
        });
    }
    facts
}

/// What is left to say about a file whose observer died on it.
fn survive(detected: Detected, bytes: &[u8], message: &str) -> FileFacts {
    let mut facts = caught(|| {
        let mut facts = FileFacts::default();
        facts.shape.bytes = bytes.len() as u64;
        facts.shape.entropy = text::entropy(bytes);
        if detected.reading.reader.is_text() {
            let decoded = decode(bytes, detected.reading.reader == Reader::Python);
            let setting = setting(detected.reading.reader);
            let mut builder = FactsBuilder::new(detected.reading.language, &decoded.text);
            text::literals(&mut builder, setting);
            facts.literals = builder.finish().literals;
            describe(&mut facts, detected.reading.reader, &decoded, bytes);
        }
        facts
    })
    .unwrap_or_default();
    facts.language = detected.reading.language;
    facts.outcome = ParseOutcome::Unreadable;
    facts.problems.push(Problem {
        kind: ProblemKind::ParserDied,
        span: None,
        message: message.chars().take(300).collect::<String>().into(),
    });
    facts
}

/// Runs an observer; its panic is an error with the panic's message.
fn caught(observer: impl FnOnce() -> FileFacts) -> Result<FileFacts, String> {
    catch_unwind(AssertUnwindSafe(observer)).map_err(|panic| {
        let panic: &dyn Any = &*panic;
        let said = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("without a message");
        format!("the observer died: {said}")
    })
}

fn read(detected: Detected, bytes: &[u8], limits: &Limits) -> FileFacts {
    let reading = detected.reading;
    if reading.reader.is_text() {
        return read_text(detected, bytes, limits);
    }
    let mut facts = match reading.reader {
        Reader::Native => native::observe(bytes),
        Reader::Wasm => native::observe_wasm(bytes),
        Reader::Pyc => native::observe_pyc(bytes, limits),
        Reader::Class => class::observe(bytes, limits),
        Reader::Pickle => pickle(bytes, limits),
        _ => FileFacts {
            language: reading.language,
            ..FileFacts::default()
        },
    };
    facts.shape.bytes = bytes.len() as u64;
    facts.shape.entropy = text::entropy(bytes);
    facts
}

/// A pickle: what loading it calls is code that is executed then.
fn pickle(bytes: &[u8], limits: &Limits) -> FileFacts {
    let mut facts = FileFacts::default();
    let inner = stack::large(|| foretaste_python::pickle(bytes, limits));
    if let Some(inner) = inner.flatten() {
        facts.layers.push(Layer {
            steps: vec![PICKLE.into()],
            span: Span::default(),
            executed: true,
            facts: Box::new(inner),
        });
    }
    facts
}

fn read_text(detected: Detected, bytes: &[u8], limits: &Limits) -> FileFacts {
    let reading = detected.reading;
    let decoded = decode(bytes, reading.reader == Reader::Python);
    let text = &*decoded.text;
    let mut facts = match reading.reader {
        Reader::Manifest => manifest::observe(reading.hint, text),
        Reader::Python | Reader::Pth => stack::python(reading.hint, text, limits),
        Reader::JavaScript => stack::javascript(reading.hint, text, limits),
        Reader::Shell => shell::observe(text, limits, 0),
        Reader::PowerShell => powershell::observe(text, limits, 0),
        Reader::Batch => batch::observe(text, limits, 0),
        Reader::Rust => rust::observe(text, limits, 0),
        Reader::Program => language(reading.language, text, limits, 0),
        Reader::Notebook => notebook::observe(text, limits),
        Reader::Html => html::observe(text, limits, 0),
        Reader::Data => data::observe(reading.language, text, setting(reading.reader), limits),
        _ => plain(reading.language, text, setting(reading.reader)),
    };
    if matches!(
        reading.reader,
        Reader::Python | Reader::Pth | Reader::JavaScript | Reader::Notebook | Reader::Manifest
    ) {
        commands::add(&mut facts, limits);
    }
    if reading.hint == "build.targets" {
        msbuild::add(&mut facts, text, limits);
    }
    named_surfaces(reading.hint, &mut facts);
    describe(&mut facts, reading.reader, &decoded, bytes);
    facts
}

/// Scripts that run because of their names.
fn named_surfaces(hint: &str, facts: &mut FileFacts) {
    let kind = match hint {
        "tools/init.ps1" | "tools/install.ps1" => SurfaceKind::NugetScript,
        "rubygems_plugin.rb" => SurfaceKind::GemPlugin,
        _ => return,
    };
    facts.surfaces.push(InstallSurface {
        kind,
        name: hint.into(),
        command: "".into(),
        target: "".into(),
        span: None,
    });
}

/// Code of a language that stands inside other code. `depth` counts the layers around it.
pub(crate) fn language(language: Language, code: &str, limits: &Limits, depth: u8) -> FileFacts {
    if let Some(dialect) = program::dialect_of(language) {
        return program::observe(dialect, code, limits, depth);
    }
    match language {
        Language::Shell => shell::observe(code, limits, depth),
        Language::PowerShell => powershell::observe(code, limits, depth),
        Language::Rust => rust::observe(code, limits, depth),
        Language::Python => stack::python("module.py", code, limits),
        Language::JavaScript => stack::javascript("module.js", code, limits),
        Language::TypeScript => stack::javascript("module.ts", code, limits),
        _ => plain(language, code, Setting::Code),
    }
}

/// Observes a command line as a shell reads it: a script of `package.json`, a string that a program gives to a shell.
pub fn observe_command(line: &str, limits: &Limits) -> FileFacts {
    let mut facts = caught(|| shell::observe(line, limits, 0)).unwrap_or_default();
    facts.language = Language::Shell;
    facts
}

/// Text without a grammar here.
fn plain(language: Language, text: &str, setting: Setting) -> FileFacts {
    text::scanned(language, text, setting).finish()
}

/// Adds what can be said of any text.
fn describe(facts: &mut FileFacts, reader: Reader, decoded: &Decoded<'_>, bytes: &[u8]) {
    let text = &*decoded.text;
    facts.shape = text::shape(text, bytes, &decoded.encoding, decoded.invalid_bytes);
    // an observer that parsed it knows better
    if is_code(reader) && facts.nature == FileNature::Source {
        facts.nature = text::nature(text, &facts.shape);
        // nobody minifies Python to save bytes: a long line without blanks is somebody's payload
        if facts.nature == FileNature::Minified && facts.language == Language::Python {
            facts.nature = FileNature::Source;
        }
    }
    let places = Places::new(text);
    facts.unicode = text::oddities(&places, setting_of_characters(reader), facts.language);
    let instructions = text::instructions(&places);
    let mut windows: Vec<_> = facts
        .unicode
        .iter()
        .map(|o| o.span)
        .chain(instructions.iter().map(|i| i.span))
        .map(|span| (span.line, span.column))
        .collect();
    facts.literals.extend(instructions);
    windows.sort_unstable();
    for (line, column) in windows {
        let known = facts.snippets.iter().any(|s| s.line == line);
        if !known && let Some(offset) = offset_of(text, line, column) {
            facts.snippets.push(places.window(offset));
        }
    }
    facts.snippets.sort_by_key(|s| (s.line, s.first_column));
    facts.problems.extend(decoded.problems.iter().cloned());
}

/// The byte offset of a 1-based line and column.
pub(crate) fn offset_of(text: &str, line: u32, column: u32) -> Option<u32> {
    let start = match line {
        0 => return None,
        1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line as usize - 2)? + 1,
    };
    let inner = text
        .get(start..)?
        .char_indices()
        .nth(column.saturating_sub(1) as usize)
        .map_or(0, |(i, _)| i);
    u32::try_from(start + inner).ok()
}

/// Where literals stand: everything but prose gives its strings.
fn setting(reader: Reader) -> Setting {
    if matches!(reader, Reader::Text | Reader::Html) {
        Setting::Prose
    } else {
        Setting::Code
    }
}

/// Where characters stand: data is full of other people's text.
fn setting_of_characters(reader: Reader) -> Setting {
    if is_code(reader) {
        Setting::Code
    } else {
        Setting::Prose
    }
}

const fn is_code(reader: Reader) -> bool {
    matches!(
        reader,
        Reader::Python
            | Reader::JavaScript
            | Reader::Shell
            | Reader::PowerShell
            | Reader::Batch
            | Reader::Rust
            | Reader::Program
            | Reader::Pth
            | Reader::Manifest
    )
}
