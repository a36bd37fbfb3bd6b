//! `indexes.*`, `names.*` and `audit.*`.

use foretaste_fake_registries::{
    FakeCargo, FakeFile, FakeNpm, FakeProject, FakePypi, FakeServer, tar_gz,
};
use serde_json::json;

use super::Proof;
use crate::support::{Home, rules, sdist, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("indexes.pypi.url", || {
        serving(async || {
            let index = pypi("x").await;
            reaches(
                &index,
                &format!("[indexes.pypi]\nurl = \"{}/simple\"\n", index.url()),
                "pypi:x",
            );
        });
    }),
    ("indexes.pypi.extra", || {
        serving(async || {
            let (first, second) = (pypi("x").await, pypi("y").await);
            let settings = format!(
                "[indexes.pypi]\nurl = \"{}/simple\"\nextra = [\"{}/simple\"]\n",
                first.url(),
                second.url()
            );
            reaches(&second, &settings, "pypi:y");
        });
    }),
    ("indexes.npm.url", || {
        serving(async || {
            let registry = npm("x").await;
            reaches(
                &registry,
                &format!("[indexes.npm]\nurl = \"{}\"\n", registry.url()),
                "npm:x",
            );
        });
    }),
    ("indexes.npm.scopes.<@scope>", || {
        serving(async || {
            let (open, own) = (npm("x").await, npm("@acme/x").await);
            let settings = format!(
                "[indexes.npm]\nurl = \"{}\"\nscopes.\"@acme\" = \"{}\"\n",
                open.url(),
                own.url()
            );
            reaches(&own, &settings, "npm:@acme/x");
            assert!(open.paths().is_empty(), "{:?}", open.paths());
        });
    }),
    ("indexes.npm.downloads", || {
        serving(async || {
            let (registry, counter) = (
                npm("x").await,
                FakeNpm::new().downloads("x", 3).start().await,
            );
            let settings = format!(
                "[indexes.npm]\nurl = \"{}\"\ndownloads = \"{}\"\n",
                registry.url(),
                counter.url()
            );
            let report = reaches(&registry, &settings, "npm:x");
            assert!(
                rules(&report["releases"][0]).contains(&"few-downloads"),
                "{report:#}"
            );
        });
    }),
    ("indexes.cargo.registry", || {
        serving(async || {
            let registry = cargo("x").await;
            let settings = format!(
                "[indexes.cargo]\nregistry = \"sparse+{}/index/\"\n",
                registry.url()
            );
            reaches(&registry, &settings, "crates:x@1.0.0");
        });
    }),
    ("names.internal", || {
        serving(async || {
            let index = pypi("acme-util").await;
            let settings = |names: &str| {
                format!(
                    "[indexes.pypi]\nurl = \"{}/simple\"\n[names]\n{names}\n",
                    index.url()
                )
            };
            let report = reaches(
                &index,
                &settings("internal = [\"acme-utils\"]"),
                "pypi:acme-util",
            );
            assert!(
                rules(&report["releases"][0]).contains(&"internal-name-confusion"),
                "{report:#}"
            );
            let report = reaches(&index, &settings(""), "pypi:acme-util");
            assert!(!rules(&report["releases"][0]).contains(&"internal-name-confusion"));
        });
    }),
    ("names.popular.pypi", || {
        serving(async || {
            let index = pypi("zorkmidd").await;
            let settings = format!("[indexes.pypi]\nurl = \"{}/simple\"\n", index.url());
            takes_own_list(&index, &settings, "pypi", "pypi:zorkmidd");
        });
    }),
    ("names.popular.npm", || {
        serving(async || {
            let registry = npm("zorkmidd").await;
            let settings = format!("[indexes.npm]\nurl = \"{}\"\n", registry.url());
            takes_own_list(&registry, &settings, "npm", "npm:zorkmidd");
        });
    }),
    ("names.popular.cargo", || {
        serving(async || {
            let registry = cargo("zorkmidd").await;
            let settings = format!(
                "[indexes.cargo]\nregistry = \"sparse+{}/index/\"\n",
                registry.url()
            );
            takes_own_list(&registry, &settings, "cargo", "crates:zorkmidd@1.0.0");
        });
    }),
    ("audit.artifacts", || {
        serving(async || {
            let index = wheels().await;
            let url = index.url();
            let tasted = |which: &str| {
                let settings = format!(
                    "[indexes.pypi]\nurl = \"{url}/simple\"\n[audit]\nartifacts = \"{which}\"\npython = \"3.12\"\n"
                );
                artifacts(&reaches(&index, &settings, "pypi:x"))
            };
            assert_eq!(tasted("compatible"), 1);
            assert_eq!(tasted("all"), 2);
        });
    }),
    ("audit.python", || {
        serving(async || {
            let index = wheels().await;
            for (python, file) in [("3.9", "cp39"), ("3.12", "cp312")] {
                let settings = format!(
                    "[indexes.pypi]\nurl = \"{}/simple\"\n[audit]\npython = \"{python}\"\n",
                    index.url()
                );
                let report = reaches(&index, &settings, "pypi:x");
                let name = report["releases"][0]["artifacts"][0]["filename"].to_string();
                assert!(name.contains(file), "{python}: {report:#}");
            }
        });
    }),
];

async fn pypi(name: &str) -> FakeServer {
    let file = FakeFile::new(
        &format!("{}-1.0.tar.gz", name.replace('-', "_")),
        &sdist(name, "1.0"),
    );
    FakePypi::new()
        .project(FakeProject::new(name).file(file))
        .start()
        .await
}

async fn npm(name: &str) -> FakeServer {
    let manifest = json!({"name": name, "version": "1.0.0"}).to_string();
    FakeNpm::new()
        .version(
            name,
            "1.0.0",
            &json!({}),
            &[
                ("package.json", &manifest),
                ("index.js", "module.exports = 1;\n"),
            ],
        )
        .start()
        .await
}

async fn cargo(name: &str) -> FakeServer {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    FakeCargo::new()
        .version(
            name,
            "1.0.0",
            &json!({}),
            &[("Cargo.toml", &manifest), ("src/lib.rs", "")],
        )
        .start()
        .await
}

/// A release of two wheels, for two Python versions.
async fn wheels() -> FakeServer {
    let metadata = "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n";
    let wheel = |tag: &str| {
        // the content is told from the file, not from its name
        let content = tar_gz(&[
            ("x-1.0.dist-info/METADATA", metadata),
            ("x.py", &format!("tag = '{tag}'\n")),
        ]);
        FakeFile::new(&format!("x-1.0-{tag}-{tag}-any.whl"), &content)
    };
    let project = FakeProject::new("x")
        .file(wheel("cp39"))
        .file(wheel("cp312"));
    FakePypi::new().project(project).start().await
}

fn artifacts(report: &serde_json::Value) -> usize {
    report["releases"][0]["artifacts"]
        .as_array()
        .map_or(0, Vec::len)
}

/// With these settings alone, the target is had from the server.
fn reaches(server: &FakeServer, settings: &str, target: &str) -> serde_json::Value {
    let home = Home::new();
    home.write("foretaste.toml", settings);
    let (report, _) = home.audit(&[target]);
    assert!(artifacts(&report) > 0, "{settings}: {report:#}");
    assert!(!server.paths().is_empty(), "{settings}: nothing was asked");
    report
}

/// A name is confusable only with those of the list that the policy gives.
fn takes_own_list(server: &FakeServer, settings: &str, ecosystem: &str, target: &str) {
    let home = Home::new();
    home.write("popular.txt", "zorkmid\nflange\n");
    for (list, expected) in [("", false), ("popular.txt", true)] {
        let lists = if list.is_empty() {
            String::new()
        } else {
            format!("[names.popular]\n{ecosystem} = \"{list}\"\n")
        };
        home.write("foretaste.toml", format!("{settings}{lists}"));
        let (report, _) = home.audit(&[target]);
        assert_eq!(
            rules(&report["releases"][0]).contains(&"confusable-name"),
            expected,
            "{:?} {report:#}",
            server.paths()
        );
    }
}
