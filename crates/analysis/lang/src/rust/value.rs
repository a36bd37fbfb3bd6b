//! Values of a statement, and which of them tell something.

use foretaste_model::Capability;

use super::lex::{Kind, Token};

/// Names of one pattern that are followed.
const MAX_TARGETS: usize = 6;

/// One API in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) capability: Capability,
    pub(super) api: String,
    pub(super) range: (u32, u32),
    pub(super) constant: Option<String>,
}

impl Point {
    /// It starts a program.
    pub(super) const fn spawns(&self) -> bool {
        matches!(
            self.capability,
            Capability::ProcessSpawn | Capability::ProcessShell
        )
    }
}

/// Where a value comes from and what it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) points: Vec<Point>,
    pub(super) through_file: bool,
    pub(super) origin: Origin,
}

/// Where a value begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// At its first point.
    #[default]
    Here,
    /// A caller gives it: the position.
    Parameter(u16, Box<str>),
    /// A function of another file of the crate gives it.
    Outside(Box<str>),
}

impl Value {
    /// What an API gives.
    pub(super) fn of(point: Point) -> Self {
        Self {
            points: vec![point],
            through_file: false,
            origin: Origin::Here,
        }
    }

    /// What comes from elsewhere.
    pub(super) const fn from(origin: Origin) -> Self {
        Self {
            points: Vec::new(),
            through_file: false,
            origin,
        }
    }

    /// The position of the parameter that it is.
    pub(super) const fn position(&self) -> Option<u16> {
        match self.origin {
            Origin::Parameter(position, _) => Some(position),
            _ => None,
        }
    }

    /// A caller gives it.
    pub(super) const fn is_given(&self) -> bool {
        matches!(self.origin, Origin::Parameter(..))
    }

    /// It begins in this function.
    pub(super) fn is_here(&self) -> bool {
        self.origin == Origin::Here
    }
}

/// `let x = ..`, `let (x, mut y): T = ..`, `x = ..`, `for (x, y) in ..`: the names and the value.
pub(super) fn assignment(tokens: &[Token]) -> (Vec<&str>, &[Token]) {
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
    let is_loop =
        matches!(tokens.first(), Some(Token { kind: Kind::Path(word), .. }) if word == "for");
    let between = tokens.iter().take(40).enumerate().position(|(i, t)| {
        if is_loop {
            return t.kind == Kind::Path("in".to_owned());
        }
        t.kind == Kind::Mark('=')
            && !mark_beside(Some(i + 1), &['=', '>'], t.range.1, false)
            && !mark_beside(i.checked_sub(1), &['=', '!', '<', '>'], t.range.0, true)
    });
    let Some(between) = between else {
        return (Vec::new(), tokens);
    };
    let names = tokens.get(..between).unwrap_or(&[]);
    let names = names
        .iter()
        // a type stands behind it
        .take_while(|t| t.kind != Kind::Mark(':'))
        .filter_map(|t| match &t.kind {
            Kind::Path(name) if is_variable(name) => Some(name.as_str()),
            _ => None,
        })
        .take(MAX_TARGETS)
        .collect();
    (names, tokens.get(between + 1..).unwrap_or(&[]))
}

/// True if an assignment adds to what is there: `text += more`. `value` is the part behind its mark.
pub(super) fn grows(statement: &[Token], value: &[Token]) -> bool {
    let mark = statement.len().checked_sub(value.len() + 2);
    value.len() < statement.len()
        && mark
            .and_then(|at| statement.get(at))
            .is_some_and(|t| t.kind == Kind::Mark('+'))
}

/// True for a name of a pattern that is neither a word of the language nor a variant or constant.
fn is_variable(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "let", "mut", "if", "while", "for", "ref", "static", "const", "else", "match", "_",
    ];
    !WORDS.contains(&name)
        && !name.contains('.')
        && !name.starts_with(|c: char| c.is_ascii_uppercase())
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

/// `bytes.iter().map(|b| b ^ key)`: each byte against a key, which is how embedded programs are hidden; or two half bytes
/// put together, `(high(p[0]) << 4) | low(p[1])`, which is how programs read hex and its relatives by themselves.
pub(super) fn keyed(tokens: &[Token]) -> Option<Point> {
    let maps = tokens.iter().any(|t| {
        matches!(&t.kind, Kind::Member(name) if matches!(name.as_str(), "map" | "flat_map" | "push" | "extend" | "fold"))
    });
    if !maps {
        return None;
    }
    let xor = tokens.iter().find(|t| t.kind == Kind::Mark('^'));
    let point = |capability, api: &str, range| Point {
        capability,
        api: api.to_owned(),
        range,
        constant: None,
    };
    if let Some(xor) = xor {
        return Some(point(Capability::DecodeCipher, "^", xor.range));
    }
    let half = tokens.windows(3).find(|w| {
        matches!(w, [a, b, c]
            if a.kind == Kind::Mark('<') && b.kind == Kind::Mark('<') && matches!(c.kind, Kind::Number(4, _)))
    })?;
    let joins = tokens
        .iter()
        .any(|t| matches!(t.kind, Kind::Mark('|' | '+')));
    let at = half.first()?;
    // digits are told from their characters: `b - b'a'`
    let digits = tokens.iter().any(|t| matches!(t.kind, Kind::Mark('-')))
        || tokens
            .iter()
            .any(|t| matches!(&t.kind, Kind::Path(name) if is_variable(name)));
    (joins && digits).then(|| point(Capability::DecodeText, "hex", at.range))
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
