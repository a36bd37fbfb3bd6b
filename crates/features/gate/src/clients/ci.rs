//! Steps for CI systems: the same one index, from variables.

use super::Client;

/// What a CI system (`github`, `gitlab` or `docker`) must be told so that a client uses the gate at `url`. With `token`, it is
/// read from the secret `FORETASTE_GATE_TOKEN`.
pub fn ci_steps(client: Client, url: &str, token: bool, system: &str) -> String {
    let mut variables = Vec::new();
    let (scheme, host) = url.split_once("://").unwrap_or(("https", url));
    let secret = match system {
        "github" => "${{ secrets.FORETASTE_GATE_TOKEN }}",
        _ => "${FORETASTE_GATE_TOKEN}",
    };
    let with_user = if token {
        format!("{scheme}://__token__:{secret}@{host}")
    } else {
        url.to_owned()
    };
    match client {
        Client::Pip | Client::Poetry => {
            variables.push(("PIP_INDEX_URL", format!("{with_user}/pypi/simple/")));
            variables.push(("PIP_CONFIG_FILE", "/dev/null".to_owned()));
        }
        Client::Uv => {
            variables.push(("UV_DEFAULT_INDEX", format!("{with_user}/pypi/simple/")));
        }
        Client::Npm | Client::Pnpm | Client::Yarn => {
            variables.push(("npm_config_registry", format!("{url}/npm/")));
            variables.push(("YARN_NPM_REGISTRY_SERVER", format!("{url}/npm")));
            if token {
                variables.push(("YARN_NPM_AUTH_TOKEN", secret.to_owned()));
            }
        }
        // cargo reads no sources from variables
        Client::Cargo => return cargo(url, system),
    }
    match system {
        "github" => {
            let lines = variables
                .iter()
                .map(|(k, v)| format!("      {k}: \"{v}\"\n"));
            format!("jobs:\n  build:\n    env:\n{}", lines.collect::<String>())
        }
        "gitlab" => {
            let lines = variables.iter().map(|(k, v)| format!("  {k}: \"{v}\"\n"));
            format!("variables:\n{}", lines.collect::<String>())
        }
        _ => {
            // a build argument would stay in the image's history: a secret is mounted for one step
            let mount = "--mount=type=secret,id=FORETASTE_GATE_TOKEN,env=FORETASTE_GATE_TOKEN ";
            let exports = variables.iter().map(|(k, v)| format!("{k}=\"{v}\" "));
            format!(
                "RUN {}{}\\\n    {} ...\n",
                if token { mount } else { "" },
                exports.collect::<String>(),
                client.id()
            )
        }
    }
}

fn cargo(url: &str, system: &str) -> String {
    let lines: Vec<String> = super::configuration(Client::Cargo, url, false)
        .into_iter()
        .flat_map(|file| file.text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.is_empty())
        .map(|line| format!("'{line}'"))
        .collect();
    let write = format!(
        "mkdir -p ~/.cargo && printf '%s\\n' {} >> ~/.cargo/config.toml",
        lines.join(" ")
    );
    match system {
        "github" => format!("    steps:\n      - run: {write}\n"),
        "gitlab" => format!("before_script:\n  - {write}\n"),
        _ => format!("RUN {write}\n"),
    }
}
