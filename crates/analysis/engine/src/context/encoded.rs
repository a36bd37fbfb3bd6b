//! Texts that stand encoded in one file of a package and are decoded in another.
//!
//! Within a file the observer sees what a decoder is given. A text that another module keeps is nothing to it but a name, so that
//! the names are resolved here: what decodes a variable of a module in which an encoded text stands, and runs it or connects to it,
//! is the chain that it would be if both stood together.

use foretaste_model::facts::{
    Flow, FlowLink, Literal, LiteralKind, PieceEnd, PieceStart, Step, StepRole,
};

use super::{Work, context_of};
use crate::Crossing;

/// Chains that are kept for one artifact.
const MAX_CROSSINGS: usize = 16;

impl Work<'_> {
    /// Every chain from an encoded text of another file, in the order of the files in which they end.
    pub(super) fn encoded_elsewhere(&self) -> Vec<Crossing> {
        let files = self.artifact.files.iter().enumerate();
        let pieces = files.flat_map(|(index, f)| f.facts.pieces.iter().map(move |p| (index, p)));
        pieces
            .filter(|(_, piece)| piece.to == PieceEnd::Sink)
            .filter_map(|(index, piece)| {
                let PieceStart::Outside(name) = &piece.from else {
                    return None;
                };
                let (decoder, sink) = (piece.steps.first()?, piece.steps.last()?);
                if !decoder.capability.is_decoder() || sink.role != StepRole::Sink {
                    return None;
                }
                let (home, text) = self.encoded_text(index, name)?;
                let source = Step {
                    role: StepRole::Source,
                    capability: decoder.capability,
                    api: name.clone(),
                    span: text.span,
                    constant: None,
                };
                let steps: Vec<Step> = std::iter::once(source)
                    .chain(piece.steps.iter().cloned())
                    .collect();
                let mut homes = vec![index; steps.len()];
                homes[0] = home;
                Some(Crossing {
                    flow: Flow {
                        steps,
                        function: piece.function,
                        link: FlowLink::Data,
                    },
                    homes,
                    context: context_of(&self.contexts, index, piece.function),
                })
            })
            .take(MAX_CROSSINGS)
            .collect()
    }

    /// The longest encoded text at the top of the other module that a name is a variable of.
    fn encoded_text(&self, index: usize, name: &str) -> Option<(usize, &Literal)> {
        if self.callee(index, name).is_some() {
            return None;
        }
        let (module, _) = name.split_once('#').or_else(|| name.rsplit_once('.'))?;
        let home = self.resolve(index, module).filter(|home| *home != index)?;
        let texts = self.artifact.files[home].facts.literals.iter();
        texts
            .filter(|l| l.function == 0)
            .filter(|l| matches!(l.kind, LiteralKind::Encoded | LiteralKind::Opaque))
            .max_by_key(|l| l.length)
            .map(|text| (home, text))
    }
}
