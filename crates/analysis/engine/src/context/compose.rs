//! Chains across files: pieces that files offer one another, put together.
//!
//! Each file's pieces are part of its facts, so that a file is read once, whatever stands beside it; joining them is a
//! bounded walk from sources along names that the package itself defines.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use foretaste_model::facts::{
    Flow, FlowLink, FunctionKind, Piece, PieceEnd, PieceStart, Step, StepRole,
};
use foretaste_model::{Capability, ExecutionContext, Span};

use super::{Work, context_of};
use crate::Crossing;

/// Files that one chain may cross.
const MAX_PIECES: usize = 5;
/// Joints that are looked at in one artifact.
const MAX_JOINTS: usize = 20_000;
/// Chains that are kept for one artifact.
const MAX_CROSSINGS: usize = 64;

/// What a module offers to others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Offer<'a> {
    /// What a function gives back.
    Result(u32),
    /// What a variable holds.
    Variable(&'a str),
}

/// A piece in its file.
type Placed<'a> = (usize, &'a Piece);

impl<'a> Work<'a> {
    /// Every chain whose steps lie in several files, in the order of the files of their sources.
    pub(super) fn compose(&self) -> Vec<Crossing> {
        let mut queue: VecDeque<Vec<Placed<'a>>> = self
            .placed()
            .filter(|(_, p)| p.from == PieceStart::Source)
            .map(|placed| vec![placed])
            .collect();
        if queue.is_empty() {
            return Vec::new();
        }
        let taken = self.takers();
        let given = self.parameters();
        let mut crossings = Vec::new();
        let mut known = HashSet::new();
        let mut joints = 0;
        while let Some(path) = queue.pop_front() {
            let Some((file, last)) = path.last().copied() else {
                continue;
            };
            let next: Vec<Placed<'a>> = match &last.to {
                PieceEnd::Sink => {
                    crossings.extend(self.crossing(&path, &mut known));
                    if crossings.len() >= MAX_CROSSINGS {
                        break;
                    }
                    continue;
                }
                PieceEnd::Result(f) => find(&taken, (file, Offer::Result(*f))),
                PieceEnd::Variable(name) => find(&taken, (file, Offer::Variable(name))),
                PieceEnd::Argument {
                    callee,
                    position,
                    keyword,
                } => self.receivers(file, callee, *position, keyword.as_deref(), &given),
            };
            if path.len() >= MAX_PIECES {
                continue;
            }
            for placed in next {
                joints += 1;
                if joints > MAX_JOINTS {
                    return crossings;
                }
                if !path.contains(&placed) {
                    let mut longer = path.clone();
                    longer.push(placed);
                    queue.push_back(longer);
                }
            }
        }
        crossings
    }

    fn placed(&self) -> impl Iterator<Item = Placed<'a>> + use<'a> {
        let files = self.artifact.files.iter().enumerate();
        files.flat_map(|(index, file)| file.facts.pieces.iter().map(move |p| (index, p)))
    }

    /// The pieces that take what another file of the package offers, by the offer.
    fn takers(&self) -> HashMap<(usize, Offer<'a>), Vec<Placed<'a>>> {
        let mut takers: HashMap<_, Vec<Placed<'a>>> = HashMap::new();
        let mut offers: HashMap<(usize, &str), Option<(usize, Offer<'a>)>> = HashMap::new();
        for (index, piece) in self.placed() {
            if let PieceStart::Outside(name) = &piece.from {
                let offer = *offers
                    .entry((index, name))
                    .or_insert_with(|| self.offer(index, name));
                if let Some(offer) = offer.filter(|(file, _)| *file != index) {
                    takers.entry(offer).or_default().push((index, piece));
                }
            }
        }
        takers
    }

    /// The pieces that begin at a parameter, by its function.
    fn parameters(&self) -> HashMap<(usize, u32), Vec<&'a Piece>> {
        let mut given: HashMap<_, Vec<&Piece>> = HashMap::new();
        for (index, piece) in self.placed() {
            if let PieceStart::Parameter { function, .. } = &piece.from {
                given.entry((index, *function)).or_default().push(piece);
            }
        }
        given
    }

    /// What a resolved name stands for: a function, or a variable that some module fills with data.
    fn offer(&self, index: usize, name: &'a str) -> Option<(usize, Offer<'a>)> {
        if let Some((file, Some(function))) = self.callee(index, name) {
            return Some((file, Offer::Result(function)));
        }
        let (module, variable) = name.split_once('#').or_else(|| name.rsplit_once('.'))?;
        let module = if module.is_empty() { "." } else { module };
        let file = self.resolve(index, module)?;
        let holds = |file: usize| {
            self.artifact.files[file]
                .facts
                .pieces
                .iter()
                .any(|p| matches!(&p.to, PieceEnd::Variable(n) if **n == *variable))
        };
        if holds(file) {
            return Some((file, Offer::Variable(variable)));
        }
        // `from .config import KEY` in a package's `__init__`
        let imports = &self.artifact.files[file].facts.imports;
        let import = imports
            .iter()
            .find(|i| i.names.iter().any(|n| **n == *variable))?;
        let file = self.resolve(file, &import.module)?;
        holds(file).then_some((file, Offer::Variable(variable)))
    }

    /// The pieces that begin at the parameter which a call fills.
    fn receivers(
        &self,
        file: usize,
        callee: &str,
        position: u16,
        keyword: Option<&str>,
        given: &HashMap<(usize, u32), Vec<&'a Piece>>,
    ) -> Vec<Placed<'a>> {
        let Some((target, Some(function))) = self.callee(file, callee) else {
            return Vec::new();
        };
        if target == file {
            return Vec::new();
        }
        let kind = self.artifact.files[target]
            .facts
            .functions
            .get(function as usize)
            .map(|f| f.kind);
        // the receiver of a method is not among the arguments of its call
        let is_python = self.artifact.files[target].path.ends_with(".py");
        let shift = u16::from(is_python && kind == Some(FunctionKind::Method));
        let fits = |start: &PieceStart| match start {
            PieceStart::Parameter {
                position: at, name, ..
            } => match keyword {
                Some(keyword) => **name == *keyword,
                None => *at == position.saturating_add(shift),
            },
            _ => false,
        };
        given
            .get(&(target, function))
            .into_iter()
            .flatten()
            .filter(|p| fits(&p.from))
            .map(|p| (target, *p))
            .collect()
    }

    /// The chain that a path of pieces makes, unless it says nothing or is known.
    fn crossing(
        &self,
        path: &[Placed<'a>],
        known: &mut HashSet<(usize, Span, usize, Span)>,
    ) -> Option<Crossing> {
        let files: BTreeSet<usize> = path.iter().map(|(file, _)| *file).collect();
        if files.len() < 2 {
            return None;
        }
        let (steps, homes): (Vec<Step>, Vec<usize>) = path
            .iter()
            .flat_map(|(file, piece)| piece.steps.iter().map(move |s| (s.clone(), *file)))
            .unzip();
        let (first, last) = (steps.first()?, steps.last()?);
        if first.role != StepRole::Source || last.role != StepRole::Sink {
            return None;
        }
        let between = steps.iter().map(|s| s.capability);
        // names of modules travel through whole programs
        if last.capability == Capability::CodeImport {
            return None;
        }
        if !first
            .capability
            .tells_with(last.capability, between, last.carries_out())
        {
            return None;
        }
        let context = path
            .iter()
            .map(|(file, piece)| context_of(&self.contexts, *file, piece.function))
            .max()?;
        let joined_early = context <= ExecutionContext::Start
            || path.iter().any(|(_, piece)| {
                piece.function == 0 && !matches!(piece.to, PieceEnd::Variable(_))
            });
        let handed_on = matches!(path.first()?.1.to, PieceEnd::Argument { .. });
        if !joined_early && handed_on && is_setting(&steps) {
            return None;
        }
        let ends = (*homes.first()?, first.span, *homes.last()?, last.span);
        if !known.insert(ends) {
            return None;
        }
        let function = path.last()?.1.function;
        Some(Crossing {
            flow: Flow {
                steps,
                function,
                link: FlowLink::Data,
            },
            homes,
            context,
        })
    }
}

/// True if the environment as a whole is handed on as it is and nobody writes it down before it is sent: programs pass
/// it to what takes its settings from it.
fn is_setting(steps: &[Step]) -> bool {
    steps
        .first()
        .is_some_and(|s| s.capability == Capability::EnvironmentReadAll)
        && !steps.iter().any(|s| {
            matches!(
                s.capability,
                Capability::EncodeText
                    | Capability::EncodeObject
                    | Capability::EncodeCompressed
                    | Capability::EncodeCipher
            )
        })
}

fn find<'a>(
    takers: &HashMap<(usize, Offer<'a>), Vec<Placed<'a>>>,
    key: (usize, Offer<'a>),
) -> Vec<Placed<'a>> {
    takers.get(&key).cloned().unwrap_or_default()
}
