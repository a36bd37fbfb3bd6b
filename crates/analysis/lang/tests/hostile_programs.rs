//! Ruby, PHP and Go made to hurt whoever reads them.

mod support;

use foretaste_model::facts::ProblemKind;
use proptest::prelude::*;
use support::{assert_survived, check};

type Case = (String, Vec<u8>, Option<ProblemKind>);

fn case(name: &str, text: String) -> Case {
    (name.to_owned(), text.into_bytes(), None)
}

fn deep(name: &str, text: String) -> Case {
    (
        name.to_owned(),
        text.into_bytes(),
        Some(ProblemKind::TooDeep),
    )
}

#[test]
fn depth_is_told() {
    let n = 3_000;
    assert_survived(vec![
        deep(
            "parens.rb",
            format!("x = {}1{}", "(".repeat(n), ")".repeat(n)),
        ),
        deep(
            "lists.rb",
            format!("x = {}1{}", "[".repeat(n), "]".repeat(n)),
        ),
        deep(
            "blocks.rb",
            format!("{}{}", "a do\n".repeat(n), "end\n".repeat(n)),
        ),
        deep(
            "parens.php",
            format!("<?php $x = {}1{};", "(".repeat(n), ")".repeat(n)),
        ),
        deep(
            "calls.php",
            format!("<?php {}1{};", "f(".repeat(n), ")".repeat(n)),
        ),
        deep(
            "ifs.php",
            format!("<?php {}{}", "if (1) {".repeat(n), "}".repeat(n)),
        ),
        deep(
            "parens.go",
            format!("package a\nvar x = {}1{}\n", "(".repeat(n), ")".repeat(n)),
        ),
        deep(
            "closures.go",
            format!(
                "package a\nfunc f() {{ {}{} }}\n",
                "func() {".repeat(n),
                "}()".repeat(n)
            ),
        ),
        deep("members.rb", format!("a{}", ".b".repeat(n))),
        deep("members.php", format!("<?php $a{};", "->b()".repeat(n))),
        deep(
            "members.go",
            format!("package a\nvar x = a{}\n", ".b()".repeat(n)),
        ),
    ]);
}

#[test]
fn length_costs_what_it_is_worth() {
    let n = 50_000;
    let doubling = |begin: &str, line: &dyn Fn(usize) -> String| {
        (1..60).fold(begin.to_owned(), |text, i| text + &line(i))
    };
    assert_survived(vec![
        case("sum.rb", format!("x = 1{}", " + 1".repeat(n))),
        case("sum.php", format!("<?php $x = 'a'{};", " . 'a'".repeat(n))),
        case(
            "sum.go",
            format!("package a\nvar x = 1{}\n", "+1".repeat(n)),
        ),
        case("list.rb", format!("x = [{}]", "1,".repeat(n))),
        case("list.php", format!("<?php $x = [{}];", "1,".repeat(n))),
        case(
            "list.go",
            format!("package a\nvar x = []byte{{{}}}\n", "1,".repeat(n)),
        ),
        case("statements.rb", "x = y\n".repeat(n)),
        case("statements.php", format!("<?php {}", "$x = $y;".repeat(n))),
        case(
            "statements.go",
            format!("package a\nfunc f() {{\n{}}}\n", "x = y\n".repeat(n)),
        ),
        case("entries.php", format!("<?php {}", "$x['k'] = 1;".repeat(n))),
        case("heredocs.rb", "a <<A\nx\nA\n".repeat(5_000)),
        case("open-heredocs.rb", "<<A\n".repeat(5_000)),
        case(
            "open-heredocs.php",
            format!("<?php {}", "<<<A\n".repeat(5_000)),
        ),
        case("quotes.rb", "\"#{'".repeat(5_000)),
        case("quotes.php", format!("<?php {}", "\"{$a['".repeat(5_000))),
        case("backticks.go", "`".repeat(n)),
        case("open.php", "<?php ".repeat(n)),
        case("brackets.rb", "([{".repeat(5_000)),
        case("brackets.php", format!("<?php {}", "([{".repeat(5_000))),
        case("brackets.go", "([{".repeat(5_000)),
        case(
            "doubling.rb",
            doubling("a0 = 'xxxxxxxxxxxxxxxx'\n", &|i| {
                format!("a{i} = a{} + a{}\n", i - 1, i - 1)
            }),
        ),
        case(
            "doubling.php",
            doubling("<?php $a0 = 'xxxxxxxxxxxxxxxx';", &|i| {
                format!("$a{i} = $a{} . $a{};", i - 1, i - 1)
            }),
        ),
        case(
            "doubling.go",
            doubling("package a\nvar a0 = \"xxxxxxxxxxxxxxxx\"\n", &|i| {
                format!("var a{i} = a{} + a{}\n", i - 1, i - 1)
            }),
        ),
        // functions that call one another twice each
        case(
            "tree.php",
            doubling("<?php function f0($x) { return $x; }", &|i| {
                format!(
                    "function f{i}($x) {{ return f{}($x) . f{}($x); }}",
                    i - 1,
                    i - 1
                )
            }) + "f59(1);",
        ),
        case(
            "tree.rb",
            doubling("def f0(x) x end\n", &|i| {
                format!("def f{i}(x) f{}(x) + f{}(x) end\n", i - 1, i - 1)
            }) + "f59(1)\n",
        ),
        case(
            "loop.php",
            "<?php function f($x) { return f(f($x)); } f(1);".to_owned(),
        ),
        case(
            "closures.rb",
            format!("{}x{}", "a { |b| ".repeat(300), " }".repeat(300)),
        ),
        case(
            "evals.php",
            (0..9)
                .fold("x();".to_owned(), |code, _| {
                    format!(
                        "eval('{}');",
                        code.replace('\\', "\\\\").replace('\'', "\\'")
                    )
                })
                .chars()
                .take(100_000)
                .collect::<String>(),
        ),
        case("errors.rb", "end end ) ] } ".repeat(5_000)),
        case("errors.go", "func ) ] } := ".repeat(5_000)),
        case("errors.php", format!("<?php {}", ") ] } -> ".repeat(5_000))),
    ]);
}

#[test]
fn broken_encodings_are_told() {
    let told = Some(ProblemKind::Encoding);
    let mut corpus = Vec::new();
    for path in ["a.rb", "a.php", "a.go"] {
        corpus.push((
            path.to_owned(),
            b"x = '\xc3\xa9\xc0\xaf'\n<?php (".to_vec(),
            told,
        ));
        corpus.push((path.to_owned(), b"<?php eval(\0\0\"x\");".to_vec(), None));
        corpus.push((path.to_owned(), Vec::new(), None));
    }
    assert_survived(corpus);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn program_like_text_is_survived(words in prop::collection::vec(
        prop::sample::select(vec![
            "<?php", "def", "end", "do", "|x|", "{", "}", "(", ")", "[", "]", "func", "package a", "import", "\"", "'", "`", "\\",
            "#{", "$x", "@y", "=", ".", "->", "::", "eval", "system", "base64_decode", "pack", "'c*'", "^", "+", "<<", "<<~A", "A", "\n",
            ";", ",", "1", "-9", "chr", "send", ":eval", "class", "return", "if", "foreach", "as", "=>", "array_map", "go", "defer",
            "\"os/exec\"", "exec.Command", "substr", "str_repeat", "9223372036854775807", "%s", "sprintf", "define", "$$", "unpack1",
        ]),
        0..60,
    )) {
        let text = words.join(" ");
        for path in ["a.rb", "a.php", "a.go"] {
            check(path, text.as_bytes());
        }
    }
}
