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
    /// Every name that says something: entries, what stands before a dot in one, other spellings.
    pub names: &'static [Name],
    /// The names by their [`hash`]: 1 + the index of a name, 0 where none is. A power of two of them.
    pub slots: &'static [u16],
}

/// A name of a table, without a text of its own: a pointer would be paid for whenever the program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The entry whose API begins with it, or the alias that it is.
    pub at: u16,
    /// Its length in bytes.
    pub length: u16,
    /// 1 + the index of its entry; 0 if it has none.
    pub entry: u16,
    /// 1 + the index of its alias; 0 if it is none.
    pub alias: u16,
    /// True if it stands before a dot in an entry.
    pub is_prefix: bool,
}

/// What a table knows of a name: see [`Table::alias`], [`Table::get`], [`Table::is_prefix`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its canonical spelling, if it has another one.
    pub alias: Option<&'static str>,
    /// Its entry.
    pub entry: Option<&'static Entry>,
    /// True if the table knows something below it.
    pub is_prefix: bool,
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
    /// The first of the arguments that are handed to the callback one by one; the call gives what the callback gives.
    CallbackRest = "callback-rest";
    /// Settings that never carry data away: timeouts, proxies, the child's environment.
    Ignore = "ignore";
}

impl Table {
    /// The entry of a canonical dotted name.
    pub fn get(&self, api: &str) -> Option<&'static Entry> {
        let index = self.name(api)?.entry.checked_sub(1)?;
        self.entries.get(usize::from(index))
    }

    /// True if the table knows something below a name: it is a known module, class or kind of object.
    pub fn is_prefix(&self, name: &str) -> bool {
        self.name(name).is_some_and(|n| n.is_prefix)
    }

    /// The canonical spelling of a name that has another one.
    pub fn alias(&self, name: &str) -> Option<&'static str> {
        let index = self.name(name)?.alias.checked_sub(1)?;
        self.aliases.get(usize::from(index)).map(|(_, to)| *to)
    }

    /// All that the table knows of a name, by one search for it.
    pub fn look(&self, name: &str) -> Known {
        let Some(name) = self.name(name) else {
            return Known::default();
        };
        let at = |index: u16| index.checked_sub(1).map(usize::from);
        Known {
            alias: at(name.alias).and_then(|i| self.aliases.get(i).map(|(_, to)| *to)),
            entry: at(name.entry).and_then(|i| self.entries.get(i)),
            is_prefix: name.is_prefix,
        }
    }

    /// What is known of a name: one look at a slot for most.
    fn name(&self, text: &str) -> Option<&'static Name> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(text) as usize & mask;
        loop {
            let index = self.slots.get(at)?.checked_sub(1)?;
            let name = self.names.get(usize::from(index))?;
            if self.text(name) == Some(text) {
                return Some(name);
            }
            at = (at + 1) & mask;
        }
    }

    fn text(&self, name: &Name) -> Option<&'static str> {
        let at = usize::from(name.at);
        let source = if name.entry > 0 || name.is_prefix {
            self.entries.get(at)?.api
        } else {
            self.aliases.get(at)?.0
        };
        source.get(..usize::from(name.length))
    }
}

/// Where to look for a name in [`Table::slots`].
pub fn hash(name: &str) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let (chunks, rest) = name.as_bytes().as_chunks::<8>();
    let mut tail = [0; 8];
    for (to, from) in tail.iter_mut().zip(rest) {
        *to = *from;
    }
    let mixed = chunks
        .iter()
        .chain([&tail])
        .fold(name.len() as u64, |hash, chunk| {
            (hash.rotate_left(29) ^ u64::from_le_bytes(*chunk)).wrapping_mul(K)
        });
    (mixed >> 32) as u32
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
    for (index, entry) in table.entries.iter().enumerate() {
        if table.get(entry.api) != table.entries.get(index) {
            complaints.push(format!("`{}` is not found", entry.api));
        }
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
        if table.alias(from) != Some(to) {
            complaints.push(format!("the alias `{from}` is not found"));
        }
        if table.alias(to).is_some() {
            complaints.push(format!("the alias `{from}` leads to another alias `{to}`"));
        }
    }
    complaints
}
