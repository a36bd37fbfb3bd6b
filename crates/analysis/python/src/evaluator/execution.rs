//! `exec` and `eval`: a text is run, or gives a value.

use std::rc::Rc;

use super::builtin::keyword;
use super::call::Keywords;
use super::statement::module_of;
use super::value::{Env, HIDDEN, Val};
use super::{Eval, Evaluator};

impl Evaluator {
    /// `exec` and `eval`.
    pub(super) fn run_code(
        &mut self,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
        env: &Rc<Env>,
    ) -> Eval {
        let code = args.first().cloned().unwrap_or(Val::Unknown(0));
        let scope = |v: Option<&Val>| match v {
            Some(Val::Namespace(scope)) => Some(Rc::clone(scope)),
            Some(Val::Dict(dict)) => {
                let scope = Rc::new(Env {
                    parent: Some(module_of(env)),
                    module: Some(module_of(env)),
                    ..Env::default()
                });
                for (key, value) in &dict.borrow().items {
                    if let Val::Str(name) = key {
                        scope.set_own(&name.text, value.clone());
                    }
                }
                Some(scope)
            }
            _ => None,
        };
        let inner = scope(args.get(2).or_else(|| keyword(keywords, "locals")))
            .or_else(|| scope(args.get(1).or_else(|| keyword(keywords, "globals"))))
            .unwrap_or_else(|| Rc::clone(env));
        let text = match &code {
            Val::Code(text) | Val::Str(text) => text.text.clone(),
            Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => {
                    if bytes.len() >= 64 {
                        self.execute_opaque();
                    }
                    return Ok(Val::None);
                }
            },
            other => {
                let trace = other.trace();
                if trace & HIDDEN != 0 {
                    self.execute_opaque();
                }
                let api: Rc<str> = name.into();
                self.event(&api, args, trace);
                return Ok(Val::Unknown(trace));
            }
        };
        if name == "eval" {
            return self.evaluate_text(&text, &inner);
        }
        self.execute(&text, &inner)
    }

    /// The value of a text, or what it does.
    fn evaluate_text(&mut self, text: &str, env: &Rc<Env>) -> Eval {
        let (body, tells) = match self.evaluated.get(text) {
            Some((body, tells)) => (Rc::clone(body), *tells),
            None => {
                let Some(body) = self.parse(text) else {
                    return Ok(Val::Unknown(0));
                };
                let tells = text.len() >= 60 && foretaste_observe::decode::looks_like_code(text);
                if text.len() <= 2000 && self.evaluated.len() < 10_000 {
                    let known = (Rc::clone(&body), tells);
                    self.evaluated.insert(text.to_owned(), known);
                }
                (body, tells)
            }
        };
        if let [ruff_python_ast::Stmt::Expr(expr)] = &body[..] {
            if self.nesting >= super::MAX_NESTING {
                return Ok(Val::Unknown(0));
            }
            self.nesting += 1;
            let value = self.eval(&expr.value, env);
            self.nesting -= 1;
            if tells {
                self.known_code(text);
            }
            return value;
        }
        self.execute(text, env)
    }

    fn known_code(&mut self, text: &str) {
        if self.known.insert(super::hash(text)) && self.outcome.executed.len() < super::MAX_LAYERS {
            let steps = self.trail.iter().map(|s| (*s).to_owned()).collect();
            self.outcome.executed.push(super::Executed {
                text: text.to_owned(),
                steps,
                range: self.place,
                wraps: false,
                opaque: false,
            });
        }
    }
}
