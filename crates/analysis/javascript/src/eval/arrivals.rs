//! What calls hand to the sinks behind parameters.

use foretaste_observe::taint::{Origin, SetId};

use super::call::Site;
use super::memo::Seen;
use super::{Evaluator, MEMBER_OF};
use crate::ir::FnId;
use crate::strings::StrId;

/// Data that one call hands to the sinks behind a parameter.
struct Arrival {
    position: u32,
    given: SetId,
    text: StrId,
    seen: Seen,
    is_new: bool,
    /// Somebody wants to know where it arrives.
    matters: bool,
}

impl Evaluator<'_> {
    /// Sinks inside a called function that its parameters reach.
    pub(super) fn apply_reaches(&mut self, function: FnId, site: &Site) {
        let Some(reaches) = self.reaches.get(function as usize) else {
            return;
        };
        if reaches.is_empty() {
            return;
        }
        let given = site.args.iter().any(|a| a.value != 0);
        if !given || self.budget.is_exhausted() {
            return;
        }
        const { assert!(Self::MAX_REACHES <= u64::BITS as usize) };
        let count = reaches.len();
        self.budget.spend(count as u64 / 4);
        let mut arrivals: Vec<Arrival> = Vec::new();
        for index in 0..count {
            let reach = self.reaches.get(function as usize);
            let Some(reach) = reach.and_then(|r| r.get(index)).copied() else {
                break;
            };
            let known = arrivals.iter().position(|a| a.position == reach.position);
            let at = known.unwrap_or(arrivals.len());
            if known.is_none() {
                arrivals.push(self.arrival(function, reach.position, site));
            }
            let Some(arrival) = arrivals.get_mut(at) else {
                break;
            };
            let bit = 1_u64 << index;
            // a summary that has grown by it has it; what has a source of its own is written down in the last pass
            let is_done = arrival.seen.done & bit != 0;
            if !arrival.matters || (is_done && (!self.recording || arrival.seen.records & bit == 0))
            {
                continue;
            }
            let data = self.taints.graft(arrival.given, reach.trail);
            arrival.seen.done |= bit;
            arrival.is_new |= !is_done;
            if !self.is_of_parameters(data) {
                arrival.seen.records |= bit;
            }
            let text = arrival.text;
            self.arrive(data, text, reach.sink, reach.role, reach.function);
        }
        for arrival in arrivals.iter().filter(|a| a.is_new) {
            let key = (function, arrival.position, arrival.given, arrival.text);
            self.memo.remember_arrival(key, arrival.seen);
        }
    }

    /// What a call hands to a parameter, and what became of it before.
    fn arrival(&mut self, function: FnId, position: u32, site: &Site) -> Arrival {
        let given = self.argument(site, position);
        let text = site
            .args
            .get((position % MEMBER_OF) as usize)
            .map_or(StrId::NONE, |a| self.value(a.value).text);
        let matters = self.matters(given);
        if !self.is_of_parameters(given) {
            // written down in the last pass
            self.heap.reads.restless();
        }
        Arrival {
            position,
            given,
            matters,
            text,
            seen: self.memo.arrivals((function, position, given, text)),
            is_new: false,
        }
    }

    /// True if data would be written down where it arrives: now, or in a summary that has room for it.
    fn matters(&self, data: SetId) -> bool {
        let has_room = |owner: FnId| {
            let reaches = self.reaches.get(owner as usize);
            reaches.is_some_and(|r| r.len() < Self::MAX_REACHES)
        };
        self.taints
            .trails(data)
            .iter()
            .any(|t| match self.taints.origin_of(*t) {
                Some(Origin::Parameter(owner, _)) => has_room(owner),
                _ => self.recording,
            })
    }

    /// True if all data in a set comes in through parameters: nothing of it is a chain yet.
    fn is_of_parameters(&self, data: SetId) -> bool {
        self.taints
            .trails(data)
            .iter()
            .all(|t| matches!(self.taints.origin_of(*t), Some(Origin::Parameter(..))))
    }
}
