//! Options that would lead a client past the gate.

/// An option, and whether a value follows it.
type Forbidden = (&'static str, bool);

/// What pip must not be told.
pub(super) const PIP: &[Forbidden] = &[
    ("-i", true),
    ("--index-url", true),
    ("--pypi-url", true),
    ("--extra-index-url", true),
    ("-f", true),
    ("--find-links", true),
    ("--trusted-host", true),
    ("--proxy", true),
    ("--isolated", false),
];

/// What uv must not be told.
pub(super) const UV: &[Forbidden] = &[
    ("-i", true),
    ("--index-url", true),
    ("--default-index", true),
    ("--index", true),
    ("--extra-index-url", true),
    ("-f", true),
    ("--find-links", true),
    ("--config-file", true),
];

/// What npm and its kin must not be told.
pub(super) const NPM: &[Forbidden] = &[
    ("--registry", true),
    ("--proxy", true),
    ("--https-proxy", true),
    ("--noproxy", true),
    ("--cache", true),
    ("--userconfig", true),
    ("--globalconfig", true),
];

/// What cargo must not be told.
pub(super) const CARGO: &[Forbidden] = &[("--index", true), ("--registry", true)];

/// Takes the forbidden options out of a command, and says which they were.
pub(super) fn strip(args: &[String], forbidden: &[Forbidden]) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    let mut args = args.iter().peekable();
    while let Some(arg) = args.next() {
        if arg == "--" {
            kept.push(arg.clone());
            kept.extend(args.cloned());
            break;
        }
        let name = arg.split('=').next().unwrap_or(arg);
        // `-ihttps://…`: a short option and its value in one word
        let glued = |(option, takes): &&Forbidden| {
            *takes
                && !option.starts_with("--")
                && arg.starts_with(option)
                && arg.len() > option.len()
        };
        let scoped = name.starts_with("--@") && name.ends_with(":registry");
        let found = forbidden.iter().find(|(option, _)| *option == name);
        match found {
            Some((option, takes)) => {
                dropped.push((*option).to_owned());
                if *takes && !arg.contains('=') {
                    args.next();
                }
            }
            None if scoped => {
                dropped.push(name.to_owned());
                if !arg.contains('=') {
                    args.next();
                }
            }
            None => match forbidden.iter().find(glued) {
                Some((option, _)) => dropped.push((*option).to_owned()),
                None => kept.push(arg.clone()),
            },
        }
    }
    (kept, dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, forbidden: &[Forbidden]) -> (String, String) {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let (kept, dropped) = strip(&words, forbidden);
        (kept.join(" "), dropped.join(" "))
    }

    #[test]
    fn options_go_with_their_values_however_they_are_written() {
        assert_eq!(
            run(
                "install -i https://a.example --extra-index-url=https://b.example -fhttps://c.example x -q",
                PIP
            ),
            ("install x -q".into(), "-i --extra-index-url -f".into())
        );
        assert_eq!(
            run(
                "install --@acme:registry=https://a.example --registry https://b.example x",
                NPM
            ),
            ("install x".into(), "--@acme:registry --registry".into())
        );
        assert_eq!(run("run x -- --index y", UV).0, "run x -- --index y");
        assert_eq!(run("install -q --isolated x", PIP).0, "install -q x");
    }
}
