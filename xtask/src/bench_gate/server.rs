//! The servers, each a process of its own that ends with the value.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::fixture::Fixture;
use super::peers;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running server.
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) home: PathBuf,
    port: u16,
    /// The path of its simple index, with slashes at both ends.
    simple: &'static str,
    child: Child,
    /// Seconds from the start to the first answer.
    pub(super) start: Option<f64>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // its workers are its own children, and are told to end by it
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn ask(port: u16, path: &str) -> Result<(u16, Vec<u8>)> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    write!(
        socket,
        "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAccept: application/vnd.pypi.simple.v1+json, text/html;q=0.1\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    let body = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map_or(answer.len(), |at| at + 4);
    Ok((status, answer.split_off(body)))
}

impl Server {
    pub(super) fn begin(
        name: &'static str,
        home: &Path,
        port: u16,
        simple: &'static str,
        mut command: Command,
    ) -> Result<Self> {
        let log = fs::File::create(home.join(format!("{name}.log")))?;
        let begin = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let mut server = Self {
            name,
            home: home.to_owned(),
            port,
            simple,
            child,
            start: None,
        };
        while begin.elapsed() < PATIENCE {
            if ask(port, "/").is_ok_and(|(status, _)| status > 0) {
                server.start = Some(begin.elapsed().as_secs_f64());
                return Ok(server);
            }
            if let Some(ended) = server.child.try_wait()? {
                bail!(
                    "{name} ended with {ended}; its log lies in {}",
                    home.display()
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("{name} does not answer; its log lies in {}", home.display())
    }

    /// The upstream, the direct way, and the floor: the same bytes as plain files.
    pub(super) fn nginx(home: &Path, fixture: &Fixture) -> Result<Self> {
        peers::installed(home, "clients", &["--upgrade", "pip", "uv"])?;
        let port = free_port()?;
        let config = format!(
            "daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx-error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;\n\
             client_body_temp_path {home}/nginx-body; proxy_temp_path {home}/nginx-proxy; fastcgi_temp_path {home}/nginx-f;\n\
             uwsgi_temp_path {home}/nginx-u; scgi_temp_path {home}/nginx-s;\n\
             map $http_accept $page {{ default index.html; ~json index.json; }}\n\
             server {{ listen 127.0.0.1:{port}; root {root};\n\
             location /simple/ {{ rewrite ^(?<dir>.*)/$ $dir/$page last; types {{ }} default_type text/html; }}\n\
             location ~ /index[.]json$ {{ types {{ }} default_type application/vnd.pypi.simple.v1+json; }}\n\
             location ^~ /raw/ {{ alias {root}/simple/; types {{ }} default_type application/vnd.pypi.simple.v1+json; }}\n\
             location ^~ /files/ {{ types {{ }} default_type application/octet-stream; }} }} }}\n",
            home = home.display(),
            root = fixture.root.display(),
        );
        let path = home.join("nginx.conf");
        fs::write(&path, config)?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&path);
        Self::begin("nginx", home, port, "/simple/", command)
    }

    /// The gate in a folder of its own, with nothing fetched or vetted yet, and with more settings.
    pub(super) fn gate(
        home: &Path,
        binary: &Path,
        upstream: &Self,
        (folder, more): (&str, &str),
    ) -> Result<Self> {
        let port = free_port()?;
        let folder = home.join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("gate.toml"),
            format!(
                "listen = '127.0.0.1:{port}'\n[upstream]\npypi = ['{}']\nnpm = []\ncargo = []\n{more}",
                upstream.index()
            ),
        )?;
        let mut command = Command::new(binary);
        command
            .args(["gate", "serve"])
            .current_dir(&folder)
            .env("FORETASTE_CACHE_DIR", folder.join("cache"));
        Self::begin("foretaste", home, port, "/pypi/simple/", command)
    }

    /// True if it serves the files of its own folder.
    pub(super) fn is_local(&self) -> bool {
        self.name == "pypiserver"
    }

    /// True if it has the pages that are measured.
    pub(super) fn has_json(&self) -> bool {
        !self.is_local()
    }

    pub(super) fn index(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.simple)
    }

    pub(super) fn page(&self, name: &str) -> String {
        if self.name == "nginx" {
            // the floor has neither names to rewrite nor formats to choose from
            return format!("http://127.0.0.1:{}/raw/{name}/index.json", self.port);
        }
        format!("{}{name}/", self.index())
    }

    /// The body behind a path.
    pub(super) fn get(&self, path: &str) -> Result<String> {
        let (status, body) = ask(self.port, path)?;
        if status != 200 {
            bail!("{} answers {path} with {status}", self.name);
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Where the one file of a project lies, after it was fetched once.
    pub(super) fn file_url(&self, name: &str) -> Result<String> {
        let path = format!("{}{name}/", self.simple);
        let page = self.get(&path)?;
        let marks = ["\"url\":\"", "\"url\": \"", "href=\""];
        let mut links = marks.iter().filter_map(|mark| page.split(mark).nth(1));
        let link = links.next().and_then(|rest| rest.split(['"', '#']).next());
        let link = link.with_context(|| format!("{} shows no file of {name}", self.name))?;
        let url = if link.starts_with("http") {
            link.to_owned()
        } else if link.starts_with('/') {
            format!("http://127.0.0.1:{}{link}", self.port)
        } else {
            let up = link.matches("../").count();
            let base: Vec<&str> = path.trim_end_matches('/').split('/').collect();
            let kept = base[..base.len().saturating_sub(up)].join("/");
            format!(
                "http://127.0.0.1:{}{kept}/{}",
                self.port,
                link.trim_start_matches("../")
            )
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        for _ in 0..20 {
            if ask(self.port, &format!("/{path}"))?.0 == 200 {
                return Ok(url);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        bail!("{} does not serve {url}", self.name)
    }

    /// A file of some kilobytes.
    pub(super) fn tiny_file(&self) -> Result<String> {
        self.file_url("tiny-pip-0")
    }

    /// Of the process's resident memory, the pages of its program and libraries, in MiB: they can be dropped and read again.
    pub(super) fn program_pages(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let kib = status.lines().find_map(|l| l.strip_prefix("RssFile:"))?;
        let kib: f64 = kib.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kib / 1024.0)
    }

    /// Resident memory of the process and its children, in MiB.
    pub(super) fn memory(&self) -> Option<f64> {
        let output = Command::new("ps")
            .args([
                "-o",
                "rss=",
                "--pid",
                &self.child.id().to_string(),
                "--ppid",
                &self.child.id().to_string(),
            ])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let kib: f64 = text
            .split_whitespace()
            .filter_map(|n| n.parse::<f64>().ok())
            .sum();
        (kib > 0.0).then_some(kib / 1024.0)
    }
}
