//! The user's own rules as arbitrary text: over facts, and YARA. The first byte of the input chooses which.
#![no_main]

use foretaste_user_rules::{ByteRules, UserRules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    if choice % 2 == 0 {
        let mut rules = UserRules::default();
        match rules.add("rules/own.toml", &text, &["secrets-to-network"]) {
            Ok(count) => {
                assert_eq!(count, rules.rules().len());
                rules.test();
            }
            Err(errors) => assert!(!errors.to_string().is_empty()),
        }
    } else if let Err(message) = ByteRules::compile(&[("own.yar".to_owned(), text)], &[]) {
        assert!(message.contains("own.yar"), "{message}");
    }
});
