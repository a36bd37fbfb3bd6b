//! String tables: the shape in which javascript-obfuscator hides every name and text of a program.
//!
//! The strings stand in one array, which a loop turns until a sum of numbers in it fits. An accessor takes a position
//! (and a key), undoes base64 or RC4, and gives the string; wrappers and aliases lead to it. All of it is worked out from
//! the shape; nothing is run. The calls are then read as if the strings stood in their place.

mod collect;
mod decode;

use foretaste_model::Limits;
use foretaste_observe::Budget;
use oxc_ast::ast::Program;
use oxc_semantic::Scoping;
use rustc_hash::FxHashMap;

use collect::{Expr, Function, Shapes};

/// Calls within one another.
const MAX_DEPTH: u32 = 24;

/// What the calls of accessors give, by their place.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) calls: FxHashMap<(u32, u32), String>,
    /// Where the table stands.
    pub(crate) table: Option<(u32, u32)>,
}

/// Reads the string tables of a program.
pub(crate) fn read(
    program: &Program<'_>,
    scoping: &Scoping,
    text: &str,
    limits: &Limits,
) -> Decoded {
    if !text.contains("_0x") && !text.contains("!![]") {
        return Decoded::default();
    }
    let shapes = collect::collect(program, scoping);
    if shapes.tables.is_empty() {
        return Decoded::default();
    }
    let mut reader = Reader {
        tables: shapes
            .tables
            .iter()
            .map(|(symbol, table)| (*symbol, table.strings.clone()))
            .collect(),
        shapes: &shapes,
        budget: Budget::for_file(text.len().min(4 << 20), limits),
    };
    for (table, target, sum) in &shapes.rotations {
        reader.turn(*table, target, sum.as_ref());
    }
    let mut decoded = Decoded::default();
    for (range, call) in &shapes.calls {
        if let Some(Constant::Text(value)) = reader.value(call, &FxHashMap::default(), 0) {
            decoded.calls.insert(*range, value);
        }
    }
    // one string by chance is no table
    if decoded.calls.len() < 3 || reader.budget.is_exhausted() {
        return Decoded::default();
    }
    // a list that stands in clear and in order hides nothing
    let hides = !shapes.rotations.is_empty() || shapes.functions.values().any(|f| f.alphabet);
    decoded.table = shapes
        .tables
        .values()
        .map(|t| t.range)
        .min()
        .filter(|_| hides);
    decoded
}

/// A value that is worked out.
#[derive(Clone, Debug)]
enum Constant {
    Number(f64),
    Text(String),
}

type Bound = FxHashMap<u32, Constant>;

struct Reader<'s> {
    shapes: &'s Shapes,
    tables: FxHashMap<u32, Vec<String>>,
    budget: Budget,
}

impl Reader<'_> {
    /// Turns a table until the sum of its numbers is the one that the program waits for.
    fn turn(&mut self, table: u32, target: &Expr, sum: Option<&Expr>) {
        let none = Bound::default();
        let Some(Constant::Number(target)) = self.value(target, &none, 0) else {
            return;
        };
        let length = self.tables.get(&table).map_or(0, Vec::len);
        if length == 0 {
            return;
        }
        let Some(sum) = sum else {
            // the older form says how often
            let times = (target.abs() as usize) % length;
            if let Some(strings) = self.tables.get_mut(&table) {
                strings.rotate_left(times);
            }
            return;
        };
        for _ in 0..length {
            if let Some(Constant::Number(found)) = self.value(sum, &none, 0)
                && (found - target).abs() < 0.5
            {
                return;
            }
            if self.budget.is_exhausted() {
                return;
            }
            if let Some(strings) = self.tables.get_mut(&table) {
                strings.rotate_left(1);
            }
        }
    }

    fn value(&mut self, expr: &Expr, bound: &Bound, depth: u32) -> Option<Constant> {
        if depth > MAX_DEPTH || !self.budget.step() {
            return None;
        }
        Some(match expr {
            Expr::Number(n) => Constant::Number(*n),
            Expr::Text(text) => Constant::Text(text.clone()),
            Expr::Symbol(symbol) => {
                if let Some(value) = bound.get(symbol) {
                    value.clone()
                } else {
                    let shapes = self.shapes;
                    let value = shapes.constants.get(symbol)?;
                    return self.value(value, bound, depth + 1);
                }
            }
            Expr::Property(symbol, key) => {
                let shapes = self.shapes;
                let value = shapes.objects.get(symbol)?.get(key)?;
                return self.value(value, bound, depth + 1);
            }
            Expr::Minus(inner) => match self.value(inner, bound, depth + 1)? {
                Constant::Number(n) => Constant::Number(-n),
                Constant::Text(_) => return None,
            },
            Expr::Binary(sign, left, right) => {
                let left = self.value(left, bound, depth + 1)?;
                let right = self.value(right, bound, depth + 1)?;
                match (sign, left, right) {
                    ('+', Constant::Text(a), Constant::Text(b)) if a.len() + b.len() < 1 << 16 => {
                        Constant::Text(a + &b)
                    }
                    (sign, Constant::Number(a), Constant::Number(b)) => {
                        Constant::Number(match sign {
                            '+' => a + b,
                            '-' => a - b,
                            '*' => a * b,
                            '/' => a / b,
                            '%' => a % b,
                            _ => return None,
                        })
                    }
                    _ => return None,
                }
            }
            Expr::ParseInt(inner) => match self.value(inner, bound, depth + 1)? {
                Constant::Number(n) => Constant::Number(n.trunc()),
                Constant::Text(text) => Constant::Number(leading_number(&text)?),
            },
            Expr::Call(callee, args) => return self.call(*callee, args, bound, depth),
        })
    }

    fn call(&mut self, callee: u32, args: &[Expr], bound: &Bound, depth: u32) -> Option<Constant> {
        let shapes = self.shapes;
        let mut callee = callee;
        for _ in 0..MAX_DEPTH {
            match shapes.aliases.get(&callee) {
                Some(target) => callee = *target,
                None => break,
            }
        }
        let function = shapes.functions.get(&callee)?;
        let mut inner = Bound::default();
        for (param, arg) in function.params.iter().zip(args) {
            if let Some(value) = self.value(arg, bound, depth + 1) {
                inner.insert(*param, value);
            }
        }
        let table = function.names.iter().find(|n| self.tables.contains_key(n));
        if let (Some(table), Some(position)) = (table, &function.position) {
            return self.look_up(*table, function, position, &inner, depth);
        }
        let result = function.result.as_ref()?;
        self.value(result, &inner, depth + 1)
    }

    /// The string at a position.
    fn look_up(
        &mut self,
        table: u32,
        function: &Function,
        position: &Expr,
        args: &Bound,
        depth: u32,
    ) -> Option<Constant> {
        // the inner form of the accessor has parameters of its own, in the same order
        let mut bound = args.clone();
        for (outer, own) in function.params.iter().zip(&function.inner_params) {
            if let Some(value) = args.get(outer) {
                bound.insert(*own, value.clone());
            }
        }
        let Constant::Number(at) = self.value(position, &bound, depth + 1)? else {
            return None;
        };
        let text = self.tables.get(&table)?.get(index(at)?)?.clone();
        if !function.alphabet {
            return Some(Constant::Text(text));
        }
        self.budget.spend(text.len() as u64);
        let plain = decode::swapped_base64(&text)?;
        if !function.cipher {
            return Some(Constant::Text(plain));
        }
        let Some(Constant::Text(key)) = function.params.get(1).and_then(|p| args.get(p)) else {
            return None;
        };
        self.budget.spend(64);
        Some(Constant::Text(decode::rc4(&plain, key)?))
    }
}

fn index(n: f64) -> Option<usize> {
    ((0.0..1e7).contains(&n) && n.fract() == 0.0).then_some(n as usize)
}

/// The number at the beginning of a text.
fn leading_number(text: &str) -> Option<f64> {
    let digits: String = text
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
