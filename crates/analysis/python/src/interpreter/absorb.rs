//! What the evaluator found out, as facts beside those of the abstract reading.

use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::UseSite;
use foretaste_observe::taint::{Effect, Mark, Origin, effect};

use super::Interpreter;
use crate::evaluator::{Event, Outcome};
use crate::value::Shape;

impl Interpreter<'_> {
    pub(crate) fn absorb(&mut self, outcome: Outcome) {
        let mut before: Vec<String> = Vec::new();
        let mut wrappers = 0_u32;
        for executed in outcome.executed {
            before.extend(executed.steps);
            if executed.wraps {
                wrappers += 1;
                self.layers.forget(&executed.text);
                continue;
            }
            let mut steps = chain(&std::mem::take(&mut before), wrappers);
            if steps.is_empty() && !self.stands_in_clear(&executed.text) {
                steps.push("computed".into());
            }
            wrappers = 0;
            if executed.opaque {
                self.layers.add_opaque(steps, executed.range);
            } else {
                self.layers
                    .add_executed(executed.text, steps, executed.range);
            }
        }
        for (text, range) in outcome.texts {
            let fact = self.fact_at(range);
            self.facts.literal(&text, range, fact);
            if text.len() >= 24 {
                self.layers.consider(text.as_bytes(), range);
            }
        }
        for event in &outcome.events {
            self.absorb_event(event, &outcome.events);
        }
    }

    fn absorb_event(&mut self, event: &Event, all: &[Event]) {
        let Some(mark) = self.mark_of(event) else {
            return;
        };
        let Some(entry) = crate::table::TABLE.get(&event.api) else {
            return;
        };
        let fact = self.fact_at(event.range);
        let site = UseSite {
            api: &event.api,
            range: event.range,
            function: fact,
            resolution: Resolution::Reflected,
            kind: UseKind::Call,
        };
        self.facts.uses(site, entry.capabilities, || {
            event.constants.iter().map(|c| c.as_str().into()).collect()
        });
        if !matches!(
            effect(mark.capability),
            Effect::Sink | Effect::SinkAndSource
        ) {
            return;
        }
        for source in all {
            if source.bit == 0 || event.sources & source.bit == 0 {
                continue;
            }
            if let Some(from) = self.mark_of(source) {
                let data = self.taints.origin(Origin::Source(from));
                self.arrive(data, mark, fact);
            }
        }
    }

    fn mark_of(&mut self, event: &Event) -> Option<Mark> {
        let sym = self.symbols.path(&event.api);
        let capability = self.symbols.entry(sym)?.capability()?;
        let constant = match event.constants.first() {
            Some(text) => match self.text(text.clone()).shape {
                Shape::Str(id) => id.0 + 1,
                _ => 0,
            },
            None => 0,
        };
        Some(Mark {
            capability,
            api: sym.0,
            constant,
            range: event.range,
        })
    }

    /// True if most words of a text can be read in the file as it is.
    fn stands_in_clear(&self, text: &str) -> bool {
        let source = self.facts.places().text().as_bytes();
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| w.len() >= 4)
            .take(100)
            .collect();
        let seen = words
            .iter()
            .filter(|w| memchr::memmem::find(source, w.as_bytes()).is_some())
            .count();
        seen * 2 >= words.len()
    }

    /// The innermost function around a place.
    fn fact_at(&self, range: (u32, u32)) -> u32 {
        self.functions
            .iter()
            .filter(|f| f.range.0 <= range.0 && range.1 <= f.range.1)
            .min_by_key(|f| f.range.1 - f.range.0)
            .map_or(0, |f| f.fact)
    }
}

/// The steps of a layer, each once, and how many wrappers stood around it.
fn chain(steps: &[String], wrappers: u32) -> Vec<Box<str>> {
    let mut out: Vec<Box<str>> = Vec::new();
    for step in steps {
        if !out.iter().any(|s| **s == **step) {
            out.push(step.as_str().into());
        }
    }
    if wrappers > 0 && !out.is_empty() {
        out.push(format!("{} layers", wrappers + 1).into());
    }
    out
}
