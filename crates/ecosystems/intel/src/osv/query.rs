//! The question, page by page.

use foretaste_io::Request;
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{Knowledge, ReleaseId, SkipKind};
use foretaste_osv::read_record;
use serde_json::{Value, json};
use url::Url;

use crate::json;
use crate::web::{Web, below};

/// Pages that are followed.
const MAX_PAGES: usize = 8;
/// Bytes of a page.
const MAX_BYTES: u64 = 16 << 20;
/// Records that are kept.
const MAX_RECORDS: usize = 500;

/// Asks which advisories cover a release.
pub(crate) async fn query(web: &Web, base: &Url, id: &ReleaseId) -> Knowledge<Vec<AdvisoryMatch>> {
    let url = below(base, &["v1", "query"]);
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut question = json!({
            "package": {"ecosystem": id.ecosystem.osv(), "name": id.name.as_str()},
            "version": id.version,
        });
        if let (Some(token), Some(fields)) = (&token, question.as_object_mut()) {
            fields.insert("page_token".to_owned(), Value::from(token.as_str()));
        }
        let request = Request::get(url.clone()).max_bytes(MAX_BYTES);
        let answer = match web.post(request, &question).await {
            Ok(response) => json::read(&response),
            Err(refusal) => Err(refusal.into_reason("the advisory service")),
        };
        let answer = match answer {
            Ok(answer) if answer.is_object() => answer,
            Ok(_) => {
                return Knowledge::skip(SkipKind::Failed, "the answer is not in the OSV format");
            }
            Err(reason) => return Knowledge::Skipped(reason),
        };
        let records = json::list(&answer, "vulns");
        found.extend(records.iter().filter_map(|r| read_record(r, id)));
        token = answer
            .get("next_page_token")
            .and_then(Value::as_str)
            .filter(|t| !t.is_empty())
            .map(str::to_owned);
        if token.is_none() || found.len() >= MAX_RECORDS {
            // malware must not be lost among the rest
            found.sort_by_key(|a| !a.malware);
            found.truncate(MAX_RECORDS);
            return Knowledge::Known(found);
        }
    }
    Knowledge::skip(
        SkipKind::Failed,
        format!("the list of advisories does not end within {MAX_PAGES} pages"),
    )
}
