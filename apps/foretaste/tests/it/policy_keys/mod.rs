//! Every key of `foretaste.toml` is honoured: for each there is a proof that a run with it does something else.

mod ecosystems;
mod history;
mod limits;
mod lock;
mod network;
mod own;
mod registries;
mod services;
mod verdicts;

use std::collections::BTreeSet;

/// The dotted path of a key as the reference page has it, and what shows that the binary obeys it.
type Proof = (&'static str, fn());

fn proofs() -> impl Iterator<Item = &'static Proof> {
    [
        ecosystems::PROOFS,
        history::PROOFS,
        limits::PROOFS,
        lock::PROOFS,
        network::PROOFS,
        own::PROOFS,
        registries::PROOFS,
        services::PROOFS,
        verdicts::PROOFS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_key_has_a_proof_that_it_is_honoured() {
    let proven: BTreeSet<&str> = proofs().map(|(key, _)| *key).collect();
    let keys = foretaste_policy::reference();
    let unproven: Vec<&str> = keys
        .iter()
        .filter(|k| !matches!(&*k.kind, "table" | "array of tables"))
        .map(|k| &*k.path)
        .filter(|path| !proven.contains(path))
        .collect();
    assert!(unproven.is_empty(), "nothing proves {unproven:?}");
}

fn prove(proofs: &[Proof]) {
    for (key, proof) in proofs {
        assert!(
            std::panic::catch_unwind(proof).is_ok(),
            "{key} is not honoured"
        );
    }
}

#[test]
fn history_settings_are_honoured() {
    prove(history::PROOFS);
}

#[test]
fn settings_of_further_ecosystems_are_honoured() {
    prove(ecosystems::PROOFS);
}

#[test]
fn limits_are_honoured() {
    prove(limits::PROOFS);
}

#[test]
fn lock_settings_are_honoured() {
    prove(lock::PROOFS);
}

#[test]
fn network_settings_are_honoured() {
    prove(network::PROOFS);
}

#[test]
fn registry_settings_are_honoured() {
    prove(registries::PROOFS);
}

#[test]
fn service_settings_are_honoured() {
    prove(services::PROOFS);
}

#[test]
fn verdict_settings_are_honoured() {
    prove(verdicts::PROOFS);
}

#[test]
fn settings_of_own_knowledge_are_honoured() {
    prove(own::PROOFS);
}
