//! Writes starting points for the fuzz targets below `corpus/`: small samples made here, and the cases in the Markdown
//! files of the crates.

mod archives;
mod code;
mod data;
mod own;

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    write("unpack", archives::seeds())?;
    write("manifests", data::manifests())?;
    write("registry_pages", data::registry_pages())?;
    write("policy", data::policies())?;
    write("own_rules", own::rules())?;
    write("feeds", own::feeds())?;
    let cases = code::cases(Path::new("../crates"))?;
    write("python", code::python(&cases))?;
    write("javascript", code::javascript(&cases))?;
    write("lang", code::any(&cases))?;
    write("report", data::reports())
}

fn write(target: &str, seeds: Vec<Vec<u8>>) -> io::Result<()> {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:03}")), seed)?;
    }
    Ok(())
}
