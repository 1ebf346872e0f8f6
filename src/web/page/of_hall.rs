//! The pages of one hall: kiosk, board, overview, statistics, accounts.

use super::{App, devices_of, name_of, qr_code, render, see_other, send, shell, shell_of};
use crate::access::action::Action;
use crate::access::{DeviceKind, NewAccount, Role, StaffRole, digest, fresh_token};
use crate::clock::HallClock;
use crate::pages::{
    AccountsPage, Assets, DeviceRow, Enrolled, KioskPage, OfficerRow, OverviewPage, StatsPage,
};
use crate::web::access::{hash, wish};
use crate::web::body::{RequestKey, of_drawn_key};
use crate::web::caller::{Manager, Visitor, app, known};
use crate::web::days::report;
use crate::web::problem::Problem;
use crate::web::server::MayAlsoAsk;
use crate::web::site::site;
use crate::web::slips::printer_lines;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::id::{ActorId, HallId, ServiceId, WindowNumber};
use hall::text::Text;
use hall::view;
use serde::Deserialize;

/// `?date=`.
#[derive(Debug, Deserialize)]
pub struct DateQuery {
    date: Option<NaiveDate>,
}

/// A new colleague.
#[derive(Debug, Deserialize)]
pub struct OfficerForm {
    number: String,
    #[serde(default)]
    name: String,
    role: StaffRole,
    pin: String,
}

/// A new device.
#[derive(Debug, Deserialize)]
pub struct DeviceForm {
    id: String,
    kind: DeviceKind,
}

pub async fn kiosk(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = visitor.hall.now();
    let view = visitor.hall.read(|hall| view::kiosk(hall, now));
    let device = known(&request, &[Role::Kiosk]).map(|identity| identity.id);
    let agent = app(&request).printers.agent_of(&view.hall, device.as_ref());
    let mut response = render(
        &request,
        &KioskPage {
            shell: shell(&request, None),
            view,
            origin: site(&request).origin(),
            agent: agent.clone(),
        },
    )?;
    if let Some(agent) = agent {
        response.extensions_mut().insert(MayAlsoAsk(agent));
    }
    Ok(response)
}

/// What keeps the kiosk's page while the server is away. It lies beside the page, not with the other scripts: it may
/// speak only for addresses below its own.
pub async fn kiosk_worker(_: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let script = Assets::lookup("/assets/kiosk-worker.js");
    let script = script.ok_or_else(|| Problem::not_found("该文件", "file"))?;
    Ok(send(&request, script))
}

/// The wall board is a client of its own; this is its first page.
pub async fn board(_: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = Assets::board().ok_or_else(|| Problem::not_found("该页面", "page"))?;
    Ok(send(&request, page))
}

/// Where a service can be done without coming, as a QR code.
pub async fn online_qr(
    visitor: Visitor,
    path: web::Path<(String, ServiceId)>,
) -> Result<HttpResponse, Problem> {
    let (_, service) = path.into_inner();
    let route = visitor.hall.read(|hall| {
        let service = hall.plan().service(&service)?;
        service.online.as_ref().map(|online| online.url.clone())
    });
    let address = route.ok_or_else(|| Problem::not_found("网上办理入口", "online route"))?;
    qr_code(&address)
}

pub async fn overview(
    manager: Manager,
    request: HttpRequest,
    clock: web::Data<HallClock>,
) -> Result<HttpResponse, Problem> {
    let now = manager.hall.now();
    let (view, notices) = manager.hall.read(|hall| {
        let notices = hall
            .notices
            .iter()
            .map(|notice| notice.text.clone())
            .collect();
        (view::overview(hall, now), notices)
    });
    let printers = printer_lines(app(&request), &view.hall);
    render(
        &request,
        &OverviewPage {
            shell: shell(&request, Some(&manager.actor)),
            printers,
            view,
            notices,
            clock_doubted: clock.doubted(),
            devices: devices_of(app(&request), &manager.hall),
        },
    )
}

pub async fn stats(
    manager: Manager,
    query: web::Query<DateQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = manager.hall.now();
    let page = manager.hall.read(|hall| {
        let today = hall.business_date(now);
        let date = query.date.unwrap_or(today);
        let running = !hall.reports.contains_key(&date);
        StatsPage::new(
            shell(&request, Some(&manager.actor)),
            hall.plan(),
            date,
            today,
            running,
            report(hall, date),
        )
    });
    render(&request, &page)
}

pub async fn accounts(manager: Manager, request: HttpRequest) -> Result<HttpResponse, Problem> {
    accounts_page(&manager, &request, None, None)
}

pub async fn add_account(
    manager: Manager,
    form: web::Form<OfficerForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let OfficerForm {
        number,
        name,
        role,
        pin,
    } = form.into_inner();
    let hall = manager.hall.read(|hall| hall.id().clone());
    let made = async {
        let account = NewAccount {
            id: actor_id(&number)?,
            name: if name.trim().is_empty() { number } else { name },
            role,
            hall: Some(hall.clone()),
            secret: hash(&app, role, &pin).await?,
            may_hold_several_windows: false,
        };
        change(&app, &request, &manager, Action::CreateAccount(account)).await
    };
    match made.await {
        Ok(()) => Ok(see_other(&format!("/{hall}/accounts"))),
        Err(problem) => accounts_page(&manager, &request, None, Some(problem.detail)),
    }
}

/// The device's token is shown here and never again.
pub async fn enrol_device(
    manager: Manager,
    form: web::Form<DeviceForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let DeviceForm { id, kind } = form.into_inner();
    let hall = manager.hall.read(|hall| hall.id().clone());
    let token = fresh_token();
    let made = async {
        let device = actor_id(&id)?;
        let action = Action::EnrolDevice {
            device: device.clone(),
            kind,
            hall,
            digest: digest(&token),
        };
        change(&app, &request, &manager, action).await?;
        Ok::<_, Problem>(device)
    };
    match made.await {
        Ok(id) => {
            let code = app.enrolments.issue(token.clone());
            let url = format!("{}/sign-in?enrol={code}", site(&request).origin());
            let kind = kind_name(kind).into();
            accounts_page(
                &manager,
                &request,
                Some(Enrolled {
                    id,
                    kind,
                    token,
                    url,
                }),
                None,
            )
        }
        Err(problem) => accounts_page(&manager, &request, None, Some(problem.detail)),
    }
}

fn accounts_page(
    manager: &Manager,
    request: &HttpRequest,
    enrolled: Option<Enrolled>,
    message: Option<Text>,
) -> Result<HttpResponse, Problem> {
    let (hall, hall_name) = manager.hall.read(|hall| (hall.id().clone(), name_of(hall)));
    let belongs = |to: &Option<HallId>| to.as_ref().is_none_or(|to| *to == hall);
    let access = &crate::web::caller::app(request).halls.access;
    let staffed: Vec<(ActorId, WindowNumber)> = manager.hall.read(|hall| {
        hall.staffed()
            .map(|(window, staffing)| (staffing.officer.clone(), window.number))
            .collect()
    });
    let (officers, devices) = access.read(|access| {
        let accounts = access
            .accounts()
            .filter(|account| !account.disabled && belongs(&account.hall));
        let officers = accounts.map(|account| OfficerRow {
            window: staffed
                .iter()
                .find(|(officer, _)| *officer == account.id)
                .map(|(_, window)| *window),
            number: account.id.clone(),
            name: account.name.clone(),
            role: role_name(account.role).into(),
        });
        let devices = access
            .devices()
            .filter(|device| !device.revoked && belongs(&device.hall));
        let devices = devices.map(|device| DeviceRow {
            id: device.id.clone(),
            kind: kind_name(device.kind).into(),
            last_seen_at: None,
        });
        (officers.collect(), devices.collect())
    });
    let shell = shell_of(&format!("/{hall}/accounts"), request, Some(&manager.actor));
    render(
        request,
        &AccountsPage {
            shell,
            hall,
            hall_name,
            officers,
            devices,
            enrolled,
            message,
        },
    )
}

async fn change(
    app: &App,
    request: &HttpRequest,
    manager: &Manager,
    action: Action,
) -> Result<(), Problem> {
    wish(
        app,
        &RequestKey::drawn(request),
        manager.actor.clone(),
        &of_drawn_key(),
        action,
    )
    .await?;
    Ok(())
}

fn actor_id(text: &str) -> Result<ActorId, Problem> {
    ActorId::parse(text.trim()).map_err(|error| {
        Problem::invalid(
            "/number",
            "工号或名称有误:只能用字母、数字和 -",
            error.to_string(),
        )
    })
}

fn role_name(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Officer => "officer",
        StaffRole::Usher => "usher",
        StaffRole::Manager => "manager",
    }
}

fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Kiosk => "kiosk",
        DeviceKind::Display => "display",
    }
}
