//! # A data file is executed as code
//!
//! ## What it finds
//! A file of the package that is named like data (`.txt`, `.dat`, `.png`, `.json`, ...) is read, decoded or not, and evaluated,
//! at install or import time.
//!
//! ## Why it matters
//! Scanners and reviewers read the files that are named like programs. Stego loaders (the `apicolor` release on PyPI, November
//! 2022) and the telnyx attack (PyPI, March 2026) kept their payload in a picture or a sound file, beside a loader of one line.
//!
//! ## Example
//! `exec(pkgutil.get_data(__name__, "schema.dat"))`
//!
//! ## What to do
//! Read the data file as what it is: code.
//!
//! ## When it is wrong
//! Build scripts that execute a version or settings file name it `.py`; that is not reported. Nor is a parser that reads a file
//! in one function and evaluates the single literals of its text in another: an `eval` of pieces runs no program.
use foretaste_engine::prelude::*;
use foretaste_model::facts::FunctionKind;

declare_rule! {
    ExecutedDataFile,
    id: "executed-data-file",
    title: "executes a data file as code",
    group: Obfuscation,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1027.009", "T1059"],
    since: "0.1.0",
}

/// Endings of files that are data to whoever looks at a listing.
const DATA: &[&str] = &[
    "bin", "bmp", "bz2", "cfg", "csv", "dat", "data", "db", "doc", "gif", "gz", "html", "ico",
    "ini", "jpeg", "jpg", "json", "log", "md", "mp3", "mp4", "pdf", "png", "rst", "svg", "tmp",
    "ttf", "txt", "wav", "webp", "woff", "xml", "xz", "zip",
];

impl ChainRule for ExecutedDataFile {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let context = chain.context();
        if source.capability != Capability::FileRead
            || sink.capability != Capability::CodeEval
            || chain.flow.link == FlowLink::Scope
            || context > ExecutionContext::Import
            || evaluates_pieces(chain, source, sink)
        {
            return None;
        }
        let name = source.constant.as_deref()?;
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let (_, ending) = file.rsplit_once('.')?;
        DATA.binary_search(&&*ending.to_ascii_lowercase()).ok()?;
        let mut finding = self
            .finding(format!("executes what `{file}` holds {}", context.phrase()))
            .context(context);
        if &*sink.api == "eval" && chain.transforms().next().is_none() {
            // one expression of plain text: configuration and formulas look like that, too
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// Whether an expression of what another function read is evaluated, with nothing decoded in between.
fn evaluates_pieces(chain: &Chain<'_>, source: &Step, sink: &Step) -> bool {
    let decoded = chain
        .flow
        .steps
        .iter()
        .any(|s| s.role == StepRole::Transform);
    let functions = &chain.file.facts.functions;
    &*sink.api == "eval"
        && !decoded
        && functions
            .get(chain.flow.function as usize)
            .is_some_and(|f| {
                f.kind != FunctionKind::Module
                    && !(f.span.line..=f.span.end_line).contains(&source.span.line)
            })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_endings_are_sorted() {
        assert!(super::DATA.is_sorted());
    }
}
