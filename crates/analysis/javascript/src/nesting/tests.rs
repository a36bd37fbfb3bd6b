//! What counts as deep.

use super::*;

#[test]
fn brackets_in_text_do_not_count() {
    for code in [
        "f('((((', \"[[[[\", `((((`)",
        "// ((((\n/* {{{{ */ f()",
        "x = /[(/\"]((\\(/.test(y); if (a) /'(((/.test(b)",
        "a = b / c; d = (e) / f; '((('",
        "`${a}((((${`((`}`",
        "#!/usr/bin/env node (((((\nf()",
    ] {
        assert!(measure(code).brackets <= 3, "{code}: {:?}", measure(code));
    }
}

#[test]
fn text_cannot_hide_brackets() {
    let open = "(".repeat(1000);
    for code in [
        format!("/\"/; {open}"),
        format!("x = /'/ ; {open}"),
        format!("f() / '\\'' + {open}"),
        format!("if (a) /\"/.test(b); {open}"),
        format!("{{}} /\"/.test(b); {open}"),
        format!("`${{a}}` + {open}"),
        format!("`it's` + {open}"),
        format!("x = {{}} / {open} / 1"),
        format!("// it's\n{open}"),
    ] {
        assert!(measure(&code).brackets >= 1000, "{:?}", &code[..20]);
    }
}

#[test]
fn what_other_lexers_pass_over_hides_nothing() {
    let limits = Limits::default();
    let n = 200_000;
    let open = "(".repeat(n);
    for code in [
        format!("//\r{open}"),
        format!("//\u{2028}{open}"),
        format!("x++ /{open}1{}/1", ")".repeat(n)),
        format!("of /{open}1{}/1", ")".repeat(n)),
        format!("yield /{open}/1"),
        format!("<!-- `\n{open}"),
        format!("x={{}}/`/;`;{open}"),
        format!("x{}", ". return".repeat(n)),
        format!("x{}", "./**/var".repeat(n)),
        "(<a>);</a>+".repeat(n),
        "({}/`/)`+/`/.a+".repeat(n),
        "(of/`/)`+/`/.a+".repeat(n),
        format!("x={{}}/`/;`{}", "(`)`+".repeat(n)),
        "-<a>;</a>".repeat(n * 4),
        "{for await(a of b)/[}]/;".repeat(n),
    ] {
        let measured = measure(&code);
        assert!(
            !measured.fits(&limits),
            "{:?}: {measured:?}",
            code.get(..12)
        );
    }
}

#[test]
fn separators_cannot_hide_depth() {
    let limits = Limits::default();
    for unit in [
        "if(a)b;else ",
        "<a>;const x ",
        "<a>{0} if ",
        "A<0,",
        "A<A<",
        "if(a)return;else while(1)",
        "a=>",
        "a?b:",
        "- ",
        "a:",
        "a=",
        "x.",
        "f(1).b",
        "if(1)",
        "for(;;)",
        "await ",
        "keyof ",
        "{",
        "`${",
    ] {
        let code = format!("x = {}", unit.repeat(50_000));
        assert!(
            !measure(&code).fits(&limits),
            "{unit}: {:?}",
            measure(&code)
        );
    }
}

#[test]
fn long_flat_code_fits() {
    let limits = Limits::default();
    for code in [
        "var a = b + c.d(e);\n".repeat(100_000),
        "const a = b + c.d(e)\n".repeat(100_000),
        format!("x=[{}]", "1,-2,".repeat(200_000)),
        "function a(b){return b.c(1)}".repeat(50_000),
    ] {
        assert!(measure(&code).fits(&limits), "{:?}", measure(&code));
    }
}
