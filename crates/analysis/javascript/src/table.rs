//! The capability table, made from `capabilities.toml` by the build script.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn the_table_is_sound_and_wide() {
        assert_eq!(
            foretaste_observe::table::complaints(&TABLE),
            Vec::<String>::new()
        );
        assert!(TABLE.entries.len() >= 500, "{}", TABLE.entries.len());
        for api in [
            "child_process.exec",
            "fs.promises.readFile",
            "eval",
            "axios.post",
            "net.Socket.write",
            "process.env",
            "document.cookie",
            "ethereum.request",
            "Bun.spawn",
            "Deno.Command",
        ] {
            assert!(TABLE.get(api).is_some(), "{api}");
        }
    }
}
