//! Asynchronous code as compilers write it for older engines.

use foretaste_javascript::observe;
use foretaste_model::Limits;
use foretaste_model::facts::FlowLink;

fn chains(code: &str) -> Vec<String> {
    let facts = observe("a.js", code, &Limits::default());
    let data = facts.flows.iter().filter(|f| f.link != FlowLink::Scope);
    data.map(|f| {
        let steps: Vec<_> = f.steps.iter().map(|s| &*s.api).collect();
        steps.join(" > ")
    })
    .collect()
}

#[test]
fn what_is_waited_for_is_followed_through_typescript_for_2015() {
    let found = chains(
        "const axios_1 = require('axios'), cp = require('child_process');
         class Updater {
           constructor() { this.url = 'https://u.invalid/x'; }
           load() { return __awaiter(this, void 0, void 0, function* () { const r = yield axios_1.get(this.url); return r.data; }); }
           run() { return __awaiter(this, void 0, void 0, function* () { const code = yield this.load(); eval(code); }); }
         }
         new Updater().run();",
    );
    assert!(found.iter().any(|c| c == "axios.get > eval"), "{found:?}");
}

#[test]
fn what_is_waited_for_is_followed_through_typescript_for_es5() {
    let found = chains(
        "var axios_1 = require('axios');
         function run() { return __awaiter(this, void 0, void 0, function () {
           var r;
           return __generator(this, function (_a) {
             switch (_a.label) {
               case 0: return [4 /*yield*/, axios_1.get('https://u.invalid/x')];
               case 1: r = _a.sent(); eval(r.data); return [2 /*return*/];
             }
           });
         }); }
         run();",
    );
    assert!(found.iter().any(|c| c == "axios.get > eval"), "{found:?}");
}

#[test]
fn what_is_waited_for_is_followed_through_regenerator() {
    for (wait, sent, end) in [
        (
            "_context.next = 2; return",
            "_context.sent",
            "_context.stop()",
        ),
        ("_context.n = 1; return", "_context.v", "_context.a(2)"),
    ] {
        let (wrap, mark) = if sent.ends_with('v') {
            ("w", "m")
        } else {
            ("wrap", "mark")
        };
        let found = chains(&format!(
            "var axios = require('axios');
             function run() {{ return _run.apply(this, arguments); }}
             function _run() {{ _run = _asyncToGenerator(_regenerator().{mark}(function _callee() {{
               var r;
               return _regenerator().{wrap}(function (_context) {{
                 while (1) switch (_context.n) {{
                   case 0: {wait} axios.get('https://u.invalid/x');
                   case 1: r = {sent}; eval(r.data); return {end};
                 }}
               }}, _callee);
             }})); return _run.apply(this, arguments); }}
             run();"
        ));
        assert!(found.iter().any(|c| c == "axios.get > eval"), "{found:?}");
    }
}

#[test]
fn what_is_only_waited_for_is_not_returned() {
    let found = chains(
        "const axios = require('axios');
         function ready() { return __awaiter(this, void 0, void 0, function* () { yield axios.get('https://u.invalid/x'); return '1 + 1'; }); }
         function run() { return __awaiter(this, void 0, void 0, function* () { eval(yield ready()); }); }
         run();",
    );
    assert!(found.iter().all(|c| !c.contains("eval")), "{found:?}");
}
