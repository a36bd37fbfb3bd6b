//! Checking a policy against the rules that exist.

use foretaste_model::RuleMeta;

use crate::{Place, Policy, PolicyErrors, suggest};

impl Policy {
    /// Checks that every rule id and rule option of the policy exists.
    ///
    /// # Errors
    /// Every one that does not, with the near one or the list of what exists.
    pub fn check(&self, rules: &[&RuleMeta]) -> Result<(), PolicyErrors> {
        let ids = || rules.iter().map(|rule| rule.id.0);
        let mut errors = Vec::new();
        let mut error = |key: &str, message: String, hint| {
            let place = self.places.of(key).unwrap_or(Place::START);
            errors.push(self.places.error(place, message, hint));
        };
        let unknown = |id: &str| {
            let hint = suggest::closest(id, ids()).map_or_else(
                || "`foretaste rules` lists them".into(),
                |near| format!("did you mean `{near}`?").into(),
            );
            (format!("there is no rule `{id}`"), Some(hint))
        };
        for (id, settings) in &self.rules {
            let Some(meta) = rules.iter().find(|rule| rule.id.0 == id) else {
                let (message, hint) = unknown(id);
                error(&format!("rules.{id}"), message, hint);
                continue;
            };
            let options = || meta.options.iter().map(|option| option.name);
            for name in settings.options.keys() {
                if options().any(|known| known == name) {
                    continue;
                }
                let known = ["enabled", "severity"].into_iter().chain(options());
                error(
                    &format!("rules.{id}.{name}"),
                    format!("the rule `{id}` has no option `{name}`"),
                    suggest::hint(name, known, "it takes"),
                );
            }
        }
        for (index, waiver) in self.waivers.iter().enumerate() {
            if !ids().any(|id| id == waiver.rule) {
                let (message, hint) = unknown(&waiver.rule);
                error(&format!("waivers[{index}].rule"), message, hint);
            }
        }
        PolicyErrors::new(errors).map_or(Ok(()), Err)
    }
}
