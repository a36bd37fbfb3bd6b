//! Values in valid formats, made from the run's seed: scanners and thieves recognise them, nobody accepts them.

use sha2::{Digest, Sha256};

/// What the values of one run are made from. It never leaves the supervisor.
#[derive(Clone)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// One planted secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Canary {
    /// What it is, in reports; the value never stands there.
    pub name: &'static str,
    /// The value.
    pub value: String,
    /// The variable that it is planted in.
    pub variable: Option<&'static str>,
    /// The file below the home that it is planted in, and the file's content.
    pub file: Option<(&'static str, String)>,
}

impl std::fmt::Debug for Canary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canary({})", self.name)
    }
}

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Seed {
    /// `length` characters of an alphabet, for one purpose.
    fn text(&self, purpose: &str, length: usize, alphabet: &[u8]) -> String {
        let mut text = String::new();
        for block in 0_u32.. {
            let digest = Sha256::new()
                .chain_update(self.0)
                .chain_update(purpose)
                .chain_update(block.to_be_bytes())
                .finalize();
            for byte in digest {
                if text.len() == length {
                    return text;
                }
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
        text
    }
}

/// A classic token of GitHub: 30 characters and the CRC-32 of them in base 62.
pub fn github_token(seed: &Seed) -> String {
    checked("ghp_", &seed.text("github", 30, ALPHANUMERIC))
}

/// A token of npm, in the same format.
pub fn npm_token(seed: &Seed) -> String {
    checked("npm_", &seed.text("npm", 30, ALPHANUMERIC))
}

fn checked(prefix: &str, body: &str) -> String {
    let mut sum = crc32fast::hash(body.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        digits.push(char::from(ALPHANUMERIC[(sum % 62) as usize]));
        sum /= 62;
    }
    format!(
        "{prefix}{body}{}",
        digits.into_iter().rev().collect::<String>()
    )
}

/// The secret of the process that looks like a CI runner's.
pub const RUNNER: &str = "runner-token";

/// Every secret that is planted in a run.
pub fn plant(seed: &Seed) -> Vec<Canary> {
    let aws_id = format!("AKIA{}", seed.text("aws-id", 16, BASE32));
    let aws_secret = seed.text("aws-secret", 40, BASE64);
    let github = github_token(seed);
    let npm = npm_token(seed);
    let pypi = format!("pypi-AgEI{}", seed.text("pypi", 140, &BASE64[..62]));
    let cargo = format!("cio{}", seed.text("cargo", 32, ALPHANUMERIC));
    let docker = seed.text("docker", 40, ALPHANUMERIC);
    let key = seed.text("ssh", 64, &BASE64[..62]);
    let kube = seed.text("kube", 48, ALPHANUMERIC);
    let netrc = seed.text("netrc", 32, ALPHANUMERIC);
    let of_variable = |name, variable, value: &str| Canary {
        name,
        value: value.to_owned(),
        variable: Some(variable),
        file: None,
    };
    let of_file = |name, path, value: &str, content: String| Canary {
        name,
        value: value.to_owned(),
        variable: None,
        file: Some((path, content)),
    };
    vec![
        Canary {
            name: RUNNER,
            value: checked("ghs_", &seed.text("runner", 30, ALPHANUMERIC)),
            variable: None,
            file: None,
        },
        of_variable(
            "aws-secret-access-key",
            "AWS_SECRET_ACCESS_KEY",
            &aws_secret,
        ),
        of_variable("aws-access-key-id", "AWS_ACCESS_KEY_ID", &aws_id),
        of_variable("github-token", "GITHUB_TOKEN", &github),
        of_variable("npm-token", "NPM_TOKEN", &npm),
        of_variable("pypi-token", "TWINE_PASSWORD", &pypi),
        of_file(
            "aws-secret-access-key",
            ".aws/credentials",
            &aws_secret,
            format!(
                "[default]\naws_access_key_id = {aws_id}\naws_secret_access_key = {aws_secret}\n"
            ),
        ),
        of_file(
            "pypi-token",
            ".pypirc",
            &pypi,
            format!("[pypi]\nusername = __token__\npassword = {pypi}\n"),
        ),
        of_file(
            "cargo-token",
            ".cargo/credentials.toml",
            &cargo,
            format!("[registry]\ntoken = \"{cargo}\"\n"),
        ),
        of_file(
            "github-token",
            ".config/gh/hosts.yml",
            &github,
            format!(
                "github.com:\n    oauth_token: {github}\n    user: build\n    git_protocol: https\n"
            ),
        ),
        of_file(
            "github-token",
            ".git-credentials",
            &github,
            format!("https://build:{github}@github.com\n"),
        ),
        of_file(
            "docker-auth",
            ".docker/config.json",
            &docker,
            format!("{{\"auths\":{{\"registry.example\":{{\"auth\":\"{docker}\"}}}}}}\n"),
        ),
        of_file(
            "ssh-key",
            ".ssh/id_ed25519",
            &key,
            format!(
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n{key}\n-----END OPENSSH PRIVATE KEY-----\n"
            ),
        ),
        of_file(
            "kubernetes-token",
            ".kube/config",
            &kube,
            format!(
                "apiVersion: v1\nkind: Config\nusers:\n- name: build\n  user:\n    token: {kube}\n"
            ),
        ),
        of_file(
            "netrc-password",
            ".netrc",
            &netrc,
            format!("machine registry.example login build password {netrc}\n"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_formats() {
        let seed = Seed([7; 32]);
        let token = github_token(&seed);
        assert_eq!((token.len(), &token[..4]), (40, "ghp_"));
        assert_eq!(checked("ghp_", &token[4..34]), token);
        let all = plant(&seed);
        let aws = all
            .iter()
            .find(|c| c.name == "aws-access-key-id")
            .expect("planted");
        assert!(aws.value.len() == 20 && aws.value.starts_with("AKIA"));
    }

    #[test]
    fn every_run_has_its_own() {
        let (a, b) = (plant(&Seed([1; 32])), plant(&Seed([2; 32])));
        assert!(a.iter().zip(&b).all(|(a, b)| a.value != b.value));
        assert_eq!(format!("{:?}", a[0]), "Canary(runner-token)");
    }
}
