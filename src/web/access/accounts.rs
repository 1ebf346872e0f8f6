//! The page of accounts: colleagues and devices.

use crate::access::action::Action;
use crate::access::{DeviceKind, NewAccount, Role, StaffRole};
use crate::pages::{AccountsPage, DeviceRow, Enrolled, OfficerRow};
use crate::web::access::api::{DeviceForm, change, enrol, enrolment_link, hash};
use crate::web::http::caller::{Manager, app, id_of};
use crate::web::http::page::{name_of, render, see_other, shell_of};
use crate::web::http::site::site;
use crate::web::http::{KeyedBody, Problem, RequestKey};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{ActorId, HallId, WindowNumber};
use hall::text::Text;
use serde::Deserialize;

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
pub struct EnrolForm {
    id: String,
    kind: DeviceKind,
}

pub async fn accounts(manager: Manager, request: HttpRequest) -> Result<HttpResponse, Problem> {
    accounts_page(&manager, &request, None, None)
}

pub async fn add_account(
    manager: Manager,
    form: web::Form<OfficerForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let app = app(&request);
    let OfficerForm {
        number,
        name,
        role,
        pin,
    } = form.into_inner();
    let hall = id_of(&manager.hall);
    let made = async {
        let action = Action::CreateAccount(NewAccount {
            id: actor_id(&number)?,
            name: if name.trim().is_empty() { number } else { name },
            role,
            hall: Some(hall.clone()),
            secret: hash(app, role, &pin).await?,
            may_hold_several_windows: false,
        });
        let key = RequestKey::drawn(&request);
        change(app, &manager.actor, &key, action).await
    };
    match made.await {
        Ok(()) => Ok(see_other(&format!("/{hall}/accounts"))),
        Err(problem) => accounts_page(&manager, &request, None, Some(problem.detail)),
    }
}

/// The device's token is shown here and never again.
pub async fn enrol_device(
    manager: Manager,
    form: web::Form<EnrolForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let app = app(&request);
    let EnrolForm { id, kind } = form.into_inner();
    let made = async {
        let id = actor_id(&id)?;
        let form = DeviceForm {
            device: id.clone(),
            kind,
            hall: id_of(&manager.hall),
        };
        let key = RequestKey::drawn(&request);
        let token = enrol(app, &manager.actor, KeyedBody { form, key }).await?;
        let link = enrolment_link(app, &token);
        Ok::<_, Problem>(Enrolled {
            id,
            kind: Role::from(kind).name().into(),
            url: format!("{}{link}", site(&request).origin()),
            token,
        })
    };
    match made.await {
        Ok(enrolled) => accounts_page(&manager, &request, Some(enrolled), None),
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
    let access = &app(request).halls.access;
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
            role: Role::from(account.role).name().into(),
        });
        let devices = access
            .devices()
            .filter(|device| !device.revoked && belongs(&device.hall));
        let devices = devices.map(|device| DeviceRow {
            id: device.id.clone(),
            kind: Role::from(device.kind).name().into(),
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

fn actor_id(text: &str) -> Result<ActorId, Problem> {
    ActorId::parse(text.trim()).map_err(|error| {
        let zh = "工号或名称有误:只能用字母、数字和 -";
        Problem::invalid("/number", zh, error.to_string())
    })
}
