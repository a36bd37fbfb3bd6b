//! The bars, a line each: what the gate does, what it must, and what the floor and the peers did in the same run.

use anyhow::Result;

use super::Figures;
use super::install::Client;
use super::traces::Traced;
use crate::bench::row::{Bar, head, row};

/// Prints them; the floor comes first, and the gate second.
pub(super) fn print(
    all: &[(&'static str, Figures)],
    decisions: Result<(f64, u64)>,
    traced: Result<Traced>,
) {
    head();
    let table = Table { all };
    table.line("start to first answer, ms", Bar::AtMost(100.0), |f| f.start);
    table.line("9 KB page, requests/s", Bar::AtLeast(40_000.0), |f| f.small);
    table.of_floor("9 KB page, % of nginx", 40.0, |f| f.small);
    table.line("1.2 MB page, requests/s", Bar::AtLeast(2_000.0), |f| {
        f.large
    });
    table.of_floor("1.25 MB wheel, % of nginx", 80.0, |f| f.wheel);
    table.line("memory after load, MiB", Bar::AtMost(60.0), |f| f.memory);
    table.line("of it pages of the program", Bar::None, |f| f.program);
    for client in Client::ALL {
        let of = |f: &Figures| f.installs.iter().position(|i| i.client == client);
        let warm = |f: &Figures| of(f).map(|at| f.installs[at].warm);
        let cold = |f: &Figures| f.installs[of(f)?].cold.as_ref().map(|c| c.small);
        let added = |f: &Figures| f.installs[of(f)?].cold.as_ref().map(|c| c.added);
        let large = |f: &Figures| f.installs[of(f)?].cold.as_ref()?.large;
        let name = |what: &str| format!("{}: {what}", client.name());
        table.line(&name("40 warm ÷ direct"), Bar::AtMost(1.05), warm);
        table.line(&name("20 small cold ÷ direct"), Bar::AtMost(1.3), cold);
        table.line(&name("ms added by each of them"), Bar::None, added);
        table.line(&name("40 large cold ÷ direct, once"), Bar::None, large);
    }
    match decisions {
        Ok((percent, total)) => row(
            "decisions within 1 ms, %",
            percent,
            Bar::AtLeast(99.0),
            &format!("over {total} served files"),
        ),
        Err(error) => println!("decisions: {error:#}"),
    }
    match traced {
        Ok(traced) => row(
            "9 KB page with traces, % of without",
            traced.with * 100.0 / traced.without,
            Bar::None,
            &format!(
                "requests/s: {:.0}, without {:.0}; {} spans arrived",
                traced.with, traced.without, traced.spans
            ),
        ),
        Err(error) => println!("traces: {error:#}"),
    }
}

struct Table<'a> {
    all: &'a [(&'static str, Figures)],
}

impl Table<'_> {
    fn line(&self, name: &str, bar: Bar, of: impl Fn(&Figures) -> Option<f64>) {
        let Some(here) = of(&self.all[1].1) else {
            return;
        };
        row(name, here, bar, &self.others(of));
    }

    fn of_floor(&self, name: &str, bar: f64, of: impl Fn(&Figures) -> Option<f64>) {
        let (floor, here) = (of(&self.all[0].1), of(&self.all[1].1));
        let Some((floor, here)) = floor.zip(here) else {
            return;
        };
        row(
            name,
            here * 100.0 / floor,
            Bar::AtLeast(bar),
            &format!("requests/s: {here:.0}; {}", self.others(of)),
        );
    }

    fn others(&self, of: impl Fn(&Figures) -> Option<f64>) -> String {
        let others = self.all.iter().filter(|(name, _)| *name != "foretaste");
        let shown = others.filter_map(|(name, figures)| {
            let figure = of(figures)?;
            let digits = if figure < 10.0 { 2 } else { 0 };
            Some(format!("{name} {figure:.digits$}"))
        });
        shown.collect::<Vec<String>>().join(", ")
    }
}
