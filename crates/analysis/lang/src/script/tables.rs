//! The tables, as the build script wrote them.

mod commands {
    include!(concat!(env!("OUT_DIR"), "/commands.rs"));
}

pub(super) use commands::TABLE as COMMANDS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_keeps_its_rules() {
        // names are those of programs, dots and all
        let complaints: Vec<_> = foretaste_observe::table::complaints(&COMMANDS)
            .into_iter()
            .filter(|c| !c.ends_with("is no dotted name"))
            .collect();
        assert_eq!(complaints, Vec::<String>::new());
        assert!(COMMANDS.entries.len() > 350);
    }
}
