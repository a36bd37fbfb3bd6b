//! `WHEEL`: only checked, its facts are in the file name.

use super::reading::Reading;

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut version = None;
    for line in reading.text.lines() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("wheel-version")
        {
            version = Some(value.trim().to_owned());
        }
    }
    match version {
        None => reading.problem(None, "the wheel does not state its format version"),
        Some(version) if !version.starts_with("1.") => {
            reading.problem(None, format!("wheel format version {version:?} is unknown"));
        }
        Some(_) => {}
    }
}
