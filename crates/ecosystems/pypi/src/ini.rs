//! The INI dialect of Python's `configparser`, as pip.conf, setup.cfg and entry_points.txt use it: no interpolation,
//! values go on in indented lines, comments take whole lines.

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ini {
    pub(crate) sections: Vec<Section>,
    /// 1-based lines that are neither a section, an item, a comment nor a continuation.
    pub(crate) odd_lines: Vec<u32>,
}

/// One `[section]`; a section may occur twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) items: Vec<Item>,
}

/// One `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// As written, without surrounding blanks.
    pub(crate) key: String,
    /// Lines joined by `\n`, each without surrounding blanks.
    pub(crate) value: String,
    /// The 1-based line of the key.
    pub(crate) line: u32,
}

/// Which characters end a key.
#[derive(Clone, Copy)]
pub(crate) enum Delimiters {
    /// `=` and `:`, as pip.conf and setup.cfg have it.
    EqualsAndColon,
    /// `=` only: keys of entry_points.txt may hold a colon.
    Equals,
}

/// Items of one file that are read.
const MAX_ITEMS: usize = 50_000;

impl Ini {
    pub(crate) fn parse(text: &str, delimiters: Delimiters) -> Self {
        let mut ini = Self::default();
        let mut items = 0_usize;
        // Indentation of the key that a deeper line continues.
        let mut open: Option<usize> = None;
        for (number, line) in (1_u32..).zip(text.lines()) {
            let trimmed = line.trim();
            if trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            let last = ini
                .sections
                .last_mut()
                .and_then(|s| s.items.last_mut())
                .filter(|_| open.is_some_and(|at| trimmed.is_empty() || indent > at));
            if let Some(item) = last {
                item.value.push('\n');
                item.value.push_str(trimmed);
                continue;
            }
            if trimmed.is_empty() {
                continue;
            }
            if let Some(name) = trimmed
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
                .map(|(name, _)| name)
            {
                open = None;
                ini.sections.push(Section {
                    name: name.trim().to_owned(),
                    items: Vec::new(),
                });
                continue;
            }
            let parts = match delimiters {
                Delimiters::EqualsAndColon => trimmed.split_once(['=', ':']),
                Delimiters::Equals => trimmed.split_once('='),
            };
            match (parts, ini.sections.last_mut()) {
                (Some((key, value)), Some(section)) if items < MAX_ITEMS => {
                    items += 1;
                    open = Some(indent);
                    section.items.push(Item {
                        key: key.trim().to_owned(),
                        value: value.trim().to_owned(),
                        line: number,
                    });
                }
                _ => {
                    open = None;
                    if ini.odd_lines.len() < 50 {
                        ini.odd_lines.push(number);
                    }
                }
            }
        }
        for item in ini.sections.iter_mut().flat_map(|s| &mut s.items) {
            item.value.truncate(item.value.trim_end().len());
        }
        ini
    }

    /// The items of every section of this name.
    pub(crate) fn items<'a, 'b>(
        &'a self,
        section: &'b str,
    ) -> impl Iterator<Item = &'a Item> + use<'a, 'b> {
        self.sections
            .iter()
            .filter(move |s| s.name == section)
            .flat_map(|s| &s.items)
    }

    /// The last value of a key, which is compared without case and with `_` as `-`, as pip and setuptools do.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.items(section)
            .filter(|item| normalise(&item.key) == key)
            .last()
            .map(|item| item.value.as_str())
    }
}

/// `Index_URL` → `index-url`.
pub(crate) fn normalise(key: &str) -> String {
    key.trim_start_matches("--")
        .to_ascii_lowercase()
        .replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_items_continuations_and_comments() {
        let ini = Ini::parse(
            "# c\nstray\n[global]\nIndex_URL : https://a.example/simple\n; c\nextra-index-url =\n    https://b.example\n    # c\n    https://c.example\n\n[Install]\nx=1\nx = 2\n",
            Delimiters::EqualsAndColon,
        );
        assert_eq!(
            ini.get("global", "index-url"),
            Some("https://a.example/simple")
        );
        assert_eq!(
            ini.get("global", "extra-index-url"),
            Some("\nhttps://b.example\nhttps://c.example")
        );
        assert_eq!(ini.get("Install", "x"), Some("2"));
        assert_eq!(ini.odd_lines, [2]);
    }

    #[test]
    fn entry_points_may_have_colons_in_keys() {
        let ini = Ini::parse("[x]\na:b = m:f\n", Delimiters::Equals);
        assert_eq!(ini.get("x", "a:b"), Some("m:f"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "([a-z]{0,3}|=|:|\\[|\\]|\n| |\t|#|é){0,60}") {
            let _ = Ini::parse(&text, Delimiters::EqualsAndColon);
        }
    }
}
