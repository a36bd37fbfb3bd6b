//! Static imports and exports.

use oxc_ast::ast::{
    BindingIdentifier, BindingPattern, Declaration, ExportDefaultDeclarationKind,
    ImportDeclarationSpecifier, ImportOrExportKind, ModuleDeclaration, ModuleExportName,
};

use super::Lowerer;
use crate::ir::{ImportInfo, NodeId, Op, SymId};
use crate::strings::StrId;

impl<'a> Lowerer<'a, '_> {
    pub(super) fn module_declaration(&mut self, declaration: &ModuleDeclaration<'a>) {
        match declaration {
            ModuleDeclaration::ImportDeclaration(import) => {
                if import.import_kind == ImportOrExportKind::Type {
                    return;
                }
                let module = self.name(import.source.value.as_str());
                let mut names = Vec::new();
                for specifier in import.specifiers.iter().flatten() {
                    let (name, local) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(s) => {
                            if s.import_kind == ImportOrExportKind::Type {
                                continue;
                            }
                            (self.export_name(&s.imported), &s.local)
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(s) => {
                            (self.name("default"), &s.local)
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(s) => {
                            (self.name("*"), &s.local)
                        }
                    };
                    names.push(name);
                    let value = self.push(Op::Import { module, name }, local.span);
                    if let Some(symbol) = local.symbol_id.get() {
                        self.declare(symbol.index() as u32, local.name.as_str());
                        self.bind(symbol.index() as u32, value, local.span);
                    }
                }
                self.import(module, names, import.span);
            }
            ModuleDeclaration::ExportAllDeclaration(export) => {
                let module = self.name(export.source.value.as_str());
                let all = self.name("*");
                self.import(module, vec![all], export.span);
            }
            ModuleDeclaration::ExportFromDeclaration(export) => {
                if export.export_kind == ImportOrExportKind::Type {
                    return;
                }
                let module = self.name(export.source.value.as_str());
                let names = export
                    .specifiers
                    .iter()
                    .map(|s| self.export_name(&s.local))
                    .collect();
                self.import(module, names, export.span);
            }
            ModuleDeclaration::ExportDeclaration(export) => {
                self.declaration(&export.declaration);
                self.offer_declared(&export.declaration);
            }
            ModuleDeclaration::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(f) => {
                    let name = f.id.as_ref().map_or("default", |id| id.name.as_str());
                    let value = self.function(f, name, false);
                    self.offer("default", value);
                    if let Some(id) = &f.id
                        && let Some(symbol) = id.symbol_id.get()
                    {
                        self.declare(symbol.index() as u32, name);
                        self.bind(symbol.index() as u32, value, f.span);
                    }
                }
                ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                    let name = class.id.as_ref().map_or("default", |id| id.name.as_str());
                    let value = self.class(class, name);
                    self.offer("default", value);
                    if let Some(id) = &class.id
                        && let Some(symbol) = id.symbol_id.get()
                    {
                        self.declare(symbol.index() as u32, name);
                        self.bind(symbol.index() as u32, value, class.span);
                    }
                }
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
                kind => {
                    if let Some(e) = kind.as_expression() {
                        let value = self.named(e, "default");
                        self.offer("default", value);
                    }
                }
            },
            ModuleDeclaration::TSExportAssignment(export) => {
                let value = self.named(&export.expression, "default");
                self.offer("default", value);
            }
            ModuleDeclaration::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let symbol = match &specifier.local {
                        ModuleExportName::IdentifierReference(id) => self.symbol(id),
                        _ => None,
                    };
                    if let Some(symbol) = symbol {
                        let value = self.push(Op::Sym(symbol), specifier.span);
                        self.offer(export_text(&specifier.exported), value);
                    }
                }
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    /// Other files can import a value by a name.
    pub(super) fn offer(&mut self, name: &'a str, value: NodeId) {
        let name = self.name(name);
        self.ir.exports.push((name, value));
    }

    /// What an exported declaration declares, other files can import.
    fn offer_declared(&mut self, declaration: &Declaration<'a>) {
        let mut offer = |id: &BindingIdentifier<'a>| {
            if let Some(symbol) = id.symbol_id.get() {
                let value = self.push(Op::Sym(symbol.index() as SymId), id.span);
                self.offer(id.name.as_str(), value);
            }
        };
        match declaration {
            Declaration::FunctionDeclaration(f) => f.id.iter().for_each(&mut offer),
            Declaration::ClassDeclaration(class) => class.id.iter().for_each(&mut offer),
            Declaration::VariableDeclaration(variables) => {
                let patterns = variables.declarations.iter().map(|d| &d.id);
                for pattern in patterns {
                    if let BindingPattern::BindingIdentifier(id) = pattern {
                        offer(id);
                    }
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, module: StrId, names: Vec<StrId>, span: oxc_span::Span) {
        self.ir.imports.push(ImportInfo {
            module,
            names,
            range: (span.start, span.end),
            function: self.function,
        });
    }

    fn export_name(&mut self, name: &ModuleExportName<'a>) -> StrId {
        self.name(export_text(name))
    }
}

fn export_text<'a>(name: &ModuleExportName<'a>) -> &'a str {
    match name {
        ModuleExportName::IdentifierName(n) => n.name.as_str(),
        ModuleExportName::IdentifierReference(n) => n.name.as_str(),
        ModuleExportName::StringLiteral(n) => n.value.as_str(),
    }
}
