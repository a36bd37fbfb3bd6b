//! Sizes in words.

/// `12 B`, `3.4 KiB`, ...
pub fn bytes(size: u64) -> String {
    let mut value = size as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" {
                format!("{size} B")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}
