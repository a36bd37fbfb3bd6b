//! What is told to people and machines.

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::visible;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::event::Event;

/// Events of one watched target, told together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Names it for ever: a receiver that saw it before may drop it.
    pub id: String,
    /// When the change was seen.
    pub when: Timestamp,
    /// What is watched, as the user named it.
    pub watched: String,
    /// What happened, the gravest first. Never empty.
    pub events: Vec<Event>,
}

/// Events that are spelled out; more are counted.
const SPELLED: usize = 20;

impl Message {
    /// The gravest level.
    pub fn level(&self) -> Verdict {
        self.events.first().map_or(Verdict::Clear, |e| e.level)
    }

    /// One line.
    pub fn subject(&self) -> String {
        let first = self
            .events
            .first()
            .map(|e| format!("{} {}", visible(&e.release), e.kind.title()))
            .unwrap_or_default();
        let more = match self.events.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        format!(
            "[{}] {}: {first}{more}",
            self.level().id(),
            visible(&self.watched)
        )
    }

    /// Plain text for mails.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for event in self.events.iter().take(SPELLED) {
            let _ = writeln!(
                out,
                "{}  {} {}{}",
                event.now.map_or("gone", Verdict::id),
                visible(&event.release),
                event.kind.title(),
                event
                    .before
                    .map(|b| format!(" (was {})", b.id()))
                    .unwrap_or_default()
            );
            for finding in &event.findings {
                let _ = writeln!(out, "  - {}", visible(finding));
            }
            if !event.path.is_empty() {
                let path: Vec<String> = event.path.iter().map(|p| visible(p)).collect();
                let _ = writeln!(out, "  via {}", path.join(" > "));
            }
            if let Some(advice) = &event.advice {
                let _ = writeln!(out, "  {}", visible(advice));
            }
            out.push('\n');
        }
        if self.events.len() > SPELLED {
            let _ = writeln!(out, "… and {} more\n", self.events.len() - SPELLED);
        }
        let _ = writeln!(
            out,
            "Watched: {}. Judged {}. See it all: foretaste audit {}",
            visible(&self.watched),
            self.when.strftime("%Y-%m-%d %H:%M UTC"),
            visible(&self.watched)
        );
        out
    }

    /// Slack's shape of an incoming webhook, which Mattermost, Rocket.Chat and Discord (`/slack`) read too.
    pub fn slack(&self) -> Value {
        let mark = match self.level() {
            Verdict::Block => ":no_entry:",
            Verdict::Review => ":warning:",
            _ => ":information_source:",
        };
        let subject = slack_text(&self.subject());
        let text = slack_text(&self.text());
        json!({
            "text": format!("{mark} {subject}"),
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": format!("{mark} *{subject}*")}},
                // Slack takes 3,000 characters in a section
                {"type": "section", "text": {"type": "mrkdwn", "text": format!("```{}```", cut(&text, 2_900))}},
            ],
        })
    }

    /// Markdown for an issue.
    pub fn markdown(&self) -> String {
        foretaste_report::escape::fence(&self.text())
    }

    /// The message as it is, with its level.
    pub fn json(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("level".into(), self.level().id().into());
            object.insert("schema".into(), "foretaste-watch/1".into());
        }
        value
    }
}

/// Slack reads three characters as markup; a backquote would end the block that the text stands in.
fn slack_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('`', "'")
}

fn cut(text: &str, most: usize) -> &str {
    text.char_indices()
        .nth(most)
        .map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;

    fn message() -> Message {
        Message {
            id: "0a1b".to_owned(),
            when: "2026-11-01T08:00:00Z".parse().expect("a time"),
            watched: "services/pay".to_owned(),
            events: vec![Event {
                kind: EventKind::Worse,
                release: "pypi:acme-corp-util@1.0.3".to_owned(),
                level: Verdict::Block,
                before: Some(Verdict::Clear),
                now: Some(Verdict::Block),
                findings: vec!["known-malware: MAL-2026-1: steals <!channel> `tokens`".to_owned()],
                advice: Some("remove it and rotate what it could read".to_owned()),
                path: vec!["pay".to_owned(), "acme-corp-util".to_owned()],
            }],
        }
    }

    #[test]
    fn the_mail_says_what_why_and_what_to_do() {
        insta::assert_snapshot!(
            "mail",
            format!("{}\n\n{}", message().subject(), message().text())
        );
    }

    #[test]
    fn slack_cannot_be_made_to_shout() {
        let text = message().slack().to_string();
        assert!(!text.contains("<!channel>"), "{text}");
        insta::assert_snapshot!(
            "slack",
            serde_json::to_string_pretty(&message().slack()).expect("JSON")
        );
    }
}
