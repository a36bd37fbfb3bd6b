//! Code that hides what it does.

mod binary_as_source;
mod code_out_of_view;
mod deceptive_unicode;
mod disguised_execution;
mod executed_data_file;
mod obfuscated_identifiers;
mod packed_code;
mod sourceless_bytecode;
mod unreadable_payload;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::File(&binary_as_source::BinaryAsSource),
    AnyRule::File(&code_out_of_view::CodeOutOfView),
    AnyRule::File(&deceptive_unicode::DeceptiveUnicode),
    AnyRule::File(&disguised_execution::DisguisedExecution),
    AnyRule::Chain(&executed_data_file::ExecutedDataFile),
    AnyRule::File(&obfuscated_identifiers::ObfuscatedIdentifiers),
    AnyRule::File(&packed_code::PackedCode),
    AnyRule::File(&sourceless_bytecode::SourcelessBytecode),
    AnyRule::File(&unreadable_payload::UnreadablePayload),
];
