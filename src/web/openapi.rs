//! The URL table as an OpenAPI document.

use super::routes::table;
use super::table::Row;
use actix_web::http::Method;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
};

/// The document, from the same rows that the server is made of.
pub fn document() -> OpenApi {
    let rows: Vec<Row> = table().into_iter().filter(|row| row.described).collect();
    let mut paths = PathsBuilder::new();
    let mut components = ComponentsBuilder::new().schema("Problem", problem());
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
        operation = operation.parameter(parameter(name, ParameterIn::Path));
    }
    if row.keyed {
        operation = operation.parameter(parameter("Idempotency-Key", ParameterIn::Header));
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

fn parameter(name: &str, place: ParameterIn) -> Parameter {
    let text = RefOr::T(Schema::Object(
        ObjectBuilder::new().schema_type(Type::String).build(),
    ));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::True)
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
            .required("type")
            .required("title")
            .required("status")
            .required("detail")
            .build(),
    )
}
