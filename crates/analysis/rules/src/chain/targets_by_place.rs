//! # It destroys depending on where it runs
//!
//! ## What it finds
//! Code that asks for its location, address, language or time zone and deletes or overwrites files, in one file, at install or
//! import time.
//!
//! ## Why it matters
//! node-ipc (March 2022) overwrote the files of machines with Russian and Belarusian addresses; several families spare the
//! machines of their own country.
//!
//! ## Example
//! `if geo["country_name"] == "...": overwrite(home)`
//!
//! ## What to do
//! Do not install it anywhere.
//!
//! ## When it is wrong
//! Installers that choose a mirror by country do not delete files beyond their own folder.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    TargetsByPlace,
    id: "targets-by-place",
    title: "destroys depending on where it runs",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1480", "T1485"],
    since: "0.1.0",
}

use crate::indicators::{self, Destination};

/// Words in the addresses of services that tell in which country an address is.
const LOOKUPS: &[&str] = &["geoip", "geolocat", "ip2location", "ipgeo", "/country"];

/// True for `os.makedirs`, `fs.mkdirSync`: nothing is lost by that.
fn makes_folder(api: &str) -> bool {
    let name = api.rsplit('.').next().unwrap_or(api);
    name.starts_with("mkdir") || name == "makedirs"
}

impl FileRule for TargetsByPlace {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let early = |function: u32| file.context(function) <= ExecutionContext::Import;
        // what waits to be called must ask and destroy in one place
        let here = |function: u32| {
            let of = |capability: Capability| {
                let mut uses = facts.uses.iter();
                uses.any(|u| u.function == function && u.capability == capability)
            };
            function != 0
                && file.context(function) <= ExecutionContext::Called
                && of(Capability::FileList)
                && of(Capability::FileDelete)
        };
        let place = facts.uses.iter().find(|u| {
            (early(u.function) || here(u.function))
                && (u.capability == Capability::HostLocation
                    || [
                        "locale.get",
                        "getdefaultlocale",
                        "resolvedOptions",
                        "tzname",
                        "GetUserDefaultUILanguage",
                    ]
                    .iter()
                    .any(|api| u.api.contains(api)))
        });
        let lookup = facts.literals.iter().find(|l| {
            l.kind == LiteralKind::Url
                && (indicators::classify(&l.value) == Some(Destination::IpLookup)
                    || LOOKUPS.iter().any(|word| l.value.contains(word)))
                && facts.uses.iter().any(code::talks)
        });
        let walks = facts
            .uses
            .iter()
            .any(|u| u.capability == Capability::FileList);
        // to ask for the language is ordinary, and so is to write a file: what deletes must not wait for somebody else
        let spoken =
            lookup.is_none() && place.is_some_and(|p| p.capability != Capability::HostLocation);
        let beside =
            |function: u32| early(function) || place.is_some_and(|p| p.function == function);
        let destroys = facts.uses.iter().find(|u| {
            let acts = match u.capability {
                Capability::FileDelete => !spoken || beside(u.function),
                Capability::FileWrite => !spoken && walks && !makes_folder(&u.api),
                _ => false,
            };
            acts && file.context(u.function) <= ExecutionContext::Called
        });
        let Some(destroys) = destroys else {
            return Vec::new();
        };
        let lookup = lookup.filter(|l| early(l.function));
        let asked = place
            .map(|u| u.function)
            .or_else(|| lookup.map(|l| l.function));
        let (true, Some(asked)) = (walks, asked) else {
            return Vec::new();
        };
        // the answer arrives in a callback: when it was asked for is when it acts
        let context = file.context(asked);
        let mut finding = self
            .finding(format!(
                "asks where it runs, and deletes or overwrites files {}",
                context.phrase()
            ))
            .context(context);
        if let Some(used) = place {
            finding = finding.evidence(file.use_evidence(used, EvidenceRole::Source, &*used.api));
        }
        if let Some(literal) = lookup {
            finding = finding.evidence(file.literal_evidence(literal, "tells the country"));
        }
        vec![finding.evidence(file.use_evidence(destroys, EvidenceRole::Sink, &*destroys.api))]
    }
}
