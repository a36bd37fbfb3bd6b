//! Which trace a request belongs to.
//!
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use axum::http::HeaderMap;

/// A place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
}

/// What a client says about the trace that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// Nothing that can be read.
    None,
    /// It is recorded.
    Recorded(Context),
    /// It is not recorded, and neither are its parts.
    Unrecorded,
}

impl Parent {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut all = headers.get_all("traceparent").iter();
        match (all.next().and_then(|v| v.to_str().ok()), all.next()) {
            (Some(text), None) => Self::parse(text).unwrap_or(Self::None),
            _ => Self::None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let mut parts = text.trim().split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let known = [version, trace, span, flags];
        if !known.iter().all(|part| part.bytes().all(is_hex)) {
            return None;
        }
        // later versions may say more, this one may not
        if version == "ff" || version.len() != 2 || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let (mut context, mut bits) = (
            Context {
                trace: [0; 16],
                span: [0; 8],
            },
            [0; 1],
        );
        hex::decode_to_slice(trace, &mut context.trace).ok()?;
        hex::decode_to_slice(span, &mut context.span).ok()?;
        hex::decode_to_slice(flags, &mut bits).ok()?;
        if context.trace == [0; 16] || context.span == [0; 8] {
            return None;
        }
        Some(if bits[0] & 1 == 1 {
            Self::Recorded(context)
        } else {
            Self::Unrecorded
        })
    }
}

/// A new trace.
pub(super) fn trace_id() -> [u8; 16] {
    random()
}

/// A new span.
pub(super) fn span_id() -> [u8; 8] {
    random()
}

#[expect(
    clippy::expect_used,
    reason = "a system without random numbers serves nobody"
)]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_parent_is_read_or_left_out() {
        let recorded = Parent::parse(&format!("00-{TRACE}-{SPAN}-01"));
        let Some(Parent::Recorded(context)) = recorded else {
            panic!("{recorded:?}");
        };
        assert_eq!(hex::encode(context.trace), TRACE);
        assert_eq!(hex::encode(context.span), SPAN);
        let unrecorded = Parent::parse(&format!("00-{TRACE}-{SPAN}-00"));
        assert_eq!(unrecorded, Some(Parent::Unrecorded));
        let later = Parent::parse(&format!("01-{TRACE}-{SPAN}-01-more"));
        assert_eq!(later, Some(Parent::Recorded(context)));
        for bad in [
            "",
            "00",
            &format!("ff-{TRACE}-{SPAN}-01"),
            &format!("00-{TRACE}-{SPAN}-01-more"),
            &format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            &format!("00-{}-{SPAN}-01", "0".repeat(32)),
            &format!("00-{TRACE}-{}-01", "0".repeat(16)),
            &format!("00-{TRACE}é-{SPAN}-01"),
            &format!("00-{TRACE}-{SPAN}-1"),
        ] {
            assert_eq!(Parent::parse(bad), None, "{bad}");
        }
    }
}
