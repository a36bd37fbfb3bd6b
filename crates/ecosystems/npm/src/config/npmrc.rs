//! One `.npmrc`: INI lines with `${VAR}` expansion, as npm's own reader (`ini`, `@npmcli/config`) takes them.

use std::collections::BTreeMap;

use foretaste_io::Environment;

/// Which variables a file may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The user's or the machine's own file: any.
    Own,
    /// A file of the project, which may come from strangers: only variables that are there for registries. npm itself
    /// expands any, so a hostile project could read `AWS_SECRET_ACCESS_KEY` and send it to a registry of its choice.
    Project,
}

/// Reads a file into its settings; later lines win. The second value names the variables that were held back.
pub(super) fn parse(
    text: &str,
    env: &Environment,
    trust: Trust,
) -> (BTreeMap<String, String>, Vec<String>) {
    let mut settings = BTreeMap::new();
    let mut held_back = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        // a section puts its keys below its name, where npm looks for none
        if line.starts_with('[') {
            break;
        }
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, "true"));
        let key = key.trim().trim_end_matches("[]");
        let key = expand(key, env, trust, &mut held_back);
        let value = expand(&unquote(value.trim()), env, trust, &mut held_back);
        settings.insert(key, value);
    }
    (settings, held_back)
}

/// Takes quotes off, or cuts an unquoted value at a comment; `\;`, `\#` and `\\` are the characters themselves.
fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.to_owned();
        }
    }
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some(next @ (';' | '#' | '\\')) => {
                    out.push(*next);
                    chars.next();
                }
                _ => out.push(c),
            },
            ';' | '#' => break,
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// Replaces `${VAR}`; `${VAR?}` is empty if unset, `${VAR}` stays as it is, `\${VAR}` is meant literally.
fn expand(text: &str, env: &Environment, trust: Trust, held_back: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        rest = tail;
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push_str("${");
            out.push_str(name);
            out.push('}');
            continue;
        }
        out.push_str(before);
        let (variable, optional) = match name.strip_suffix('?') {
            Some(variable) => (variable, true),
            None => (name, false),
        };
        let allowed = trust == Trust::Own || is_for_registries(variable);
        match env.var(variable) {
            Some(value) if allowed => out.push_str(value),
            Some(_) => held_back.push(variable.to_owned()),
            None if optional => {}
            None => {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
            }
        }
    }
    out.push_str(rest);
    out
}

/// Variables that CI systems and registries document for `.npmrc`.
fn is_for_registries(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    [
        "NPM",
        "NODE_AUTH",
        "REGISTRY",
        "ARTIFACTORY",
        "NEXUS",
        "CLOUDSMITH",
        "CODEARTIFACT",
        "VERDACCIO",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "CI_JOB_TOKEN",
        "GITLAB_TOKEN",
        "FORETASTE",
    ]
    .iter()
    .any(|word| upper.contains(word))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn env() -> Environment {
        Environment::below(Path::new("/r"))
            .with("NPM_TOKEN", "t0k")
            .with("AWS_SECRET_ACCESS_KEY", "s3cret")
    }

    #[test]
    fn lines_are_read_as_npm_reads_them() {
        let text = "\u{feff}; comment\n# comment\nregistry = https://r.example/ ; why\n\"q\"=1\nquoted=\"a;b\"\nflag\nesc=a\\;b\nca[]=x\n[section]\nhidden=1\n";
        let (settings, _) = parse(text, &env(), Trust::Own);
        for (key, value) in [
            ("registry", "https://r.example/"),
            ("quoted", "a;b"),
            ("flag", "true"),
            ("esc", "a;b"),
            ("ca", "x"),
        ] {
            assert_eq!(settings.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert!(!settings.contains_key("hidden"));
    }

    #[test]
    fn variables_are_expanded_in_keys_and_values() {
        let text = "//h.example/:_authToken=${NPM_TOKEN}\na=${UNSET}\nb=x${UNSET?}y\nc=\\${NPM_TOKEN}\nd=${open";
        let (settings, held) = parse(text, &env(), Trust::Own);
        let found: Vec<_> = settings.values().map(String::as_str).collect();
        assert_eq!(found, ["t0k", "${UNSET}", "xy", "${NPM_TOKEN}", "${open"]);
        assert!(held.is_empty());
    }

    #[test]
    fn a_project_file_gets_registry_variables_only() {
        let text = "a=${NPM_TOKEN}\nregistry=https://x.invalid/${AWS_SECRET_ACCESS_KEY}/";
        let (settings, held) = parse(text, &env(), Trust::Project);
        assert_eq!(settings["a"], "t0k");
        assert_eq!(settings["registry"], "https://x.invalid//");
        assert_eq!(held, ["AWS_SECRET_ACCESS_KEY"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[\\PC\n\\\\${}?=;#\"']*") {
            let _ = parse(&text, &env(), Trust::Project);
        }
    }
}
