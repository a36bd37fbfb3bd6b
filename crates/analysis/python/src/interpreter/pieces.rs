//! Pieces of chains that reach into other files: what other modules give, what they are handed, and what this one
//! offers them.

use foretaste_model::facts::{Piece, PieceEnd, PieceStart, StepRole};
use foretaste_observe::taint::{Mark, Origin, SetId, TrailId};

use super::Interpreter;
use super::call::Arg;
use super::function::{End, Record};
use crate::symbols::SymId;
use crate::value::{Shape, TextId, Value};

/// Something handed to a name of another module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handed {
    to: SymId,
    position: u16,
    /// The keyword, as the id of a text plus 1; 0 for none.
    keyword: u32,
}

/// Arguments of one call that are followed into another module.
const MAX_ARGUMENTS: usize = 16;

impl<'a> Interpreter<'a> {
    /// What a name holds or gives that may be of another module of the same package.
    pub(super) fn outside(&mut self, sym: SymId) -> SetId {
        if self.symbols.may_be_own(sym) {
            self.taints.origin(Origin::Outside(sym.0))
        } else {
            SetId::EMPTY
        }
    }

    /// Arguments of a call that may go to another module of the same package.
    pub(super) fn hand_over_all(&mut self, sym: SymId, args: &[Arg<'a>]) {
        if !self.symbols.may_be_own(sym) {
            return;
        }
        for (position, arg) in args.iter().enumerate().take(MAX_ARGUMENTS) {
            if arg.spread || arg.value.taint.is_empty() {
                continue;
            }
            let keyword = arg.name.map_or(0, |n| self.constants.borrow_text(n).0 + 1);
            let handed = Handed {
                to: sym,
                position: position as u16,
                keyword,
            };
            let data = self.data_only(arg.value.taint);
            self.hand_over(data, handed, self.frame.fact);
        }
    }

    /// Data is handed to another module in the function `fact`.
    pub(super) fn hand_over(&mut self, data: SetId, handed: Handed, fact: u32) {
        for trail in self.taints.trails(data).to_vec() {
            let from = match self.taints.origin_of(trail) {
                Some(Origin::Source(_)) => PieceStart::Source,
                Some(Origin::Outside(name)) => self.of_outside(name),
                Some(Origin::Parameter(function, _)) => {
                    let end = End::Outside(handed);
                    self.add_record(function, Record { trail, end, fact });
                    continue;
                }
                Some(Origin::Resource(_)) | None => continue,
            };
            let to = self.argument_of(handed);
            self.piece(from, to, trail, None, fact);
        }
    }

    /// What another module gives arrives at a sink.
    pub(super) fn outside_arrives(&mut self, name: u32, trail: TrailId, sink: Mark, fact: u32) {
        let from = self.of_outside(name);
        self.piece(from, PieceEnd::Sink, trail, Some(sink), fact);
    }

    /// Functions that other modules know by a variable of this one: its own, or of the object that it holds.
    fn export(&mut self, module: &[(&'a str, Value)]) {
        let mut exports: Vec<(String, u32)> = Vec::new();
        for (name, value) in module {
            match value.shape {
                Shape::Function(function) => exports.push(((*name).to_owned(), function)),
                Shape::Instance(class) => {
                    let methods = self.methods(class).into_iter();
                    exports.extend(methods.map(|(method, f)| (format!("{name}.{method}"), f)));
                }
                _ => {}
            }
        }
        exports.sort_unstable();
        for (name, function) in exports {
            if let Some(function) = self.functions.get(function as usize)
                && function.name != name
            {
                self.facts.export(&name, function.fact);
            }
        }
    }

    /// At the end: what functions and variables of this module offer to others.
    pub(super) fn offer(&mut self) {
        let module: Vec<(&'a str, Value)> = self
            .scopes
            .first()
            .map(|s| s.vars.iter().map(|(n, v)| (*n, *v)).collect())
            .unwrap_or_default();
        self.export(&module);
        let mut variables: Vec<_> = module
            .into_iter()
            .filter(|(_, v)| !v.taint.is_empty())
            .collect();
        variables.sort_by_key(|(name, _)| *name);
        for (name, value) in variables {
            self.offer_value(value, &PieceEnd::Variable(name.into()), 0);
        }
        for index in 0..self.functions.len() {
            let Some(function) = self.functions.get(index) else {
                continue;
            };
            // what is defined inside a function has no name outside of it
            if function.inner {
                continue;
            }
            let (fact, returned) = (function.fact, function.returned);
            self.offer_value(returned, &PieceEnd::Result(fact), fact);
            for record in self.functions[index].records.clone() {
                self.offer_parameter(index, record);
            }
        }
    }

    fn offer_value(&mut self, value: Value, to: &PieceEnd, fact: u32) {
        for trail in self.taints.trails(value.taint).to_vec() {
            let from = match self.taints.origin_of(trail) {
                Some(Origin::Source(_)) => PieceStart::Source,
                Some(Origin::Outside(name)) => self.of_outside(name),
                _ => continue,
            };
            self.piece(from, to.clone(), trail, None, fact);
        }
    }

    fn offer_parameter(&mut self, index: usize, record: Record) {
        let Some(Origin::Parameter(owner, position)) = self.taints.origin_of(record.trail) else {
            return;
        };
        let Some(function) = self
            .functions
            .get(index)
            .filter(|_| owner as usize == index)
        else {
            return;
        };
        let name = function.params.get(position as usize).copied();
        let from = PieceStart::Parameter {
            function: function.fact,
            position: position as u16,
            name: name.unwrap_or_default().into(),
        };
        match record.end {
            End::Sink(sink) => {
                self.piece(from, PieceEnd::Sink, record.trail, Some(sink), record.fact);
            }
            End::Outside(handed) => {
                let to = self.argument_of(handed);
                self.piece(from, to, record.trail, None, record.fact);
            }
        }
    }

    fn of_outside(&self, name: u32) -> PieceStart {
        PieceStart::Outside(self.symbols.name(SymId(name)).into())
    }

    fn argument_of(&self, handed: Handed) -> PieceEnd {
        let keyword =
            (handed.keyword > 0).then(|| self.constants.text(TextId(handed.keyword - 1)).into());
        PieceEnd::Argument {
            callee: self.symbols.name(handed.to).into(),
            position: handed.position,
            keyword,
        }
    }

    fn piece(
        &mut self,
        from: PieceStart,
        to: PieceEnd,
        trail: TrailId,
        sink: Option<Mark>,
        function: u32,
    ) {
        let mut steps: Vec<_> = self
            .taints
            .steps(trail)
            .into_iter()
            .map(|(role, mark)| self.step(role, mark))
            .collect();
        steps.extend(sink.map(|sink| self.step(StepRole::Sink, sink)));
        self.facts.piece(Piece {
            from,
            to,
            steps,
            function,
        });
    }
}
