//! The real client of RubyGems and a registry of the test's: installed from, and not published to.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::project::Project;

/// A gem server of static files, as `gem generate_index` leaves them.
fn serve(folder: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, folder) = (stream.expect("a connection"), folder.clone());
            std::thread::spawn(move || {
                let mut bytes = [0; 16 << 10];
                let length = stream.read(&mut bytes).unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                let path = text
                    .split(' ')
                    .nth(1)
                    .unwrap_or("/")
                    .trim_start_matches('/');
                let (status, body) = std::fs::read(folder.join(path))
                    .map_or(("404 Not found", Vec::new()), |body| ("200 OK", body));
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let body = if text.starts_with("GET") {
                    body
                } else {
                    Vec::new()
                };
                // a client that goes away is none of the test's business
                let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            });
        }
    });
    port
}

fn gem(folder: &Path, words: &[&str]) -> bool {
    let done = Command::new("gem").args(words).current_dir(folder).output();
    done.is_ok_and(|output| output.status.success())
}

#[test]
fn a_gem_is_installed_from_a_registry_that_takes_nothing() {
    let project = Project::new();
    let site = project.top().join("site");
    std::fs::create_dir_all(site.join("gems")).expect("can be made");
    project.write("lib/thing.rb", "module Thing; end\n");
    project.write(
        "thing.gemspec",
        "Gem::Specification.new { |s| s.name, s.version, s.summary, s.authors, s.files = 'thing', '1.0.0', 'x', ['x'], ['lib/thing.rb'] }\n",
    );
    if !gem(&project.path(), &["build", "-q", "thing.gemspec"]) {
        assert!(std::env::var_os("CI").is_none(), "CI installs ruby");
        println!("left out: RubyGems is not installed");
        return;
    }
    let (built, served) = ("thing-1.0.0.gem", site.join("gems/thing-1.0.0.gem"));
    std::fs::copy(project.path().join(built), served).expect("can be copied");
    assert!(gem(&site, &["generate_index", "-d", "."]), "an index");
    let port = serve(site);
    let host = format!("http://127.0.0.1:{port}/");
    std::fs::write(
        project.home().join(".gemrc"),
        format!("---\n:sources:\n- {host}\n"),
    )
    .expect("can be written");
    let run = project.run(
        &["--policy", "gem", "--commit"],
        "gem install --no-document --install-dir gems thing",
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        project
            .read("gems/gems/thing-1.0.0/lib/thing.rb")
            .as_deref(),
        Some("module Thing; end\n"),
        "{run:?}"
    );
    let run = project.run(
        &["--policy", "gem"],
        &format!("GEM_HOST_API_KEY=x gem push --host {host} {built}"),
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    for said in [
        "publishes packages",
        "a registry is only read in a run, not POST",
    ] {
        assert!(run.stderr.contains(said), "{said}: {run:?}");
    }
}
