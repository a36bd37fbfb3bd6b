//! What others publish about malware: feeds, reports, and whole indexes. The first byte of the input chooses which.
#![no_main]

use foretaste_clones::{Index, Lookup};
use foretaste_known::{feed, report};
use foretaste_model::Ecosystem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let mut index = Index::default();
    match choice % 4 {
        0 | 1 => {
            let options = feed::Options {
                ecosystem: (choice % 4 == 1).then_some(Ecosystem::Pypi),
                source: "feed".to_owned(),
            };
            let read = feed::read("feed", bytes, &options);
            assert!(read.problems.iter().all(|p| p.line >= 1));
            feed::add(&mut index, read);
        }
        2 => {
            let _ = report::add(&mut index, &String::from_utf8_lossy(bytes), "report.json");
        }
        _ => {
            let _ = Lookup::read(bytes);
            match Index::decode(bytes) {
                Ok(read) => index = read,
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    // what was taken over can be written, and reads back as it was
    let written = index.encode().expect("an index can be written");
    assert_eq!(Index::decode(&written).expect("an index reads its own"), index);
    Lookup::read(&written).expect("a look-up reads an index");
});
