//! Capability tables: what an API can do, what it returns, which of its arguments matter.
//!
//! A table is written in TOML beside its language's crate, checked and turned into sorted statics by the crate's build
//! script (feature `codegen`), so that a program pays nothing for it at start-up.
//!
//! ```toml
//! [[group]]
//! title = "HTTP clients: requests"        # for people
//! capability = ["network.http"]           # what each API below can do; may be empty for mere constructors
//! of = ["requests", "requests.Session"]   # prefixes; every name below exists under each; absent: full names
//! api = ["get", "post"]
//! returns = "requests.Response"           # the kind of object that a call gives; methods stand in `of` of another group
//! args = ["url@0=url", "data@1=data"]     # role@position=keyword, either part optional
//!
//! [alias]
//! "six.moves.urllib" = "urllib"           # another spelling of a module or name; everything below it moves along
//! ```

#[cfg(feature = "codegen")]
pub mod codegen;

use foretaste_model::Capability;

/// The table of one language.
#[derive(Debug)]
pub struct Table {
    /// Entries, sorted by API.
    pub entries: &'static [Entry],
    /// Other spellings, sorted: from, to.
    pub aliases: &'static [(&'static str, &'static str)],
}

/// One API.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its canonical dotted name; for methods, the kind of the object and the method: `requests.Session.post`.
    pub api: &'static str,
    /// What it can do; the first one is what it is for.
    pub capabilities: &'static [Capability],
    /// The kind of object a call returns; empty if unknown.
    pub returns: &'static str,
    /// The arguments that matter.
    pub args: &'static [Arg],
}

/// An argument that matters.
#[derive(Debug, PartialEq, Eq)]
pub struct Arg {
    /// What it is.
    pub role: ArgRole,
    /// Its position among the positional arguments, without the receiver.
    pub position: Option<u8>,
    /// Its keyword; empty if it has none.
    pub keyword: &'static str,
}

macro_rules! arg_roles {
    ($($(#[$doc:meta])* $variant:ident = $id:literal;)*) => {
        /// What an argument is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ArgRole { $($(#[$doc])* $variant,)* }

        impl ArgRole {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in tables.
            pub const fn id(self) -> &'static str { match self { $(Self::$variant => $id),* } }
        }
    };
}

arg_roles! {
    /// A URL.
    Url = "url";
    /// A host name or address.
    Host = "host";
    /// A path that is read, written, run or loaded.
    Path = "path";
    /// A path that is written while another argument is read or fetched.
    Target = "target";
    /// A file mode, as for `open`.
    Mode = "mode";
    /// Data that goes in.
    Data = "data";
    /// A command line or program.
    Command = "command";
    /// Source text or a code object.
    Code = "code";
    /// A name: of a variable, attribute or module.
    Name = "name";
    /// A function that is called.
    Callback = "callback";
    /// The arguments, as a sequence, with which the callback is called.
    CallbackArgs = "callback-args";
    /// Settings that never carry data away: timeouts, proxies, the child's environment.
    Ignore = "ignore";
}

impl Table {
    /// The entry of a canonical dotted name.
    pub fn get(&self, api: &str) -> Option<&'static Entry> {
        self.entries
            .binary_search_by(|e| e.api.cmp(api))
            .ok()
            .and_then(|i| self.entries.get(i))
    }

    /// True if the table knows something below a name: it is a known module, class or kind of object.
    pub fn is_prefix(&self, name: &str) -> bool {
        let at = self.entries.partition_point(|e| e.api < name);
        // entries that share the name as a prefix are contiguous, but `name_x` may stand before `name.x` or not
        self.entries
            .get(at..)
            .unwrap_or(&[])
            .iter()
            .take_while(|e| e.api.starts_with(name))
            .any(|e| e.api.as_bytes().get(name.len()) == Some(&b'.'))
    }

    /// The canonical spelling of a name that has another one.
    pub fn alias(&self, name: &str) -> Option<&'static str> {
        self.aliases
            .binary_search_by(|(from, _)| (*from).cmp(name))
            .ok()
            .and_then(|i| self.aliases.get(i))
            .map(|(_, to)| *to)
    }
}

impl Entry {
    /// What it is for.
    pub fn capability(&self) -> Option<Capability> {
        self.capabilities.first().copied()
    }

    /// The arguments of a role.
    pub fn args_of(&self, role: ArgRole) -> impl Iterator<Item = &'static Arg> {
        self.args.iter().filter(move |a| a.role == role)
    }

    /// The role of the argument at a position or with a keyword.
    pub fn role_of(&self, position: Option<usize>, keyword: &str) -> Option<ArgRole> {
        self.args
            .iter()
            .find(|a| {
                (!keyword.is_empty() && a.keyword == keyword)
                    || (keyword.is_empty()
                        && position.is_some()
                        && a.position.map(usize::from) == position)
            })
            .map(|a| a.role)
    }
}

/// Entries that break the rules of a table: unsorted or doubled names, odd characters. For the tests of each table.
pub fn complaints(table: &Table) -> Vec<String> {
    let mut complaints = Vec::new();
    for pair in table.entries.windows(2) {
        if let [a, b] = pair
            && a.api >= b.api
        {
            complaints.push(format!(
                "`{}` and `{}` are out of order or equal",
                a.api, b.api
            ));
        }
    }
    for entry in table.entries {
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if entry.api.is_empty() || entry.api.contains(odd) || entry.api.ends_with('.') {
            complaints.push(format!("`{}` is no dotted name", entry.api));
        }
        if !entry.returns.is_empty() && !table.is_prefix(entry.returns) {
            complaints.push(format!(
                "`{}` returns `{}`, of which the table knows no method",
                entry.api, entry.returns
            ));
        }
        if entry.capabilities.is_empty() && entry.returns.is_empty() && entry.args.is_empty() {
            complaints.push(format!("`{}` says nothing", entry.api));
        }
        if let Some(to) = table.alias(entry.api) {
            complaints.push(format!(
                "`{}` is an alias of `{to}` and never looked up",
                entry.api
            ));
        }
    }
    for (from, to) in table.aliases {
        if table.alias(to).is_some() {
            complaints.push(format!("the alias `{from}` leads to another alias `{to}`"));
        }
    }
    complaints
}
