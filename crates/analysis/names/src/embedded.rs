//! The built-in lists, indexed when this crate was built.

use std::sync::{Arc, LazyLock};

use foretaste_model::Ecosystem;

use crate::popular::PopularNames;

/// The built-in list of one ecosystem: all of it, and its top alone, which is ten times shorter.
struct Embedded {
    all: LazyLock<Arc<PopularNames>>,
    top: LazyLock<Arc<PopularNames>>,
}

macro_rules! list {
    ($file:literal) => {
        LazyLock::new(|| {
            let packed = include_bytes!(concat!(env!("OUT_DIR"), "/", $file));
            Arc::new(PopularNames::unpack(packed))
        })
    };
}

static PYPI: Embedded = Embedded {
    all: list!("pypi"),
    top: list!("pypi.top"),
};
static NPM: Embedded = Embedded {
    all: list!("npm"),
    top: list!("npm.top"),
};
static CARGO: Embedded = Embedded {
    all: list!("cargo"),
    top: list!("cargo.top"),
};
/// Ecosystems without a list.
static NONE: Embedded = Embedded {
    all: LazyLock::new(Arc::default),
    top: LazyLock::new(Arc::default),
};
static BRANDS: LazyLock<Arc<PopularNames>> = list!("brands");

const fn of(ecosystem: Ecosystem) -> &'static Embedded {
    match ecosystem {
        Ecosystem::Pypi => &PYPI,
        Ecosystem::Npm => &NPM,
        Ecosystem::Cargo => &CARGO,
        Ecosystem::RubyGems
        | Ecosystem::Packagist
        | Ecosystem::Go
        | Ecosystem::NuGet
        | Ecosystem::Maven
        | Ecosystem::VsCode
        | Ecosystem::Actions => &NONE,
    }
}

impl PopularNames {
    /// The built-in list.
    pub fn embedded(ecosystem: Ecosystem) -> Arc<Self> {
        Arc::clone(&of(ecosystem).all)
    }

    /// The most popular thousand of the built-in list.
    pub(crate) fn embedded_top(ecosystem: Ecosystem) -> Arc<Self> {
        Arc::clone(&of(ecosystem).top)
    }

    /// Well-known names of projects and products that are not popular packages.
    pub(crate) fn brands() -> &'static Self {
        &BRANDS
    }
}
