//! The observer of any file on arbitrary bytes. The first byte of the input chooses the path.
#![no_main]

use foretaste_fuzz::{check_facts, limits};
use libfuzzer_sys::fuzz_target;

/// Files that the targets `python`, `javascript` and `manifests` do not already read more deeply.
const PATHS: [&str; 32] = [
    "a.sh", "a.sh", "a.rb", "a.gemspec", "a.ps1", "a.ps1", "a.php", "a.phtml", "a.bat", "a.bat", "a.go", "a.cmd", "a.ipynb",
    "a.pth", "a.html", "a.html", "a.svg", "a.rs", "build.rs", "a.exe", "a.so", "a.dylib", "a.wasm", "a.pyc", "a.txt",
    "a.json", "a.png", "a.bin", "a", "a.md", "package.json", "a.py",
];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let path = PATHS[usize::from(choice % 32)];
    check_facts(&foretaste_lang::observe(path, bytes, &limits()));
});
