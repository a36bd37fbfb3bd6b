//! Prints what the observers see in files: `cargo run -p foretaste-lang --example facts FILE…`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers"
)]

use std::path::PathBuf;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Step};

fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let bytes = std::fs::read(&path)?;
        println!("# {}", path.display());
        let facts = foretaste_lang::observe(&path.to_string_lossy(), &bytes, &Limits::default());
        print(&facts, "");
    }
    Ok(())
}

fn print(facts: &FileFacts, indent: &str) {
    for function in &facts.functions {
        let when = if function.at_import {
            "import"
        } else {
            "called"
        };
        println!(
            "{indent}function {} ({when}) calls {:?}",
            function.name, function.calls
        );
    }
    for used in &facts.uses {
        println!(
            "{indent}use {} {} ({:?} {:?}) in {} {:?}",
            used.capability, used.api, used.kind, used.resolution, used.function, used.constants
        );
    }
    for flow in &facts.flows {
        println!(
            "{indent}flow {:?} in {}: {}",
            flow.link,
            flow.function,
            steps(&flow.steps)
        );
    }
    for piece in &facts.pieces {
        println!(
            "{indent}piece {:?} -> {:?}: {}",
            piece.from,
            piece.to,
            steps(&piece.steps)
        );
    }
    for literal in &facts.literals {
        println!("{indent}literal {:?} {}", literal.kind, literal.value);
    }
    for layer in &facts.layers {
        println!(
            "{indent}layer {:?} executed {}",
            layer.steps, layer.executed
        );
        print(&layer.facts, &format!("{indent}    "));
    }
}

fn steps(steps: &[Step]) -> String {
    let words = steps.iter().map(|s| match &s.constant {
        Some(constant) => format!("{} {} {constant:?}", s.capability, s.api),
        None => format!("{} {}", s.capability, s.api),
    });
    words.collect::<Vec<_>>().join(" => ")
}
