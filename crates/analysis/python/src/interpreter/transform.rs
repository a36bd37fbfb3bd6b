//! What goes through a decoder, an encoder or a packer.

use foretaste_model::Capability;
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::Interpreter;
use super::api::is_setting;
use super::call::Arg;
use super::packed::packs_file;
use crate::value::{Shape, Value};

/// What a decoder was given of which nothing is known.
pub(super) const UNKNOWN: &str = "…";

/// True for what hides a text; objects are serialised for other reasons.
const fn hides(capability: Capability) -> bool {
    matches!(
        capability,
        Capability::DecodeText | Capability::DecodeCompressed | Capability::DecodeCipher
    )
}

impl<'a> Interpreter<'a> {
    /// What a call gives that makes something else of its data.
    pub(super) fn transformed(
        &mut self,
        entry: &'static Entry,
        callee: Value,
        args: &[Arg<'a>],
        mark: Mark,
    ) -> SetId {
        let mut taint = self.data_only(callee.taint);
        let mut constant = args.is_empty();
        for (i, arg) in args.iter().enumerate() {
            if is_setting(arg)
                || entry.role_of(Some(i), arg.name.unwrap_or("")) == Some(ArgRole::Ignore)
            {
                continue;
            }
            taint = self.union(taint, arg.value.taint);
            constant |= i == 0
                && matches!(
                    arg.value.shape,
                    Shape::Str(_) | Shape::Bytes(_) | Shape::List(_)
                );
        }
        let mut taint = self.data_only(taint);
        if packs_file(entry.api) {
            let source = Mark {
                capability: Capability::FileRead,
                ..mark
            };
            let content = self.taints.origin(Origin::Source(source));
            taint = self.union(taint, content);
        }
        if constant && taint.is_empty() && mark.capability.is_decoder() {
            // a constant that only a decoder makes sense of
            return self.taints.origin(Origin::Source(mark));
        }
        let unknown = args
            .first()
            .is_some_and(|a| a.value.shape == Shape::Unknown);
        if unknown && taint.is_empty() && hides(mark.capability) {
            // nobody knows what it is, but that somebody hid it
            let constant = self.constants.make_text(UNKNOWN.to_owned());
            let constant = constant.map_or(0, |id| id.0 + 1);
            return self
                .taints
                .origin(Origin::Source(Mark { constant, ..mark }));
        }
        self.taints.transform(taint, mark)
    }
}
