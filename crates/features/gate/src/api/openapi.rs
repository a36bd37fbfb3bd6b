//! The OpenAPI document. Its schemas are those of the types that are read and written.

use axum::Json;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::tokens::{Made, TokenWish};
use super::{LIMIT, PackageView, Problem, VerdictView};
use crate::admin::Wish;
use crate::database::{Event, EventKind};
use crate::identity::TokenInfo;

/// `GET /api/openapi.json`
pub(super) async fn document() -> Json<Value> {
    Json(build())
}

fn schema<T: schemars::JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    serde_json::to_value(generator.subschema_for::<T>()).unwrap_or_default()
}

fn build() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let list = |of: Value| json!({"type": "array", "items": of});
    let verdict = schema::<VerdictView>(&mut generator);
    let event = schema::<Event>(&mut generator);
    let package = schema::<PackageView>(&mut generator);
    let wish = schema::<Wish>(&mut generator);
    let token = schema::<TokenInfo>(&mut generator);
    let token_wish = schema::<TokenWish>(&mut generator);
    let made = schema::<Made>(&mut generator);
    let problem = schema::<Problem>(&mut generator);
    let query = |name: &str, schema: Value| json!({"name": name, "in": "query", "required": false, "schema": schema});
    let limit = query(
        "limit",
        json!({"type": "integer", "minimum": 1, "maximum": LIMIT}),
    );
    let kinds = json!({"type": "string", "enum": EventKind::ALL.map(EventKind::id)});
    let segment = |name: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}});
    let ok = json!({"type": "object", "properties": {"ok": {"const": true}}, "required": ["ok"]});
    let paths = json!({
        "/api/v1/queue": {
            "get": operation("What waits for a decision", std::slice::from_ref(&limit), None, ("200", Some(list(verdict))), &["400"], &problem),
        },
        "/api/v1/events": {
            "get": operation("The log, newest first", &[limit, query("kind", kinds)], None, ("200", Some(list(event))), &["400"], &problem),
        },
        "/api/v1/packages/{ecosystem}/{name}": {
            "get": operation("Everything known of a package", &[segment("ecosystem"), segment("name")], None, ("200", Some(package)), &["400", "404"], &problem),
        },
        "/api/v1/decisions": {
            "post": operation("Approve files or deny a version", &[], Some(wish), ("201", Some(ok)), &["400", "404", "413", "415", "422"], &problem),
        },
        "/api/v1/tokens": {
            "get": operation("Every token, without secrets", &[], None, ("200", Some(list(token))), &[], &problem),
            "post": operation("Make a token; its text is told this once", &[], Some(token_wish), ("201", Some(made)), &["400", "413", "415", "422"], &problem),
        },
        "/api/v1/tokens/{id}": {
            "delete": operation("Revoke a token at once", &[segment("id")], None, ("204", None), &["400", "404"], &problem),
        },
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Foretaste gate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What administrators do, for programs. Every request needs a token that may `admin`.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": generator.take_definitions(true),
        },
    })
}

/// One operation; who may not, asks too often or finds the gate in trouble is told so everywhere.
fn operation(
    summary: &str,
    parameters: &[Value],
    body: Option<Value>,
    (status, answer): (&str, Option<Value>),
    problems: &[&str],
    problem: &Value,
) -> Value {
    let content = |schema: &Value| json!({"application/json": {"schema": schema}});
    let mut responses = serde_json::Map::new();
    let mut good = json!({"description": "Done"});
    if let Some(schema) = answer {
        good["content"] = content(&schema);
    }
    responses.insert(status.to_owned(), good);
    for status in problems {
        let told =
            json!({"description": "It cannot be done as asked", "content": content(problem)});
        responses.insert((*status).to_owned(), told);
    }
    for (status, what) in [
        ("401", "No token, or none that is good"),
        ("403", "The token may not admin"),
        ("429", "Too many requests"),
        ("503", "Not now"),
    ] {
        responses.insert(status.to_owned(), json!({"description": what}));
    }
    let mut operation = json!({
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(schema) = body {
        operation["requestBody"] = json!({"required": true, "content": content(&schema)});
    }
    operation
}
