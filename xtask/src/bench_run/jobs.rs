//! The jobs. Scripts run in the job's folder; `$SHARED` is what several of them use.

/// A job.
pub(super) struct Job {
    pub(super) name: &'static str,
    /// The preset of its policy.
    pub(super) preset: &'static str,
    /// Makes what it needs, with the network, where that is not there yet.
    pub(super) prepare: &'static str,
    /// Takes away what it left, before each run.
    pub(super) reset: &'static str,
    /// What is measured.
    pub(super) command: &'static str,
    /// What of its folder is compared.
    pub(super) leaves: &'static str,
    /// The code with which it ends.
    pub(super) code: i64,
}

/// What the jobs are done with, once: programs that a machine need not have.
pub(super) const TOOLS: &str = r#"
test -e "$SHARED/tools.done" || {
    rm -rf "$SHARED/tools"
    python3 -m venv "$SHARED/tools"
    "$SHARED/tools/bin/python" -m pip install -q poetry uv
    touch "$SHARED/tools.done"
}"#;
/// The wheels of a large application's tree, once: 132 of them when this was written.
const WHEELS: &str = r#"
test -e "$SHARED/wheels.done" || {
    python3 -m pip download -q --only-binary :all: -d "$SHARED/wheels" jupyterlab django celery fastapi pandas scikit-learn sphinx setuptools wheel
    ls "$SHARED"/wheels/*.whl >"$SHARED/wheels.txt"
    touch "$SHARED/wheels.done"
}"#;
const VENV: &str = "rm -rf venv; python3 -m venv --without-pip venv";

const GEM_INSTALL: &str =
    "gem install --quiet --local --no-document --install-dir gems bench-1.0.0.gem";

/// Writes the sources of an extension in C that takes some seconds to compile, below `ext`.
macro_rules! c_parts {
    ($header:literal) => {
        concat!(
            "\nn=0; while [ $n -lt 20 ]; do\n    { echo '#include <",
            $header,
            r#">'; f=0; while [ $f -lt 100 ]; do echo "int part${n}_$f(int x) { for (int i = 0; i < x; i++) x ^= x * $f + i; return x; }"; f=$((f + 1)); done; } >ext/part$n.c
    n=$((n + 1))
done
"#
        )
    };
}

/// Every job.
pub(super) const ALL: &[Job] = &[
    Job {
        name: "true",
        preset: "pip",
        prepare: "echo made >made",
        reset: ":",
        command: "true",
        leaves: "",
        code: 0,
    },
    Job {
        name: "fails",
        preset: "pip",
        prepare: "printf 'echo made >out/made; exit 7' >fails.sh",
        reset: "rm -rf out; mkdir out",
        command: "sh fails.sh",
        leaves: "out",
        code: 7,
    },
    Job {
        name: "killed",
        preset: "pip",
        prepare: "printf 'echo made >out/made; kill -TERM $$' >killed.sh; printf 'sh killed.sh; exit $?' >killer.sh",
        reset: "rm -rf out; mkdir out",
        command: "sh killer.sh",
        leaves: "out",
        code: 143,
    },
    Job {
        name: "pip",
        preset: "pip",
        prepare: WHEELS,
        reset: VENV,
        command: "python3 -m pip --python venv/bin/python install -q --no-index --no-deps -r SHARED/wheels.txt",
        leaves: "venv",
        code: 0,
    },
    Job {
        name: "uv",
        preset: "uv",
        prepare: WHEELS,
        reset: VENV,
        command: "uv pip install -q --no-cache --python venv/bin/python --no-index --no-deps -r SHARED/wheels.txt",
        leaves: "venv",
        code: 0,
    },
    Job {
        name: "uv-cached",
        preset: "uv",
        prepare: WHEELS,
        reset: VENV,
        command: "uv pip install -q --python venv/bin/python --no-index --no-deps -r SHARED/wheels.txt",
        leaves: "venv",
        code: 0,
    },
    Job {
        name: "uv-copies",
        preset: "uv",
        prepare: WHEELS,
        reset: VENV,
        command: "uv pip install -q --link-mode=copy --python venv/bin/python --no-index --no-deps -r SHARED/wheels.txt",
        leaves: "venv",
        code: 0,
    },
    Job {
        name: "poetry",
        preset: "poetry",
        prepare: r#"
test -e poetry.lock || {
    # the pages that pip reads, whatever index that is; poetry's own way asks for what not every index has
    url=${PIP_INDEX_URL:-$(python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')}
    cat >pyproject.toml <<TOML
[project]
name = "bench"
version = "1"
requires-python = ">=3.10,<4"
dependencies = ["django", "celery", "fastapi", "pandas", "sphinx"]
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "index"
url = "$url"
priority = "primary"
TOML
    poetry install -q --no-interaction
}"#,
        reset: "rm -rf .venv; python3 -m venv --without-pip .venv",
        command: "poetry install -q --no-interaction",
        leaves: ".venv",
        code: 0,
    },
    Job {
        name: "npm",
        preset: "npm",
        prepare: r#"
test -e package-lock.json || {
    cat >package.json <<'JSON'
{"name": "bench", "version": "1.0.0", "private": true, "dependencies": {"eslint": "*", "jest": "*", "webpack": "*", "webpack-cli": "*",
 "webpack-dev-server": "*", "mocha": "*", "@babel/core": "*", "@babel/preset-env": "*", "typescript": "*", "express": "*", "gulp": "*"}}
JSON
    npm install --no-audit --no-fund --silent
}"#,
        reset: "rm -rf node_modules",
        command: "npm ci --prefer-offline --no-audit --no-fund --silent",
        leaves: "node_modules",
        code: 0,
    },
    Job {
        name: "c-extension",
        preset: "pip",
        prepare: concat!(
            r#"
mkdir -p ext
cat >ext/pyproject.toml <<'TOML'
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
TOML
cat >ext/setup.py <<'PY'
from setuptools import Extension, setup
setup(name="benchext", version="1", ext_modules=[Extension("benchext", ["ext.c"] + [f"part{n}.c" for n in range(20)])])
PY
cat >ext/ext.c <<'C'
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "benchext", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_benchext(void) { return PyModule_Create(&module); }
C
"#,
            c_parts!("Python.h"),
            r#"
test -e "$SHARED/wheels.done" || python3 -m pip download -q --only-binary :all: -d "$SHARED/wheels" setuptools wheel
"#
        ),
        reset: "rm -rf venv ext/build ext/*.egg-info; python3 -m venv --without-pip venv",
        command: "python3 -m pip --python venv/bin/python install -q --no-index --find-links SHARED/wheels ./ext",
        leaves: "venv",
        code: 0,
    },
    Job {
        name: "cargo",
        preset: "cargo",
        prepare: r#"
test -e Cargo.lock || {
    mkdir -p src
    cat >Cargo.toml <<'TOML'
[package]
name = "bench"
version = "1.0.0"
edition = "2021"
[dependencies]
anyhow = "1"
libc = "0.2"
regex = "1"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
thiserror = "2"
[workspace]
TOML
    echo 'fn main() { println!("{}", serde_json::json!({ "pid": unsafe { libc::getpid() } })); }' >src/main.rs
    cargo fetch -q
}"#,
        reset: "rm -rf target",
        command: "cargo build -q --offline",
        leaves: "target/debug",
        code: 0,
    },
    // so short that the start of the run itself is what it costs
    Job {
        name: "cargo-small",
        preset: "cargo",
        prepare: r#"
mkdir -p src part/src
cat >Cargo.toml <<'TOML'
[package]
name = "bench"
version = "1.0.0"
edition = "2021"
[dependencies]
part = { path = "part" }
[workspace]
TOML
cat >part/Cargo.toml <<'TOML'
[package]
name = "part"
version = "1.0.0"
edition = "2021"
TOML
build='fn main() { let out = std::env::var("OUT_DIR").unwrap(); let text: String = (0..800).map(|n| format!("pub fn f{n}(x: u64) -> String {{ format!(\"{{}} {n}\", x.wrapping_mul({n})) }}\n")).collect(); std::fs::write(format!("{out}/made.rs"), text).unwrap(); }'
echo "$build" >build.rs; echo "$build" >part/build.rs
echo 'include!(concat!(env!("OUT_DIR"), "/made.rs"));' >part/src/lib.rs
echo 'include!(concat!(env!("OUT_DIR"), "/made.rs")); fn main() { println!("{} {}", f7(1), part::f8(2)); }' >src/main.rs
"#,
        reset: "rm -rf target Cargo.lock",
        command: "cargo build -q --offline",
        leaves: "target/debug",
        code: 0,
    },
    Job {
        name: "gem",
        preset: "gem",
        prepare: concat!(
            r#"
mkdir -p ext lib
echo 'require "mkmf"; create_makefile("bench")' >ext/extconf.rb
printf '#include <ruby.h>\nvoid Init_bench(void) { rb_define_module("Bench"); }\n' >ext/bench.c
"#,
            c_parts!("ruby.h"),
            r#"cat >bench.gemspec <<'RUBY'
Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors = "bench", "1.0.0", "for a benchmark", ["nobody"]
  s.files, s.extensions = Dir["ext/*"], ["ext/extconf.rb"]
end
RUBY
gem build -q bench.gemspec
"#
        ),
        reset: "rm -rf gems",
        command: GEM_INSTALL,
        leaves: "gems",
        code: 0,
    },
    Job {
        name: "gem-small",
        preset: "gem",
        prepare: r#"
mkdir -p lib
n=0; while [ $n -lt 400 ]; do echo "module Bench; def self.f$n(x) x + $n end end" >lib/part$n.rb; n=$((n + 1)); done
cat >bench.gemspec <<'RUBY'
Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors = "bench", "1.0.0", "for a benchmark", ["nobody"]
  s.files = Dir["lib/*.rb"]
end
RUBY
gem build -q bench.gemspec
"#,
        reset: "rm -rf gems",
        command: GEM_INSTALL,
        leaves: "gems",
        code: 0,
    },
];
