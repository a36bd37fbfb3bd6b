//! Functions that a client of the network calls with every request or answer: whoever registers one sees the tokens and the
//! data of the program that it is part of.

use foretaste_model::Capability;
use foretaste_observe::taint::SetId;
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use super::call::Arg;
use crate::value::{Shape, Value};

/// Where clients keep their hooks (requests, "Event Hooks"; httpx, "Event Hooks"), by keyword or attribute.
const HOLDERS: [&str; 2] = ["hooks", "event_hooks"];
/// Classes through whose `send` every request of a client goes.
const CARRIERS: [&str; 8] = [
    "requests.Session",
    "requests.adapters.BaseAdapter",
    "requests.adapters.HTTPAdapter",
    "requests.sessions.Session",
    "httpx.AsyncHTTPTransport",
    "httpx.BaseTransport",
    "httpx.Client",
    "httpx.HTTPTransport",
];

impl<'a> Interpreter<'a> {
    /// `requests.get(url, hooks={"response": f})`, `session.hooks["response"].append(f)`
    pub(super) fn note_hooks(&mut self, call: &'a ast::ExprCall, args: &[Arg<'a>]) {
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map_or("", |n| n.as_str());
            if HOLDERS.contains(&name) {
                self.hooks_in(&keyword.value);
            }
        }
        if let Expr::Attribute(method) = &*call.func
            && matches!(method.attr.as_str(), "append" | "insert" | "extend")
            && let Expr::Subscript(holder) = &*method.value
            && matches!(&*holder.value, Expr::Attribute(a) if HOLDERS.contains(&a.attr.as_str()))
        {
            for arg in args {
                self.hooked(arg.value, super::expression::range(call));
            }
        }
    }

    /// The functions in `{"response": [f]}`.
    fn hooks_in(&mut self, hooks: &'a Expr) {
        let Expr::Dict(dict) = hooks else {
            return;
        };
        for item in &dict.items {
            let list = match &item.value {
                Expr::List(list) => &*list.elts,
                value => std::slice::from_ref(value),
            };
            for hook in list {
                let value = self.resolve(hook);
                self.hooked(value, super::expression::range(hook));
            }
        }
    }

    /// A client calls a function with what passes through it.
    fn hooked(&mut self, hook: Value, range: (u32, u32)) {
        if !matches!(
            hook.shape,
            Shape::Function(_) | Shape::Method(..) | Shape::Partial(_)
        ) || self.frame.again
        {
            return;
        }
        let exchange = self.exchange(range);
        self.call_with_all(hook, exchange, range);
    }

    /// The `send` of a class that stands between a client and the network.
    pub(super) fn requests_to(&mut self, index: u32, def: &'a ast::StmtFunctionDef) {
        let name = def.name.as_str();
        if !matches!(name, "send" | "handle_request" | "handle_async_request") {
            return;
        }
        let class = self.frame.class.and_then(|c| self.classes.get(c as usize));
        let carries = class.is_some_and(|class| {
            class.bases.iter().any(|base| {
                matches!(base.shape, Shape::Api(sym) if CARRIERS.contains(&self.symbols.name(sym)))
            })
        });
        if !carries {
            return;
        }
        let taint = self.exchange(super::expression::range(def));
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.given.push((1, Value::tainted(taint)));
        }
    }

    fn exchange(&mut self, range: (u32, u32)) -> SetId {
        let api = self.symbols.path("requests.hooks");
        self.begins(Capability::CodeIntercept, api, range)
    }
}
