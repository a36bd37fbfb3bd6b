//! Pieces of chains that reach into other files of the package: what a relative module gives, what it is handed, and
//! what this file offers to others.

use foretaste_model::facts::StepRole;
use foretaste_observe::taint::{Mark, Origin, SetId, TrailId};

use super::call::Site;
use super::{Evaluator, MEMBER_OF, Role};
use crate::apis::ApiRef;
use crate::ir::FnId;

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
    /// An argument of a name of another file.
    Argument(u32, u32),
}

impl Evaluator<'_> {
    const MAX_PIECES: usize = 1024;

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
