//! Prints the facts of a Python file, for people who write rules.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers"
)]

use foretaste_model::Limits;
use foretaste_model::facts::FileFacts;

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let facts =
            foretaste_python::observe(&path, &String::from_utf8_lossy(&bytes), &Limits::default());
        show(&facts, 0);
    }
}

fn show(facts: &FileFacts, indent: usize) {
    let pad = " ".repeat(indent);
    println!(
        "{pad}{:?} {:?} {:?}",
        facts.language, facts.outcome, facts.identifiers
    );
    for (i, f) in facts.functions.iter().enumerate() {
        println!(
            "{pad}fn {i} {} {:?} import={} calls={:?}",
            f.name, f.span, f.at_import, f.calls
        );
    }
    for u in &facts.uses {
        println!(
            "{pad}use {}:{} f{} {} {} {:?} {:?} {:?}",
            u.span.line,
            u.span.column,
            u.function,
            u.capability,
            u.api,
            u.resolution,
            u.kind,
            u.constants
        );
    }
    for l in &facts.literals {
        println!(
            "{pad}lit {}:{} {:?} {:?}",
            l.span.line, l.span.column, l.kind, l.value
        );
    }
    for flow in &facts.flows {
        let steps: Vec<String> = flow
            .steps
            .iter()
            .map(|s| {
                format!(
                    "{}:{}({})",
                    s.span.line,
                    s.api,
                    s.constant.as_deref().unwrap_or("")
                )
            })
            .collect();
        println!(
            "{pad}flow {:?} f{} {}",
            flow.link,
            flow.function,
            steps.join(" -> ")
        );
    }
    for s in &facts.surfaces {
        println!("{pad}surface {:?} {} {}", s.kind, s.name, s.command);
    }
    for p in &facts.problems {
        println!("{pad}problem {:?} {:?} {}", p.kind, p.span, p.message);
    }
    if let Some(m) = &facts.manifest {
        println!("{pad}manifest {m:?}");
    }
    for l in &facts.layers {
        println!(
            "{pad}layer {:?} {:?} executed={}",
            l.steps, l.span, l.executed
        );
        show(&l.facts, indent + 4);
    }
}
