//! The system calls: which are refused, which are reported.

pub(crate) mod bpf;
pub(crate) mod calls;
pub(crate) mod filter;

#[cfg(test)]
mod tests {
    /// No machine with the other architecture is needed to see that the tables name what it has.
    #[test]
    fn every_call_that_is_not_of_one_architecture_is_there_on_both() {
        let known: std::collections::HashMap<&str, &str> = include_str!("aarch64.txt")
            .lines()
            .filter_map(|line| line.split_once(' '))
            .collect();
        let mut seen = 0;
        for source in [include_str!("calls.rs"), include_str!("filter.rs")] {
            let mut parts = source.split("#[cfg(target_arch = \"x86_64\")]");
            let mut common = parts.next().unwrap_or("").to_owned();
            for part in parts {
                // a statement of one architecture ends with its first line that ends so at this depth
                let end = part.find("\n    ]);\n").or_else(|| part.find(";\n"));
                common.push_str(part.get(end.unwrap_or(0)..).unwrap_or(""));
            }
            for name in common.split("SYS_").skip(1) {
                let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                let name = name.split(|c| !is_part(c)).next().unwrap_or("");
                if !name.is_empty() {
                    assert!(known.contains_key(name), "aarch64 has no `{name}`");
                    seen += 1;
                }
            }
        }
        assert!(seen > 60, "{seen}");
        assert_eq!(known["openat"], "56");
    }
}
