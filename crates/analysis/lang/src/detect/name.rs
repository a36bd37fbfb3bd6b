//! Detection by file name.

use super::reading::{Reading, of_hint};

/// Names that are special whatever their folder.
const NAMES: &[(&str, &str)] = &[
    ("setup.py", "setup.py"),
    ("sitecustomize.py", "sitecustomize.py"),
    ("usercustomize.py", "usercustomize.py"),
    ("__init__.py", "__init__.py"),
    ("__main__.py", "__main__.py"),
    ("conftest.py", "conftest.py"),
    ("package.json", "package.json"),
    ("binding.gyp", "binding.gyp"),
    ("Cargo.toml", "Cargo.toml"),
    (".cargo_vcs_info.json", ".cargo_vcs_info.json"),
    ("pyproject.toml", "pyproject.toml"),
    ("setup.cfg", "setup.cfg"),
    ("PKG-INFO", "PKG-INFO"),
    ("composer.json", "composer.json"),
    ("go.mod", "go.mod"),
    ("pom.xml", "pom.xml"),
    ("action.yml", "action.yml"),
    ("action.yaml", "action.yml"),
    ("rubygems_plugin.rb", "rubygems_plugin.rb"),
    // extension-less scripts and shell start-up files
    (".bashrc", "script.sh"),
    (".bash_profile", "script.sh"),
    (".profile", "script.sh"),
    (".zshrc", "script.sh"),
    ("PKGBUILD", "script.sh"),
    ("Rakefile", "module.rb"),
    ("Gemfile", "module.rb"),
    ("Guardfile", "module.rb"),
    ("Capfile", "module.rb"),
    ("Podfile", "module.rb"),
    ("Fastfile", "module.rb"),
    ("SConstruct", "module.py"),
    ("SConscript", "module.py"),
    ("wscript", "module.py"),
    ("Pipfile", "data"),
    ("Cargo.lock", "data"),
    ("poetry.lock", "data"),
    ("yarn.lock", "data"),
];

/// Names that are special in a metadata folder: folder suffix, name, hint.
const METADATA: &[(&str, &str, &str)] = &[
    (".egg-info", "PKG-INFO", "x.egg-info/PKG-INFO"),
    ("EGG-INFO", "PKG-INFO", "EGG-INFO/PKG-INFO"),
    (".dist-info", "METADATA", "x.dist-info/METADATA"),
    (
        ".dist-info",
        "entry_points.txt",
        "x.dist-info/entry_points.txt",
    ),
    (
        ".egg-info",
        "entry_points.txt",
        "x.egg-info/entry_points.txt",
    ),
    ("EGG-INFO", "entry_points.txt", "EGG-INFO/entry_points.txt"),
    (".egg-info", "requires.txt", "x.egg-info/requires.txt"),
    (".dist-info", "WHEEL", "x.dist-info/WHEEL"),
    (".dist-info", "RECORD", "x.dist-info/RECORD"),
    ("metadata.gz!", "metadata", "metadata.gem"),
    ("tools", "init.ps1", "tools/init.ps1"),
    ("tools", "install.ps1", "tools/install.ps1"),
];

/// Extensions in lower case, by hint.
const EXTENSIONS: &[(&str, &[&str])] = &[
    ("module.py", &["py", "pyw", "py3", "wsgi", "gyp2"]),
    ("module.pyi", &["pyi"]),
    ("module.pyx", &["pyx", "pxd", "pxi"]),
    ("module.js", &["js", "es6", "es", "jscript"]),
    ("module.mjs", &["mjs"]),
    ("module.cjs", &["cjs"]),
    ("module.jsx", &["jsx"]),
    ("module.ts", &["ts"]),
    ("module.mts", &["mts"]),
    ("module.cts", &["cts"]),
    ("module.tsx", &["tsx"]),
    (
        "script.sh",
        &[
            "sh", "bash", "zsh", "ksh", "dash", "command", "ebuild", "bats",
        ],
    ),
    ("script.ps1", &["ps1", "psm1", "psd1"]),
    ("script.bat", &["bat", "cmd"]),
    ("package.nuspec", &["nuspec"]),
    ("build.targets", &["targets", "props"]),
    ("module.rs", &["rs"]),
    (
        "module.rb",
        &["rb", "rake", "gemspec", "ru", "podspec", "thor", "jbuilder"],
    ),
    (
        "module.php",
        &[
            "php", "php3", "php4", "php5", "php7", "php8", "phtml", "phps",
        ],
    ),
    ("module.go", &["go"]),
    ("notebook.ipynb", &["ipynb"]),
    ("module.pth", &["pth"]),
    ("module.gypi", &["gypi", "gyp"]),
    (
        "page.html",
        &[
            "html", "htm", "xhtml", "svg", "vue", "svelte", "hta", "astro",
        ],
    ),
    (
        "text.txt",
        &[
            "txt", "md", "rst", "markdown", "adoc", "tex", "text", "log", "in", "cfg", "ini",
            "conf", "css", "scss", "less", "c", "h", "cc", "cpp", "hpp", "cxx", "hxx", "f", "f90",
            "java", "kt", "swift", "pl", "lua", "m", "mm", "cs", "vb", "r", "jl", "sql", "cmake",
            "m4", "am", "ac", "mk", "vbs", "wsf",
        ],
    ),
    (
        "data",
        &[
            "json",
            "json5",
            "jsonc",
            "jsonl",
            "yaml",
            "yml",
            "toml",
            "xml",
            "csv",
            "tsv",
            "po",
            "pot",
            "lock",
            "map",
            "plist",
            "xsd",
            "xsl",
            "xslt",
            "rdf",
            "dtd",
            "geojson",
            "webmanifest",
            "proto",
            "graphql",
            "j2",
            "jinja",
            "jinja2",
        ],
    ),
    (
        "native",
        &[
            "so", "dll", "exe", "dylib", "pyd", "node", "o", "obj", "a", "lib", "elf", "sys",
            "ocx", "scr",
        ],
    ),
    ("wasm", &["wasm"]),
    ("pyc", &["pyc", "pyo"]),
    ("class", &["class"]),
    ("bytecode", &["dex"]),
    (
        "media",
        &[
            "png", "jpg", "jpeg", "gif", "bmp", "ico", "cur", "webp", "avif", "tif", "tiff", "psd",
            "heic", "icns", "ttf", "otf", "woff", "woff2", "eot", "mp3", "mp4", "wav", "ogg",
            "flac", "avi", "mov", "mkv", "webm", "m4a", "aac", "pdf", "pfb", "jp2",
        ],
    ),
    (
        "archive",
        &[
            "zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "jar", "war", "whl", "egg",
            "crate", "docx", "xlsx", "pptx", "odt", "npz", "apk", "cab", "lzma", "lz4", "nupkg",
            "xpi", "vsix",
        ],
    ),
    (
        "opaque",
        &[
            "bin", "dat", "pkl", "pickle", "npy", "h5", "hdf5", "db", "sqlite", "sqlite3", "mo",
            "pb", "onnx", "parquet", "arrow", "feather", "mat", "sav", "rds", "data", "pack",
            "idx",
        ],
    ),
];

/// The reading that a path stands for; none for unknown extensions.
pub(crate) fn of(path: &str) -> Option<&'static Reading> {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or("");
    let folder = parts.next().unwrap_or("");
    let special = METADATA
        .iter()
        .find(|(suffix, file, _)| *file == name && folder.ends_with(suffix))
        .map(|(_, _, hint)| *hint)
        .or_else(|| {
            NAMES
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, hint)| *hint)
        });
    if let Some(hint) = special {
        return Some(of_hint(hint));
    }
    let lower = name.to_ascii_lowercase();
    if [".d.ts", ".d.mts", ".d.cts"]
        .iter()
        .any(|e| lower.ends_with(e))
    {
        return Some(of_hint("module.d.ts"));
    }
    let (stem, extension) = lower.rsplit_once('.')?;
    if stem.is_empty() {
        return None;
    }
    EXTENSIONS
        .iter()
        .find(|(_, extensions)| extensions.contains(&extension))
        .map(|(hint, _)| of_hint(hint))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_hint_is_a_reading_and_every_extension_stands_once() {
        let hints = NAMES
            .iter()
            .map(|(_, h)| *h)
            .chain(METADATA.iter().map(|(_, _, h)| *h))
            .chain(EXTENSIONS.iter().map(|(h, _)| *h));
        for hint in hints {
            assert_eq!(of_hint(hint).hint, hint);
        }
        let mut seen = HashSet::new();
        for extension in EXTENSIONS.iter().flat_map(|(_, e)| *e) {
            assert!(seen.insert(extension), "{extension}");
        }
    }
}
