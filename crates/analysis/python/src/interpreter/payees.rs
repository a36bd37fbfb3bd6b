//! Whom money is sent to.

use foretaste_model::Capability;
use foretaste_model::facts::{FIXED_PAYEE, Resolution, UseKind};
use foretaste_observe::given::{Payment, is_account, payment};

use super::Interpreter;
use super::call::Arg;
use crate::value::{Shape, Value};

impl Interpreter<'_> {
    /// `{"to": "0x…", "value": amount}`
    pub(super) fn note_payee_of(&mut self, items: &[(Value, Value)], range: (u32, u32)) {
        let mut members = Vec::new();
        for (key, value) in items {
            if let Shape::Str(key) = key.shape {
                members.extend(payment(self.constants.text(key)).map(|part| (part, *value)));
            }
        }
        self.note_payee(&members, range);
    }

    /// `TransferParams(from_pubkey=…, to_pubkey=Pubkey.from_string("…"), lamports=amount)`
    pub(super) fn note_payee_named(&mut self, args: &[Arg<'_>], range: (u32, u32)) {
        let named = args
            .iter()
            .filter_map(|arg| Some((payment(arg.name?)?, arg.value)));
        let members: Vec<_> = named.collect();
        self.note_payee(&members, range);
    }

    fn note_payee(&mut self, members: &[(Payment, Value)], range: (u32, u32)) {
        let of = |part| members.iter().find(|(p, _)| *p == part).map(|(_, v)| *v);
        let (Some(payee), Some(_), None) =
            (of(Payment::Payee), of(Payment::Amount), of(Payment::Call))
        else {
            return;
        };
        if let Shape::Str(address) = payee.shape
            && is_account(self.constants.text(address))
        {
            let sym = self.symbols.path(FIXED_PAYEE);
            let chain = [Capability::NetworkBlockchain];
            self.report(
                sym,
                &chain,
                range,
                UseKind::Write,
                Resolution::Direct,
                &[payee],
            );
        }
    }
}
