//! Each source, and which one wins.

use super::*;

/// A machine: files below a root, variables, and what is expected: `strategy url@origin ...`.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    vars: &'static [(&'static str, &'static str)],
    expected: &'static [&'static str],
}

fn machine(case: &Case) -> (tempfile::TempDir, Environment) {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in case.files {
        foretaste_io::files::write(&dir.path().join(path), text.as_bytes()).expect("written");
    }
    let mut env = Environment::below(dir.path())
        .with_home(dir.path().join("home"))
        .with_working_dir(dir.path().join("project/sub"));
    for (name, value) in case.vars {
        let root = dir.path().to_string_lossy();
        env = env.with(name, &value.replace("{root}", &root));
    }
    (dir, env)
}

fn shown(indexes: &Indexes, root: &std::path::Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    indexes
        .endpoints
        .iter()
        .map(|e| {
            let auth = if e.auth.is_some() { "auth " } else { "" };
            format!("{auth}{} from {}", e.url, e.origin.replace(&root, ""))
        })
        .collect()
}

const PIP: &str = "[global]\nindex-url = https://pipconf.example/simple\n";
const UV: &str = "[[index]]\nurl = 'https://uvtoml.example/simple'\ndefault = true\n";

const CASES: &[Case] = &[
    Case {
        name: "UV_DEFAULT_INDEX beats UV_INDEX_URL beats PIP_INDEX_URL",
        files: &[("etc/pip.conf", PIP)],
        vars: &[
            ("PIP_INDEX_URL", "https://pip.example/simple"),
            ("UV_INDEX_URL", "https://uvold.example/simple"),
            ("UV_DEFAULT_INDEX", "corp=https://uv.example/simple"),
        ],
        expected: &["https://uv.example/simple from UV_DEFAULT_INDEX"],
    },
    Case {
        name: "UV_INDEX_URL alone",
        files: &[],
        vars: &[
            ("PIP_INDEX_URL", "https://pip.example/simple"),
            ("UV_INDEX_URL", "https://uvold.example/simple"),
        ],
        expected: &["https://uvold.example/simple from UV_INDEX_URL"],
    },
    Case {
        name: "extra indexes of uv come first and those of pip are not mixed in",
        files: &[],
        vars: &[
            ("FORETASTE_INDEX_TOKEN", "t"),
            ("UV_DEFAULT_INDEX", "https://uv.example/simple"),
            (
                "UV_INDEX",
                "a=https://a.example/simple https://b.example/simple",
            ),
            ("UV_EXTRA_INDEX_URL", "https://c.example/simple"),
            ("PIP_EXTRA_INDEX_URL", "https://pip.example/simple"),
        ],
        expected: &[
            "https://a.example/simple from UV_INDEX",
            "https://b.example/simple from UV_INDEX",
            "https://c.example/simple from UV_EXTRA_INDEX_URL",
            "auth https://uv.example/simple from UV_DEFAULT_INDEX",
        ],
    },
    Case {
        name: "a conda environment has a pip.conf, a flat uv index is no simple one",
        files: &[
            ("conda/pip.conf", PIP),
            (
                "project/uv.toml",
                "[[index]]\nurl = 'https://flat.example/files'\nformat = 'flat'\ndefault = true\n",
            ),
        ],
        vars: &[("CONDA_PREFIX", "{root}/conda")],
        expected: &["https://pipconf.example/simple from conda/pip.conf"],
    },
    Case {
        name: "pip's variables beat its files, key by key",
        files: &[(
            "etc/pip.conf",
            "[global]\nindex-url = https://pipconf.example/simple\nextra-index-url = https://x.example/simple\n",
        )],
        vars: &[("PIP_INDEX_URL", "https://me:pw@pip.example/simple")],
        expected: &[
            "auth https://pip.example/simple from PIP_INDEX_URL",
            "https://x.example/simple from etc/pip.conf",
        ],
    },
    Case {
        name: "the user's pip.conf beats the system's, the virtual environment's beats both",
        files: &[
            (
                "etc/xdg/pip/pip.conf",
                "[global]\nindex-url=https://xdg.example/simple",
            ),
            ("etc/pip.conf", PIP),
            (
                "home/.pip/pip.conf",
                "[global]\nindex-url=https://old.example/simple",
            ),
            (
                "home/.config/pip/pip.conf",
                "[global]\nindex-url=https://user.example/simple",
            ),
            (
                "venv/pip.conf",
                "[install]\nindex_url: https://venv.example/simple",
            ),
        ],
        vars: &[("VIRTUAL_ENV", "{root}/venv")],
        expected: &["https://venv.example/simple from venv/pip.conf"],
    },
    Case {
        name: "the user's pip.conf in its old place",
        files: &[
            ("etc/pip.conf", PIP),
            (
                "home/.pip/pip.conf",
                "[global]\nindex-url=https://old.example/simple",
            ),
        ],
        vars: &[],
        expected: &["https://old.example/simple from home/.pip/pip.conf"],
    },
    Case {
        name: "the install section beats the global one",
        files: &[(
            "etc/pip.conf",
            "[install]\nindex-url=https://install.example/simple\n[global]\nindex-url=https://global.example/simple\n",
        )],
        vars: &[],
        expected: &["https://install.example/simple from etc/pip.conf"],
    },
    Case {
        name: "PIP_CONFIG_FILE is read last",
        files: &[
            ("etc/pip.conf", PIP),
            (
                "mine.conf",
                "[global]\nindex-url=https://mine.example/simple",
            ),
        ],
        vars: &[("PIP_CONFIG_FILE", "{root}/mine.conf")],
        expected: &["https://mine.example/simple from mine.conf"],
    },
    Case {
        name: "the null device switches pip's files off",
        files: &[("etc/pip.conf", PIP), ("etc/uv/uv.toml", UV)],
        vars: &[("PIP_CONFIG_FILE", "/dev/null")],
        expected: &["https://uvtoml.example/simple from etc/uv/uv.toml"],
    },
    Case {
        name: "XDG_CONFIG_HOME and XDG_CONFIG_DIRS move the files",
        files: &[
            (
                "xdg/pip/pip.conf",
                "[global]\nextra-index-url=https://e.example/simple",
            ),
            ("conf/pip/pip.conf", PIP),
        ],
        vars: &[
            ("XDG_CONFIG_DIRS", "{root}/xdg"),
            ("XDG_CONFIG_HOME", "{root}/conf"),
        ],
        expected: &[
            "https://pipconf.example/simple from conf/pip/pip.conf",
            "https://e.example/simple from xdg/pip/pip.conf",
        ],
    },
    Case {
        name: "the project's [tool.uv] beats pip.conf; explicit indexes are for pinned packages only",
        files: &[
            ("etc/pip.conf", PIP),
            (
                "project/pyproject.toml",
                "[[tool.uv.index]]\nname='priv'\nurl='https://p.example/simple'\n\
                 [[tool.uv.index]]\nname='torch'\nurl='https://t.example/simple'\nexplicit=true\n\
                 [[tool.uv.index]]\nurl='https://d.example/simple'\ndefault=true\n",
            ),
        ],
        vars: &[
            ("UV_INDEX_PRIV_USERNAME", "me"),
            ("UV_INDEX_PRIV_PASSWORD", "pw"),
        ],
        expected: &[
            "auth https://p.example/simple from project/pyproject.toml",
            "https://d.example/simple from project/pyproject.toml",
        ],
    },
    Case {
        name: "a uv.toml nearer than pyproject.toml wins",
        files: &[
            (
                "project/sub/uv.toml",
                "index-url = 'https://near.example/simple'",
            ),
            (
                "project/pyproject.toml",
                "[tool.uv]\nindex-url = 'https://far.example/simple'",
            ),
        ],
        vars: &[],
        expected: &["https://near.example/simple from project/sub/uv.toml"],
    },
    Case {
        name: "a pyproject.toml without [tool.uv] is passed over",
        files: &[
            ("project/sub/pyproject.toml", "[project]\nname='x'"),
            (
                "project/uv.toml",
                "[pip]\nindex-url = 'https://up.example/simple'",
            ),
        ],
        vars: &[],
        expected: &["https://up.example/simple from project/uv.toml"],
    },
    Case {
        name: "pip.conf beats the user's uv.toml",
        files: &[("etc/pip.conf", PIP), ("home/.config/uv/uv.toml", UV)],
        vars: &[],
        expected: &["https://pipconf.example/simple from etc/pip.conf"],
    },
    Case {
        name: "UV_NO_CONFIG switches uv's files off, UV_CONFIG_FILE replaces them",
        files: &[("project/uv.toml", UV), ("etc/pip.conf", PIP)],
        vars: &[("UV_NO_CONFIG", "1")],
        expected: &["https://pipconf.example/simple from etc/pip.conf"],
    },
    Case {
        name: "UV_CONFIG_FILE",
        files: &[
            ("project/uv.toml", UV),
            ("mine.toml", "index-url='https://mine.example/simple'"),
        ],
        vars: &[("UV_CONFIG_FILE", "{root}/mine.toml")],
        expected: &["https://mine.example/simple from mine.toml"],
    },
    Case {
        name: "our own variable stands alone, with our token",
        files: &[],
        vars: &[
            ("FORETASTE_INDEX_URL", "https://own.example/simple"),
            ("FORETASTE_INDEX_TOKEN", "t"),
            ("PIP_INDEX_URL", "https://pip.example/simple"),
            ("PIP_EXTRA_INDEX_URL", "https://x.example/simple"),
        ],
        expected: &["auth https://own.example/simple from FORETASTE_INDEX_URL"],
    },
    Case {
        name: "nothing configured",
        files: &[("project/pyproject.toml", "[project]\nname='x'")],
        vars: &[("PIP_INDEX_URL", "  ")],
        expected: &[],
    },
];

#[test]
fn every_source_is_read_and_the_strongest_wins() {
    for case in CASES {
        let (dir, env) = machine(case);
        let found = discover_configured(&env, &Settings::default())
            .unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let found = found.map_or_else(Vec::new, |i| shown(&i, dir.path()));
        assert_eq!(found, case.expected, "{}", case.name);
    }
}

#[test]
fn the_flag_beats_the_configuration_beats_the_environment() {
    let dir = tempfile::tempdir().expect("a folder");
    let env = Environment::below(dir.path()).with("PIP_INDEX_URL", "https://env.example/simple");
    let mut settings = Settings {
        extra: Vec::new(),
        python: None,
        flag: None,
        configured: Some((
            "https://conf.example/simple".into(),
            "foretaste.toml".into(),
        )),
    };
    let first = |settings: &Settings| {
        discover_configured(&env, settings)
            .ok()
            .flatten()
            .map(|i| i.endpoints[0].origin.to_string())
    };
    assert_eq!(first(&settings).as_deref(), Some("foretaste.toml"));
    settings.flag = Some("https://flag.example/simple".into());
    assert_eq!(first(&settings).as_deref(), Some("--index-url"));
}

#[test]
fn pip_pools_its_indexes_and_uv_takes_the_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let strategy = |vars: &[(&str, &str)]| {
        let mut env = Environment::below(dir.path());
        for (name, value) in vars {
            env = env.with(name, value);
        }
        discover_configured(&env, &Settings::default())
            .ok()
            .flatten()
            .map(|i| i.strategy)
    };
    let (a, b) = ("https://a.example/simple", "https://b.example/simple");
    assert_eq!(
        strategy(&[("PIP_INDEX_URL", a), ("PIP_EXTRA_INDEX_URL", b)]),
        Some(IndexStrategy::AllIndexes)
    );
    assert_eq!(
        strategy(&[("UV_DEFAULT_INDEX", a), ("UV_INDEX", b)]),
        Some(IndexStrategy::FirstIndex)
    );
}

#[test]
fn unusable_settings_are_errors_that_say_where_and_hide_passwords() {
    for (files, vars, part) in [
        (
            &[][..],
            &[("PIP_INDEX_URL", "file:///srv")][..],
            "PIP_INDEX_URL",
        ),
        (
            &[],
            &[("PIP_INDEX_URL", "u:hunter2@pip.example")],
            "PIP_INDEX_URL",
        ),
        (&[], &[("PIP_NO_INDEX", "1")], "PIP_NO_INDEX"),
        (
            &[("etc/pip.conf", "[global]\nno-index = yes")],
            &[],
            "etc/pip.conf",
        ),
        (
            &[(
                "project/uv.toml",
                "index-url = 'https://u:hunter2@x.example' oops",
            )],
            &[],
            "project/uv.toml:1:",
        ),
        (
            &[(
                "project/pyproject.toml",
                "[project]\nname = 'x'\n[[tool.uv.index]\nurl = 'https://u:hunter2@x.example'\n",
            )],
            &[],
            "project/pyproject.toml:3:",
        ),
    ] {
        let case = Case {
            name: "",
            files,
            vars,
            expected: &[],
        };
        let (_dir, env) = machine(&case);
        let error = discover_configured(&env, &Settings::default()).expect_err(part);
        let text = error.to_string();
        assert!(text.contains(part), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_broken_pyproject_hides_no_index_and_stops_nothing() {
    for (files, expected) in [
        (
            &[(
                "project/pyproject.toml",
                "[project]\ndependencies = ['six'\n",
            )][..],
            None,
        ),
        (
            &[(
                "project/pyproject.toml",
                "[[tool.uv.index]]\nurl = 'https://a.example/simple'\ndefault = true\n\n[project]\nname = \n",
            )],
            Some("https://a.example/simple"),
        ),
    ] {
        let case = Case {
            name: "",
            files,
            vars: &[],
            expected: &[],
        };
        let (_dir, env) = machine(&case);
        let found = discover_configured(&env, &Settings::default()).expect("read");
        let first = found.map(|i| i.endpoints[0].url.to_string());
        assert_eq!(first.as_deref(), expected);
    }
}

#[test]
fn pip_s_certificates_are_found() {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in [
        ("etc/pip.conf", "[global]\ncert = corp.pem\n"),
        ("etc/corp.pem", "x"),
        ("home/.config/pip/pip.conf", "[global]\ncert = ~/none.pem\n"),
    ] {
        foretaste_io::files::write(&dir.path().join(path), text.as_bytes()).expect("written");
    }
    let env = Environment::below(dir.path()).with_home(dir.path().join("home"));
    assert_eq!(
        ca_bundles(&env).ok(),
        Some(vec![dir.path().join("etc/corp.pem")])
    );
}
