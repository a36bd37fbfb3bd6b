//! The capability table, made from `capabilities.toml` by the build script.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_well_formed() {
        assert_eq!(
            foretaste_observe::table::complaints(&TABLE),
            Vec::<String>::new()
        );
        assert!(TABLE.entries.len() >= 700, "{}", TABLE.entries.len());
    }
}
