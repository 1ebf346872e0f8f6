//! Signing in and out, and the first manager, in a browser.

use crate::access::{Role, digest};
use crate::pages::{SetupPage, SignInPage};
use crate::web::access::api::{FirstManager, first_manager};
use crate::web::access::demo::role_named;
use crate::web::access::session::{
    DEVICE, SESSION, demo_session, end_in_browser, open_for, session_cookie,
};
use crate::web::http::caller::{Anyone, is_this_machine};
use crate::web::http::desk;
use crate::web::http::page::{own_path, render, see_other, shell};
use crate::web::http::{App, Problem, ProblemKind, RequestKey};
use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::text::Text;
use serde::Deserialize;

/// How somebody arrives at the sign-in.
#[derive(Debug, Deserialize)]
pub struct SignInQuery {
    /// A link that a demo's console printed.
    once: Option<String>,
    /// A link that brings an enrolled device its token.
    enrol: Option<String>,
    /// What the page that led here needs.
    role: Option<String>,
    next: Option<String>,
}

/// The form.
#[derive(Debug, Deserialize)]
pub struct SecretForm {
    name: String,
    secret: String,
    #[serde(default)]
    next: String,
}

/// `?token=` from the server's console.
#[derive(Debug, Deserialize)]
pub struct SetupQuery {
    token: Option<String>,
}

/// The first manager's form.
#[derive(Debug, Deserialize)]
pub struct FirstManagerForm {
    token: String,
    name: String,
    password: String,
}

pub async fn sign_in(
    _: Anyone,
    query: web::Query<SignInQuery>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let next = own_path(query.next.as_deref().unwrap_or("/"));
    if let Some(code) = &query.once {
        let (role, page) = app.sign_ins.once_links.redeem(code).ok_or_else(used_up)?;
        return let_in(&request, role, &demo_session(&app, role).await?, &page);
    }
    if let Some(code) = &query.enrol {
        return device(&request, &app, code).await;
    }
    let lets_in = app.is_demo() && is_this_machine(&request);
    if let Some(role) = query.role.as_deref().filter(|_| lets_in) {
        let role = role_named(role)?;
        return let_in(&request, role, &demo_session(&app, role).await?, &next);
    }
    sign_in_page(&request, next, String::new(), None)
}

pub async fn sign_in_with_secret(
    _: Anyone,
    form: web::Form<SecretForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let SecretForm { name, secret, next } = form.into_inner();
    let next = own_path(&next);
    match open_for(&request, &name, &secret).await {
        Ok((token, role)) => {
            let mut response = let_in(&request, role, &token, &next)?;
            if let Some(cookie) = desk::cookie_of(&request, &name) {
                keep(&mut response, &cookie)?;
            }
            Ok(response)
        }
        Err(problem) => sign_in_page(&request, next, name, Some(problem.detail)),
    }
}

pub async fn sign_out(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = see_other("/");
    end_in_browser(&request, &mut response).await?;
    Ok(response)
}

pub async fn setup(
    _: Anyone,
    query: web::Query<SetupQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let token = query.into_inner().token.unwrap_or_default();
    setup_page(&request, token, String::new(), None)
}

pub async fn set_up(
    _: Anyone,
    form: web::Form<FirstManagerForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let FirstManagerForm {
        token,
        name,
        password,
    } = form.into_inner();
    let first = FirstManager {
        token: &token,
        account: &name,
        name: &name,
        secret: &password,
    };
    let key = RequestKey::drawn(&request);
    match first_manager(&request, &key, first).await {
        Ok(()) => Ok(see_other("/sign-in")),
        Err(problem) => setup_page(&request, token, name, Some(problem.detail)),
    }
}

/// An enrolled device opens its link once; the cookie then is its key.
async fn device(request: &HttpRequest, app: &App, code: &str) -> Result<HttpResponse, Problem> {
    let token = app.sign_ins.enrolments.redeem(code).ok_or_else(used_up)?;
    let identity = app.identify_surely(&digest(&token), request).await?;
    let identity = identity.ok_or_else(used_up)?;
    let page = match (identity.role, &identity.hall) {
        (Role::Kiosk, Some(hall)) => format!("/{hall}/kiosk"),
        (Role::Display, Some(hall)) => format!("/{hall}/board"),
        _ => "/".into(),
    };
    let cookie = session_cookie(request, identity.role, &token, DEVICE);
    see_other_with(cookie, &page)
}

fn let_in(
    request: &HttpRequest,
    role: Role,
    token: &str,
    page: &str,
) -> Result<HttpResponse, Problem> {
    see_other_with(session_cookie(request, role, token, SESSION), page)
}

fn see_other_with(cookie: Cookie<'_>, page: &str) -> Result<HttpResponse, Problem> {
    let mut response = see_other(page);
    keep(&mut response, &cookie)?;
    Ok(response)
}

fn keep(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Problem> {
    let kept = response.add_cookie(cookie);
    kept.map_err(|error| Problem::invalid("", "无法登录", error.to_string()))
}

fn sign_in_page(
    request: &HttpRequest,
    next: String,
    name: String,
    message: Option<Text>,
) -> Result<HttpResponse, Problem> {
    let page = SignInPage {
        shell: shell(request, None),
        next,
        name,
        message,
    };
    render(request, &page)
}

fn setup_page(
    request: &HttpRequest,
    token: String,
    name: String,
    message: Option<Text>,
) -> Result<HttpResponse, Problem> {
    let page = SetupPage {
        shell: shell(request, None),
        token,
        name,
        message,
    };
    render(request, &page)
}

fn used_up() -> Problem {
    ProblemKind::Forbidden.because(
        "该链接已使用或已失效。",
        "This link was used before or is not valid any more.",
    )
}
