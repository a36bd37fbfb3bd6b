//! The report as data.

use foretaste_model::report::Report;
use foretaste_report::json;

use crate::human::everything;
use crate::reports::*;

#[test]
fn a_report_as_json() {
    insta::assert_snapshot!("json", json::render(&report(vec![exfiltration()])).unwrap());
}

#[test]
fn equal_reports_give_equal_bytes_and_read_back_equal() {
    let text = json::render(&everything()).unwrap();
    assert_eq!(text, json::render(&everything()).unwrap());
    assert!(text.ends_with("}\n"));
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, everything());
}

#[test]
fn hostile_strings_stay_the_same_data_and_become_harmless_bytes() {
    let hostile = report(vec![hostile()]);
    let text = json::render(&hostile).unwrap();
    assert!(
        text.chars()
            .all(|c| c == '\n' || foretaste_report::escape::is_inert(c))
    );
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), hostile);
}

#[test]
fn the_schema_describes_every_part_of_a_report() {
    let schema: serde_json::Value = serde_json::from_str(&json::schema().unwrap()).unwrap();
    for part in ["Finding", "Evidence", "ReleaseReport", "Checks"] {
        assert!(schema["$defs"][part].is_object(), "{part}");
    }
}
