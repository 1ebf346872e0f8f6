//! The URL table as an OpenAPI document.

use super::alternatives::Alternative;
use super::routes::table;
use super::table::Row;
use actix_web::http::Method;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

/// The document, from the same rows that the server is made of.
pub fn document() -> OpenApi {
    let rows: Vec<Row> = table().into_iter().filter(|row| row.described).collect();
    let mut paths = PathsBuilder::new();
    let mut components = ComponentsBuilder::new()
        .schema("Problem", problem())
        .schema(Alternative::name(), Alternative::schema());
    let mut of_alternatives = Vec::new();
    Alternative::schemas(&mut of_alternatives);
    for (name, schema) in of_alternatives {
        components = components.schema(name, schema);
    }
    for row in rows {
        for (name, schema) in row.schemas.clone() {
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

fn operation(row: &Row) -> utoipa::openapi::path::Operation {
    let refusal = ResponseBuilder::new()
        .description("Refused; the type says why and the detail what to do")
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build();
    let mut operation = OperationBuilder::new()
        .summary(Some(row.summary))
        .description(Some(format!("Who: {}.", row.who)))
        .operation_id(Some(operation_id(row)))
        .response("default", refusal);
    for name in parameters(&row.path) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, Required::True));
    }
    for (name, has_to_be) in row.queries {
        let required = match has_to_be {
            true => Required::True,
            false => Required::False,
        };
        operation = operation.parameter(parameter(name, ParameterIn::Query, required));
    }
    let headers = [
        ("Idempotency-Key", row.keyed),
        ("If-Match", row.needs_if_match),
    ];
    for (name, _) in headers.iter().filter(|(_, is_needed)| *is_needed) {
        operation = operation.parameter(parameter(name, ParameterIn::Header, Required::True));
    }
    if let Some(body) = &row.body {
        let content = Content::new(Some(Ref::from_schema_name(body)));
        operation = operation.request_body(Some(
            RequestBodyBuilder::new()
                .content("application/json", content)
                .build(),
        ));
    }
    let (status, response) = match &row.answer {
        Some((status, name)) => {
            let content = Content::new(Some(Ref::from_schema_name(name)));
            let response = ResponseBuilder::new()
                .description("Done")
                .content("application/json", content)
                .build();
            (*status, response)
        }
        None => (200, ResponseBuilder::new().description("Done").build()),
    };
    operation.response(status.to_string(), response).build()
}

fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> Parameter {
    let text = RefOr::T(Schema::Object(
        ObjectBuilder::new().schema_type(Type::String).build(),
    ));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(text))
        .build()
}

/// `post_halls_hall_tickets`: stable as long as the path is.
fn operation_id(row: &Row) -> String {
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

fn problem() -> Schema {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description))
            .build()
    };
    Schema::Object(
        ObjectBuilder::new()
            .property("type", text("urn:paihao:…"))
            .property("title", text("In the reader's language"))
            .property(
                "status",
                ObjectBuilder::new().schema_type(Type::Integer).build(),
            )
            .property("detail", text("What to do, in the reader's language"))
            .property("reason", text("not-open and redirect: such as near-closing, forecast or appointments-only"))
            .property("opens_at", text("not-open and redirect: when numbers are next given"))
            .property(
                "may_insist",
                ObjectBuilder::new()
                    .schema_type(Type::Boolean)
                    .description(Some("redirect: whether the same with `insist`, and a new key, gives a number"))
                    .build(),
            )
            .property(
                "alternatives",
                ArrayBuilder::new()
                    .items(Ref::from_schema_name(Alternative::name()))
                    .description(Some("not-open, redirect, slot-full and too-late: other ways, the most useful first"))
                    .build(),
            )
            .required("type")
            .required("title")
            .required("status")
            .required("detail")
            .build(),
    )
}
