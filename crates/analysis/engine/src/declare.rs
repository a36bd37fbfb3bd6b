//! The one declaration of a rule.

/// Declares a rule: a unit struct with its metadata. The logic is one of the rule traits, implemented below it;
/// the page is the file's own module documentation.
///
/// ```ignore
/// declare_rule! {
///     SecretsToNetwork,
///     id: "secrets-to-network",
///     title: "sends secrets over the network",
///     group: Chain,
///     severity: Critical,
///     confidence: High,
///     needs: [Code],
///     tags: ["T1041", "AV-001"],
///     since: "0.1.0",
/// }
/// ```
#[macro_export]
macro_rules! declare_rule {
    (
        $name:ident,
        id: $id:literal,
        title: $title:literal,
        group: $group:ident,
        severity: $severity:ident,
        confidence: $confidence:ident,
        needs: [$($need:ident),* $(,)?],
        tags: [$($tag:literal),* $(,)?],
        $(options: [$({ $option:literal, $default:expr, $unit:literal, $help:literal }),* $(,)?],)?
        since: $since:literal $(,)?
    ) => {
        #[doc = concat!("The rule `", $id, "`: ", $title, ".")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::Declared for $name {
            fn meta(&self) -> &'static foretaste_model::RuleMeta {
                static META: foretaste_model::RuleMeta = foretaste_model::RuleMeta {
                    id: foretaste_model::RuleId($id),
                    title: $title,
                    group: foretaste_model::RuleGroup::$group,
                    severity: foretaste_model::Severity::$severity,
                    confidence: foretaste_model::Confidence::$confidence,
                    needs: &[$(foretaste_model::Input::$need),*],
                    tags: &[$($tag),*],
                    options: &[$($(foretaste_model::RuleOption {
                        name: $option, default: $default, unit: $unit, help: $help,
                    }),*)?],
                    since: $since,
                };
                &META
            }
        }
    };
}
