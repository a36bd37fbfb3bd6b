//! The table of all readers.

use foretaste_project::Reader;

/// Every reader of every ecosystem.
pub fn readers() -> impl Iterator<Item = &'static Reader> {
    [
        foretaste_pypi::project::READERS,
        foretaste_npm::project::READERS,
        foretaste_cargo::project::READERS,
        foretaste_golang::READERS,
        foretaste_packagist::READERS,
        foretaste_rubygems::READERS,
        foretaste_actions::READERS,
        crate::setup_py::READERS,
    ]
    .into_iter()
    .flatten()
}

/// Who reads the file at this path (relative to the root of the project), if anybody.
pub fn reader_of(path: &str) -> Option<&'static Reader> {
    readers().find(|reader| (reader.matches)(path))
}
