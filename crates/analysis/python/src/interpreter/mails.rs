//! Whom mails are copied to unseen.

use foretaste_model::Capability;
use foretaste_model::facts::{HIDDEN_COPY, Resolution, UseKind};
use foretaste_observe::given;

use super::Interpreter;
use crate::value::{Shape, Value};

impl Interpreter<'_> {
    /// `message["Bcc"] = "…"`, `{"bcc": "…"}`
    pub(super) fn note_hidden_copy(&mut self, key: Value, value: Value, range: (u32, u32)) {
        if let (Shape::Str(key), Shape::Str(_)) = (key.shape, value.shape)
            && self.constants.text(key).eq_ignore_ascii_case("bcc")
        {
            self.note_hidden_copy_named("bcc", value, range);
        }
    }

    /// `send(bcc="…")`
    pub(super) fn note_hidden_copy_named(&mut self, key: &str, value: Value, range: (u32, u32)) {
        let Shape::Str(address) = value.shape else {
            return;
        };
        if given::is_hidden_copy(key, self.constants.text(address)) {
            let sym = self.symbols.path(HIDDEN_COPY);
            let mail = [Capability::NetworkMail];
            self.report(
                sym,
                &mail,
                range,
                UseKind::Write,
                Resolution::Direct,
                &[value],
            );
        }
    }
}
