use std::path::Path;

use foretaste_io::{Auth, Environment, files};
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::RegistryError;
use url::Url;

use super::{NpmConfig, NpmSettings};

/// A machine: files by path, and a home, a project and a global folder below one root.
struct Machine {
    root: tempfile::TempDir,
    env: Environment,
}

impl Machine {
    fn new(contents: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in contents {
            files::write(&root.path().join(path), text.as_bytes()).expect("written");
        }
        let global = root.path().join("usr/etc/npmrc");
        let env = Environment::below(root.path())
            .with_home(root.path().join("home"))
            .with_working_dir(root.path().join("project/deep/folder"))
            .with(
                "FORETASTE_CACHE_DIR",
                &root.path().join("cache").display().to_string(),
            )
            .with("npm_config_globalconfig", &global.display().to_string());
        Self { root, env }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env = self.env.with(name, value);
        self
    }

    async fn discover(&self, settings: &NpmSettings) -> Result<NpmConfig, RegistryError> {
        NpmConfig::discover(&self.env, settings).await
    }
}

fn registry_of(config: &NpmConfig, name: &str) -> String {
    let name = PackageName::new(Ecosystem::Npm, name);
    let endpoint = config.endpoint_for(&name).expect("an endpoint");
    endpoint.url.to_string()
}

fn header_for(config: &NpmConfig, url: &str) -> Option<String> {
    let url = Url::parse(url).expect("a URL");
    config
        .credentials
        .find(&url)
        .map(|auth: Auth| auth.header().expose().to_owned())
}

#[tokio::test]
async fn the_strongest_source_wins() {
    let everything = || {
        Machine::new(&[
            ("project/package.json", "{}"),
            ("project/.npmrc", "registry=https://project.example"),
            ("home/.npmrc", "registry=https://user.example"),
            ("usr/etc/npmrc", "registry=https://global.example"),
        ])
    };
    let flag = NpmSettings {
        flag: Some("https://flag.example/npm".into()),
        configured: Some("https://toml.example".into()),
        ..NpmSettings::default()
    };
    let toml = NpmSettings {
        flag: None,
        ..flag.clone()
    };
    let none = NpmSettings::default();
    let only = |files: &[(&str, &str)]| Machine::new(files);
    let cases: [(&str, Machine, &NpmSettings); 8] = [
        ("https://flag.example/npm/", everything(), &flag),
        ("https://toml.example/", everything(), &toml),
        (
            "https://env.example/",
            everything().with("NPM_CONFIG_REGISTRY", "https://env.example"),
            &none,
        ),
        (
            "https://env.example/",
            everything().with("npm_config_registry", "https://env.example"),
            &none,
        ),
        ("https://project.example/", everything(), &none),
        (
            "https://user.example/",
            only(&[
                ("home/.npmrc", "registry=https://user.example"),
                ("usr/etc/npmrc", "registry=https://global.example"),
            ]),
            &none,
        ),
        (
            "https://global.example/",
            only(&[("usr/etc/npmrc", "registry=https://global.example")]),
            &none,
        ),
        (
            "https://other.example/",
            only(&[("elsewhere", "registry=https://other.example")]),
            &none,
        ),
    ];
    for (expected, mut machine, settings) in cases {
        if expected == "https://other.example/" {
            let path = machine.root.path().join("elsewhere");
            machine = machine.with("npm_config_userconfig", &path.display().to_string());
        }
        let config = machine.discover(settings).await.expect(expected);
        assert_eq!(registry_of(&config, "pad"), expected);
    }
}

#[tokio::test]
async fn the_origin_names_the_file() {
    let machine = Machine::new(&[("home/.npmrc", "registry=https://user.example")]);
    let config = machine.discover(&NpmSettings::default()).await.expect("ok");
    assert!(config.endpoints[0].origin.ends_with("home/.npmrc"));
}

#[tokio::test]
async fn scopes_have_their_own_registry() {
    let machine = Machine::new(&[(
        "home/.npmrc",
        "registry=https://a.example/\n@acme:registry=https://npm.acme.example/feed\n@b:registry=https://b.example",
    )])
    .with("npm_config_@b:registry", "https://b2.example");
    let settings = NpmSettings {
        scopes: [("c".to_owned(), "https://c.example".to_owned())].into(),
        ..NpmSettings::default()
    };
    let config = machine.discover(&settings).await.expect("ok");
    for (name, expected) in [
        ("@acme/pad", "https://npm.acme.example/feed/"),
        ("@b/pad", "https://b2.example/"),
        ("@c/pad", "https://c.example/"),
        ("@d/pad", "https://a.example/"),
        ("acme", "https://a.example/"),
    ] {
        assert_eq!(registry_of(&config, name), expected, "{name}");
    }
}

#[tokio::test]
async fn credentials_of_every_form_stay_with_their_host() {
    let machine = Machine::new(&[(
        "home/.npmrc",
        "registry=https://u:p@url.example/\n\
         //tok.example/npm/:_authToken=${NPM_TOKEN}\n\
         //pair.example/:_auth=dTpw\n\
         //old.example/:username=me\n//old.example/:_password=cHc=\n\
         always-auth=true\n",
    )])
    .with("NPM_TOKEN", "t0k")
    .with("npm_config_//env.example/:_authToken", "e0k");
    let config = machine.discover(&NpmSettings::default()).await.expect("ok");
    for (url, expected) in [
        ("https://url.example/pad", Some("Basic dTpw")),
        ("https://tok.example/npm/pad", Some("Bearer t0k")),
        ("https://tok.example/other", None),
        ("http://tok.example/npm/pad", None),
        ("https://pair.example/pad", Some("Basic dTpw")),
        ("https://old.example/pad", Some("Basic bWU6cHc=")),
        ("https://env.example/pad", Some("Bearer e0k")),
        ("https://stranger.example/pad", None),
    ] {
        assert_eq!(header_for(&config, url).as_deref(), expected, "{url}");
    }
    assert!(!format!("{config:?}").contains("t0k"));
}

#[tokio::test]
async fn a_token_without_a_host_goes_to_its_own_files_registry_only() {
    let machine = Machine::new(&[
        ("project/.npmrc", "registry=https://evil.invalid/"),
        ("project/package.json", "{}"),
        (
            "home/.npmrc",
            "registry=https://home.example/\n_authToken=secret",
        ),
    ]);
    let config = machine.discover(&NpmSettings::default()).await.expect("ok");
    assert_eq!(registry_of(&config, "pad"), "https://evil.invalid/");
    assert_eq!(header_for(&config, "https://evil.invalid/pad"), None);
    assert!(header_for(&config, "https://home.example/pad").is_some());
}

#[tokio::test]
async fn without_configuration_and_npm_the_error_says_what_to_set() {
    let machine = Machine::new(&[]);
    let error = machine
        .discover(&NpmSettings::default())
        .await
        .expect_err("nothing is configured");
    assert!(matches!(error, RegistryError::NotConfigured { .. }));
    assert!(error.to_string().contains("npm_config_registry"), "{error}");
}

#[tokio::test]
async fn a_broken_url_is_reported_with_its_origin_but_not_its_text() {
    let machine = Machine::new(&[("home/.npmrc", "registry=ftp://u:secret@x.example")]);
    let error = machine
        .discover(&NpmSettings::default())
        .await
        .expect_err("ftp is not supported")
        .to_string();
    assert!(
        error.contains(".npmrc") && !error.contains("secret"),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn npms_own_default_is_asked_once_and_remembered() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new(&[(
        "bin/npm",
        "#!/bin/sh\necho asked >> \"$(dirname \"$0\")/log\"\necho https://default.example/\n",
    )]);
    let bin = machine.root.path().join("bin");
    std::fs::set_permissions(bin.join("npm"), std::fs::Permissions::from_mode(0o755))
        .expect("executable");
    let machine = machine.with("PATH", &bin.display().to_string());
    for _ in 0..2 {
        let config = machine.discover(&NpmSettings::default()).await.expect("ok");
        assert_eq!(registry_of(&config, "pad"), "https://default.example/");
        assert_eq!(&*config.endpoints[0].origin, "the default of npm");
    }
    let log = files::read_config(&bin.join("log"))
        .expect("read")
        .expect("asked");
    assert_eq!(log, "asked\n");
}

#[test]
fn certificates_of_the_configuration_are_handed_on() {
    let machine = Machine::new(&[("home/.npmrc", "registry=https://a.example\ncafile=/ca.pem")]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let config = runtime
        .block_on(machine.discover(&NpmSettings::default()))
        .expect("ok");
    assert_eq!(config.ca_bundles, [Path::new("/ca.pem")]);
}

#[tokio::test]
async fn yarn_has_a_configuration_of_its_own() {
    let machine = Machine::new(&[
        (
            "project/.yarnrc.yml",
            "npmRegistryServer: https://yarn.example/npm\nnpmAuthToken: secret\nnpmScopes:\n  acme:\n    npmRegistryServer: \"https://acme.example\"\nnpmRegistries:\n  //other.example:\n    npmAuthToken: \"${TOKEN}\"\n",
        ),
        (
            "home/.yarnrc",
            "registry \"https://old.example\"\nlastUpdateCheck 1\nregistryless 2\n",
        ),
    ]);
    let found = super::yarn_registries(&machine.env).await.expect("read");
    let urls: Vec<String> = found.iter().map(|e| e.url.to_string()).collect();
    assert_eq!(
        urls,
        [
            "https://yarn.example/npm/",
            "https://acme.example/",
            "https://other.example/",
            "https://old.example/"
        ]
    );
    let header = |at: usize| {
        found[at]
            .auth
            .as_ref()
            .map(|a| a.header().expose().to_owned())
    };
    assert_eq!(header(0).as_deref(), Some("Bearer secret"));
    assert_eq!((header(1), header(2)), (None, None));
}
