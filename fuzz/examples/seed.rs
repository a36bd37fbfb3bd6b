//! Writes starting points for the fuzz targets below `corpus/`.

use std::path::Path;
use std::{fs, io};

use foretaste_hostile_archives::{corpus, honest};

fn main() -> io::Result<()> {
    let folder = Path::new("corpus/unpack");
    fs::create_dir_all(folder)?;
    let mut cases = honest();
    cases.extend(corpus(1 << 16));
    for (number, case) in cases.iter().enumerate() {
        for choice in [number as u8 & 0x7F, 0x80 | number as u8] {
            let bytes = [&[choice], &case.bytes[..]].concat();
            if bytes.len() < 1 << 17 {
                fs::write(folder.join(format!("{number:03}-{choice:02x}")), bytes)?;
            }
        }
    }
    Ok(())
}
