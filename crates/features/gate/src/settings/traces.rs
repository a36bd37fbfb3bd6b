//! `[traces]`: where spans go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Where a span of each request goes. Without an endpoint here, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` and
/// `OTEL_EXPORTER_OTLP_ENDPOINT` say it; without any, nothing is traced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Traces {
    /// The collector, which takes OTLP over HTTP as JSON: `http://collector:4318`. `/v1/traces` is added. Its headers, which
    /// may be secret, stand in `OTEL_EXPORTER_OTLP_HEADERS`, the service's name in `OTEL_SERVICE_NAME`.
    pub endpoint: Option<String>,
}

impl Traces {
    /// What is wrong with the endpoint.
    pub(super) fn mistake(&self) -> Option<String> {
        let text = self.endpoint.as_ref()?;
        let is_http = Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        (!is_http).then(|| format!("`{text}` is no URL of a collector"))
    }
}
