//! The tables, as the build script wrote them.

mod commands {
    include!(concat!(env!("OUT_DIR"), "/commands.rs"));
}

#[expect(unused_imports, reason = "its commands have no arguments with roles")]
mod powershell {
    include!(concat!(env!("OUT_DIR"), "/powershell.rs"));
}

#[expect(unused_imports, reason = "its functions have no arguments with roles")]
mod rust {
    include!(concat!(env!("OUT_DIR"), "/rust.rs"));
}

#[expect(unused_imports, reason = "its methods have no arguments with roles")]
mod csharp {
    include!(concat!(env!("OUT_DIR"), "/csharp.rs"));
}

pub(super) use commands::TABLE as COMMANDS;
pub(crate) use csharp::TABLE as CSHARP;
pub(crate) use powershell::TABLE as POWERSHELL;
pub(crate) use rust::TABLE as RUST;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_keep_their_rules() {
        // names are those of programs and their first words: dots and blanks are theirs
        for table in [&COMMANDS, &POWERSHELL, &RUST, &CSHARP] {
            let complaints: Vec<_> = foretaste_observe::table::complaints(table)
                .into_iter()
                .filter(|c| !c.ends_with("is no dotted name"))
                .collect();
            assert_eq!(complaints, Vec::<String>::new());
        }
        assert!(COMMANDS.entries.len() > 350);
    }
}
