//! Library functions that only compute.

use std::rc::Rc;

use super::builtin::keyword;
use super::call::Keywords;
use super::codec::decoder_step;
use super::value::{HIDDEN, Val};
use super::{Eval, Evaluator};

/// Constants of library modules.
pub(super) fn constant(module: &str, name: &str) -> Option<Val> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    Some(match (module, name) {
        ("string", "ascii_lowercase" | "lowercase") => Val::str(LOWER),
        ("string", "ascii_uppercase" | "uppercase") => Val::str(UPPER),
        ("string", "ascii_letters" | "letters") => Val::str(format!("{LOWER}{UPPER}")),
        ("string", "digits") => Val::str("0123456789"),
        ("string", "hexdigits") => Val::str("0123456789abcdefABCDEF"),
        ("string", "octdigits") => Val::str("01234567"),
        ("string", "punctuation") => Val::str(PUNCTUATION),
        ("string", "whitespace") => Val::str(" \t\n\r\x0b\x0c"),
        ("string", "printable") => Val::str(format!(
            "0123456789{LOWER}{UPPER}{PUNCTUATION} \t\n\r\x0b\x0c"
        )),
        ("sys", "byteorder") => Val::str("little"),
        ("sys", "maxsize") => Val::Int(i128::from(i64::MAX)),
        _ => return None,
    })
}

impl Evaluator {
    /// Calls a library function that only computes. `None`: it is none, or its arguments are not known.
    pub(super) fn call_library(
        &mut self,
        name: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        let first = args.first();
        if let Some((class, method)) = name.split_once('.')
            && matches!(
                class,
                "str" | "bytes" | "bytearray" | "int" | "dict" | "list" | "set" | "tuple"
            )
        {
            return self.call_unbound(class, method, args, keywords);
        }
        if let Some(value) = self.call_operator(name, args)? {
            return Ok(Some(value));
        }
        if let Some(step) = decoder_step(name) {
            let Some(data) = first.and_then(Val::as_data) else {
                return Ok(None);
            };
            let data = data.to_vec();
            self.trail(step);
            return self.decode_data(name, step, &data, args).map(Some);
        }
        Ok(Some(match name {
            "codecs.decode" | "codecs.encode" => {
                let Some(data) = first.and_then(Val::as_data) else {
                    return Ok(None);
                };
                let data = data.to_vec();
                let codec = args
                    .get(1)
                    .or_else(|| keyword(keywords, "encoding"))
                    .and_then(Val::as_str)
                    .unwrap_or("")
                    .to_owned();
                if name == "codecs.encode" && !codec.to_ascii_lowercase().contains("rot") {
                    return Ok(None);
                }
                return self.decode_bytes(&data, &codec).map(Some);
            }
            // `codecs.getencoder("utf-8")(text)[0]`
            "codecs.getdecoder" | "codecs.getencoder" => {
                let codec = first.and_then(Val::as_str).unwrap_or("").to_owned();
                let function = if name.ends_with("decoder") {
                    "codecs.decode"
                } else {
                    "codecs.encode"
                };
                Val::Partial(Rc::new((
                    Val::api("codecs.pair"),
                    vec![Val::api(function), Val::str(codec)],
                )))
            }
            "codecs.pair" => match args {
                [Val::Api(function, _), codec, data, ..] => {
                    let made = if &**function == "codecs.encode" && data.as_str().is_some() {
                        self.call_method(data, "encode", std::slice::from_ref(codec), &Vec::new())?
                    } else {
                        let codec = codec.as_str().unwrap_or("").to_owned();
                        let data = data.as_data().unwrap_or(&[]).to_vec();
                        self.decode_bytes(&data, &codec)?
                    };
                    Val::Tuple([made, Val::Unknown(0)].into())
                }
                _ => return Ok(None),
            },
            "marshal.loads" | "_marshal.loads" => {
                self.trail("marshal");
                let Some(data) = first.and_then(Val::as_data) else {
                    return Ok(None);
                };
                let text = crate::marshal::listing(data);
                match text {
                    Some(text) => Val::Code(Rc::new(super::value::Text::new(text))),
                    None => Val::Unknown(HIDDEN),
                }
            }
            "types.FunctionType" => match first {
                Some(code @ Val::Code(_)) => code.clone(),
                _ => return Ok(None),
            },
            "functools.partial" => match args.split_first() {
                Some((function, bound)) => {
                    Val::Partial(Rc::new((function.clone(), bound.to_vec())))
                }
                None => return Ok(None),
            },
            "functools.reduce" | "reduce" => {
                let (Some(function), Some(items)) = (first, args.get(1)) else {
                    return Ok(None);
                };
                let Some(items) = self.iterate(items)? else {
                    return Ok(None);
                };
                let mut items = items.into_iter();
                let Some(mut value) = args.get(2).cloned().or_else(|| items.next()) else {
                    return Ok(None);
                };
                for item in items {
                    value = self.call(function, vec![value, item], Vec::new())?;
                }
                value
            }
            "math.prod" => {
                let Some(items) = (match first {
                    Some(items) => self.iterate(items)?,
                    None => None,
                }) else {
                    return Ok(None);
                };
                let mut value = Val::Int(1);
                for item in items {
                    value = self.binary(ruff_python_ast::Operator::Mult, &value, &item)?;
                }
                value
            }
            "itertools.chain" | "itertools.chain.from_iterable" => {
                let lists = if name.ends_with("iterable") {
                    match first {
                        Some(first) => self.iterate(first)?,
                        None => None,
                    }
                } else {
                    Some(args.to_vec())
                };
                let Some(lists) = lists else { return Ok(None) };
                let mut all = Vec::new();
                for list in lists {
                    match self.iterate(&list)? {
                        Some(items) => all.extend(items),
                        None => return Ok(None),
                    }
                }
                Val::list(all)
            }
            "itertools.cycle" => {
                // as often as a decoder may need it
                let Some(items) = (match first {
                    Some(items) => self.iterate(items)?,
                    None => None,
                }) else {
                    return Ok(None);
                };
                if items.is_empty() {
                    return Ok(None);
                }
                self.afford(1 << 20)?;
                Val::list(items.iter().cycle().take(200_000).cloned().collect())
            }
            "itertools.repeat" => match first {
                Some(value) => Val::list(vec![value.clone(); 10_000]),
                None => return Ok(None),
            },
            "importlib.import_module" | "importlib.__import__" => match first.and_then(Val::as_str)
            {
                Some(module) => {
                    let module = module.to_owned();
                    self.module_named(&module)
                }
                None => return Ok(None),
            },
            "json.loads" | "ast.literal_eval" => match first.and_then(Val::as_str) {
                Some(text) if text.len() < 1 << 20 => {
                    let text = text.to_owned();
                    let module = Rc::clone(&self.module);
                    match self.parse(&text).as_deref().map(Vec::as_slice) {
                        Some([ruff_python_ast::Stmt::Expr(expr)]) => {
                            self.eval(&expr.value, &module)?
                        }
                        _ => return Ok(None),
                    }
                }
                _ => return Ok(None),
            },
            "textwrap.dedent" | "inspect.cleandoc" => match first {
                Some(Val::Str(text)) => Val::str(dedent(&text.text)),
                _ => return Ok(None),
            },
            "io.BytesIO" | "io.StringIO" => return Ok(None),
            _ => {
                if super::cipher::is_constructor(name) {
                    let mut all = args.to_vec();
                    all.extend(keywords.iter().map(|(_, v)| v.clone()));
                    return Ok(Some(Val::Partial(Rc::new((Val::api(name), all)))));
                }
                return Ok(None);
            }
        }))
    }
}

/// A text without the blanks that all of its lines begin with.
fn dedent(text: &str) -> String {
    let margin = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    text.lines()
        .map(|l| l.get(margin..).unwrap_or(l.trim_start()))
        .collect::<Vec<_>>()
        .join("\n")
}
