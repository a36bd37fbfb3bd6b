//! The gate: a registry that hosts internal packages, pulls public ones through, and serves only what policy and vetting
//! allow. pip, uv, npm, cargo and their kin use it as it is.

mod admin;
mod admit;
mod advice;
mod alarm;
mod api;
mod archive;
mod arriving;
mod backup;
mod blobs;
mod cached;
mod candidate;
mod cargo;
mod clients;
mod database;
mod decide;
mod deliver;
mod explain;
mod flights;
mod gate;
mod identity;
mod journal;
mod left_out;
mod licence;
mod metrics;
mod npm;
mod oidc;
mod outage;
mod pages;
mod pattern;
mod publish;
mod pypi;
mod record;
mod rejudge;
mod serve;
mod settings;
mod siblings;
mod tls;
mod trace;
mod upstream;
mod vet;
mod web;

pub use alarm::{Alarm, Alert};
pub use backup::{Saved, backup, restore};
pub use clients::{Client, ConfigFile, Session, ci_steps, configuration};
pub use database::{DatabaseError, Event, EventKind};
pub use decide::{Check, Outcome, Ruling, Step};
pub use gate::{Gate, GateError, GateOptions};
pub use identity::{Scopes, TokenInfo, Tokens, Verb};
pub use left_out::LeftOut;
pub use pattern::PackagePattern;
pub use serve::Server;
pub use settings::{
    Access, AdvisoryLevel, DecideSettings, Incomplete, Listed, Otherwise, Override, Provenance,
    SAMPLE_SETTINGS, Settings, Storage, Threshold, Tls, Traces, TrustedPublisher, Upstreams,
};
pub use vet::{Sample, Vetted, Vetter};
