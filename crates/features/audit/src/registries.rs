//! The registries that this machine's clients are configured to use, found when they are first needed.

use std::path::PathBuf;
use std::sync::Arc;

use foretaste_cargo::{CargoConfig, CargoRegistry, CargoSettings};
use foretaste_golang::{GoConfig, GoRegistry};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_maven::MavenRegistry;
use foretaste_model::Ecosystem;
use foretaste_npm::{NpmConfig, NpmRegistry, NpmSettings};
use foretaste_nuget::NuGetRegistry;
use foretaste_packagist::ComposerRegistry;
use foretaste_policy::{IndexUrl, Policy};
use foretaste_pypi::PypiRegistry;
use foretaste_registry::{Registry, RegistryError};
use foretaste_rubygems::GemRegistry;
use tokio::sync::OnceCell;

/// Endpoints given on the command line; they win over every configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryChoice {
    /// `--index-url`: the one Python index.
    pub pypi: Option<String>,
    /// `--npm-registry`.
    pub npm: Option<String>,
    /// `--cargo-registry`: the name of a configured registry, or a sparse index URL.
    pub cargo: Option<String>,
}

/// One registry of each ecosystem.
#[derive(Default)]
pub(crate) struct Registries {
    pypi: OnceCell<Arc<dyn Registry>>,
    npm: OnceCell<Arc<dyn Registry>>,
    cargo: OnceCell<Arc<dyn Registry>>,
    rubygems: OnceCell<Arc<dyn Registry>>,
    composer: OnceCell<Arc<dyn Registry>>,
    go: OnceCell<Arc<dyn Registry>>,
    nuget: OnceCell<Arc<dyn Registry>>,
    maven: OnceCell<Arc<dyn Registry>>,
}

impl std::fmt::Debug for Registries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registries").finish_non_exhaustive()
    }
}

impl Registries {
    /// The registry of an ecosystem.
    ///
    /// # Errors
    /// Nothing is configured, or a configuration cannot be read.
    pub(crate) async fn of(
        &self,
        ecosystem: Ecosystem,
        choice: &RegistryChoice,
        policy: &Policy,
        env: &Environment,
        http: (&HttpClient, &HttpOptions),
    ) -> Result<Arc<dyn Registry>, RegistryError> {
        let cell = match ecosystem {
            Ecosystem::Pypi => &self.pypi,
            Ecosystem::Npm => &self.npm,
            Ecosystem::Cargo => &self.cargo,
            Ecosystem::RubyGems => &self.rubygems,
            Ecosystem::Packagist => &self.composer,
            Ecosystem::Go => &self.go,
            Ecosystem::NuGet => &self.nuget,
            Ecosystem::Maven => &self.maven,
            Ecosystem::VsCode | Ecosystem::Actions => return Err(unsupported(ecosystem)),
        };
        cell.get_or_try_init(|| open(ecosystem, choice, policy, env, http))
            .await
            .cloned()
    }
}

/// What the user said about Python indexes to Foretaste itself.
pub(crate) fn pypi_settings(choice: &RegistryChoice, policy: &Policy) -> foretaste_pypi::Settings {
    let index = &policy.indexes.pypi;
    let url = index.url.as_ref().map(|url| url.expose().to_owned());
    foretaste_pypi::Settings {
        flag: choice.pypi.clone(),
        configured: url.map(|url| (url, PathBuf::from(&*policy.places.path))),
        extra: index.extra.iter().map(|u| u.expose().to_owned()).collect(),
        python: policy.audit.python.clone(),
    }
}

/// An ecosystem of which local artifacts are tasted, and no registry is asked.
fn unsupported(ecosystem: Ecosystem) -> RegistryError {
    RegistryError::NotConfigured {
        ecosystem,
        hint: "look-ups are not supported there yet; download the artifact and give its path"
            .to_owned(),
    }
}

async fn open(
    ecosystem: Ecosystem,
    choice: &RegistryChoice,
    policy: &Policy,
    env: &Environment,
    (http, options): (&HttpClient, &HttpOptions),
) -> Result<Arc<dyn Registry>, RegistryError> {
    let text = |url: &Option<IndexUrl>| url.as_ref().map(|u| u.expose().to_owned());
    // a client that is told to trust more authorities is a client of its own
    let trusting = |bundles: &[PathBuf]| {
        if bundles.is_empty() {
            return http.clone();
        }
        let mut options = options.clone();
        options.ca_bundles.extend(bundles.iter().cloned());
        http.sibling(options)
    };
    Ok(match ecosystem {
        Ecosystem::VsCode | Ecosystem::Actions => return Err(unsupported(ecosystem)),
        Ecosystem::RubyGems => {
            let url = text(&policy.indexes.rubygems.url);
            let sources = foretaste_rubygems::config::discover(env, url.as_deref()).await?;
            Arc::new(GemRegistry::new(http.clone(), sources))
        }
        Ecosystem::Packagist => {
            let url = text(&policy.indexes.composer.url);
            let sources = foretaste_packagist::config::discover(env, url.as_deref()).await?;
            Arc::new(ComposerRegistry::new(http.clone(), sources))
        }
        Ecosystem::Go => {
            let url = text(&policy.indexes.go.url);
            let config = GoConfig::discover(env, url.as_deref()).await?;
            Arc::new(GoRegistry::new(http.clone(), config))
        }
        Ecosystem::NuGet => {
            let url = text(&policy.indexes.nuget.url);
            let sources = foretaste_nuget::config::discover(env, url.as_deref()).await?;
            Arc::new(NuGetRegistry::new(http.clone(), sources))
        }
        Ecosystem::Maven => {
            let url = text(&policy.indexes.maven.url);
            let sources = foretaste_maven::config::discover(env, url.as_deref())?;
            Arc::new(MavenRegistry::new(http.clone(), sources))
        }
        Ecosystem::Pypi => {
            let settings = pypi_settings(choice, policy);
            let http = trusting(&foretaste_pypi::ca_bundles(env)?);
            Arc::new(PypiRegistry::of_machine(http, env, &settings).await?)
        }
        Ecosystem::Npm => {
            let index = &policy.indexes.npm;
            let settings = NpmSettings {
                flag: choice.npm.clone(),
                configured: text(&index.url),
                scopes: index
                    .scopes
                    .iter()
                    .map(|(k, v)| (k.clone(), v.expose().to_owned()))
                    .collect(),
                downloads: text(&index.downloads),
            };
            let config = NpmConfig::discover(env, &settings).await?;
            let http = trusting(&config.ca_bundles);
            Arc::new(NpmRegistry::new(http, config))
        }
        Ecosystem::Cargo => {
            let settings = CargoSettings {
                flag: choice.cargo.clone(),
                configured: text(&policy.indexes.cargo.registry),
            };
            Arc::new(CargoRegistry::new(
                http.clone(),
                CargoConfig::discover(env, &settings)?,
            ))
        }
    })
}
