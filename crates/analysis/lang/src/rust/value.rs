//! Values of a statement, and which of them tell something.

use foretaste_model::Capability;

use super::lex::{Kind, Token};

/// One API in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) capability: Capability,
    pub(super) api: String,
    pub(super) range: (u32, u32),
    pub(super) constant: Option<String>,
}

/// Where a value comes from and what it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) points: Vec<Point>,
    pub(super) through_file: bool,
}

/// `let x = ..`, `let mut x: T = ..`, `x = ..`: the name and the value.
pub(super) fn assignment(tokens: &[Token]) -> (Option<&str>, &[Token]) {
    let mark_beside = |at: Option<usize>, marks: &[char], edge: u32, before: bool| {
        at.and_then(|i| tokens.get(i)).is_some_and(|t| {
            let touches = if before {
                t.range.1 == edge
            } else {
                t.range.0 == edge
            };
            touches && matches!(t.kind, Kind::Mark(c) if marks.contains(&c))
        })
    };
    let equals = tokens.iter().take(40).enumerate().position(|(i, t)| {
        t.kind == Kind::Mark('=')
            && !mark_beside(Some(i + 1), &['=', '>'], t.range.1, false)
            && !mark_beside(i.checked_sub(1), &['=', '!', '<', '>'], t.range.0, true)
    });
    let Some(equals) = equals else {
        return (None, tokens);
    };
    let names = tokens.get(..equals).unwrap_or(&[]);
    let name = names.iter().find_map(|t| match &t.kind {
        Kind::Path(name)
            if !matches!(
                name.as_str(),
                "let" | "mut" | "if" | "while" | "Ok" | "Some" | "Err" | "ref" | "static" | "const"
            ) =>
        {
            Some(name.as_str())
        }
        _ => None,
    });
    (name, tokens.get(equals + 1..).unwrap_or(&[]))
}

pub(super) fn clean(path: &str) -> &str {
    path.trim_start_matches("./")
}

pub(super) fn is_source(point: &Point) -> bool {
    use Capability as C;
    match point.capability {
        C::EnvironmentRead => point
            .constant
            .as_deref()
            .is_some_and(|name| !is_build_variable(name)),
        C::EnvironmentReadAll
        | C::HostInfo
        | C::UserInfo
        | C::ProcessList
        | C::CredentialStore
        | C::CredentialToken
        | C::Clipboard
        | C::Screen
        | C::Keyboard => true,
        capability => capability.is_network_source() || capability.is_decoder(),
    }
}

pub(super) const fn is_transform(capability: Capability) -> bool {
    use Capability as C;
    capability.is_decoder()
        || matches!(
            capability,
            C::EncodeText | C::EncodeObject | C::EncodeCompressed | C::EncodeCipher
        )
}

/// Variables that cargo sets or that steer every build.
fn is_build_variable(name: &str) -> bool {
    [
        "CARGO",
        "RUST",
        "DEP_",
        "OUT_DIR",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "NUM_JOBS",
        "CC",
        "CXX",
        "CFLAGS",
        "PKG_CONFIG",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
        || ["_DIR", "_PATH", "_ROOT", "_VERSION", "_LIB"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
        || matches!(
            name,
            "PATH"
                | "HOME"
                | "TMPDIR"
                | "TEMP"
                | "TMP"
                | "DOCS_RS"
                | "CI"
                | "LANG"
                | "PWD"
                | "USERPROFILE"
        )
}
