//! What the words of a command line say, where more than one feature reads them.

/// The module that Python is told to run (`-m pip`, `-mpip`, `-Im pip`), and the words for it; none if it runs a script,
/// code or nothing (<https://docs.python.org/3/using/cmdline.html>). `words` are those behind the interpreter.
pub fn python_module(words: &[String]) -> Option<(&str, &[String])> {
    let (word, rest) = words.split_first()?;
    if word == "--check-hash-based-pycs" {
        return python_module(rest.get(1..)?);
    }
    if word.starts_with("--") {
        return python_module(rest);
    }
    let letters = word.strip_prefix('-').filter(|l| !l.is_empty())?;
    for (at, letter) in letters.char_indices() {
        let value = &letters[at + letter.len_utf8()..];
        match letter {
            'c' => return None,
            'm' if value.is_empty() => return rest.split_first().map(|(m, rest)| (&**m, rest)),
            'm' => return Some((value, rest)),
            'W' | 'X' if value.is_empty() => return python_module(rest.get(1..)?),
            'W' | 'X' => break,
            _ => {}
        }
    }
    python_module(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_found_however_it_is_written() {
        let of = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            python_module(&words).map(|(module, rest)| format!("{module}|{}", rest.join(" ")))
        };
        for (text, wanted) in [
            ("-m pip install six", "pip|install six"),
            ("-mpip list", "pip|list"),
            ("-Im pip", "pip|"),
            ("-I -X dev -Wignore -W error -m pip -m x", "pip|-m x"),
            ("--check-hash-based-pycs never -m uv sync", "uv|sync"),
        ] {
            assert_eq!(of(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "-c import\\ pip -m pip",
            "app.py -m pip",
            "- -m pip",
            "-m",
            "-V",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
