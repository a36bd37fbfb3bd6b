//! Local archives and folders.

use foretaste_fake_registries::tar_gz;

use crate::support::{Home, fixture, fixture_files, rules};

#[test]
fn the_attack_fixtures_are_blocked_and_the_honest_ones_are_not() {
    let home = Home::new();
    for (path, expected_rule) in [
        ("pypi/acme-corp-util-1.0.3", "secrets-to-network"),
        ("npm/ui-styles-9.9.9", "secrets-to-network"),
        ("cargo/proc-macro1-1.0.0", "download-and-execute"),
        ("gem/pad-utils-1.0.3", "download-and-execute"),
        ("composer/acme-boot-1.0.0", "download-and-execute"),
        ("golang/telemetry-kit-v1.0.0", "secrets-to-network"),
        ("nuget/Acme.Pad.1.0.0", "download-and-execute"),
        ("vscode/acme-theme-1.0.0", "download-and-execute"),
        ("actions/setup-tool", "secrets-to-network"),
    ] {
        let (report, code) = home.audit(&[&fixture(path)]);
        let release = &report["releases"][0];
        assert_eq!(
            (release["verdict"].as_str(), code),
            (Some("block"), 1),
            "{path}: {release:#}"
        );
        assert!(
            rules(release).contains(&expected_rule),
            "{path}: {:?}",
            rules(release)
        );
    }
    for path in [
        "pypi/honest-1.0",
        "gem/honest-pad-1.0.0",
        "composer/honest-slug-1.0.0",
        "golang/honest-slug-v1.0.0",
        "actions/honest-setup",
    ] {
        let (report, code) = home.audit(&[&fixture(path)]);
        let verdict = report["releases"][0]["verdict"]
            .as_str()
            .expect("a verdict")
            .to_owned();
        assert!(matches!(&*verdict, "clear" | "note"), "{report:#}");
        assert_eq!(code, 0);
    }
}

#[test]
fn packages_that_lie_in_a_folder_as_archives_are_tasted() {
    let home = Home::new();
    let files: Vec<(String, String)> = fixture_files("pypi/acme-corp-util-1.0.3")
        .into_iter()
        .map(|(path, text)| (format!("acme-corp-util-1.0.3/{path}"), text))
        .collect();
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("1.0.3");
    std::fs::create_dir(&below).expect("a folder below");
    std::fs::write(below.join("acme-corp-util-1.0.3.tar.gz"), tar_gz(&borrowed)).expect("written");
    let (report, code) = home.audit(&[&folder.path().display().to_string()]);
    let release = &report["releases"][0];
    assert_eq!(
        (release["verdict"].as_str(), code),
        (Some("block"), 1),
        "{release:#}"
    );
    assert!(rules(release).contains(&"secrets-to-network"));
}

#[test]
fn a_blocked_sdist_reads_like_this() {
    let home = Home::new();
    let run = home.run(&["audit", &fixture("pypi/acme-corp-util-1.0.3")]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "");
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn an_archive_and_its_folder_are_judged_alike() {
    let home = Home::new();
    let files = fixture_files("pypi/acme-corp-util-1.0.3");
    let packed: Vec<(String, &str)> = files
        .iter()
        .map(|(p, t)| (format!("acme-corp-util-1.0.3/{p}"), t.as_str()))
        .collect();
    let packed: Vec<(&str, &str)> = packed.iter().map(|(p, t)| (p.as_str(), *t)).collect();
    let archive = home.write("acme-corp-util-1.0.3.tar.gz", tar_gz(&packed));
    let (report, code) = home.audit(&[&archive.display().to_string()]);
    let release = &report["releases"][0];
    assert_eq!(code, 1);
    assert_eq!(release["purl"], "pkg:pypi/acme-corp-util@1.0.3");
    let finding = release["findings"]
        .as_array()
        .and_then(|f| f.first())
        .expect("a finding");
    assert_eq!(
        (&finding["rule"], &finding["context"]),
        (&"secrets-to-network".into(), &"install".into())
    );
    assert_eq!(finding["evidence"][0]["path"], "setup.py");
}

#[test]
fn a_package_that_lies_unpacked_one_folder_down_is_judged_by_its_own_root() {
    let home = Home::new();
    for (path, text) in fixture_files("pypi/acme-corp-util-1.0.3") {
        home.write(&format!("unpacked/acme-corp-util-1.0.3/{path}"), text);
    }
    home.write("unpacked/notes.txt", "what we fetched\n");
    let (report, code) = home.audit(&["unpacked"]);
    let release = &report["releases"][0];
    assert_eq!(code, 1, "{release:#}");
    assert_eq!(release["purl"], "pkg:pypi/acme-corp-util@1.0.3");
    let finding = &release["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["context"]),
        (&"secrets-to-network".into(), &"install".into())
    );
    let evidence = &finding["evidence"][0];
    assert_eq!(evidence["path"], "setup.py");
    assert_eq!(evidence["artifact"], "acme-corp-util-1.0.3");
    let sarif = home.run(&["audit", "--format", "sarif", "unpacked"]).stdout;
    assert!(
        sarif.contains("unpacked/acme-corp-util-1.0.3/setup.py"),
        "{sarif}"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes_cold_and_from_the_store() {
    let home = Home::new();
    let target = fixture("pypi/acme-corp-util-1.0.3");
    let archive = home.write(
        "acme_util-1.0.3.tar.gz",
        tar_gz(&[
            ("acme_util-1.0.3/setup.py", "import os\nos.system('id')\n"),
            ("acme_util-1.0.3/acme_util/__init__.py", "eval('1 + 1')\n"),
        ]),
    );
    for target in [target, archive.display().to_string()] {
        let audit = |more: &[&str]| {
            let args = [&["audit", "--format", "json", &target], more].concat();
            home.run(&args).stdout
        };
        let cold = audit(&[]);
        assert!(cold.contains("\"coverage\""), "{cold}");
        assert_eq!(cold, audit(&[]), "from the store");
        assert_eq!(cold, audit(&["--no-cache"]), "without the store");
    }
}

#[test]
fn a_broken_archive_is_incomplete_and_never_clear() {
    let home = Home::new();
    let whole = tar_gz(&[(
        "x-1/setup.py",
        "from setuptools import setup\nsetup(name='x', version='1')\n",
    )]);
    let cut = home.write("x-1.tar.gz", &whole[..whole.len() / 2]);
    let (report, code) = home.audit(&[&cut.display().to_string()]);
    assert_ne!(report["releases"][0]["verdict"], "clear");
    assert_eq!(code, 3, "{report:#}");
    let garbage = home.write("y-1.whl", b"<html>not found</html>");
    let (report, code) = home.audit(&[&garbage.display().to_string()]);
    assert_eq!(code, 3, "{report:#}");
}

#[test]
fn hostile_names_do_not_reach_the_terminal_raw() {
    let home = Home::new();
    let archive = home.write(
        "z-1.tar.gz",
        tar_gz(&[(
            "z-1/\u{1b}]0;owned\u{7}.py",
            "exec(__import__('base64').b64decode('cHJpbnQoMSk='))\n",
        )]),
    );
    for format in ["human", "markdown", "sarif", "json"] {
        let run = home.run(&[
            "audit",
            "-v",
            "--format",
            format,
            &archive.display().to_string(),
        ]);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}'),
            "{format}"
        );
    }
}

#[test]
fn deep_nesting_ends_a_worker_and_not_the_audit() {
    let home = Home::new();
    let lists = |depth| format!("x = {}{}\n", "[".repeat(depth), "]".repeat(depth));
    let calls = |depth| format!("f({}1{})\n", "f(".repeat(depth), ")".repeat(depth));
    let deep = lists(600) + "import os\nos.system('id')\n";
    let archive = home.write(
        "deep-1.tar.gz",
        tar_gz(&[
            (
                "deep-1/PKG-INFO",
                "Metadata-Version: 2.1\nName: deep\nVersion: 1\n",
            ),
            ("deep-1/deep/read.py", &deep),
            ("deep-1/deep/lists.py", &lists(900_000)),
            ("deep-1/deep/code.js", &calls(500_000)),
        ]),
    );
    let begin = std::time::Instant::now();
    let (report, code) = home.audit(&[&archive.display().to_string()]);
    // it ends: 13 s of processor time without optimisation, which a machine that does much else stretches
    assert!(begin.elapsed().as_secs() < 120, "{:?}", begin.elapsed());
    assert!(code == 1 || code == 3, "{code}: {report:#}");
    let coverage = &report["releases"][0]["artifacts"][0]["coverage"];
    // what fits into the worker's stack is read whole: the metadata, and the lists of the first file
    assert!(coverage["parsed"].as_u64() >= Some(2), "{coverage:#}");
    // whether a worker ends by its time or by its stack depends on the machine's load; that it is told does not
    let (again, _) = home.audit(&[&archive.display().to_string()]);
    let verdict = |report: &serde_json::Value| report["releases"][0]["verdict"].clone();
    assert_eq!(verdict(&report), verdict(&again));
}
