//! Names resolved through aliases, destructuring, folding and reflection.

use foretaste_javascript::observe;
use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, ParseOutcome, Resolution};

fn facts(path: &str, code: &str) -> FileFacts {
    observe(path, code, &Limits::default())
}

fn apis(facts: &FileFacts) -> Vec<String> {
    facts
        .uses
        .iter()
        .map(|u| format!("{} {}", u.capability, u.api))
        .collect()
}

const EXEC: &str = "process.shell child_process.exec";
const EVAL: &str = "code.eval eval";
const FUNCTION: &str = "code.eval Function";

#[test]
fn every_way_to_a_name_is_followed() {
    let cases: &[(&str, &str, Option<Resolution>)] = &[
        // plain ways
        (
            "require('child_process').exec('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "const {exec: run} = require(\"child_process\"); run('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "const cp = require('node:child_process'); cp.exec('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "var cp; cp = require('child_process'); cp['exec']('id')",
            EXEC,
            None,
        ),
        (
            "import cp, {exec as x} from 'node:child_process'; x('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "import cp from 'child_process'; cp.exec('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "import * as cp from 'child_process'; cp.exec('id')",
            EXEC,
            Some(Resolution::Direct),
        ),
        (
            "import('child_process').then(cp => cp.exec('id'))",
            EXEC,
            None,
        ),
        (
            "const cp = await import('child_process'); cp.exec('id')",
            EXEC,
            None,
        ),
        (
            "import cp = require('child_process'); cp.exec('id')",
            EXEC,
            None,
        ),
        (
            "const {exec} = require('child_process'), {promisify} = require('util'); promisify(exec)('id')",
            EXEC,
            None,
        ),
        (
            "const util = require('util'); const run = util.promisify(require('child_process').exec); run('id')",
            EXEC,
            None,
        ),
        (
            "let f = require('child_process').exec; f('id')",
            EXEC,
            Some(Resolution::Rebound),
        ),
        // names put together
        (
            "require([\"ch\",\"ild_process\"].join(\"\")).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require('child' + '_' + 'process')['ex' + 'ec']('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require('ssecorp_dlihc'.split('').reverse().join('')).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(String.fromCharCode(99,104,105,108,100,95,112,114,111,99,101,115,115)).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(String.fromCharCode(...[99,104,105,108,100,95,112,114,111,99,101,115,115])).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(String.fromCharCode.apply(null,[99,104,105,108,100,95,112,114,111,99,101,115,115])).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(Buffer.from('Y2hpbGRfcHJvY2Vzcw==','base64').toString()).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(Buffer.from('6368696c645f70726f63657373','hex').toString('utf8')).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(atob('Y2hpbGRfcHJvY2Vzcw==')).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require(`child_${'process'}`).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        ("require('\\x63hild_\\u0070rocess').exec('id')", EXEC, None),
        (
            "require(unescape('%63hild_process')).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "const t = ['exec', 'child_process']; require(t[1])[t[0]]('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "const t = {a: 'exec', b: 'child_process'}; require(t.b)[t['a']]('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "let s = 'chi'; s += 'ld_'; s += 'process'; require(s).exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "require('child-process'.replace('-', '_')).exec('id')",
            EXEC,
            None,
        ),
        (
            "const load = m => require(m); load('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "function load(m) { return require(m) } load('fs'); load('child_process').exec('id')",
            EXEC,
            None,
        ),
        // roundabout loaders
        ("module.require('child_process').exec('id')", EXEC, None),
        (
            "process.mainModule.require('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "module.constructor._load('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "process.mainModule.constructor._load('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "const r = require; r('child_process').exec('id')",
            EXEC,
            None,
        ),
        ("globalThis.require('child_process').exec('id')", EXEC, None),
        (
            "import {createRequire} from 'module'; const r = createRequire(import.meta.url); r('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "const r = require('module').createRequire(__filename); r('child_process').exec('id')",
            EXEC,
            None,
        ),
        (
            "global['process']['mainModule']['require']('child_process')['exec']('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        ("eval('require')('child_process').exec('id')", EXEC, None),
        (
            "Function('return process')().mainModule.require('child_process').exec('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "const {exec} = process.getBuiltinModule('child_process'); exec('id')",
            EXEC,
            None,
        ),
        (
            "(function(require, module, exports){ require('child_process').exec('id') })(require, module, exports)",
            EXEC,
            None,
        ),
        // calls in disguise
        ("require('child_process').exec.call(null, 'id')", EXEC, None),
        (
            "require('child_process').exec.apply(null, ['id'])",
            EXEC,
            None,
        ),
        (
            "require('child_process').exec.bind(null, 'id')()",
            EXEC,
            None,
        ),
        (
            "Reflect.apply(require('child_process').exec, null, ['id'])",
            EXEC,
            Some(Resolution::Reflected),
        ),
        (
            "Reflect.get(require('child_process'), 'exec')('id')",
            EXEC,
            Some(Resolution::Reflected),
        ),
        ("(0, require('child_process').exec)('id')", EXEC, None),
        (
            "const o = {run: require('child_process').exec}; o.run('id')",
            EXEC,
            None,
        ),
        (
            "class A { constructor() { this.cp = require('child_process') } go() { this.cp.exec('id') } } new A().go()",
            EXEC,
            None,
        ),
        (
            "const {exec} = {...require('child_process')}; require('child_process').exec('id')",
            EXEC,
            None,
        ),
        // transpiled
        (
            "var _cp = _interopRequireDefault(require('child_process')); function _interopRequireDefault(e) { return e && e.__esModule ? e : {default: e} } _cp.default.exec('id')",
            EXEC,
            None,
        ),
        (
            "var __importStar = function (m) { return m }; const cp = __importStar(require('child_process')); cp.exec('id')",
            EXEC,
            None,
        ),
        (
            "const tslib_1 = require('tslib'); const cp = tslib_1.__importStar(require('child_process')); (0, cp.exec)('id')",
            EXEC,
            None,
        ),
        (
            "var import_child_process = __toESM(require('child_process')); (0, import_child_process.exec)('id')",
            EXEC,
            None,
        ),
        // eval and Function
        (
            "(0, eval)('code here, long enough')",
            EVAL,
            Some(Resolution::Direct),
        ),
        ("const e = eval; e(x)", EVAL, Some(Resolution::Rebound)),
        ("globalThis['eval'](x)", EVAL, Some(Resolution::Reflected)),
        ("window['ev' + 'al'](x)", EVAL, Some(Resolution::Reflected)),
        ("self.eval(x)", EVAL, None),
        ("new Function('a', x)()", FUNCTION, None),
        ("Function(x)()", FUNCTION, None),
        (
            "[].constructor.constructor(x)()",
            FUNCTION,
            Some(Resolution::Reflected),
        ),
        (
            "''['constructor']['constructor'](x)()",
            FUNCTION,
            Some(Resolution::Reflected),
        ),
        (
            "[]['filter']['constructor'](x)()",
            FUNCTION,
            Some(Resolution::Reflected),
        ),
        (
            "(() => {}).constructor(x)()",
            FUNCTION,
            Some(Resolution::Reflected),
        ),
        (
            "Object.getPrototypeOf(async function(){}).constructor(x)",
            FUNCTION,
            Some(Resolution::Reflected),
        ),
        ("setTimeout('run()', 10)", "code.eval setTimeout", None),
        (
            "require('vm').runInThisContext(x)",
            "code.eval vm.runInThisContext",
            None,
        ),
        (
            "const vm = require('vm'); new vm.Script(x).runInThisContext()",
            "code.eval vm.Script.runInThisContext",
            Some(Resolution::Method),
        ),
        // environment
        ("f(process.env)", "environment.read-all process.env", None),
        (
            "const {env} = process; f(env)",
            "environment.read-all process.env",
            None,
        ),
        (
            "f(process.env.TOKEN)",
            "environment.read process.env.TOKEN",
            None,
        ),
        (
            "f(process.env['TOKEN'])",
            "environment.read process.env.TOKEN",
            None,
        ),
        (
            "const {TOKEN} = process.env; f(TOKEN)",
            "environment.read process.env.TOKEN",
            None,
        ),
        (
            "const {env: e} = require('process'); f(e.TOKEN)",
            "environment.read process.env.TOKEN",
            None,
        ),
        ("process.env.X = '1'", "environment.write process.env", None),
        (
            "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'",
            "network.insecure process.env.NODE_TLS_REJECT_UNAUTHORIZED",
            None,
        ),
        (
            "Object.keys(process.env).map(f)",
            "environment.read-all process.env",
            None,
        ),
        // files
        (
            "require('fs').promises.readFile('x')",
            "file.read fs.promises.readFile",
            None,
        ),
        (
            "import {readFile} from 'fs/promises'; readFile('x')",
            "file.read fs.promises.readFile",
            None,
        ),
        (
            "import fs from 'node:fs'; fs.writeFileSync('x', y)",
            "file.write fs.writeFileSync",
            None,
        ),
        // objects by their constructor
        (
            "const ws = new WebSocket('ws://a.invalid'); ws.send(x)",
            "network.websocket WebSocket.send",
            Some(Resolution::Method),
        ),
        (
            "const net = require('net'); const c = new net.Socket(); c.connect(1, 'a.invalid'); c.write(x)",
            "network.socket net.Socket.write",
            Some(Resolution::Method),
        ),
        (
            "const r = require('https').request(o); r.write(x); r.end()",
            "network.http http.ClientRequest.write",
            Some(Resolution::Method),
        ),
        (
            "const api = require('axios').create({}); api.post('/x', y)",
            "network.http axios.post",
            Some(Resolution::Method),
        ),
        (
            "import axios from 'axios'; axios.post('https://a.invalid', x)",
            "network.http axios.post",
            None,
        ),
        (
            "const axios = require('axios').default; axios.post('https://a.invalid', x)",
            "network.http axios.post",
            None,
        ),
        (
            "const Zip = require('adm-zip'); new Zip('a.zip').extractAllTo('.')",
            "file.unpack adm-zip.extractAllTo",
            Some(Resolution::Method),
        ),
        (
            "const x = new XMLHttpRequest(); x.open('POST', u); x.send(d)",
            "network.http XMLHttpRequest.send",
            Some(Resolution::Method),
        ),
        (
            "const {Telegraf} = require('telegraf'); const b = new Telegraf(t); b.telegram.sendMessage(1, x)",
            "network.messenger messenger.Client.telegram.sendMessage",
            Some(Resolution::Method),
        ),
        (
            "const t = require('nodemailer').createTransport({}); t.sendMail(m)",
            "network.mail nodemailer.Mail.sendMail",
            Some(Resolution::Method),
        ),
        (
            "document.cookie.split(';')",
            "credential.store document.cookie",
            None,
        ),
        (
            "navigator.clipboard.readText().then(f)",
            "device.clipboard navigator.clipboard.readText",
            None,
        ),
        (
            "window.ethereum.request({method: 'eth_accounts'})",
            "credential.wallet ethereum.request",
            None,
        ),
        ("window.fetch = function () {}", "network.http fetch", None),
        (
            "XMLHttpRequest.prototype.send = function () {}",
            "network.http XMLHttpRequest.send",
            None,
        ),
        (
            "const os = require('os'); os.hostname()",
            "host.info os.hostname",
            None,
        ),
        ("Bun.spawn(['id'])", "process.spawn Bun.spawn", None),
        ("new Deno.Command('id')", "process.spawn Deno.Command", None),
    ];
    let mut failed = Vec::new();
    for (code, api, how) in cases {
        let path = if code.contains("import cp =") {
            "a.ts"
        } else {
            "a.js"
        };
        let facts = facts(path, code);
        let found = facts
            .uses
            .iter()
            .filter(|u| format!("{} {}", u.capability, u.api) == *api)
            .collect::<Vec<_>>();
        if found.is_empty() {
            failed.push(format!(
                "{code}\n   wants {api}, has {:?} {:?}",
                apis(&facts),
                facts.problems
            ));
        } else if let Some(how) = how
            && !found.iter().any(|u| u.resolution == *how)
        {
            failed.push(format!(
                "{code}\n   wants {how:?}, has {:?}",
                found[0].resolution
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
fn names_of_one_s_own_are_not_taken_for_others() {
    for code in [
        "function exec(x) { return x } exec('id')",
        "const eval2 = x => x; eval2('a')",
        "function fetch(x) {} fetch('https://a.invalid')",
        "const process = {env: {}}; f(process.env)",
        "const o = {exec() {}}; o.exec('id')",
        "/a(b)c/.exec('text')",
        "const re = /x/; let m; while ((m = re.exec(s))) {}",
        "class Foo { eval() {} } new Foo().eval('x')",
        "const {exec} = require('./local'); exec('id')",
        "type eval = string; interface process { env: string }",
    ] {
        let path = if code.starts_with("type") {
            "a.ts"
        } else {
            "a.js"
        };
        let facts = facts(path, code);
        assert_eq!(apis(&facts), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn every_dialect_is_parsed() {
    for (path, code) in [
        ("a.js", "#!/usr/bin/env node\nreturn 1"),
        ("a.js", "with (a) { b = 010 }"),
        ("a.js", "<!-- old\nvar a = 1\n--> old"),
        ("a.js", "import a from 'b'; export default await a()"),
        ("a.mjs", "export const x = import.meta.url"),
        ("a.cjs", "module.exports = class { #x = 1; static { f() } }"),
        (
            "a.jsx",
            "export const A = () => <div {...p}>it's {f(1)}</div>",
        ),
        (
            "a.ts",
            "enum A { B = 'x' } namespace N { export const y = 1 } let z = <string>y as unknown satisfies any",
        ),
        ("a.tsx", "const A = <T,>(p: T) => <b>{p as any}</b>"),
        ("a.d.ts", "declare module 'x' { export function f(): void }"),
        (
            "a.mts",
            "import type { A } from 'b'; export let c: A | undefined",
        ),
        (
            "a.js",
            "var await = 1; var let_ = yield_; function yield_() {}",
        ),
        (
            "a.js",
            "// @flow\nfunction f(x: number): string { return String(x) }",
        ),
    ] {
        let facts = facts(path, code);
        assert_eq!(
            facts.outcome,
            ParseOutcome::Parsed,
            "{code}: {:?}",
            facts.problems
        );
    }
}

#[test]
fn imports_calls_and_reachability_are_told() {
    let facts = facts(
        "a.js",
        "import {send} from './util.js'; import fs from 'node:fs';
         const {a, b} = require('left-pad');
         function start() { send(1); helper() }
         const helper = () => fs.readFileSync('x');
         function unused() { helper() }
         start();
         (function iife() { later(() => unused2()) })();
         setTimeout(() => fs.unlinkSync('y'), 5);
         exports.go = function () { start() };
         module.exports = class Tool { run() { start() } }",
    );
    let imports: Vec<_> = facts
        .imports
        .iter()
        .map(|i| format!("{} {:?}", i.module, i.names))
        .collect();
    assert_eq!(
        imports,
        [
            "./util.js [\"send\"]",
            "node:fs [\"default\"]",
            "left-pad [\"a\", \"b\"]"
        ]
    );
    let at_import: Vec<_> = facts
        .functions
        .iter()
        .map(|f| format!("{} {}", f.name, f.at_import))
        .collect();
    for expected in [
        "<module> true",
        "start true",
        "helper true",
        "unused false",
        "iife true",
        "go false",
        "Tool.run false",
    ] {
        assert!(
            at_import.iter().any(|f| f == expected),
            "{expected}: {at_import:?}"
        );
    }
    let start = facts
        .functions
        .iter()
        .find(|f| &*f.name == "start")
        .unwrap();
    assert!(format!("{:?}", start.calls).contains("./util.js#send"));
}
