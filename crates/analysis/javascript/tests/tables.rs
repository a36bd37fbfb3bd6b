//! String tables as javascript-obfuscator 5 writes them, with several option sets, from the inert `plain.js`.

use foretaste_javascript::observe;
use foretaste_model::facts::FileFacts;
use foretaste_model::{Capability, Limits};

const VARIANTS: [(&str, &str); 6] = [
    ("default", include_str!("obfuscated/default.js")),
    ("base64", include_str!("obfuscated/base64.js")),
    ("rc4", include_str!("obfuscated/rc4.js")),
    ("wrappers", include_str!("obfuscated/wrappers.js")),
    ("flat", include_str!("obfuscated/flat.js")),
    ("low", include_str!("obfuscated/low.js")),
];

fn facts(text: &str) -> FileFacts {
    observe("index.js", text, &Limits::default())
}

fn sends_environment(facts: &FileFacts) -> bool {
    facts.flows.iter().any(|f| {
        f.steps.first().map(|s| s.capability) == Some(Capability::EnvironmentReadAll)
            && f.steps
                .last()
                .is_some_and(|s| s.capability.is_network_sink())
    })
}

#[test]
fn every_variant_gives_away_the_chain_the_host_and_the_command() {
    for (name, text) in VARIANTS {
        let facts = facts(text);
        assert!(sends_environment(&facts), "{name}: {:#?}", facts.flows);
        // put together again from pieces, it stands in the chain
        assert!(
            format!("{facts:?}").contains("collect.example.invalid"),
            "{name}"
        );
        assert!(
            facts
                .uses
                .iter()
                .any(|u| &*u.api == "child_process.execSync"
                    && u.constants.iter().any(|c| c.contains("curl -s"))),
            "{name}"
        );
        assert!(
            facts
                .layers
                .iter()
                .any(|l| l.steps.iter().any(|s| s.contains("javascript-obfuscator"))),
            "{name}"
        );
    }
}

#[test]
fn the_plain_source_has_the_same_chain_and_no_packer() {
    let facts = facts(include_str!("obfuscated/plain.js"));
    assert!(sends_environment(&facts));
    assert!(facts.layers.is_empty());
}

#[test]
fn an_ordinary_list_of_strings_is_no_table() {
    let text = "const _0xnames = ['one', 'two', 'three'];\n\
                function at(i) { i = i - 1; return _0xnames[i]; }\n\
                console.log(at(1), at(2), at(3));\n";
    assert!(facts(text).layers.is_empty());
}

#[test]
fn a_table_that_leads_nowhere_ends() {
    // accessors that call one another, a sum that never fits
    let text = "function t(){const a=['1','2','3'];t=function(){return a;};return t();}\n\
                function g(i,k){i=i-0x0;const a=t();let v=a[i];return v;}\n\
                function w(i){return w(i+1)+w(i-1);}\n\
                (function(f,n){const a=f();while(!![]){try{const _0xs=parseInt(w(1))+parseInt(g(0));\
                if(_0xs===n)break;else a['push'](a['shift']());}catch(e){a['push'](a['shift']());}}}(t,0x99999));\n\
                console.log(w(1),w(2),w(3),g(0),g(1),g(2));\n";
    let started = foretaste_model::Stopwatch::start();
    facts(text);
    // a safety net only: it takes milliseconds
    assert!(started.elapsed().as_secs() < 60);
}
