//! Shims on `PATH`: what brings packages in runs behind a gate, everything else as it is.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::support::Home;

/// A home with shims, and a `pip` that only tells how it was called.
fn home() -> (Home, PathBuf) {
    let home = Home::new().with("PIP_INDEX_URL", "http://127.0.0.1:9/simple/");
    let pip = home.write(
        "bin/pip",
        "#!/bin/sh\necho \"$FORETASTE_GUARD|$PIP_INDEX_URL|$*\"\n[ \"$1\" != fail ] || exit 7\n",
    );
    std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).expect("mine");
    let shims = home.path().join("data/shims");
    (home, shims)
}

/// A script run by sh with the shims first on `PATH`.
fn script(home: &Home, shims: &std::path::Path, text: &str) -> (String, i32) {
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        shims.display(),
        home.path().join("bin").display()
    );
    let output = Command::new("/bin/sh")
        .args(["-c", text])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", path)
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
        .env("FORETASTE_CACHE_DIR", home.path().join("cache"))
        .output()
        .expect("sh starts");
    let both = [output.stdout, output.stderr].concat();
    (
        String::from_utf8_lossy(&both).into_owned(),
        output.status.code().expect("ended by itself"),
    )
}

#[test]
fn scripts_are_covered_and_what_installs_nothing_is_left_alone() {
    let (home, shims) = home();
    let home = home.with("FORETASTE_DATA_DIR", &home_data(&shims));
    let run = home.run(&["shell-init", "bash"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("PROMPT_COMMAND"), "{}", run.stdout);

    let (told, code) = script(&home, &shims, "pip list --format json");
    assert_eq!(
        (told.as_str(), code),
        ("|http://127.0.0.1:9/simple/|list --format json\n", 0)
    );
    let (_, code) = script(&home, &shims, "pip fail");
    assert_eq!(code, 7);

    let (told, code) = script(&home, &shims, "pip install six");
    assert_eq!(code, 0, "{told}");
    let gate = told.strip_prefix("inside|http://127.0.0.1:").expect(&told);
    assert!(gate.ends_with("/pypi/simple/|install six\n"), "{told}");

    let (told, _) = script(&home, &shims, "FORETASTE_GUARD=off pip install six");
    assert_eq!(told, "off|http://127.0.0.1:9/simple/|install six\n");

    let (told, code) = script(&home, &shims, "yarnpkg x");
    assert_eq!(code, 127);
    assert!(
        told.contains("yarnpkg: not found; only its guard"),
        "{told}"
    );
}

#[test]
fn the_folder_stays_first_and_goes_when_asked() {
    let (home, shims) = home();
    let home = home.with("FORETASTE_DATA_DIR", &home_data(&shims));
    let path = home.run(&["shell-init", "--path"]);
    assert_eq!(path.stdout.trim_end(), shims.display().to_string());
    let hook = home.run(&["shell-init", "bash"]).stdout;
    // as a virtual environment's `activate` does
    let text = format!(
        "{hook}\nexport PATH=/v/bin:$PATH\neval \"$PROMPT_COMMAND\"\neval \"$PROMPT_COMMAND\"\necho $PATH"
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &text])
        .env("PATH", "/usr/bin:/bin")
        .output()
        .expect("bash starts");
    let seen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        seen.trim_end(),
        format!("{}:/v/bin:/usr/bin:/bin", shims.display())
    );
    assert_eq!(home.run(&["shell-init", "--remove"]).code, 0);
    assert!(!shims.exists());
}

fn home_data(shims: &std::path::Path) -> String {
    shims.parent().expect("a folder").display().to_string()
}
