//! Static imports and exports.

use oxc_ast::ast::{
    ExportDefaultDeclarationKind, ImportDeclarationSpecifier, ImportOrExportKind,
    ModuleDeclaration, ModuleExportName,
};

use super::Lowerer;
use crate::ir::{ImportInfo, Op};
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
            ModuleDeclaration::ExportDeclaration(export) => self.declaration(&export.declaration),
            ModuleDeclaration::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(f) => {
                    let name = f.id.as_ref().map_or("default", |id| id.name.as_str());
                    let value = self.function(f, name, false);
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
                        self.named(e, "default");
                    }
                }
            },
            ModuleDeclaration::TSExportAssignment(export) => {
                self.named(&export.expression, "default");
            }
            ModuleDeclaration::ExportNamedDeclaration(_)
            | ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
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
        let text = match name {
            ModuleExportName::IdentifierName(n) => n.name.as_str(),
            ModuleExportName::IdentifierReference(n) => n.name.as_str(),
            ModuleExportName::StringLiteral(n) => n.value.as_str(),
        };
        self.name(text)
    }
}
