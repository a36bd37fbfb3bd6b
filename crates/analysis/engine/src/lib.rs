//! The judge: turns facts into findings, a score and a verdict. It does no I/O and touches no package bytes,
//! so history can be judged again whenever a rule changes.

mod bulk;
pub mod change;
mod clock;
mod context;
mod corroborate;
mod crossing;
mod declare;
mod explain;
mod hidden;
mod join;
mod judge;
mod lapse;
mod paths;
mod rule;
mod scene;
mod score;
mod view;
mod waive;

pub use bulk::is_whole_program;
pub use clock::Clock;
pub use context::ContextMap;
pub use crossing::Crossing;
pub use explain::{Explanation, Part, Share};
pub use hidden::{is_hidden, is_out_of_view};
pub use join::join;
pub use judge::{Judge, Judgement};
pub use lapse::{Lapse, LapseKind};
pub use paths::is_test_path;
pub use rule::{AnyRule, ChainRule, Declared, FileRule, ReleaseRule};
pub use scene::{Nomination, NominationKind, Scene, SceneBuilder};
pub use score::{Scale, weight};
pub use view::{Chain, FileView};

/// What a rule file needs.
pub mod prelude {
    pub use foretaste_model::facts::{
        FileFacts, FileNature, Flow, FlowLink, InstallSurface, Language, Literal, LiteralKind,
        Step, StepRole, SurfaceKind, Use,
    };
    pub use foretaste_model::{
        Capability, Confidence, Evidence, EvidenceRole, ExecutionContext, Finding, Input,
        RuleGroup, Severity, Span,
    };

    pub use crate::{
        AnyRule, Chain, ChainRule, Declared, FileRule, FileView, ReleaseRule, Scene, declare_rule,
    };
}
