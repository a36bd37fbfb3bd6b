//! The servers that people use in the gate's place, from the index that pip is configured for, each in an environment of its
//! own. None of them knows any upstream but the one on this machine, and none ever fetches a list of names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::fixture::Fixture;
use super::server::{Server, free_port};
use crate::step;

/// Makes a mirror in devpi that never asks for its upstream's list of names.
const SETUP: &str = "import json,sys,base64,urllib.request as u\nb=sys.argv[1]\n\
def ask(m,p,d,h={}):\n  r=u.Request(b+p,json.dumps(d).encode(),{'Content-Type':'application/json',**h},method=m)\n  return json.load(u.urlopen(r))\n\
t=ask('POST','/+login',{'user':'root','password':''})['result']['password']\n\
a=base64.b64encode(('root:'+t).encode()).decode()\n\
ask('PUT','/root/up',{'type':'mirror','mirror_url':sys.argv[2],'mirror_no_project_list':True,'mirror_cache_expiry':3600,'volatile':True},{'X-Devpi-Auth':a})";

/// A virtual environment with a program from the index that pip is configured for, made once.
pub(super) fn installed(home: &Path, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = home.join("peers").join(name);
    if !folder.join("bin/pip").exists() {
        let shown = folder.display().to_string();
        step("python3", &["-m", "venv", &shown])?;
        let pip = folder.join("bin/pip").display().to_string();
        let mut args = vec!["install", "-q"];
        args.extend(packages);
        step(&pip, &args)?;
    }
    Ok(folder.join("bin"))
}

impl Server {
    /// devpi with one mirror, which never fetches its upstream's list of names.
    pub(super) fn devpi(home: &Path, upstream: &Self, _: &Fixture) -> Result<Self> {
        let bin = installed(home, "devpi", &["devpi-server"])?;
        let folder = home.join("devpi-data");
        let _ = fs::remove_dir_all(&folder);
        let shown = folder.display().to_string();
        let init = bin.join("devpi-init").display().to_string();
        step(&init, &["--serverdir", &shown, "--no-root-pypi"])?;
        let port = free_port()?;
        let mut command = Command::new(bin.join("devpi-server"));
        command.args(["--serverdir", &shown, "--port", &port.to_string()]);
        let server = Self::begin("devpi", home, port, "/root/up/+simple/", command)?;
        let base = format!("http://127.0.0.1:{port}");
        step("python3", &["-c", SETUP, &base, &upstream.index()])?;
        Ok(server)
    }

    /// proxpi as its container runs it: one worker, two threads.
    pub(super) fn proxpi(home: &Path, upstream: &Self, _: &Fixture) -> Result<Self> {
        let bin = installed(home, "proxpi", &["proxpi", "gunicorn"])?;
        let folder = home.join("proxpi-cache");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let mut command = Command::new(bin.join("gunicorn"));
        command
            .args([
                "--threads",
                "2",
                "--bind",
                &format!("127.0.0.1:{port}"),
                "proxpi.server:app",
            ])
            .env("PROXPI_INDEX_URL", upstream.index())
            .env("PROXPI_CACHE_DIR", &folder);
        Self::begin("proxpi", home, port, "/index/", command)
    }

    /// pypiserver on the same files; it is no proxy.
    pub(super) fn pypiserver(home: &Path, _: &Self, fixture: &Fixture) -> Result<Self> {
        let bin = installed(home, "pypiserver", &["pypiserver"])?;
        let folder = home.join("pypiserver-files");
        if !folder.exists() {
            fs::create_dir_all(&folder)?;
            let names = fixture.names.iter().map(String::as_str);
            for name in names.chain(["wheel"]) {
                for file in fs::read_dir(fixture.root.join("files").join(name))?.flatten() {
                    if file.path().extension().is_some_and(|e| e == "whl") {
                        fs::copy(file.path(), folder.join(file.file_name()))?;
                    }
                }
            }
        }
        let port = free_port()?;
        let mut command = Command::new(bin.join("pypi-server"));
        command
            .args([
                "run",
                "-i",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "--disable-fallback",
            ])
            .arg(&folder);
        Self::begin("pypiserver", home, port, "/simple/", command)
    }
}
