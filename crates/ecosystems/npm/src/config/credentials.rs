//! Credentials of registries, each bound to its host and path.

use base64::Engine as _;
use foretaste_io::{Auth, Credentials, Secret};
use foretaste_registry::Endpoint;
use url::Url;

use super::layers::{Layer, Layers};

/// Collects credentials: what a registry's own URL holds, then `//host/path/:…` settings, strongest layer first.
///
/// Settings without a host (`_authToken` alone) are from npm 6; newer ones refuse them, because they went to whatever
/// registry was configured. Here they count only for the registry that the same file names.
pub(super) fn read(layers: &Layers, endpoints: &[Endpoint]) -> Credentials {
    let mut credentials = Credentials::none();
    let mut taken: Vec<Url> = Vec::new();
    let mut add = |base: Url, auth: Auth| {
        if !taken.contains(&base) {
            credentials.add(&base, auth);
            taken.push(base);
        }
    };
    for endpoint in endpoints {
        if let Some(auth) = &endpoint.auth {
            add(endpoint.url.url().clone(), auth.clone());
        }
    }
    for layer in &layers.0 {
        for base in hosts(layer) {
            let Some(auth) = auth(layers, &format!("{base}:")) else {
                continue;
            };
            for url in urls(&base, endpoints) {
                add(url, auth.clone());
            }
        }
        let own = layer.settings.get("registry").map(|url| Url::parse(url));
        if let Some(Ok(url)) = own
            && let Some(auth) = auth_in(layer, "")
        {
            add(url, auth);
        }
    }
    credentials
}

/// The `//host/path/` of every setting of a layer that has one, each once.
fn hosts(layer: &Layer) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for key in layer.settings.keys() {
        if let Some((base, _)) = key.rsplit_once(':')
            && base.starts_with("//")
            && !found.iter().any(|f| f == base)
        {
            found.push(base.to_owned());
        }
    }
    found
}

/// `//host/path/` with `https`, and with `http` if a configured registry on that host uses it.
fn urls(base: &str, endpoints: &[Endpoint]) -> Vec<Url> {
    let plain = Url::parse(&format!("http:{base}")).ok();
    let plain = plain.filter(|url| {
        endpoints
            .iter()
            .any(|e| e.url.url().origin() == url.origin())
    });
    let secure = Url::parse(&format!("https:{base}")).ok();
    secure.into_iter().chain(plain).collect()
}

/// The credentials of a host, each part from the strongest layer that has it.
fn auth(layers: &Layers, prefix: &str) -> Option<Auth> {
    let get = |key: &str| layers.get(&format!("{prefix}{key}")).map(|(v, _)| v);
    build(
        get("_authToken"),
        get("_auth"),
        get("username"),
        get("_password"),
    )
}

/// The credentials that one layer holds.
fn auth_in(layer: &Layer, prefix: &str) -> Option<Auth> {
    let get = |key: &str| {
        // variables are lower-cased: `npm_config__authToken`
        let key = format!("{prefix}{key}");
        let value = layer.settings.get(&key);
        value.or_else(|| layer.settings.get(&key.to_ascii_lowercase()))
    };
    let get = |key: &str| get(key).map(String::as_str).filter(|v| !v.is_empty());
    build(
        get("_authToken"),
        get("_auth"),
        get("username"),
        get("_password"),
    )
}

fn build(
    token: Option<&str>,
    pair: Option<&str>,
    user: Option<&str>,
    password: Option<&str>,
) -> Option<Auth> {
    if let Some(token) = token {
        return Some(Auth::Bearer(Secret::new(token)));
    }
    if let Some(pair) = pair {
        return Some(Auth::Raw(Secret::new(format!("Basic {pair}"))));
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(password?.trim());
    Some(Auth::Basic {
        user: user?.into(),
        password: Secret::new(String::from_utf8(decoded.ok()?).ok()?),
    })
}
