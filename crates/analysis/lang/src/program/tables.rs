//! The tables, as the build script wrote them.

pub(super) mod ruby {
    include!(concat!(env!("OUT_DIR"), "/ruby.rs"));
}

pub(super) mod php {
    include!(concat!(env!("OUT_DIR"), "/php.rs"));
}

pub(super) mod go {
    include!(concat!(env!("OUT_DIR"), "/go.rs"));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tables_keep_their_rules_and_are_long_enough() {
        for table in [&super::ruby::TABLE, &super::php::TABLE, &super::go::TABLE] {
            assert_eq!(
                foretaste_observe::table::complaints(table),
                Vec::<String>::new()
            );
            assert!(table.entries.len() >= 150, "{}", table.entries.len());
        }
    }
}
