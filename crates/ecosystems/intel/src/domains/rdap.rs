//! Registration data (RFC 9083).

use std::sync::Arc;

use foretaste_io::Request;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::names::Use;
use crate::json::{self, list, time};
use crate::web::{Web, below};

/// Bytes of an answer.
const MAX_BYTES: u64 = 1 << 20;

/// The registration service, or nobody.
#[derive(Clone, Debug)]
pub(crate) struct Registrations {
    web: Arc<Web>,
    base: Option<Url>,
}

/// From when to when a domain is registered, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) registered: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
}

impl Registrations {
    pub(crate) const fn new(web: Arc<Web>, base: Option<Url>) -> Self {
        Self { web, base }
    }

    /// Asks; many registries of domains do not answer, so that no answer is nothing to report.
    pub(crate) async fn of(&self, what: &Use) -> Registration {
        let Some(base) = self.base.as_ref().filter(|_| what.registered) else {
            return Registration::default();
        };
        let request = Request::get(below(base, &["domain", &what.domain]))
            .accept("application/rdap+json, application/json; q=0.5")
            .max_bytes(MAX_BYTES)
            .optional();
        let answer = match self.web.get_or_stale(request).await {
            Ok(response) => json::read(&response),
            Err(refusal) => Err(refusal.into_reason("the domain's registration")),
        };
        match answer {
            Ok(answer) => read(&answer),
            Err(reason) => {
                tracing::debug!(domain = %what.domain, %reason, "no registration data");
                Registration::default()
            }
        }
    }
}

fn read(answer: &Value) -> Registration {
    let event = |action: &str| {
        list(answer, "events")
            .iter()
            .find(|e| e.get("eventAction").is_some_and(|a| a == action))
            .and_then(|e| time(e, "eventDate"))
    };
    Registration {
        // a domain that was given up and taken again has both; the later one counts
        registered: event("reregistration").or_else(|| event("registration")),
        expires: event("expiration"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_become_times() {
        let answer = json!({"events": [
            {"eventAction": "registration", "eventDate": "2015-01-02T00:00:00Z"},
            {"eventAction": "expiration", "eventDate": "2027-01-02T00:00:00+00:00"},
            {"eventAction": "last changed", "eventDate": "yesterday"}, 7]});
        let read = read(&answer);
        let shown = |t: Option<Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
        assert_eq!(shown(read.registered), "2015-01-02T00:00:00Z");
        assert_eq!(shown(read.expires), "2027-01-02T00:00:00Z");
        assert_eq!(super::read(&json!([])), Registration::default());
    }
}
