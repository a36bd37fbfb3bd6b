//! Files, functions and surfaces for the cases.

use std::sync::Arc;

use foretaste_engine::ContextMap;
use foretaste_model::facts::{
    ArtifactFacts, ArtifactKind, Callee, FileEntry, FileFacts, Function, FunctionKind, Import,
    InstallSurface, Language, SurfaceKind,
};
use foretaste_model::{ContentDigest, Coverage, ExecutionContext, Span};

pub(crate) fn function(name: &str, at_import: bool, calls: &[Callee]) -> Function {
    let kind = if name == "<module>" {
        FunctionKind::Module
    } else {
        FunctionKind::Function
    };
    Function {
        name: name.into(),
        kind,
        span: Span::default(),
        parent: None,
        calls: calls.to_vec(),
        at_import,
    }
}

pub(crate) fn import(module: &str) -> Import {
    Import {
        module: module.into(),
        names: Vec::new(),
        span: Span::default(),
        function: 0,
    }
}

pub(crate) fn surface(kind: SurfaceKind, command: &str) -> InstallSurface {
    InstallSurface {
        kind,
        name: "x".into(),
        command: command.into(),
        target: "".into(),
        span: None,
    }
}

pub(crate) fn file(path: &str, language: Language, facts: FileFacts) -> FileEntry {
    FileEntry {
        path: path.into(),
        digest: ContentDigest::of(path.as_bytes()),
        executable: false,
        facts: Arc::new(FileFacts { language, ..facts }),
    }
}

pub(crate) fn artifact(kind: ArtifactKind, mut files: Vec<FileEntry>) -> ArtifactFacts {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    ArtifactFacts {
        filename: "x.tar.gz".into(),
        kind,
        size: 0,
        digest: None,
        files,
        anomalies: Vec::new(),
        coverage: Coverage::default(),
    }
}

pub(crate) fn context(artifact: &ArtifactFacts, path: &str, function: u32) -> ExecutionContext {
    let index = artifact
        .files
        .iter()
        .position(|f| &*f.path == path)
        .expect("the file is there");
    ContextMap::of(artifact).of_function(index, function)
}
