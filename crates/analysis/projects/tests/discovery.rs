//! Discovery over folders on disk.

use foretaste_io::{Environment, files};
use foretaste_projects::Project;

fn project(entries: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in entries {
        files::write(&dir.path().join(path), text.as_bytes()).expect("written");
    }
    let environment = Environment::below(dir.path()).with("INDEX", "https://pkgs.example");
    let project = Project::discover(dir.path(), &environment).expect("read");
    (dir, project)
}

#[test]
fn a_monorepo_is_read_without_what_is_ignored_or_installed() {
    let (_dir, project) = project(&[
        (
            "requirements.txt",
            "-r shared/base.txt\n-i ${INDEX}/simple\nflask==3\n",
        ),
        ("shared/base.txt", "six\n"),
        (
            "app/pyproject.toml",
            "[project]\nname='app'\ndependencies=['rich']\n",
        ),
        (
            "app/uv.lock",
            "version = 1\n[[package]]\nname = 'app'\nsource = {virtual='.'}\ndependencies=[{name='rich'}]\n[[package]]\nname='rich'\nversion='13.0'\nsource={registry='https://pkgs.example'}\n",
        ),
        ("app/.venv/lib/requirements.txt", "evil\n"),
        ("build/requirements.txt", "ignored\n"),
        (".gitignore", "build/\n"),
    ]);
    assert_eq!(project.problems, []);
    let names: Vec<_> = project.manifests.iter().map(|m| &*m.path).collect();
    assert_eq!(names, ["app/pyproject.toml", "requirements.txt"]);
    let requirements: Vec<_> = project.manifests[1]
        .requirements
        .iter()
        .map(|r| format!("{} {}", r.name.as_deref().unwrap_or(""), r.place))
        .collect();
    assert_eq!(
        requirements,
        ["six shared/base.txt:1:1", "flask requirements.txt:3:1"]
    );
    assert_eq!(
        project.manifests[1].sources[0].location.to_string(),
        "https://pkgs.example/simple"
    );
    let units = project.units();
    assert_eq!(units.len(), 2);
    assert_eq!(units[0].manifests[0].path, "app/pyproject.toml".into());
}

#[test]
fn broken_files_are_told_with_their_place_and_the_rest_is_read() {
    let (_dir, project) = project(&[
        (
            "requirements.txt",
            "flask==3.0\nsix =1.0\n--hsh=x\nrich==13 --hash=sha256:zz\n-r ../../etc/passwd\n-r none.txt\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = 'x'\ndependencies = ['a', 'b !']\nbroken = \n[dependency-groups]\ndev = ['c', {include-group='no'}]\n",
        ),
    ]);
    let problems: Vec<String> = project.problems.iter().map(ToString::to_string).collect();
    for (line, part) in [
        ("pyproject.toml:4:", "not TOML"),
        ("pyproject.toml:3:25", "`!` is no version specifier"),
        ("pyproject.toml:6:", "no dependency group"),
        ("requirements.txt:2:5", "`=1.0` is no version specifier"),
        ("requirements.txt:3:1", "unknown option `--hsh`"),
        ("requirements.txt:4:17", "is no hash"),
        ("requirements.txt:5:1", "lies outside of the project"),
        ("requirements.txt:6:1", "there is no such file"),
    ] {
        assert!(
            problems
                .iter()
                .any(|p| p.starts_with(line) && p.contains(part)),
            "{line} {part}\n{problems:#?}"
        );
    }
    let hints: Vec<_> = project
        .problems
        .iter()
        .filter_map(|p| p.hint.as_deref())
        .collect();
    assert!(
        hints.contains(&"did you mean `==1.0`?") && hints.contains(&"did you mean `--hash`?"),
        "{hints:?}"
    );
    let read: Vec<_> = project
        .manifests
        .iter()
        .flat_map(|m| &m.requirements)
        .filter_map(|r| r.name.as_deref())
        .collect();
    assert_eq!(read, ["a", "b", "c", "flask", "six", "rich"]);
}

#[test]
fn every_ecosystem_whose_files_are_read_is_found() {
    let (_dir, project) = project(&[
        (
            "Cargo.lock",
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"itoa\"]\n[[package]]\nname = \"itoa\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
        ),
        (
            "go.mod",
            "module corp.example/app\n\ngo 1.22\n\nrequire corp.example/slug v1.2.3\n",
        ),
        (
            "composer.json",
            "{\"name\": \"acme/app\", \"require\": {\"acme/text\": \"^1.0\"}}",
        ),
        (
            "composer.lock",
            "{\"packages\": [{\"name\": \"acme/text\", \"version\": \"1.0.2\"}], \"packages-dev\": []}",
        ),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: acme/setup@v1\n",
        ),
    ]);
    let mut found: Vec<(&str, &str)> = project
        .manifests
        .iter()
        .flat_map(|m| m.requirements.iter().map(|r| (m.format.id(), r)))
        .filter_map(|(format, r)| Some((format, r.name.as_deref()?)))
        .collect();
    found.extend(
        project
            .locks
            .iter()
            .flat_map(|lock| lock.packages.iter().map(|p| (lock.format.id(), &*p.name))),
    );
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("Cargo.lock", "app"),
            ("Cargo.lock", "itoa"),
            ("composer.json", "acme/text"),
            ("composer.lock", "acme/text"),
            ("go.mod", "corp.example/slug"),
            ("workflow", "acme/setup"),
        ],
        "{:?}",
        project.problems
    );
}

#[test]
fn an_unpacked_release_is_a_package_though_it_holds_a_lock() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str| files::write(&dir.path().join(name), b"").expect("written");
    write("Cargo.lock");
    assert!(Project::looks_like_one(dir.path()));
    write("Cargo.toml.orig");
    assert!(!Project::looks_like_one(dir.path()));
}
