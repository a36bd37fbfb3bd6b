//! What a file is written in, by its name.

use foretaste_model::facts::Language;
use oxc_span::SourceType;

/// The grammars of the tolerant reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JavaScript with JSX and Flow's easier parts.
    Script,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// How to read a file.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) language: Language,
    pub(crate) dialect: Dialect,
    /// What the main parser tries, in this order.
    pub(crate) attempts: Vec<SourceType>,
}

impl Reading {
    /// By the extension of a path; anything unknown is read as JavaScript.
    pub(crate) fn of(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let extension = name
            .rsplit_once('.')
            .map_or("", |(_, e)| e)
            .to_ascii_lowercase();
        let declarations =
            name.ends_with(".d.ts") || name.ends_with(".d.mts") || name.ends_with(".d.cts");
        match &*extension {
            "ts" | "mts" | "cts" => Self {
                language: Language::TypeScript,
                dialect: Dialect::TypeScript,
                attempts: if declarations {
                    vec![SourceType::d_ts(), SourceType::ts()]
                } else {
                    vec![SourceType::ts(), SourceType::tsx()]
                },
            },
            "tsx" => Self {
                language: Language::TypeScript,
                dialect: Dialect::Tsx,
                attempts: vec![SourceType::tsx()],
            },
            _ => {
                let module = SourceType::unambiguous().with_jsx(true);
                let script = SourceType::script().with_jsx(true);
                let commonjs = SourceType::cjs().with_jsx(true);
                let attempts = match &*extension {
                    "mjs" => vec![SourceType::mjs().with_jsx(true), script],
                    "cjs" => vec![commonjs, module],
                    // Flow annotations are close to TypeScript's
                    _ => vec![module, commonjs, script, SourceType::tsx()],
                };
                Self {
                    language: Language::JavaScript,
                    dialect: Dialect::Script,
                    attempts,
                }
            }
        }
    }
}
