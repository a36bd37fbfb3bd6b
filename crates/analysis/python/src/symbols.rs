//! Dotted names outside of a file, interned; each knows its entry in the capability table.

use foretaste_observe::table::Entry;
use rustc_hash::FxHashMap;

use crate::table::TABLE;

/// An interned dotted name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymId(pub(crate) u32);

#[derive(Debug)]
struct Node {
    path: Box<str>,
    entry: Option<&'static Entry>,
    known: bool,
    /// It may belong to the package itself.
    own: bool,
    special: Special,
    children: FxHashMap<Box<str>, SymId>,
}

/// Every dotted name that a file mentions.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    nodes: Vec<Node>,
    roots: FxHashMap<Box<str>, SymId>,
}

/// The most names one file may mention; beyond it, names are no longer told apart.
const MAX_NODES: usize = 200_000;

impl Symbols {
    /// The symbol of a full dotted name.
    pub(crate) fn path(&mut self, path: &str) -> SymId {
        let dots = path.len() - path.trim_start_matches('.').len();
        let rest = path.get(dots..).unwrap_or("");
        let mut at = None;
        if dots > 0 {
            at = Some(self.root(path.get(..dots).unwrap_or(".")));
            if rest.is_empty() {
                return at.unwrap_or(SymId(0));
            }
        }
        for part in rest.split('.') {
            at = Some(match at {
                None => self.root(part),
                Some(parent) => self.child(parent, part),
            });
        }
        at.unwrap_or(SymId(0))
    }

    /// The symbol of a top-level name: a module or a builtin.
    pub(crate) fn root(&mut self, name: &str) -> SymId {
        if let Some(known) = self.roots.get(name) {
            return *known;
        }
        let id = self.make(name.to_owned());
        self.roots.insert(name.into(), id);
        id
    }

    /// An attribute of a symbol.
    pub(crate) fn child(&mut self, parent: SymId, name: &str) -> SymId {
        let Some(node) = self.nodes.get(parent.0 as usize) else {
            return parent;
        };
        if let Some(known) = node.children.get(name) {
            return *known;
        }
        let id = if &*node.path == "builtins" {
            self.root(name)
        } else {
            let path = if node.path.ends_with('.') {
                format!("{}{name}", node.path)
            } else {
                format!("{}.{name}", node.path)
            };
            // nobody nests names so deep; hostile code must not make them grow without end
            if path.len() > 512 {
                return parent;
            }
            self.make(path)
        };
        if let Some(node) = self.nodes.get_mut(parent.0 as usize) {
            node.children.insert(name.into(), id);
        }
        id
    }

    fn make(&mut self, path: String) -> SymId {
        let found = TABLE.look(&path);
        if let Some(canonical) = found.alias {
            return self.path(canonical);
        }
        if self.nodes.len() >= MAX_NODES {
            return SymId(0);
        }
        let entry = found.entry;
        let known = entry.is_some() || found.is_prefix;
        let id = SymId(self.nodes.len() as u32);
        self.nodes.push(Node {
            known,
            own: !known && may_be_own(&path),
            special: Special::of(&path),
            path: path.into(),
            entry,
            children: FxHashMap::default(),
        });
        id
    }

    /// The dotted name.
    pub(crate) fn name(&self, id: SymId) -> &str {
        self.nodes.get(id.0 as usize).map_or("", |n| &n.path)
    }

    /// What the table says.
    pub(crate) fn entry(&self, id: SymId) -> Option<&'static Entry> {
        self.nodes.get(id.0 as usize).and_then(|n| n.entry)
    }

    /// True if the table knows it or something below it.
    pub(crate) fn is_known(&self, id: SymId) -> bool {
        self.nodes.get(id.0 as usize).is_some_and(|n| n.known)
    }

    /// True for a name of another module that may lie in the same package.
    pub(crate) fn may_be_own(&self, id: SymId) -> bool {
        self.nodes.get(id.0 as usize).is_some_and(|n| n.own)
    }

    /// True for what is, by its name, a class of such a module.
    pub(crate) fn is_own_class(&self, id: SymId) -> bool {
        self.nodes.get(id.0 as usize).is_some_and(|n| {
            let last = n.path.rsplit('.').next().unwrap_or("");
            n.own
                && last.starts_with(|c: char| c.is_uppercase())
                && last.contains(|c: char| c.is_lowercase())
        })
    }

    /// What the interpreter itself understands about it.
    pub(crate) fn special(&self, id: SymId) -> Special {
        self.nodes
            .get(id.0 as usize)
            .map_or(Special::None, |n| n.special)
    }
}

/// Modules that are never of the package that is looked at, sorted: what they give is not asked of other files.
const OTHERS: &[&str] = &[
    "abc",
    "argparse",
    "ast",
    "asyncio",
    "attr",
    "builtins",
    "click",
    "collections",
    "concurrent",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "distutils",
    "django",
    "email",
    "enum",
    "functools",
    "hashlib",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "locale",
    "logging",
    "math",
    "matplotlib",
    "multiprocessing",
    "numbers",
    "numpy",
    "operator",
    "os",
    "pandas",
    "pathlib",
    "pydantic",
    "pytest",
    "queue",
    "random",
    "re",
    "scipy",
    "setuptools",
    "shutil",
    "signal",
    "six",
    "string",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "torch",
    "traceback",
    "types",
    "typing",
    "typing_extensions",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "yaml",
    "zipfile",
];

/// True for a dotted name that a module of the same package may have.
fn may_be_own(path: &str) -> bool {
    match path.split_once('.') {
        Some((root, rest)) => !rest.is_empty() && OTHERS.binary_search(&root).is_err(),
        None => false,
    }
}

macro_rules! specials {
    ($($variant:ident = $($path:literal)|+;)*) => {
        /// APIs whose meaning the interpreter follows itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Special { None, $($variant,)* }

        impl Special {
            fn of(path: &str) -> Self {
                match path { $($($path)|+ => Self::$variant,)* _ => Self::None }
            }
        }
    };
}

specials! {
    // reflection
    Getattr = "getattr" | "inspect.getattr_static";
    Setattr = "setattr";
    Eval = "eval";
    Import = "__import__" | "importlib.import_module" | "importlib.__import__" | "pydoc.locate";
    Globals = "globals" | "locals";
    Vars = "vars";
    SysModules = "sys.modules";
    Partial = "functools.partial";
    Attrgetter = "operator.attrgetter";
    Methodcaller = "operator.methodcaller";
    Type = "type";
    Field = "dataclasses.field" | "attr.ib" | "attr.field" | "attrs.field" | "pydantic.Field" | "msgspec.field";
    // builtins that fold
    Chr = "chr" | "unichr";
    Ord = "ord";
    Str = "str" | "unicode" | "ascii" | "repr" | "os.fspath" | "os.fsdecode" | "six.text_type" | "six.ensure_str";
    Bytes = "bytes" | "bytearray" | "memoryview" | "os.fsencode" | "six.ensure_binary";
    Int = "int";
    Len = "len";
    Listing = "list" | "tuple" | "set" | "frozenset" | "iter" | "sorted" | "enumerate";
    Dict = "dict" | "collections.OrderedDict" | "collections.defaultdict" | "collections.ChainMap";
    Reversed = "reversed";
    Map = "map" | "filter" | "itertools.starmap" | "itertools.imap";
    Range = "range" | "xrange";
    Zip = "zip";
    Sum = "sum";
    Hex = "hex" | "oct" | "bin";
    Print = "print" | "isinstance" | "issubclass" | "hasattr" | "id" | "callable";
    StrJoin = "str.join" | "string.join" | "bytes.join";
    // decoders that fold
    B64 = "base64.b64decode" | "base64.standard_b64decode" | "base64.urlsafe_b64decode" | "base64.decodebytes" | "base64.decodestring"
        | "binascii.a2b_base64" | "pybase64.b64decode";
    B32 = "base64.b32decode";
    B16 = "base64.b16decode" | "binascii.unhexlify" | "binascii.a2b_hex" | "bytes.fromhex" | "bytearray.fromhex";
    B85 = "base64.b85decode";
    A85 = "base64.a85decode";
    Inflate = "zlib.decompress" | "gzip.decompress" | "zlib.decompressobj.decompress";
    CodecsDecode = "codecs.decode" | "codecs.encode";
    Unquote = "urllib.parse.unquote" | "urllib.parse.unquote_plus" | "urllib.unquote" | "urllib.parse.unquote_to_bytes";
    // paths and files
    Open = "open" | "codecs.open" | "gzip.open" | "bz2.open" | "lzma.open" | "aiofiles.open" | "io.FileIO" | "pathlib.Path.open" | "fsspec.open" | "smart_open.open"
        | "anyio.open_file" | "os.fdopen" | "tarfile.open" | "zipfile.ZipFile" | "gzip.GzipFile" | "bz2.BZ2File" | "lzma.LZMAFile" | "tokenize.open";
    PathJoin = "os.path.join";
    Glob = "glob.glob" | "glob.iglob";
    PathSame = "os.path.expanduser" | "os.path.expandvars" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "shlex.quote" | "shlex.split" | "pipes.quote"
        | "win32api.GetShortPathName";
    Account = "solders.pubkey.Pubkey.from_string" | "solana.publickey.PublicKey" | "web3.Web3.to_checksum_address"
        | "web3.Web3.toChecksumAddress" | "eth_utils.to_checksum_address";
    Pbkdf2 = "hashlib.pbkdf2_hmac";
    PathClass = "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.WindowsPath" | "anyio.Path" | "py.path.local";
    TempFile = "tempfile.NamedTemporaryFile" | "tempfile.TemporaryFile" | "tempfile.SpooledTemporaryFile" | "tempfile.mkstemp" | "tempfile.mktemp" | "tempfile.mkdtemp"
        | "tempfile.TemporaryDirectory";
    // descriptors
    MemoryFile = "os.memfd_create" | "ctypes.CDLL.memfd_create" | "ctypes.cdll.libc.memfd_create" | "memfd.memfd_create" | "linux_memfd.memfd_create";
    Syscall = "ctypes.CDLL.syscall";
    // others
    Request = "urllib.request.Request" | "requests.Request" | "httpx.Request";
    Gethostbyname = "socket.gethostbyname" | "socket.gethostbyname_ex" | "socket.gethostbyaddr" | "socket.getaddrinfo";
    Environ = "os.environ" | "os.environb";
    Setup = "setuptools.setup";
    JsonDump = "json.dump" | "pickle.dump" | "marshal.dump";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(OTHERS.is_sorted());
    }

    #[test]
    fn names_are_canonical() {
        let mut symbols = Symbols::default();
        for (path, canonical) in [
            ("builtins.exec", "exec"),
            ("six.moves.urllib.request.urlopen", "urllib.request.urlopen"),
            ("posix.system", "os.system"),
            ("_io.open", "open"),
            (".helper.send", ".helper.send"),
            ("..pkg", "..pkg"),
            (".", "."),
        ] {
            let id = symbols.path(path);
            assert_eq!(symbols.name(id), canonical);
        }
    }
}
