//! The URL table as an OpenAPI document.

use crate::web::http::table::RouteRow;
use actix_web::http::Method;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
    PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
};

/// The document, from the same rows that the server is made of. Beside them it names `A`, which refusals carry.
pub fn document<A: ToSchema>(table: Vec<RouteRow>) -> OpenApi {
    let rows = table.into_iter().filter(|row| row.described);
    let mut paths = PathsBuilder::new();
    let mut schemas = vec![(A::name().into_owned(), A::schema())];
    A::schemas(&mut schemas);
    let mut components = ComponentsBuilder::new().schema("Problem", problem(&A::name()));
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    for row in rows {
        for (name, schema) in row.schemas.iter().cloned() {
            components = components.schema(name, schema);
        }
        paths = paths.path(
            row.path.clone(),
            PathItem::new(http_method(&row.method), operation(&row)),
        );
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("paihao")
                .version(env!("CARGO_PKG_VERSION"))
                .build(),
        )
        .paths(paths.build())
        .components(Some(components.build()))
        .build()
}

fn operation(row: &RouteRow) -> Operation {
    let refusal = ResponseBuilder::new()
        .description("Refused; the type says why and the detail what to do")
        .content("application/problem+json", of_type("Problem"));
    let mut done = ResponseBuilder::new().description("Done");
    let mut status = 200;
    if let Some((other, answer)) = &row.answer {
        status = *other;
        done = done.content("application/json", of_type(answer));
    }
    let mut operation = OperationBuilder::new()
        .summary(Some(row.summary))
        .description(Some(format!("Who: {}.", row.who)))
        .operation_id(Some(operation_id(row)))
        .response("default", refusal.build())
        .response(status.to_string(), done.build());
    for parameter in parameters(row) {
        operation = operation.parameter(parameter);
    }
    if let Some(body) = &row.body {
        let body = RequestBodyBuilder::new().content("application/json", of_type(body));
        operation = operation.request_body(Some(body.build()));
    }
    operation.build()
}

fn of_type(name: &str) -> Content {
    Content::new(Some(Ref::from_schema_name(name)))
}

fn parameters(row: &RouteRow) -> Vec<Parameter> {
    let in_path = row.path.split('/');
    let in_path = in_path.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| parameter(name, ParameterIn::Path, true));
    let queries = row.queries.iter();
    let queries = queries.map(|(name, required)| parameter(name, ParameterIn::Query, *required));
    let headers = [
        ("Idempotency-Key", row.keyed),
        ("If-Match", row.needs_if_match),
    ];
    let headers = headers.into_iter().filter(|(_, is_needed)| *is_needed);
    let headers = headers.map(|(name, _)| parameter(name, ParameterIn::Header, true));
    in_path.chain(queries).chain(headers).collect()
}

fn parameter(name: &str, place: ParameterIn, required: bool) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let required = match required {
        true => Required::True,
        false => Required::False,
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(RefOr::T(Schema::Object(text))))
        .build()
}

/// `post_halls_hall_tickets`: stable as long as the path is.
fn operation_id(row: &RouteRow) -> String {
    let path = row
        .path
        .trim_start_matches("/api/v1")
        .replace(['{', '}'], "")
        .replace(['/', '-', '.'], "_");
    format!("{}{path}", row.method.as_str().to_lowercase())
}

fn http_method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "PUT" => HttpMethod::Put,
        "POST" => HttpMethod::Post,
        _ => HttpMethod::Get,
    }
}

/// What every refusal says; some types say more.
fn problem(alternative: &str) -> Schema {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let schema = json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text("urn:paihao:…"),
            "title": text("In the reader's language"),
            "status": { "type": "integer" },
            "detail": text("What to do, in the reader's language"),
            "reason": text("not-open and redirect: such as near-closing, forecast or appointments-only"),
            "opens_at": text("not-open and redirect: when numbers are next given"),
            "may_insist": {
                "type": "boolean",
                "description": "redirect: whether the same with `insist`, and a new key, gives a number",
            },
            "alternatives": {
                "type": "array",
                "items": { "$ref": format!("#/components/schemas/{alternative}") },
                "description": "not-open, redirect, slot-full and too-late: other ways, the most useful first",
            },
        },
    });
    serde_json::from_value(schema).expect("the literal is a schema")
}
