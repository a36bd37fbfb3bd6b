use foretaste_io::{Environment, Secret, files};
use foretaste_registry::RegistryError;

use super::{CargoConfig, CargoSettings};

/// A machine: a home, a project and files by path below one root.
struct Machine {
    _root: tempfile::TempDir,
    env: Environment,
}

impl Machine {
    fn new(contents: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in contents {
            files::write(&root.path().join(path), text.as_bytes()).expect("written");
        }
        let env = Environment::below(root.path())
            .with_home(root.path().join("home"))
            .with_working_dir(root.path().join("project/crates/x"));
        Self { _root: root, env }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env = self.env.with(name, value);
        self
    }

    fn discover(&self, flag: Option<&str>) -> Result<CargoConfig, RegistryError> {
        let settings = CargoSettings {
            flag: flag.map(Into::into),
            configured: None,
        };
        CargoConfig::discover(&self.env, &settings)
    }

    fn url(&self, flag: Option<&str>) -> String {
        let config = self.discover(flag).expect("a registry");
        config.endpoints[0].url.to_string()
    }
}

const MIRROR: &str = "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+https://mirror.example/index/\"\n";
const CORP: &str = "[registries.corp]\nindex = \"sparse+https://corp.example/index\"\n";

#[test]
fn without_configuration_it_is_cargos_own_default() {
    let machine = Machine::new(&[]);
    let config = machine.discover(None).expect("a registry");
    let default = tame_index::CRATES_IO_HTTP_INDEX.trim_start_matches("sparse+");
    assert_eq!(config.endpoints[0].url.to_string(), default);
    assert_eq!(&*config.endpoints[0].origin, "the default of cargo");
    assert_eq!(config.token, None);
}

#[test]
fn source_replacement_is_followed() {
    let in_home = Machine::new(&[("home/.cargo/config.toml", MIRROR)]);
    assert_eq!(in_home.url(None), "https://mirror.example/index/");
    let in_project = Machine::new(&[("project/.cargo/config.toml", MIRROR)]);
    assert_eq!(in_project.url(None), "https://mirror.example/index/");
    let old_name = Machine::new(&[("project/.cargo/config", MIRROR)]);
    assert_eq!(old_name.url(None), "https://mirror.example/index/");
    let moved_home = Machine::new(&[("cargo/config.toml", MIRROR), ("project/crates/x/f", "")])
        .with("CARGO_HOME", "../../../cargo");
    assert_eq!(moved_home.url(None), "https://mirror.example/index/");
    let to_registry = Machine::new(&[(
        "home/.cargo/config.toml",
        &format!("[source.crates-io]\nreplace-with = \"corp\"\n{CORP}"),
    )]);
    assert_eq!(to_registry.url(None), "https://corp.example/index/");
}

#[test]
fn the_nearest_file_wins() {
    let machine = Machine::new(&[
        ("home/.cargo/config.toml", CORP),
        (
            "project/.cargo/config.toml",
            "[registries.corp]\nindex = \"sparse+https://near.example/\"\n",
        ),
    ]);
    assert_eq!(machine.url(Some("corp")), "https://near.example/");
    let machine = machine.with("CARGO_REGISTRIES_CORP_INDEX", "sparse+https://env.example/");
    assert_eq!(machine.url(Some("corp")), "https://env.example/");
}

#[test]
fn a_flag_names_a_registry_or_an_index() {
    let machine = Machine::new(&[("home/.cargo/config.toml", CORP)]);
    assert_eq!(machine.url(Some("corp")), "https://corp.example/index/");
    for url in ["sparse+https://x.example/i", "https://x.example/i/"] {
        assert_eq!(machine.url(Some(url)), "https://x.example/i/");
    }
}

#[test]
fn what_cannot_be_asked_is_an_error_that_says_what_to_do() {
    let error = |text: &str, flag: Option<&str>| {
        Machine::new(&[("home/.cargo/config.toml", text)])
            .discover(flag)
            .expect_err(text)
            .to_string()
    };
    for (text, flag, expected) in [
        ("", Some("corp"), "no registry `corp`"),
        (
            "[registries.g]\nindex = \"https://git.example/i.git\"",
            Some("g"),
            "not a sparse one",
        ),
        (
            "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"vendor\"",
            None,
            "folder of vendored crates",
        ),
        (
            "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nreplace-with = \"b\"\n[source.b]\nreplace-with = \"a\"",
            None,
            "back to itself",
        ),
        ("[source", None, "config.toml"),
    ] {
        let message = error(text, flag);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn tokens_come_from_the_environment_or_the_credentials_file() {
    let token = |machine: &Machine, flag| machine.discover(flag).expect("a registry").token;
    let secret = |text: &str| Some(Secret::new(text));
    let machine = Machine::new(&[
        ("home/.cargo/config.toml", CORP),
        (
            "home/.cargo/credentials.toml",
            "[registry]\ntoken = \"default\"\n[registries.corp]\ntoken = \"corp\"\n",
        ),
    ]);
    assert_eq!(token(&machine, None), secret("default"));
    assert_eq!(token(&machine, Some("corp")), secret("corp"));
    assert_eq!(
        token(&machine, Some("sparse+https://corp.example/index/")),
        secret("corp")
    );
    assert_eq!(token(&machine, Some("sparse+https://other.example/")), None);
    let machine = machine
        .with("CARGO_REGISTRIES_CORP_TOKEN", "env")
        .with("CARGO_REGISTRY_TOKEN", "env-default");
    assert_eq!(token(&machine, Some("corp")), secret("env"));
    assert_eq!(token(&machine, None), secret("env-default"));
}
