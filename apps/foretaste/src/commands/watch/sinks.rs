//! Who is told.

use anyhow::{Context, Result, bail};
use foretaste_model::Verdict;
use foretaste_watch::{Book, Event, EventKind, MailSink, Message, Place, Sender, Sink, SinkKind};
use jiff::Timestamp;

use crate::cli::watch::SinkAdd;
use crate::exit::Code;
use crate::printer::Printer;
use crate::process;

pub(super) fn add(book: &Book, args: &SinkAdd) -> Result<Code> {
    let sink = Sink {
        name: args.name.clone(),
        kind: kind(args)?,
        severity: crate::cli::verdict(&args.severity).context("no such verdict")?,
        quiet: args.quiet_hours.as_deref().map(str::parse).transpose()?,
    };
    let shown = sink.kind.shown();
    book.change(|contents| {
        contents.sinks.retain(|s| s.name != sink.name);
        contents.sinks.push(sink);
    })?;
    Printer::data(&format!("`{}` is told: {shown}\n", args.name))?;
    Ok(Code::Clear)
}

pub(super) fn remove(book: &Book, name: &str) -> Result<Code> {
    let dropped = book.change(|contents| {
        let before = contents.sinks.len();
        contents.sinks.retain(|s| s.name != name);
        let waiting = contents.outbox.len();
        contents.outbox.retain(|p| p.sink != name);
        (before > contents.sinks.len()).then_some(waiting - contents.outbox.len())
    })?;
    let Some(dropped) = dropped else {
        bail!("no sink is called `{name}`\n  hint: `foretaste watch list` names everything");
    };
    Printer::data(&format!(
        "`{name}` is told no longer; {dropped} messages dropped\n"
    ))?;
    Ok(Code::Clear)
}

pub(super) fn test(book: &Book, name: &str, sender: &Sender, now: Timestamp) -> Result<Code> {
    let contents = book.read()?;
    let Some(sink) = contents.sinks.iter().find(|s| s.name == name) else {
        bail!("no sink is called `{name}`\n  hint: `foretaste watch list` names everything");
    };
    let message = Message {
        id: format!("test-{}", now.as_second()),
        when: now,
        watched: "a test of this sink".to_owned(),
        events: vec![Event {
            kind: EventKind::NewFinding,
            release: "pypi:example@1.0".to_owned(),
            level: Verdict::Note,
            before: Some(Verdict::Note),
            now: Some(Verdict::Note),
            findings: vec!["this is a test: nothing happened".to_owned()],
            advice: None,
            path: Vec::new(),
        }],
    };
    let runtime = process::single()?;
    runtime
        .block_on(sender.send(&sink.kind, &message))
        .with_context(|| format!("`{name}` was not told"))?;
    Printer::data(&format!("`{name}` took it\n"))?;
    Ok(Code::Clear)
}

fn kind(args: &SinkAdd) -> Result<SinkKind> {
    let url = || match (&args.url, &args.url_env) {
        (Some(url), None) => Ok(Place::Url(url.clone())),
        (None, Some(name)) => Ok(Place::Env(name.clone())),
        _ => bail!("a {} needs --url-env NAME (or --url URL)", args.kind),
    };
    let repository = || {
        args.repository
            .clone()
            .with_context(|| format!("an issue at {} needs --repository OWNER/NAME", args.kind))
    };
    let token = |default: &str| args.token_env.clone().unwrap_or_else(|| default.to_owned());
    Ok(match &*args.kind {
        "slack" => SinkKind::Slack { url: url()? },
        "webhook" => SinkKind::Webhook {
            url: url()?,
            secret_env: args.secret_env.clone(),
        },
        "mail" => SinkKind::Mail(mail(args)?),
        "github" => SinkKind::GithubIssue {
            repository: repository()?,
            token_env: token("GITHUB_TOKEN"),
            api: args.api.clone(),
        },
        "gitlab" => SinkKind::GitlabIssue {
            repository: repository()?,
            token_env: token("GITLAB_TOKEN"),
            api: args.api.clone(),
        },
        "command" if args.command.is_empty() => bail!("a command needs one after `--`"),
        "command" => SinkKind::Command {
            argv: args.command.clone(),
        },
        _ => SinkKind::File {
            path: std::path::absolute(args.path.clone().context("a file needs --path FILE")?)?,
        },
    })
}

fn mail(args: &SinkAdd) -> Result<MailSink> {
    let server = args
        .server
        .as_deref()
        .context("mail needs --server HOST[:PORT]")?;
    let usual = match &*args.security {
        "tls" => 465,
        "none" => 25,
        _ => 587,
    };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => {
            let port = port
                .parse()
                .with_context(|| format!("`{port}` in --server {server} is no port"))?;
            (host, port)
        }
        None => (server, usual),
    };
    if args.to.is_empty() {
        bail!("mail needs --to ADDRESS");
    }
    Ok(MailSink {
        server: host.to_owned(),
        port,
        security: args.security.clone(),
        user: args.user.clone(),
        password_env: args.password_env.clone(),
        from: args.from.clone().context("mail needs --from ADDRESS")?,
        to: args.to.clone(),
    })
}
