//! The questions, and what their answers add up to.

use foretaste_io::{DnsAnswer, RecordKind};
use foretaste_model::intel::{DomainFacts, DomainUsage};
use foretaste_model::{Knowledge, SkipKind, SkipReason};
use tokio::task::JoinSet;

use super::names::Use;
use super::{Registrations, Resolver};

impl Resolver {
    /// A resolver of a closed network denies every public name. It knows nothing, so it accuses nobody: a name is only
    /// said not to exist by a resolver that knows the name's top-level domain.
    async fn knows_public_names(&self, domain: &str) -> Result<(), SkipReason> {
        let top = domain.rsplit('.').next().unwrap_or(domain);
        match self.lookup(top, RecordKind::Ns).await? {
            DnsAnswer::NoSuchName => Err(SkipReason::new(
                SkipKind::Unsupported,
                "the DNS resolver here does not know public names",
            )),
            DnsAnswer::Found | DnsAnswer::Empty => Ok(()),
        }
    }

    /// Whether mail can be delivered: to a mail exchanger, else to the address itself (RFC 5321, section 5.1).
    async fn receives_mail(&self, name: &str) -> Option<bool> {
        for kind in [RecordKind::Mx, RecordKind::A, RecordKind::Aaaa] {
            match self.lookup(name, kind).await.ok()? {
                DnsAnswer::Found => return Some(true),
                DnsAnswer::NoSuchName => return Some(false),
                DnsAnswer::Empty => {}
            }
        }
        Some(false)
    }

    async fn one(
        &self,
        what: &Use,
        registrations: &Registrations,
    ) -> Result<DomainFacts, SkipReason> {
        let mut facts = DomainFacts {
            domain: what.domain.as_str().into(),
            usage: what.usage,
            exists: true,
            receives_mail: None,
            registered: None,
            expires: None,
        };
        if what.well_known {
            return Ok(facts);
        }
        let (answer, registration) = tokio::join!(
            self.lookup(&what.domain, RecordKind::Ns),
            registrations.of(what)
        );
        facts.registered = registration.registered;
        facts.expires = registration.expires;
        facts.exists = answer? != DnsAnswer::NoSuchName;
        if !facts.exists {
            self.knows_public_names(&what.domain).await?;
        }
        if what.usage == DomainUsage::Email {
            facts.receives_mail = if facts.exists {
                self.receives_mail(&what.full).await
            } else {
                Some(false)
            };
        }
        Ok(facts)
    }
}

/// Asks about every domain at the same time. If one of them has no definite answer, the whole is skipped, unless
/// another one gave reason for concern.
pub(crate) async fn describe(
    resolver: &Resolver,
    registrations: &Registrations,
    uses: &[Use],
) -> Knowledge<Vec<DomainFacts>> {
    let mut tasks = JoinSet::new();
    for what in uses {
        let (resolver, registrations, what) =
            (resolver.clone(), registrations.clone(), what.clone());
        tasks.spawn(async move { resolver.one(&what, &registrations).await });
    }
    let mut known = Vec::new();
    let mut skipped: Option<SkipReason> = None;
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(Ok(facts)) => known.push(facts),
            Ok(Err(reason)) => {
                // the same one whatever the order in which answers come
                skipped = Some(skipped.map_or(reason.clone(), |s| s.min(reason)));
            }
            Err(error) => {
                return Knowledge::skip(SkipKind::Failed, format!("a look-up broke off: {error}"));
            }
        }
    }
    known.sort_by(|a, b| (a.usage, &a.domain).cmp(&(b.usage, &b.domain)));
    let concern = known
        .iter()
        .any(|d| !d.exists || d.receives_mail == Some(false));
    match skipped {
        Some(reason) if !concern => Knowledge::Skipped(reason),
        _ => Knowledge::Known(known),
    }
}
