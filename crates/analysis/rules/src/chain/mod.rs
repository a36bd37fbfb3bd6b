//! Ordered chains of capabilities with a purpose.

mod ai_cli_abuse;
mod bare_payload;
mod blockchain_command_channel;
mod chosen_victims;
mod ci_only_trigger;
mod clipboard_clipper;
mod cloud_metadata_credentials;
mod container_escape;
mod crypto_miner;
mod data_in_host_names;
mod decode_and_execute;
mod destroys_data;
mod device_capture_to_network;
mod download_and_execute;
mod dropped_script;
mod embedded_program;
mod encrypts_files;
mod executable_pickle;
mod exfiltration_endpoint;
mod fetched_file_started;
mod fetched_pickle;
mod files_to_network;
mod fixed_payee;
mod hidden_destination;
mod hidden_recipient;
mod hidden_shell_command;
mod host_info_to_network;
mod inline_interpreter;
mod overwrites_system_files;
mod persists_on_machine;
mod plants_ssh_key;
mod plants_workflow;
mod process_injection;
mod program_link;
mod prompt_injection;
mod replaced_function;
mod request_runs_code;
mod reverse_shell;
mod runs_and_erases;
mod runs_from_memory;
mod runtime_download;
mod secrets_to_network;
mod self_propagation;
mod split_chain;
mod stolen_stores;
mod tampers_with_agents;
mod targets_by_place;
mod unpacked_program;
mod wallet_clipper;
mod wallet_key_search;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::File(&ai_cli_abuse::AiCliAbuse),
    AnyRule::Release(&bare_payload::BarePayload),
    AnyRule::File(&blockchain_command_channel::BlockchainCommandChannel),
    AnyRule::File(&chosen_victims::ChosenVictims),
    AnyRule::File(&ci_only_trigger::CiOnlyTrigger),
    AnyRule::File(&clipboard_clipper::ClipboardClipper),
    AnyRule::File(&cloud_metadata_credentials::CloudMetadataCredentials),
    AnyRule::File(&container_escape::ContainerEscape),
    AnyRule::File(&crypto_miner::CryptoMiner),
    AnyRule::Chain(&data_in_host_names::DataInHostNames),
    AnyRule::File(&decode_and_execute::DecodeAndExecute),
    AnyRule::File(&destroys_data::DestroysData),
    AnyRule::Chain(&device_capture_to_network::DeviceCaptureToNetwork),
    AnyRule::Chain(&download_and_execute::DownloadAndExecute),
    AnyRule::File(&dropped_script::DroppedScript),
    AnyRule::File(&embedded_program::EmbeddedProgram),
    AnyRule::Chain(&encrypts_files::EncryptsFiles),
    AnyRule::File(&executable_pickle::ExecutablePickle),
    AnyRule::File(&exfiltration_endpoint::ExfiltrationEndpoint),
    AnyRule::File(&fetched_file_started::FetchedFileStarted),
    AnyRule::File(&fetched_pickle::FetchedPickle),
    AnyRule::Chain(&files_to_network::FilesToNetwork),
    AnyRule::Chain(&hidden_destination::HiddenDestination),
    AnyRule::File(&fixed_payee::FixedPayee),
    AnyRule::File(&hidden_recipient::HiddenRecipient),
    AnyRule::File(&hidden_shell_command::HiddenShellCommand),
    AnyRule::Chain(&host_info_to_network::HostInfoToNetwork),
    AnyRule::File(&inline_interpreter::InlineInterpreter),
    AnyRule::File(&overwrites_system_files::OverwritesSystemFiles),
    AnyRule::File(&persists_on_machine::PersistsOnMachine),
    AnyRule::File(&plants_ssh_key::PlantsSshKey),
    AnyRule::File(&plants_workflow::PlantsWorkflow),
    AnyRule::File(&process_injection::ProcessInjection),
    AnyRule::File(&program_link::ProgramLink),
    AnyRule::File(&prompt_injection::PromptInjection),
    AnyRule::Chain(&replaced_function::ReplacedFunction),
    AnyRule::Chain(&request_runs_code::RequestRunsCode),
    AnyRule::File(&reverse_shell::ReverseShell),
    AnyRule::File(&runtime_download::RuntimeDownload),
    AnyRule::File(&runs_and_erases::RunsAndErases),
    AnyRule::File(&runs_from_memory::RunsFromMemory),
    AnyRule::Chain(&secrets_to_network::SecretsToNetwork),
    AnyRule::File(&self_propagation::SelfPropagation),
    AnyRule::File(&split_chain::SplitChain),
    AnyRule::File(&stolen_stores::StolenStores),
    AnyRule::File(&tampers_with_agents::TampersWithAgents),
    AnyRule::File(&targets_by_place::TargetsByPlace),
    AnyRule::File(&unpacked_program::UnpackedProgram),
    AnyRule::File(&wallet_clipper::WalletClipper),
    AnyRule::File(&wallet_key_search::WalletKeySearch),
];
