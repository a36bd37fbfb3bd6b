//! `foretaste gate token`

use anyhow::{Result, bail};
use foretaste_gate::{PackagePattern, Scopes, Settings, TokenInfo, Tokens, Verb};
use jiff::Timestamp;
use std::fmt::Write as _;

use crate::cli::{TokenAction, TokenVerb};
use crate::exit::Code;
use crate::printer::Printer;

/// Makes, lists and revokes tokens.
///
/// # Errors
/// A pattern cannot be read, or the database cannot be used.
pub(super) fn run(settings: &Settings, action: &TokenAction) -> Result<Code> {
    super::serve::runtime()?.block_on(async {
        let tokens = Tokens::open(settings).await?;
        match action {
            TokenAction::Create {
                name,
                may,
                package,
                team,
                days,
            } => {
                for pattern in package {
                    PackagePattern::parse(pattern).map_err(anyhow::Error::msg)?;
                }
                let mut verbs: Vec<Verb> = may.iter().copied().map(verb).collect();
                if verbs.is_empty() {
                    verbs.push(Verb::Read);
                }
                let scopes = Scopes {
                    verbs,
                    packages: package.clone(),
                    team: team.clone(),
                };
                let expires = days.map(|d| Timestamp::now().as_second() + i64::from(d) * 86_400);
                let text = tokens.issue(name, &scopes, expires).await?;
                Printer::data(&format!("{text}\n"))?;
            }
            TokenAction::List => {
                let all = tokens.list().await?;
                Printer::data(&all.iter().map(line).collect::<String>())?;
            }
            TokenAction::Revoke { id } => {
                if !tokens.revoke(id).await? {
                    bail!("there is no token {id}\n  hint: `foretaste gate token list` names them");
                }
            }
        }
        anyhow::Ok(())
    })?;
    Ok(Code::Clear)
}

const fn verb(word: TokenVerb) -> Verb {
    match word {
        TokenVerb::Read => Verb::Read,
        TokenVerb::Publish => Verb::Publish,
        TokenVerb::Admin => Verb::Admin,
    }
}

fn line(token: &TokenInfo) -> String {
    let day = |seconds: i64| {
        Timestamp::from_second(seconds)
            .map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%d").to_string())
    };
    let verbs: Vec<&str> = token
        .scopes
        .verbs
        .iter()
        .map(|v| match v {
            Verb::Read => "read",
            Verb::Publish => "publish",
            Verb::Admin => "admin",
        })
        .collect();
    let mut line = format!("{}  {:<20}  {}", token.id, token.name, verbs.join("+"));
    if !token.scopes.packages.is_empty() {
        let _ = write!(line, " of {}", token.scopes.packages.join(", "));
    }
    if let Some(team) = &token.scopes.team {
        let _ = write!(line, " for {team}");
    }
    let _ = write!(line, "  since {}", day(token.created));
    if let Some(at) = token.expires {
        let _ = write!(line, "  until {}", day(at));
    }
    if let Some(at) = token.revoked {
        let _ = write!(line, "  revoked {}", day(at));
    }
    line.push('\n');
    line
}
