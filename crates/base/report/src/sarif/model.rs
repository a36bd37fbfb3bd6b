//! The part of SARIF 2.1.0 that Foretaste writes
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use serde::Serialize;

/// A JSON object with SARIF's spelling of its keys.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name { $($(#[$attr])* pub(super) $field: $ty,)* }
    };
}

object! {
    /// §3.13
    Log {
        #[serde(rename = "$schema")]
        schema: &'static str,
        version: &'static str,
        runs: Vec<Run>,
    }
}
object! {
    /// §3.14
    Run {
        tool: Tool,
        invocations: Vec<Invocation>,
        results: Vec<SarifResult>,
        column_kind: &'static str,
        automation_details: AutomationDetails,
        properties: RunProperties,
    }
}
object! {
    /// §3.17
    AutomationDetails { id: &'static str, }
}
object! {
    /// §3.18
    Tool { driver: Driver, }
}
object! {
    /// §3.19
    Driver {
        name: &'static str,
        semantic_version: String,
        rules: Vec<Descriptor>,
        notifications: Vec<Descriptor>,
    }
}
object! {
    /// §3.49
    Descriptor {
        id: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        name: String,
        short_description: Message,
        #[serde(skip_serializing_if = "Option::is_none")]
        full_description: Option<Message>,
        #[serde(skip_serializing_if = "Option::is_none")]
        help: Option<Message>,
        default_configuration: Configuration,
        #[serde(skip_serializing_if = "Option::is_none")]
        properties: Option<RuleProperties>,
    }
}
object! {
    /// §3.50
    Configuration { level: &'static str, }
}
object! {
    /// The keys that GitHub code scanning reads.
    RuleProperties {
        tags: Vec<String>,
        precision: &'static str,
        #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
        security_severity: Option<&'static str>,
    }
}
object! {
    /// §3.11 and §3.12
    Message {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        markdown: Option<String>,
    }
}
object! {
    /// §3.27
    SarifResult {
        rule_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule_index: Option<usize>,
        level: &'static str,
        message: Message,
        locations: Vec<Location>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        related_locations: Vec<Location>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        code_flows: Vec<CodeFlow>,
        partial_fingerprints: Fingerprints,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        suppressions: Vec<Suppression>,
        properties: ResultProperties,
    }
}
object! {
    /// §3.27.17; the first key is the one that GitHub reads.
    Fingerprints {
        primary_location_line_hash: String,
        #[serde(rename = "foretaste/v1")]
        foretaste: String,
    }
}
object! {
    /// What only Foretaste's readers know.
    ResultProperties {
        #[serde(skip_serializing_if = "Option::is_none")]
        purl: Option<String>,
        verdict: &'static str,
        weight: f64,
        confidence: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<&'static str>,
    }
}
object! {
    /// §3.28
    #[expect(clippy::struct_field_names, reason = "the names are SARIF's")]
    Location {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<usize>,
        physical_location: PhysicalLocation,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        logical_locations: Vec<LogicalLocation>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Message>,
    }
}
object! {
    /// §3.29
    PhysicalLocation {
        artifact_location: ArtifactLocation,
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<Region>,
        #[serde(skip_serializing_if = "Option::is_none")]
        context_region: Option<Region>,
    }
}
object! {
    /// §3.4
    ArtifactLocation { uri: String, }
}
object! {
    /// §3.30
    Region {
        start_line: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        start_column: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        end_line: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        end_column: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        snippet: Option<Message>,
    }
}
object! {
    /// §3.33
    LogicalLocation {
        name: String,
        fully_qualified_name: String,
        kind: &'static str,
    }
}
object! {
    /// §3.36
    CodeFlow { thread_flows: Vec<ThreadFlow>, }
}
object! {
    /// §3.37
    ThreadFlow { locations: Vec<ThreadFlowLocation>, }
}
object! {
    /// §3.38
    ThreadFlowLocation { location: Location, kinds: Vec<&'static str>, }
}
object! {
    /// §3.35
    Suppression {
        kind: &'static str,
        status: &'static str,
        justification: String,
    }
}
object! {
    /// §3.20
    Invocation {
        execution_successful: bool,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_execution_notifications: Vec<Notification>,
    }
}
object! {
    /// §3.58
    Notification {
        descriptor: DescriptorReference,
        level: &'static str,
        message: Message,
    }
}
object! {
    /// §3.52
    DescriptorReference { id: &'static str, index: usize, }
}
object! {
    /// The verdicts, which SARIF has no place for.
    RunProperties {
        rules_digest: String,
        verdicts: Vec<ReleaseVerdict>,
    }
}
object! {
    /// The verdict on one release.
    ReleaseVerdict { target: String, verdict: &'static str, score: f64, }
}
