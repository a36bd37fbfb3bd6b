//! The JavaScript and TypeScript observer on arbitrary text. The first byte of the input chooses the path.
#![no_main]

use foretaste_fuzz::{check_facts, limits};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 8] = ["a.js", "a.js", "a.js", "a.mjs", "a.cjs", "a.ts", "a.tsx", "a.d.ts"];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let path = PATHS[usize::from(choice % 8)];
    check_facts(&foretaste_javascript::observe(path, &String::from_utf8_lossy(bytes), &limits()));
});
