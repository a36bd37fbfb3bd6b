//! One advisory per thing: databases repeat one another under their own ids.

use foretaste_model::intel::AdvisoryMatch;

/// Joins advisories that share an id or an alias; malware first, then by score, then by id. Of joined ones the first
/// gives id, summary and URL.
pub fn merge(advisories: impl Iterator<Item = AdvisoryMatch>) -> Vec<AdvisoryMatch> {
    let mut merged: Vec<AdvisoryMatch> = Vec::new();
    for advisory in advisories {
        let mut joined = advisory;
        // from the back, so that an earlier one takes a later one in
        for index in (0..merged.len()).rev() {
            if merged.get(index).is_some_and(|known| same(known, &joined)) {
                joined = join(merged.remove(index), joined);
            }
        }
        merged.push(joined);
    }
    merged.sort_by(|a, b| {
        b.malware
            .cmp(&a.malware)
            .then(b.cvss.unwrap_or(-1.0).total_cmp(&a.cvss.unwrap_or(-1.0)))
            .then_with(|| a.id.cmp(&b.id))
    });
    merged
}

fn ids(advisory: &AdvisoryMatch) -> impl Iterator<Item = &Box<str>> {
    std::iter::once(&advisory.id).chain(&advisory.aliases)
}

fn same(a: &AdvisoryMatch, b: &AdvisoryMatch) -> bool {
    ids(a).any(|x| ids(b).any(|y| x.eq_ignore_ascii_case(y)))
}

fn join(mut first: AdvisoryMatch, second: AdvisoryMatch) -> AdvisoryMatch {
    for id in ids(&second) {
        if !ids(&first).any(|known| known.eq_ignore_ascii_case(id)) {
            first.aliases.push(id.clone());
        }
    }
    first.aliases.sort();
    first.malware |= second.malware;
    first.cvss = first.cvss.or(second.cvss);
    if first.fixed.is_empty() {
        first.fixed = second.fixed;
    }
    if first.summary.is_empty() {
        first.summary = second.summary;
    }
    for function in second.functions {
        if !first.functions.contains(&function) {
            first.functions.push(function);
        }
    }
    first.url = first.url.or(second.url);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advisory(id: &str, aliases: &[&str]) -> AdvisoryMatch {
        AdvisoryMatch {
            id: id.into(),
            aliases: aliases.iter().map(|a| (*a).into()).collect(),
            summary: "".into(),
            malware: id.starts_with("MAL-"),
            cvss: None,
            fixed: Vec::new(),
            url: None,
            functions: Vec::new(),
        }
    }

    #[test]
    fn records_of_one_thing_are_joined_through_any_shared_id() {
        let all = [
            advisory("PYSEC-1", &["CVE-1"]),
            advisory("GHSA-2", &["CVE-2"]),
            advisory("X-3", &["cve-1", "CVE-2"]),
            advisory("MAL-4", &[]),
        ];
        let merged = merge(all.into_iter());
        let shown: Vec<String> = merged
            .iter()
            .map(|a| format!("{} {}", a.id, a.aliases.join(" ")))
            .collect();
        assert_eq!(shown, ["MAL-4 ", "PYSEC-1 CVE-1 CVE-2 GHSA-2 X-3"]);
    }
}
