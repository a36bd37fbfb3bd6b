//! Hostile and broken input: no abort, no panic, bounded time.

use std::time::Duration;

use foretaste_model::facts::{ParseOutcome, ProblemKind};
use foretaste_model::{Limits, Stopwatch};
use foretaste_python::{STACK_BYTES, observe, observe_here};
use proptest::prelude::*;

/// Optimised builds try what the parsers themselves die of; the others stay quick.
const DEPTH: usize = if cfg!(debug_assertions) {
    20_000
} else {
    100_000
};

fn shapes() -> Vec<(&'static str, String)> {
    let n = DEPTH;
    let nested = |open: &str, middle: &str, close: &str| open.repeat(n) + middle + &close.repeat(n);
    vec![
        ("parentheses", nested("(", "1", ")")),
        ("lists", nested("[", "", "]")),
        ("dicts", nested("{1:", "1", "}")),
        ("calls", nested("f(", "", ")")),
        ("unclosed", "[(".repeat(n)),
        ("closed only", ")]".repeat(n)),
        ("unary", "-".repeat(n) + "1"),
        ("not", "not ".repeat(n) + "x"),
        ("await", "await ".repeat(n) + "x"),
        ("binary", "1".to_owned() + &"+1".repeat(n)),
        ("power", "1".to_owned() + &"**1".repeat(n)),
        ("attributes", "a".to_owned() + &".b".repeat(n)),
        ("method chain", "a".to_owned() + &".b()".repeat(n)),
        ("subscripts", "a".to_owned() + &"[0]".repeat(n)),
        ("lambda", "lambda: ".repeat(n) + "1"),
        ("ternary", "a if b else ".repeat(n) + "c"),
        ("comparisons", "a".to_owned() + &"<a".repeat(n)),
        ("walrus", "(a:=".repeat(n) + "1" + &")".repeat(n)),
        ("f-strings", "f'{".repeat(n)),
        ("f-strings, quotes differ", "f\"{f'{".repeat(n / 2)),
        ("strings", "'a' ".repeat(n)),
        ("assignments", "a = ".repeat(n) + "1"),
        (
            "blocks",
            (0..3000).map(|i| " ".repeat(i) + "if x:\n").collect(),
        ),
        (
            "functions",
            (0..2000).map(|i| " ".repeat(i) + "def f():\n").collect(),
        ),
        (
            "elif",
            "if a: pass\n".to_owned() + &"elif a: pass\n".repeat(n),
        ),
        ("match", "match x:\n case ".to_owned() + &"[".repeat(n)),
        ("type parameters", "def f[".to_owned() + &"T:[".repeat(n)),
        ("decorators", "@a\n".repeat(n) + "def f(): pass"),
        ("starred", "*".repeat(n) + "x"),
        ("garbage", "$?!\u{0}".repeat(n)),
        ("one word", "a".repeat(n * 10)),
        (
            "names",
            numbered(n, |i| {
                format!(
                    "v{i} = v{}
",
                    i / 2
                )
            }),
        ),
        (
            "sums of text",
            "x = ''".to_owned() + &"\nx += 'abc'".repeat(n),
        ),
        (
            "doubling",
            "x = 'ab'\n".to_owned() + &"x = x + x\n".repeat(200),
        ),
        (
            "calls of one another",
            numbered(2000, |i| {
                format!(
                    "def f{i}(a): return f{}(a) + f{}(a)
",
                    i + 1,
                    i + 2
                )
            }) + "f0(exec)\n",
        ),
    ]
}

fn numbered(n: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0..n {
        text.push_str(&line(i));
    }
    text
}

#[test]
fn deep_and_odd_shapes_end_in_time() {
    let limits = Limits::default();
    for (name, text) in shapes() {
        // on a thread with a large stack the observer needs no other, and its clock tells all
        let work = || {
            let watch = Stopwatch::start();
            (observe_here("x.py", &text, &limits), watch.elapsed())
        };
        let (facts, took) = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, work)
                .unwrap()
                .join()
                .unwrap()
        });
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        let died = facts
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::ParserDied);
        assert!(!died, "{name}: {:?}", facts.problems);
    }
}

#[test]
fn what_nests_too_deep_is_a_problem_and_still_read() {
    let text = format!(
        "import os\nos.system('id')\nx = {}1{}\n",
        "(".repeat(5000),
        ")".repeat(5000)
    );
    let facts = observe("x.py", &text, &Limits::default());
    assert_eq!(facts.outcome, ParseOutcome::Fallback);
    assert!(
        facts
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::TooDeep)
    );
    assert!(facts.uses.iter().any(|u| &*u.api == "os.system"));
}

#[test]
fn a_budget_that_runs_out_is_a_problem() {
    let limits = Limits {
        file_time: Duration::ZERO,
        ..Limits::default()
    };
    let facts = observe("x.py", &"a = b(c)\n".repeat(20_000), &limits);
    assert!(facts.problems.iter().any(|p| p.kind == ProblemKind::Budget));
}

#[test]
fn facts_are_the_same_every_time() {
    let text = include_str!("cases.rs").replace("//", "#");
    let first = observe("x.py", &text, &Limits::default());
    for _ in 0..3 {
        assert_eq!(observe("x.py", &text, &Limits::default()), first);
    }
}

#[test]
fn a_pth_file_runs_its_import_lines_in_place() {
    let text = "./lib\nimport os; os.system('id')\n# import x\nimport\tbase64;exec(base64.b64decode(b'cHJpbnQoMSk='))\nimportlib\n";
    let facts = observe("x.pth", text, &Limits::default());
    let lines: Vec<u32> = facts.uses.iter().map(|u| u.span.line).collect();
    assert!(lines.contains(&2) && lines.contains(&4), "{lines:?}");
    assert_eq!(facts.surfaces.len(), 2);
}

#[test]
fn files_that_run_by_name_say_so() {
    for (name, count) in [("setup.py", 1), ("a/sitecustomize.py", 1), ("other.py", 0)] {
        let facts = observe(name, "x = 1\n", &Limits::default());
        assert_eq!(facts.surfaces.len(), count, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nothing_panics_on_token_soup(words in proptest::collection::vec(prop::sample::select(vec![
        "exec", "(", ")", "import os", "\n", "    ", "def f(a, *b, **c):", "lambda x:", "'a'", "b'\\xff'", "f'{x}'", "[", "]",
        "{", "}", ":", "=", "+", ".join", "%", "os.environ", "['K']", "class A:", "self.x", "return", "yield", "for x in",
        "while", "try:", "except", "with open('f') as g:", "1", "-1", "[::-1]", "**", "*", ",", "getattr", "print 'x'", "é",
    ]), 0..60)) {
        let text = words.join(" ");
        let facts = observe("setup.py", &text, &Limits::default());
        prop_assert!(facts.problems.iter().all(|p| p.kind != ProblemKind::ParserDied), "{text}");
    }
}
