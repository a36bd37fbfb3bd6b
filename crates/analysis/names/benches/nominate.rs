//! How long one nomination takes, and loading a list.

use foretaste_model::Ecosystem;
use foretaste_names::{Nominator, PopularNames};

fn main() {
    let names = Nominator::new(&[]);
    for ecosystem in Ecosystem::ALL {
        names.popular(ecosystem);
    }
    divan::main();
}

#[divan::bench(args = ["reqeusts", "requests-darwin-lite", "a-name-like-no-other", "node-mongoose-orm", "langchain-google-vertexai"])]
fn one_name(name: &str) -> usize {
    Nominator::new(&[]).nominate(Ecosystem::Pypi, name).len()
}

#[divan::bench(sample_count = 20)]
fn load_fifteen_thousand_names(bencher: divan::Bencher<'_, '_>) {
    let text: Vec<String> = PopularNames::embedded(Ecosystem::Pypi)
        .iter()
        .map(str::to_owned)
        .collect();
    let text = text.join("\n");
    bencher.bench(|| PopularNames::from_list(Ecosystem::Pypi, &text).len());
}
