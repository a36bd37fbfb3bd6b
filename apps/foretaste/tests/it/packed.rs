//! Archives of every ecosystem as their tools pack them, made here from inert files: one that is blocked and one that is
//! ordinary, each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foretaste_fake_registries::{FakeFiles, gem, zip};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Home, fixture_files, rules, serving};

/// The files of a fixture below a folder.
fn below(folder: &str, fixture: &str) -> Vec<(String, String)> {
    fixture_files(fixture)
        .into_iter()
        .map(|(path, text)| (format!("{folder}{path}"), text))
        .collect()
}

/// What is expected of one archive: its verdict is block with this rule, or a note at most.
enum Expect {
    Block(&'static str),
    Ordinary,
}

impl Expect {
    /// Asserts that verdict and exit code of an audit are such.
    fn holds(&self, report: &Value, code: i32) {
        let release = &report["releases"][0];
        let verdict = release["verdict"].as_str();
        match self {
            Self::Block(rule) => {
                assert_eq!((verdict, code), (Some("block"), 1), "{release:#}");
                assert!(rules(release).contains(rule), "{:?}", rules(release));
            }
            Self::Ordinary => {
                let is_ordinary = matches!(verdict, Some("clear" | "note"));
                assert!(is_ordinary && code == 0, "{release:#}");
            }
        }
    }
}

/// Audits an archive; the identity (empty where a file alone gives none) and the verdict are as expected. Gives the report.
fn tasted(home: &Home, filename: &str, bytes: &[u8], purl: &str, expect: &Expect) -> Value {
    let path = home.write(filename, bytes);
    let (report, code) = home.audit(&[&path.display().to_string()]);
    let release = &report["releases"][0];
    let known = release["purl"].as_str().unwrap_or("");
    assert_eq!(known, purl, "{filename}: {release:#}");
    expect.holds(&report, code);
    report
}

/// The findings of a report, short: rule, when it runs, where.
fn told(report: &Value) -> String {
    let release = &report["releases"][0];
    let mut lines = vec![format!("{} {}", release["purl"], release["verdict"])];
    for finding in release["findings"].as_array().expect("a list") {
        let at = &finding["evidence"][0];
        lines.push(format!(
            "{} {} {} {}:{}",
            finding["rule"], finding["weight"], finding["context"], at["path"], at["line"]
        ));
    }
    lines.join("\n")
}

fn pad_gem() -> Vec<u8> {
    let files = fixture_files("gem/pad-utils-1.0.3");
    let files: Vec<(&str, &str)> = files
        .iter()
        .filter(|(path, _)| !path.ends_with(".gemspec"))
        .map(|(path, text)| (&**path, &**text))
        .collect();
    gem(
        "--- !ruby/object:Gem::Specification\nname: pad-utils\nversion: !ruby/object:Gem::Version\n  version: 1.0.3\nauthors:\n- A. Cook\nextensions:\n- ext/pad/extconf.rb\nsummary: Pads strings\n",
        &files,
    )
}

#[test]
fn gems() {
    let home = Home::new();
    let report = tasted(
        &home,
        "pad-utils-1.0.3.gem",
        &pad_gem(),
        "pkg:gem/pad-utils@1.0.3",
        &Expect::Block("download-and-execute"),
    );
    insta::assert_snapshot!(told(&report));
    let files = fixture_files("gem/honest-pad-1.0.0");
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
    let honest = gem(
        "--- !ruby/object:Gem::Specification\nname: honest-pad\nversion: !ruby/object:Gem::Version\n  version: 1.0.0\nauthors:\n- A. Cook\nemail:\n- cook@acme.example\nlicenses:\n- MIT\nsummary: Pads strings\n",
        &files,
    );
    tasted(
        &home,
        "honest-pad-1.0.0.gem",
        &honest,
        "pkg:gem/honest-pad@1.0.0",
        &Expect::Ordinary,
    );
}

#[test]
fn a_blocked_gem_reads_like_this() {
    let home = Home::new();
    home.write("pad-utils-1.0.3.gem", pad_gem());
    let run = home.run(&["audit", "pad-utils-1.0.3.gem"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn composer_archives() {
    let home = Home::new();
    let report = tasted(
        &home,
        "acme-boot-1.0.0.zip",
        &zip(&below("acme-boot-0123abc/", "composer/acme-boot-1.0.0")),
        "pkg:composer/acme-tools/boot@1.0.0",
        &Expect::Block("download-and-execute"),
    );
    insta::assert_snapshot!(told(&report));
    tasted(
        &home,
        "honest-slug-1.0.0.zip",
        &zip(&below("acme-slug-0123abc/", "composer/honest-slug-1.0.0")),
        &identity("composer/honest-slug-1.0.0"),
        &Expect::Ordinary,
    );
}

/// What the folder of a fixture is taken for: packing changes nothing about that.
fn identity(fixture: &str) -> String {
    let home = Home::new();
    let (report, _) = home.audit(&[&crate::support::fixture(fixture)]);
    report["releases"][0]["purl"]
        .as_str()
        .unwrap_or("")
        .to_owned()
}

#[test]
fn nuget_packages() {
    let home = Home::new();
    let report = tasted(
        &home,
        "acme.pad.1.0.0.nupkg",
        &zip(&below("", "nuget/Acme.Pad.1.0.0")),
        "pkg:nuget/acme.pad@1.0.0",
        &Expect::Block("download-and-execute"),
    );
    insta::assert_snapshot!(told(&report));
    let honest = [
        (
            "Honest.Pad.nuspec",
            "<?xml version=\"1.0\"?>\n<package><metadata><id>Honest.Pad</id><version>1.0.0</version><authors>A. Cook</authors><license type=\"expression\">MIT</license><description>Pads strings</description></metadata></package>\n",
        ),
        (
            "tools/init.ps1",
            "param($installPath, $toolsPath)\nWrite-Host 'Honest.Pad is there'\n",
        ),
        (
            "README.md",
            "Pads strings on either side, for tables in terminals.\n",
        ),
    ];
    tasted(
        &home,
        "honest.pad.1.0.0.nupkg",
        &zip(&honest),
        "pkg:nuget/honest.pad@1.0.0",
        &Expect::Ordinary,
    );
}

#[test]
fn editor_extensions() {
    let home = Home::new();
    let report = tasted(
        &home,
        "acme-tools.theme-1.0.0.vsix",
        &zip(&below("extension/", "vscode/acme-theme-1.0.0")),
        "pkg:vscode-extension/acme-tools/theme@1.0.0",
        &Expect::Block("download-and-execute"),
    );
    insta::assert_snapshot!(told(&report));
    let honest = [
        (
            "extension/package.json",
            "{\"name\": \"pad\", \"publisher\": \"honest\", \"version\": \"1.0.0\", \"description\": \"Pads selections\", \"license\": \"MIT\", \"engines\": {\"vscode\": \"^1.80.0\"}, \"activationEvents\": [\"onCommand:pad.left\"], \"main\": \"./out/main.js\"}",
        ),
        (
            "extension/out/main.js",
            "const vscode = require('vscode');\nexports.activate = context => {\n  context.subscriptions.push(vscode.commands.registerCommand('pad.left', () => vscode.window.showInformationMessage('padded')));\n};\n",
        ),
    ];
    tasted(
        &home,
        "honest.pad-1.0.0.vsix",
        &zip(&honest),
        "pkg:vscode-extension/honest/pad@1.0.0",
        &Expect::Ordinary,
    );
}

/// A class with these strings and calls in its constant pool, and nothing else.
fn class(name: &str, strings: &[&str], calls: &[(&str, &str, &str)]) -> Vec<u8> {
    let (mut pool, mut next) = (Vec::new(), 1_u16);
    let mut entry = |bytes: Vec<u8>| {
        pool.extend(bytes);
        next += 1;
        next - 1
    };
    let two = |tag: u8, a: u16| [&[tag][..], &a.to_be_bytes()].concat();
    let four = |tag: u8, a: u16, b: u16| [&[tag][..], &a.to_be_bytes(), &b.to_be_bytes()].concat();
    let utf8 = |text: &str| {
        let length = u16::try_from(text.len()).expect("short").to_be_bytes();
        [&[1][..], &length, text.as_bytes()].concat()
    };
    let own = entry(utf8(name));
    let own = entry(two(7, own));
    for text in strings {
        let text = entry(utf8(text));
        entry(two(8, text));
    }
    for (class, method, kind) in calls {
        let class = entry(utf8(class));
        let class = entry(two(7, class));
        let (method, kind) = (entry(utf8(method)), entry(utf8(kind)));
        let named = entry(four(12, method, kind));
        entry(four(10, class, named));
    }
    let mut out = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61];
    out.extend(next.to_be_bytes());
    out.extend(pool);
    for number in [0x21, own, 0, 0, 0, 0, 0] {
        out.extend(number.to_be_bytes());
    }
    out
}

/// A jar with a manifest, the coordinates that maven puts in, and one class.
fn jar(artifact: &str, class: Vec<u8>) -> Vec<u8> {
    let pom = format!(
        "<project><groupId>com.acme.pad</groupId><artifactId>{artifact}</artifactId><version>1.0.0</version><name>{artifact}</name></project>\n"
    );
    zip(&[
        (
            "META-INF/MANIFEST.MF".to_owned(),
            b"Manifest-Version: 1.0\n".to_vec(),
        ),
        (
            format!("META-INF/maven/com.acme.pad/{artifact}/pom.xml"),
            pom.into_bytes(),
        ),
        ("com/acme/Pad.class".to_owned(), class),
    ])
}

#[test]
fn jars() {
    let home = Home::new();
    let loader = class(
        "com/acme/Pad",
        &[
            "http://cdn.acme-pad.invalid/agent.exe",
            "powershell -WindowStyle Hidden -EncodedCommand",
        ],
        &[
            ("java/net/URL", "openStream", "()Ljava/io/InputStream;"),
            (
                "java/nio/file/Files",
                "copy",
                "(Ljava/io/InputStream;Ljava/nio/file/Path;[Ljava/nio/file/CopyOption;)J",
            ),
            (
                "java/lang/Runtime",
                "exec",
                "(Ljava/lang/String;)Ljava/lang/Process;",
            ),
        ],
    );
    let bytes = jar("pad", loader);
    let path = home.write("pad-1.0.0.jar", bytes);
    let (report, _) = home.audit(&[&path.display().to_string()]);
    let release = &report["releases"][0];
    assert_eq!(release["purl"], "pkg:maven/com.acme.pad/pad@1.0.0");
    // constants say what a class names, not what it does with it: a person has to look
    assert!(
        matches!(release["verdict"].as_str(), Some("review" | "block")),
        "{release:#}"
    );
    insta::assert_snapshot!(told(&report));
    let honest = class(
        "com/acme/Pad",
        &["-"],
        &[("java/lang/String", "repeat", "(I)Ljava/lang/String;")],
    );
    tasted(
        &home,
        "honest-pad-1.0.0.jar",
        &jar("honest-pad", honest),
        "pkg:maven/com.acme.pad/honest-pad@1.0.0",
        &Expect::Ordinary,
    );
}

/// A module's archive as a proxy serves it.
fn module(fixture: &str, module: &str) -> Vec<u8> {
    zip(&below(&format!("{module}@v1.0.0/"), fixture))
}

#[test]
fn go_modules() {
    let home = Home::new();
    let bad = "code.telemetry-kit.invalid/acme/kit";
    let report = tasted(
        &home,
        "kit@v1.0.0.zip",
        &module("golang/telemetry-kit-v1.0.0", bad),
        "pkg:golang/code.telemetry-kit.invalid/acme/kit@v1.0.0",
        &Expect::Block("secrets-to-network"),
    );
    insta::assert_snapshot!(told(&report));
    tasted(
        &home,
        "slug@v1.0.0.zip",
        &module("golang/honest-slug-v1.0.0", "code.honest.example/acme/slug"),
        "pkg:golang/code.honest.example/acme/slug@v1.0.0",
        &Expect::Ordinary,
    );
}

/// What `go.sum` says of the files of a module, made without the code under test.
fn h1(files: &[(String, String)]) -> String {
    let mut lines: Vec<(&str, String)> = files
        .iter()
        .map(|(path, text)| (&**path, hex::encode(Sha256::digest(text.as_bytes()))))
        .collect();
    lines.sort();
    let list: String = lines
        .iter()
        .map(|(path, hex)| format!("{hex}  {path}\n"))
        .collect();
    format!("h1:{}", STANDARD.encode(Sha256::digest(list.as_bytes())))
}

#[test]
fn go_sum_tells_a_module_that_was_changed() {
    let name = "code.honest.example/acme/slug";
    let files = below(&format!("{name}@v1.0.0/"), "golang/honest-slug-v1.0.0");
    let locked = h1(&files);
    let mut changed = files.clone();
    changed[1].1.push_str("\n// one line more\n");
    for (served, is_other) in [(&files, false), (&changed, true)] {
        serving(async || {
            let base = format!("/{name}/@v");
            let server = FakeFiles::new()
                .file(&format!("{base}/list"), "v1.0.0\n")
                .file(
                    &format!("{base}/v1.0.0.info"),
                    "{\"Version\":\"v1.0.0\",\"Time\":\"2024-01-01T00:00:00Z\"}",
                )
                .file(&format!("{base}/v1.0.0.mod"), format!("module {name}\n"))
                .file(&format!("{base}/v1.0.0.zip"), zip(served))
                .start()
                .await;
            let home = Home::new()
                .with("GOPROXY", &server.url())
                .with("GOFLAGS", "-mod=mod");
            home.write(
                "app/go.mod",
                format!("module app.example\n\ngo 1.22\n\nrequire {name} v1.0.0\n"),
            );
            home.write(
                "app/go.sum",
                format!("{name} v1.0.0 {locked}\n{name} v1.0.0/go.mod h1:x=\n"),
            );
            let (report, code) = home.audit(&["app"]);
            // the project itself is tasted, too
            let all = report["releases"].as_array().expect("a list");
            let release = all.iter().find(|r| r["name"] == name);
            let release = release.unwrap_or_else(|| panic!("{report:#}"));
            let found = rules(release).contains(&"digest-mismatch");
            assert_eq!(found, is_other, "{release:#}");
            assert_eq!(code, i32::from(is_other), "{release:#}");
        });
    }
}

#[test]
fn action_folders() {
    let home = Home::new();
    for (fixture, expect) in [
        ("actions/setup-tool", Expect::Block("secrets-to-network")),
        ("actions/honest-setup", Expect::Ordinary),
    ] {
        // as a runner unpacks them: the archive of a commit
        let bytes = zip(&below("setup-0123abc/", fixture));
        let path = home.write(&format!("{}.zip", fixture.replace('/', "-")), bytes);
        let (packed, code) = home.audit(&[&path.display().to_string()]);
        expect.holds(&packed, code);
        let (folder, code) = home.audit(&[&crate::support::fixture(fixture)]);
        expect.holds(&folder, code);
        if code == 1 {
            insta::assert_snapshot!(told(&folder));
        }
    }
}
