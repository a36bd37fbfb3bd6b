//! One line for each event, in the fields of the Elastic Common Schema 8, which Datadog, Splunk and OpenSearch read too.

use foretaste_behaviour::{Access, Action, BehaviourFinding, Event, Process};
use foretaste_model::Verdict;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::installs::Install;

/// The version of the schema.
const VERSION: &str = "8.17.0";

/// What lines are about.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) began: Timestamp,
    pub(crate) watched: &'a str,
    pub(crate) host: &'a str,
    pub(crate) processes: &'a [Process],
    pub(crate) steps: &'a [Option<String>],
}

impl Scene<'_> {
    fn line(
        &self,
        time: u64,
        process: Option<usize>,
        event: Value,
        message: String,
    ) -> Map<String, Value> {
        let when = self
            .began
            .saturating_add(SignedDuration::from_micros(time.cast_signed()))
            .unwrap_or(self.began);
        let mut line = Map::new();
        line.insert("@timestamp".to_owned(), when.to_string().into());
        line.insert("ecs".to_owned(), json!({"version": VERSION}));
        line.insert("event".to_owned(), event);
        line.insert("message".to_owned(), message.into());
        line.insert("host".to_owned(), json!({"hostname": self.host}));
        line.insert("observer".to_owned(), json!({"vendor": "foretaste", "product": "foretaste monitor", "version": env!("CARGO_PKG_VERSION"), "type": "sensor"}));
        let mut labels = json!({"watched": self.watched});
        if let Some(entry) = process {
            if let Some(process) = self.processes.get(entry) {
                line.insert("process".to_owned(), self.process(process));
                if let Some(package) = &process.package {
                    labels["package"] = package.clone().into();
                }
            }
            if let Some(step) = self.steps.get(entry).cloned().flatten() {
                labels["step"] = step.into();
            }
        }
        line.insert("labels".to_owned(), labels);
        line
    }

    fn process(&self, process: &Process) -> Value {
        let mut value = json!({
            "pid": process.pid,
            "executable": process.program,
            "name": process.program.rsplit('/').next(),
            "args": process.arguments,
            "args_count": process.arguments.len(),
            "command_line": process.arguments.join(" "),
            "working_directory": process.directory,
        });
        if let Some(parent) = process.parent.and_then(|at| self.processes.get(at)) {
            value["parent"] = json!({
                "pid": parent.pid,
                "executable": parent.program,
                "command_line": parent.arguments.join(" "),
            });
        }
        value
    }
}

fn kind(is_alert: bool, category: &str, kinds: &[&str], action: &str) -> Value {
    json!({
        "kind": if is_alert { "alert" } else { "event" },
        "category": [category],
        "type": kinds,
        "action": action,
        "module": "foretaste",
        "dataset": "foretaste.monitor",
    })
}

/// What is said of something on the network, and in one word whether it was let through. Of a question that is told as a kind
/// alone: its outcome is the answer.
fn network(
    first: &str,
    action: &str,
    access: Access,
    reason: Option<&str>,
) -> (Value, &'static str) {
    let (word, outcome) = match access {
        Access::Allowed => ("allowed", "success"),
        Access::Denied => ("denied", "failure"),
    };
    let mut about = kind(reason.is_some(), "network", &[first, word], action);
    if first == "connection" {
        about["outcome"] = outcome.into();
    }
    if let Some(reason) = reason {
        about["reason"] = reason.into();
    }
    (about, word)
}

/// True for a line that somebody wants to know at once.
pub(super) fn is_alert(line: &Value) -> bool {
    line["event"]["kind"] == "alert"
}

/// A line for an event.
pub(crate) fn event(scene: &Scene<'_>, event: &Event) -> Value {
    let command = event
        .process
        .and_then(|at| scene.processes.get(at))
        .map(|process| process.arguments.join(" "))
        .unwrap_or_default();
    let line =
        |about: Value, message: String| scene.line(event.time, event.process, about, message);
    let line = match &event.action {
        Action::Exec => line(
            kind(false, "process", &["start"], "exec"),
            format!("started {command}"),
        ),
        Action::Connection {
            address,
            port,
            protocol,
            host,
            access,
            reason,
            ..
        } => {
            let (about, outcome) = network("connection", "connection", *access, reason.as_deref());
            let to = host.as_deref().unwrap_or(address);
            let mut line = line(
                about,
                format!("connection to {to} port {port}/{protocol} {outcome}"),
            );
            let mut destination = json!({"address": to, "port": port});
            if address.parse::<std::net::IpAddr>().is_ok() {
                destination["ip"] = address.clone().into();
            }
            if let Some(host) = host {
                destination["domain"] = host.clone().into();
            }
            line.insert("destination".to_owned(), destination);
            line.insert(
                "network".to_owned(),
                json!({"transport": protocol, "direction": "egress"}),
            );
            line
        }
        Action::Name {
            name,
            kind: record,
            resolver,
            access,
            reason,
        } => {
            let (about, _) = network("protocol", "dns-question", *access, reason.as_deref());
            let mut line = line(about, format!("looked up {name} ({record})"));
            line.insert(
                "dns".to_owned(),
                json!({"type": "query", "question": {"name": name, "type": record}}),
            );
            line.insert(
                "network".to_owned(),
                json!({"protocol": "dns", "direction": "egress"}),
            );
            line.insert("destination".to_owned(), json!({"address": resolver}));
            line
        }
        Action::Write { path } | Action::Remove { path } | Action::Mode { path, .. } => {
            let mut line = line(
                kind(false, "file", &["change"], "file-written"),
                format!("wrote {path}"),
            );
            line.insert("file".to_owned(), json!({"path": path}));
            line
        }
        Action::SensitiveRead { path, what } => {
            let mut line = line(
                kind(true, "file", &["access"], "secret-read"),
                format!("opened {path} ({what})"),
            );
            line.insert("file".to_owned(), json!({"path": path}));
            line
        }
        other => line(
            kind(false, "host", &["info"], "other"),
            serde_json::to_string(other).unwrap_or_default(),
        ),
    };
    Value::Object(line)
}

/// A line for an install.
pub(crate) fn install(scene: &Scene<'_>, install: &Install) -> Value {
    let about = kind(
        install.status.is_drift(),
        "package",
        &["installation"],
        "package-installed",
    );
    let message = format!(
        "installed {}:{} {} ({})",
        install.ecosystem.id(),
        install.name,
        install.version,
        install.status.text()
    );
    let mut line = scene.line(install.time, install.process, about, message);
    let mut package = json!({
        "name": install.name,
        "version": install.version,
        "type": install.ecosystem.id(),
        "path": install.place,
    });
    if let Some(digest) = install.digests.first() {
        package["checksum"] = format!("{}:{}", digest.algorithm.id(), digest.value).into();
    }
    if let Some(index) = &install.index {
        package["reference"] = index.clone().into();
    }
    line.insert("package".to_owned(), package);
    line.insert("foretaste".to_owned(), json!({"install": {"status": install.status, "locked": install.locked, "hosts": install.hosts, "temporary": install.temporary}}));
    Value::Object(line)
}

/// A line for a finding.
pub(crate) fn finding(scene: &Scene<'_>, finding: &BehaviourFinding, events: &[Event]) -> Value {
    let first = finding.events.first().and_then(|at| events.get(*at));
    let mut about = kind(true, "intrusion_detection", &["info"], finding.rule);
    about["severity"] = match finding.verdict {
        Verdict::Block => 73,
        Verdict::Review => 47,
        _ => 21,
    }
    .into();
    let message = format!("{}: {}", finding.title, finding.details.join("; "));
    let mut line = scene.line(
        first.map_or(0, |event| event.time),
        first.and_then(|event| event.process),
        about,
        message,
    );
    line.insert(
        "rule".to_owned(),
        json!({"id": finding.rule, "name": finding.title, "ruleset": "foretaste"}),
    );
    line.insert(
        "foretaste".to_owned(),
        json!({"verdict": finding.verdict.id(), "details": finding.details}),
    );
    Value::Object(line)
}
