//! `lock.*`.

use super::Proof;
use crate::locks::{Index, locked, uv};
use crate::support::{Home, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("lock.min-age-days", || {
        if uv().is_some() {
            assert!(lock("min-age-days = 0").contains("alpha==1.2"));
            assert!(lock("min-age-days = 7").contains("alpha==1.1"));
        }
    }),
    ("lock.exempt-fixes", || {
        if uv().is_some() {
            assert!(vulnerable("exempt-fixes = true").contains("alpha==1.2"));
            assert!(vulnerable("exempt-fixes = false").contains("alpha==1.1"));
        }
    }),
    ("lock.sources", || {
        let verify = |settings: &str| {
            let home = Home::new();
            home.write("foretaste.toml", format!("[lock]\n{settings}\n"));
            home.write(
                "app/requirements.txt",
                "own @ https://files.acme.example/own-1.0-py3-none-any.whl\n",
            );
            home.run(&["verify", "app"]).code
        };
        assert_eq!(verify("sources = []"), 1);
        assert_eq!(verify("sources = [\"https://files.acme.example/\"]"), 0);
    }),
];

fn lock(settings: &str) -> String {
    let mut text = String::new();
    serving(async || {
        let index = Index::plain().start().await;
        text = locked(&index, &format!("[lock]\n{settings}\n"));
    });
    text
}

fn vulnerable(settings: &str) -> String {
    let mut text = String::new();
    serving(async || {
        let index = Index::with_a_fix().start().await;
        text = locked(&index, &format!("[lock]\nmin-age-days = 7\n{settings}\n"));
    });
    text
}
