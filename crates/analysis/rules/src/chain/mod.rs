//! Ordered chains of capabilities with a purpose.

mod clipboard_clipper;
mod crypto_miner;
mod decode_and_execute;
mod device_capture_to_network;
mod download_and_execute;
mod exfiltration_endpoint;
mod hidden_shell_command;
mod host_info_to_network;
mod overwrites_system_files;
mod persists_on_machine;
mod reverse_shell;
mod secrets_to_network;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::File(&clipboard_clipper::ClipboardClipper),
    AnyRule::File(&crypto_miner::CryptoMiner),
    AnyRule::File(&decode_and_execute::DecodeAndExecute),
    AnyRule::Chain(&device_capture_to_network::DeviceCaptureToNetwork),
    AnyRule::Chain(&download_and_execute::DownloadAndExecute),
    AnyRule::File(&exfiltration_endpoint::ExfiltrationEndpoint),
    AnyRule::File(&hidden_shell_command::HiddenShellCommand),
    AnyRule::Chain(&host_info_to_network::HostInfoToNetwork),
    AnyRule::File(&overwrites_system_files::OverwritesSystemFiles),
    AnyRule::File(&persists_on_machine::PersistsOnMachine),
    AnyRule::File(&reverse_shell::ReverseShell),
    AnyRule::Chain(&secrets_to_network::SecretsToNetwork),
];
