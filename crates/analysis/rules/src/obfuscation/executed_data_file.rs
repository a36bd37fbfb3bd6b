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
//! Build scripts that execute a version or settings file name it `.py`; that is not reported.
use foretaste_engine::prelude::*;

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
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_endings_are_sorted() {
        assert!(super::DATA.is_sorted());
    }
}
