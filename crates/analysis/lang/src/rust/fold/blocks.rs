//! Closures, patterns, blocks and their statements.

use std::rc::Rc;

use super::super::lex::Kind;
use super::syntax::{Form, MAX_DEPTH, Parser, Pattern, Statement};

impl Parser<'_> {
    pub(super) fn closure(&mut self) -> Form {
        self.at += 1;
        let mut patterns = Vec::new();
        while !self.is('|') {
            if self.at >= self.tokens.len() || patterns.len() > 8 {
                return Form::Unknown;
            }
            patterns.push(self.pattern());
            while !self.is(',') && !self.is('|') && self.at < self.tokens.len() {
                self.at += 1;
            }
            self.eat(',');
        }
        self.at += 1;
        Form::Closure(Rc::new((patterns, self.expression())))
    }

    pub(super) fn pattern(&mut self) -> Pattern {
        while self.is('&') || self.word("mut") || self.word("ref") {
            self.at += 1;
        }
        match self.kind(0) {
            Some(Kind::Path(name)) => {
                self.at += 1;
                if name == "_" {
                    Pattern::Any
                } else {
                    Pattern::Name(name.clone())
                }
            }
            Some(Kind::Mark('(')) => {
                self.at += 1;
                let mut parts = Vec::new();
                while !self.is(')') && self.at < self.tokens.len() && parts.len() < 16 {
                    self.depth += 1;
                    parts.push(if self.depth < MAX_DEPTH {
                        self.pattern()
                    } else {
                        Pattern::Any
                    });
                    self.depth -= 1;
                    while !self.is(',') && !self.is(')') && self.at < self.tokens.len() {
                        self.at += 1;
                    }
                    self.eat(',');
                }
                self.eat(')');
                Pattern::Tuple(parts)
            }
            _ => Pattern::Any,
        }
    }

    /// A block, from its brace.
    pub(super) fn block(&mut self) -> Form {
        self.at += 1;
        let mut statements = Vec::new();
        while self.at < self.tokens.len() && !self.is('}') {
            let Some(statement) = self.statement() else {
                self.skip_block();
                return Form::Unknown;
            };
            statements.push(statement);
        }
        self.eat('}');
        Form::Block(statements)
    }

    /// Goes behind the brace that closes the block.
    fn skip_block(&mut self) {
        let mut depth = 1_u32;
        while let Some(kind) = self.kind(0) {
            self.at += 1;
            match kind {
                Kind::Mark('{') => depth += 1,
                Kind::Mark('}') => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        if self.fuel == 0 || self.depth >= MAX_DEPTH {
            return None;
        }
        if self.eat_word("let") {
            let pattern = self.pattern();
            while !self.is('=') {
                if self.is(';') || self.at >= self.tokens.len() {
                    return None;
                }
                self.at += 1;
            }
            self.at += 1;
            let value = self.expression();
            return self.eat(';').then_some(Statement::Let(pattern, value));
        }
        if self.eat_word("for") {
            let pattern = self.pattern();
            let over = self.eat_word("in").then(|| self.expression())?;
            let start = self.start();
            if !self.is('{') {
                return None;
            }
            self.depth += 1;
            let body = self.block();
            self.depth -= 1;
            let body = self.made(body, start);
            return Some(Statement::For(pattern, over, body));
        }
        if self.eat_word("return") {
            let value = self.expression();
            self.eat(';');
            return Some(Statement::Return(value));
        }
        let before = self.at;
        let target = self.expression();
        if self.at == before {
            return None;
        }
        let operator = match self.kind(0) {
            Some(Kind::Mark('=')) => Some((None, 1)),
            Some(Kind::Mark(_)) => self.operator().map(|(o, _)| (Some(o), o.len() + 1)),
            _ => None,
        };
        if let Some((operator, length)) = operator {
            self.at += length;
            let value = self.expression();
            return self
                .eat(';')
                .then_some(Statement::Assign(target, operator, value));
        }
        let ended = self.eat(';');
        let block = matches!(target.form, Form::If(..) | Form::Block(_));
        (ended || block || self.is('}')).then_some(Statement::Plain(target, ended))
    }
}
