//! Pieces of chains that reach into other files of the package: what a relative module gives, what it is handed, and
//! what this file offers to others.

use foretaste_model::facts::StepRole;
use foretaste_observe::taint::{Mark, Origin, SetId, TrailId};

use super::call::Site;
use super::{Evaluator, MEMBER_OF, Role};
use crate::apis::ApiRef;
use crate::ir::FnId;
use crate::strings::StrId;
use crate::values::Value;

/// One piece.
#[derive(Debug)]
pub(crate) struct PieceRecord {
    pub(crate) from: From,
    pub(crate) to: To,
    pub(crate) steps: Vec<(StepRole, Mark)>,
    pub(crate) function: FnId,
}

/// Where its data comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Source,
    Parameter(FnId, u32),
    /// What a name of another file holds or gives.
    Outside(u32),
}

/// Where its data goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    Sink,
    Result(FnId),
    /// Other files import it by a name.
    Variable(StrId),
    /// An argument of a name of another file.
    Argument(u32, u32),
}

impl Evaluator<'_> {
    const MAX_PIECES: usize = 1024;
    const MAX_EXPORTS: usize = 512;

    /// What a name of another file of the package holds, or gives when it is called.
    pub(super) fn outside(&mut self, api: ApiRef) -> SetId {
        self.taints.origin(Origin::Outside(api.id()))
    }

    /// The arguments of a call go to another file.
    pub(super) fn hand_over(&mut self, api: ApiRef, site: &Site) {
        if !self.recording {
            return;
        }
        let function = self.ir.node(site.node).function;
        for position in 0..site.args.len().min(8) as u32 {
            let given = self.argument(site, position);
            for trail in self.taints.trails(given).to_vec() {
                if let Some(from) = self.beginning(trail) {
                    let to = To::Argument(api.id(), position);
                    self.record_piece(from, to, trail, None, function);
                }
            }
        }
    }

    /// What other files import from this one: functions under the names that these have there, and data.
    pub(super) fn export(&mut self) {
        for index in 0..self.ir.exports.len().min(Self::MAX_EXPORTS) {
            let Some((name, node)) = self.ir.exports.get(index).copied() else {
                return;
            };
            let value = self.at(node);
            self.export_value(name, None, &value);
            for object in value.objects() {
                let props: Vec<_> = self
                    .heap
                    .get(object as usize)
                    .map(|o| o.props().iter().take(256).copied().collect())
                    .unwrap_or_default();
                for (key, value) in props {
                    let value = self.value(value);
                    self.export_value(name, Some(key), &value);
                }
            }
        }
    }

    fn export_value(&mut self, name: StrId, member: Option<StrId>, value: &Value) {
        if self.recorded.exports.len() >= Self::MAX_EXPORTS {
            return;
        }
        let module = self.ir.strings.get(name) == "default";
        let name = match member {
            // what a module is as a whole, its members are members of
            Some(member) if module => member,
            Some(member) => {
                let name = self.ir.strings.get(name);
                let full = format!("{name}.{}", self.ir.strings.get(member));
                self.ir.strings.fold(full)
            }
            None => name,
        };
        for function in value.functions().filter(|f| *f < super::RESOLVERS) {
            self.recorded.exports.push((name, function));
        }
        for trail in self.taints.trails(value.taints).to_vec() {
            if let Some(from) = self.beginning(trail) {
                self.record_piece(from, To::Variable(name), trail, None, 0);
            }
        }
    }

    /// What functions of this file give back, and where what they are given goes.
    pub(super) fn offer(&mut self) {
        for function in 0..self.returns.len() as FnId {
            let returned = self.returns.get(function as usize).copied().unwrap_or(0);
            let value = self.value(returned);
            let inner = self.deep_of_objects(&value);
            let taints = self.taints.union(value.taints, inner);
            for trail in self.taints.trails(taints).to_vec() {
                if let Some(from) = self.beginning(trail) {
                    self.record_piece(from, To::Result(function), trail, None, function);
                }
            }
            let reaches = self.reaches.get(function as usize);
            for reach in reaches.cloned().unwrap_or_default() {
                // what only says where a request goes is not what is sent
                if reach.role == Role::Address {
                    continue;
                }
                let from = From::Parameter(function, reach.position % MEMBER_OF);
                let sink = Some(reach.sink);
                self.record_piece(from, To::Sink, reach.trail, sink, reach.function);
            }
        }
    }

    fn beginning(&self, trail: TrailId) -> Option<From> {
        match self.taints.origin_of(trail)? {
            Origin::Source(_) => Some(From::Source),
            Origin::Outside(name) => Some(From::Outside(name)),
            Origin::Parameter(..) | Origin::Resource(_) => None,
        }
    }

    pub(super) fn record_piece(
        &mut self,
        from: From,
        to: To,
        trail: TrailId,
        sink: Option<Mark>,
        function: FnId,
    ) {
        if !self.recording || self.recorded.pieces.len() >= Self::MAX_PIECES {
            return;
        }
        let mut steps = self.taints.steps(trail);
        steps.extend(sink.map(|sink| (StepRole::Sink, sink)));
        self.recorded.pieces.push(PieceRecord {
            from,
            to,
            steps,
            function,
        });
    }
}
