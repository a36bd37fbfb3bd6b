//! What functions are given by others: by a library of which they replaced a function, by a caller that trusts them with a
//! secret, by a client of the server that they are part of.

use foretaste_model::Capability;
use foretaste_observe::given::{
    is_message, is_request, is_request_part, is_wallet_secret, is_wallet_secret_of, is_wallet_type,
    registers_handler,
};
use foretaste_observe::taint::{Mark, Origin, SetId};
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use super::call::Arg;
use super::function::End;
use crate::symbols::SymId;
use crate::value::{Shape, Value};

/// Parameters of one file that are known to be handed to a wallet's library.
const MAX_HANDED: usize = 64;
/// Methods that give what their object holds in another form.
const KEEPS: &[&str] = &[
    "__str__",
    "decode",
    "dict",
    "encode",
    "export",
    "format",
    "get",
    "hex",
    "items",
    "join",
    "json",
    "lower",
    "model_dump",
    "model_dump_json",
    "replace",
    "secret",
    "split",
    "strip",
    "to_base58_string",
    "to_bytes",
    "to_hex",
    "to_json",
    "to_string",
    "upper",
    "values",
];

/// True for `@app.on_message(…)`, `@bot.message_handler(…)`, and the `on_message` of a client's class.
fn handles_messages(def: &ast::StmtFunctionDef) -> bool {
    let registered = def.decorator_list.iter().any(|decorator| {
        let decorator = match &decorator.expression {
            Expr::Call(call) => &call.func,
            expression => expression,
        };
        matches!(decorator, Expr::Attribute(a) if registers_handler(&a.attr))
    });
    registered || def.name.as_str() == "on_message"
}

/// All arguments of a call.
const fn everything<'a>(data: SetId) -> Arg<'a> {
    Arg {
        name: None,
        value: Value::tainted(data),
        spread: true,
    }
}

impl<'a> Interpreter<'a> {
    /// A name of another module is replaced by a function of this one: whoever calls it from now on hands this function
    /// what it was meant to get.
    pub(super) fn intercept(&mut self, sym: SymId, value: Value, range: (u32, u32)) {
        let (Shape::Function(_) | Shape::Method(..) | Shape::Partial(_) | Shape::Class(_)) =
            value.shape
        else {
            return;
        };
        // a part of the package itself
        if self.symbols.name(sym).starts_with('.') || self.frame.again {
            return;
        }
        let taint = self.begins(Capability::CodeIntercept, sym, range);
        self.intercepted.push((sym, taint));
        let Shape::Class(class) = value.shape else {
            self.call_with_all(value, taint, range);
            return;
        };
        // whoever makes an object of it hands it what it is made of
        for maker in ["__new__", "__init__"] {
            if let Some(Value {
                shape: Shape::Function(function),
                ..
            }) = self.attribute_of_class(class, maker, 0)
            {
                let object = Value::of(Shape::Instance(class)).with(taint);
                self.call_function(function, Some(object), &[everything(taint)]);
            }
        }
    }

    /// Somebody who is not here calls a function; whatever it is given carries some data.
    pub(super) fn call_with_all(&mut self, function: Value, data: SetId, range: (u32, u32)) {
        self.call_value(function, &[everything(data)], range, None);
    }

    /// What the original of a replaced function gives passes through the replacement as well.
    pub(super) fn passes_through(&self, sym: SymId) -> SetId {
        let known = self.intercepted.iter().find(|(of, _)| *of == sym);
        match (known, self.frame.func) {
            (Some((_, taint)), Some(_)) => *taint,
            _ => SetId::EMPTY,
        }
    }

    /// The data of a parameter that, by its name or type, holds what a wallet is opened with.
    pub(super) fn secret_parameter(
        &mut self,
        function: &str,
        parameter: &'a ast::Parameter,
    ) -> Option<Value> {
        let of_type = || {
            let name = match parameter.annotation()? {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                Expr::StringLiteral(text) => text.value.to_str(),
                _ => return None,
            };
            is_wallet_type(name).then_some(())
        };
        let name = parameter.name.as_str();
        if !is_wallet_secret_of(function, name) && of_type().is_none() {
            return None;
        }
        let api = self.symbols.root(name);
        let at = super::expression::range(parameter);
        let secret = self.begins(Capability::SecretParameter, api, at);
        Some(Value::tainted(secret))
    }

    /// True for the arguments with which BIP 39 derives the seed of a wallet from its words: SHA-512, 2,048 rounds. What stores
    /// passwords takes more.
    pub(super) fn makes_wallet_seed(&self, args: &[Arg<'a>]) -> bool {
        let hash = args.first().and_then(|a| self.text_of(a.value));
        hash.is_some_and(|h| h.eq_ignore_ascii_case("sha512"))
            && args
                .iter()
                .skip(3)
                .any(|a| a.value.shape == Shape::Int(2048))
    }

    /// What a handler of a messenger's library is given, somebody wrote who is not here.
    pub(super) fn messages_to(&mut self, index: u32, def: &'a ast::StmtFunctionDef) {
        if !handles_messages(def) {
            return;
        }
        let parameters = def
            .parameters
            .posonlyargs
            .iter()
            .chain(&def.parameters.args);
        let given: Vec<_> = parameters
            .enumerate()
            .filter(|(_, p)| is_message(&p.parameter.name))
            .map(|(position, p)| {
                let api = self.symbols.root(&p.parameter.name);
                let at = super::expression::range(p);
                let message = self.begins(Capability::NetworkRequest, api, at);
                (position, Value::tainted(message))
            })
            .collect();
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.given.extend(given);
        }
    }

    /// Data that begins here.
    pub(super) fn begins(
        &mut self,
        capability: Capability,
        api: SymId,
        range: (u32, u32),
    ) -> SetId {
        self.taints.origin(Origin::Source(Mark {
            capability,
            api: api.0,
            constant: 0,
            range,
        }))
    }

    /// A member that holds what a wallet is opened with, or a part of a request to a server.
    pub(super) fn telling_member(
        &mut self,
        base: Value,
        attribute: &'a ast::ExprAttribute,
    ) -> SetId {
        let name = attribute.attr.as_str();
        let capability = if is_wallet_secret(name) {
            Capability::SecretParameter
        } else if is_request_part(name)
            && matches!(&*attribute.value, Expr::Name(n) if is_request(&n.id))
            && self.is_parameter(base)
        {
            Capability::NetworkRequest
        } else {
            return SetId::EMPTY;
        };
        let api = self.symbols.root(name);
        self.begins(capability, api, super::expression::range(attribute))
    }

    fn is_parameter(&self, value: Value) -> bool {
        value.shape == Shape::Unknown
            && self
                .taints
                .trails(value.taint)
                .iter()
                .any(|t| matches!(self.taints.origin_of(*t), Some(Origin::Parameter(..))))
    }

    /// What an unknown function gives is no longer the secret that went in: a signature, an address, an account.
    pub(super) fn digested(&mut self, taint: SetId) -> SetId {
        if taint.is_empty() {
            return taint;
        }
        self.taints.filter(taint, |o| {
            !matches!(o, Origin::Resource(_))
                && !matches!(o, Origin::Source(m) if m.capability == Capability::SecretParameter)
        })
    }

    /// True for a method that gives its object in another form.
    pub(super) fn keeps_content(method: &str) -> bool {
        KEEPS.binary_search(&method).is_ok()
    }

    /// Something goes to a wallet's library: a parameter that does is a secret of whoever gave it.
    pub(super) fn handed_to_wallet(&mut self, args: &[Arg<'a>], mark: Mark) {
        for arg in args.iter().take(2) {
            for trail in self.taints.trails(arg.value.taint) {
                if let Some(Origin::Parameter(function, position)) = self.taints.origin_of(*trail)
                    && self.taints.transforms(*trail).is_empty()
                    && self.to_wallets.len() < MAX_HANDED
                    && !self
                        .to_wallets
                        .iter()
                        .any(|(f, p, _)| (*f, *p) == (function, position))
                {
                    self.to_wallets.push((function, position, mark));
                }
            }
        }
    }

    /// At the end: parameters that go to a wallet's library and to the network as well.
    pub(super) fn betrayed(&mut self) {
        for (function, position, mark) in std::mem::take(&mut self.to_wallets) {
            let records = self
                .functions
                .get(function as usize)
                .map(|f| f.records.clone())
                .unwrap_or_default();
            let secret = self.taints.origin(Origin::Source(Mark {
                capability: Capability::SecretParameter,
                ..mark
            }));
            for record in records {
                let of_it = self.taints.origin_of(record.trail)
                    == Some(Origin::Parameter(function, position));
                if let (true, End::Sink(sink)) = (of_it, record.end) {
                    let data = self.taints.graft(secret, record.trail);
                    self.arrive(data, sink, record.fact);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(KEEPS.is_sorted());
    }
}
