//! What a rule is. Rules do no I/O, cannot fail, and never panic on hostile input.

use foretaste_model::{Finding, RuleMeta};

use crate::{Chain, FileView, Scene};

/// A rule's declaration; [`crate::declare_rule!`] writes it.
pub trait Declared: Sync {
    /// Everything but the logic and the page.
    fn meta(&self) -> &'static RuleMeta;

    /// A finding of this rule, with its severity and confidence.
    fn finding(&self, message: impl Into<Box<str>>) -> Finding
    where
        Self: Sized,
    {
        Finding::new(self.meta(), message)
    }
}

/// A rule that looks at the release as a whole: metadata, history, names, archives, several files at once.
pub trait ReleaseRule: Declared {
    /// Judges one release.
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding>;
}

/// A rule that looks at one file, or one decoded layer of it, at a time.
pub trait FileRule: Declared {
    /// Judges one file.
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding>;
}

/// A rule that looks at one chain at a time.
pub trait ChainRule: Declared {
    /// Judges one chain.
    fn judge(&self, chain: &Chain<'_>, scene: &Scene<'_>) -> Option<Finding>;
}

/// A rule of any kind, for the list of all rules.
#[derive(Clone, Copy)]
pub enum AnyRule {
    /// See [`ReleaseRule`].
    Release(&'static dyn ErasedRelease),
    /// See [`FileRule`].
    File(&'static dyn ErasedFile),
    /// See [`ChainRule`].
    Chain(&'static dyn ErasedChain),
}

impl AnyRule {
    /// The declaration.
    pub fn meta(self) -> &'static RuleMeta {
        match self {
            Self::Release(rule) => rule.meta(),
            Self::File(rule) => rule.meta(),
            Self::Chain(rule) => rule.meta(),
        }
    }

    /// Judges the files and chains of a scene; a rule over the release takes the scene itself.
    pub fn judge(
        self,
        scene: &Scene<'_>,
        files: &[FileView<'_>],
        chains: &[Chain<'_>],
    ) -> Vec<Finding> {
        match self {
            Self::Release(rule) => rule.judge(scene),
            Self::File(rule) => files.iter().flat_map(|f| rule.judge(f, scene)).collect(),
            Self::Chain(rule) => chains.iter().filter_map(|c| rule.judge(c, scene)).collect(),
        }
    }
}

impl std::fmt::Debug for AnyRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AnyRule").field(&self.meta().id.0).finish()
    }
}

macro_rules! erased {
    ($erased:ident, $rule:ident, ($($arg:ident: $ty:ty),*) -> $out:ty) => {
        /// The object-safe form of the rule trait of the same kind.
        pub trait $erased: Sync {
            /// The declaration.
            fn meta(&self) -> &'static RuleMeta;
            /// Judges.
            fn judge(&self, $($arg: $ty),*) -> $out;
        }

        impl<R: $rule> $erased for R {
            fn meta(&self) -> &'static RuleMeta {
                Declared::meta(self)
            }

            fn judge(&self, $($arg: $ty),*) -> $out {
                $rule::judge(self, $($arg),*)
            }
        }
    };
}

erased!(ErasedRelease, ReleaseRule, (scene: &Scene<'_>) -> Vec<Finding>);
erased!(ErasedFile, FileRule, (file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding>);
erased!(ErasedChain, ChainRule, (chain: &Chain<'_>, scene: &Scene<'_>) -> Option<Finding>);
