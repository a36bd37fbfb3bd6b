//! `foretaste.toml` as arbitrary text.
#![no_main]

use foretaste_policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    match Policy::parse("project/foretaste.toml", &text) {
        Ok(policy) => {
            let thresholds = policy.thresholds;
            assert!(thresholds.note <= thresholds.review && thresholds.review <= thresholds.block);
        }
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
});
