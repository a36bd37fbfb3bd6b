//! Requests that are put together and sent by nobody in the file: what was gathered into one was gathered to be sent.
//!
//! Where the file sends anything itself, the sending is the end of the chain, as ever.

use foretaste_model::Capability;
use foretaste_observe::taint::{Mark, SetId};

use super::Interpreter;
use crate::symbols::SymId;
use crate::value::{Shape, Value};

/// Requests of one file that are remembered.
const MAX_PREPARED: usize = 16;

/// A request that was made, and what it carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prepared {
    mark: Mark,
    data: SetId,
    fact: u32,
}

impl Interpreter<'_> {
    /// A request to an address is made.
    pub(super) fn prepare(&mut self, api: SymId, url: Value, data: SetId, range: (u32, u32)) {
        let (Shape::Str(text) | Shape::Template(text)) = url.shape else {
            return;
        };
        if data.is_empty() || self.prepared.len() >= MAX_PREPARED {
            return;
        }
        let mark = Mark {
            capability: Capability::NetworkHttp,
            api: api.0,
            constant: text.0 + 1,
            range,
        };
        let fact = self.frame.fact;
        self.prepared.push(Prepared { mark, data, fact });
    }

    /// At the end: in a file that sends nothing, the requests are where its data goes.
    pub(super) fn prepared_arrive(&mut self) {
        let prepared = std::mem::take(&mut self.prepared);
        if self.sends {
            return;
        }
        for Prepared { mark, data, fact } in prepared {
            self.arrive(data, mark, fact);
        }
    }
}
