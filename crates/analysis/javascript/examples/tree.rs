#![allow(clippy::all, clippy::pedantic, clippy::disallowed_methods)]
use foretaste_javascript::observe;
use foretaste_model::Limits;
use std::collections::BTreeMap;
use std::time::Instant;
fn walk(dir: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
    let Ok(rd) = std::fs::read_dir(dir) else {
        return;
    };
    let mut e: Vec<_> = rd.flatten().map(|e| e.path()).collect();
    e.sort();
    for p in e {
        if p.is_symlink() {
            continue;
        }
        if p.is_dir() {
            walk(&p, out)
        } else if p.extension().is_some_and(|x| {
            ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"]
                .contains(&x.to_str().unwrap_or(""))
        }) {
            out.push(p)
        }
    }
}
fn main() {
    let mut files = vec![];
    for a in std::env::args().skip(1) {
        let p = std::path::PathBuf::from(a);
        if p.is_dir() {
            walk(&p, &mut files)
        } else {
            files.push(p)
        }
    }
    let verbose = std::env::var("V").is_ok();
    let limits = Limits::default();
    let (mut bytes, mut n) = (0usize, 0);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut natures: BTreeMap<String, usize> = BTreeMap::new();
    let mut flows: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let mut problems: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut slow = vec![];
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let mut layers = vec![];
    let start = Instant::now();
    for f in &files {
        let Ok(t) = std::fs::read_to_string(f) else {
            continue;
        };
        let one = Instant::now();
        let facts = observe(f.to_str().unwrap(), &t, &limits);
        let e = one.elapsed();
        bytes += t.len();
        n += 1;
        slow.push((e, t.len(), f.display().to_string()));
        *outcomes.entry(format!("{:?}", facts.outcome)).or_default() += 1;
        *natures.entry(format!("{:?}", facts.nature)).or_default() += 1;
        for p in &facts.problems {
            let x = problems
                .entry(format!(
                    "{:?} {}",
                    p.kind,
                    &p.message.chars().take(60).collect::<String>()
                ))
                .or_insert((0, f.display().to_string()));
            x.0 += 1;
        }
        for u in &facts.uses {
            *uses
                .entry(format!(
                    "{} {} {:?} {:?}",
                    u.capability, u.api, u.kind, u.resolution
                ))
                .or_default() += 1;
        }
        for l in &facts.layers {
            layers.push(format!(
                "{} {:?} exec={} {} len={}",
                f.display(),
                l.steps,
                l.executed,
                l.span.line,
                l.facts.uses.len()
            ));
        }
        for fl in &facts.flows {
            let (a, b) = (fl.steps.first().unwrap(), fl.steps.last().unwrap());
            let k = format!("{:?} {} -> {}", fl.link, a.capability, b.capability);
            let x = flows.entry(k).or_default();
            x.0 += 1;
            if x.1.len() < 400 {
                x.1.push(format!(
                    "{}:{}:{} {}",
                    f.display(),
                    b.span.line,
                    b.span.column,
                    fl.steps
                        .iter()
                        .map(|s| format!(
                            "{}({}:{})[{}]",
                            s.api,
                            s.span.line,
                            s.span.column,
                            s.constant
                                .as_deref()
                                .unwrap_or("")
                                .chars()
                                .take(40)
                                .collect::<String>()
                        ))
                        .collect::<Vec<_>>()
                        .join(" > ")
                ));
            }
        }
        if verbose {
            for u in &facts.uses {
                println!(
                    "use {} {} {:?} {:?} {}:{} {:?}",
                    u.capability,
                    u.api,
                    u.kind,
                    u.resolution,
                    u.span.line,
                    u.span.column,
                    u.constants
                );
            }
            for l in &facts.literals {
                println!(
                    "lit {:?} {}:{} {:?}",
                    l.kind,
                    l.span.line,
                    l.span.column,
                    l.value.chars().take(80).collect::<String>()
                );
            }
            println!(
                "{:?} {:?} {:?}",
                facts.outcome, facts.nature, facts.identifiers
            );
        }
    }
    let e = start.elapsed();
    println!(
        "files {n} bytes {bytes} in {e:?}: {:.1} MB/s",
        bytes as f64 / 1e6 / e.as_secs_f64()
    );
    println!("{outcomes:?} {natures:?}");
    for (k, (n, f)) in &problems {
        println!("problem {n} {k} e.g. {f}");
    }
    slow.sort();
    slow.reverse();
    for s in slow.iter().take(12) {
        println!("slow {:?} {} {}", s.0, s.1, s.2);
    }
    let mut v: Vec<_> = flows.iter().collect();
    v.sort_by_key(|(_, x)| std::cmp::Reverse(x.0));
    for (k, (n, ex)) in v {
        println!("\n== {n} {k}");
        let step = (ex.len() / 14).max(1);
        for x in ex.iter().step_by(step).take(14) {
            println!("   {x}");
        }
    }
    println!("\nlayers {}", layers.len());
    for l in layers.iter().take(40) {
        println!("  {l}");
    }
    let mut u: Vec<_> = uses.iter().collect();
    u.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    for (k, n) in u.iter().take(120) {
        println!("use {n} {k}");
    }
}
