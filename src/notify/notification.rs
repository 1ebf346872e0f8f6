//! One message to another program: a CloudEvent (1.0, structured mode) with an id that is the same however often
//! it is made.
//!
//! What leaves the hall is what a message to the citizen needs and nothing more: no document, no class or need (they say
//! that somebody is old, ill or pregnant), no free text. The page of the ticket or appointment is in it, because a message
//! without the link is worth little; an endpoint that does not need it is configured with `links = false`. Name and
//! telephone of the person who booked are sealed in the log and opened only on the way to an endpoint with `contact = true`: the
//! gateway that writes to people. They are never kept in the clear, so a letter that could not be delivered has none.

use crate::access::sealed::{Contact, Seal};
use crate::typed::Phone;
use crate::written::named;
use chrono::SecondsFormat;
use hall::Time;
use hall::id::{
    AppointmentCode, AppointmentId, HallId, Sealed, ServiceId, TicketId, TicketNumber, Token,
    WindowNumber,
};
use hall::plan::slot::AppointmentKind;
use hall::record::wait::{UnknownWait, Wait};
use hall::state::phase::Phase;
use hall::text::{Language, Text};
use hall_log::Epoch;
use serde::{Deserialize, Serialize};

named! {
    /// What has happened, by the CloudEvent's type. The names are a promise to receivers: kinds are added, never renamed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum NotificationKind {
        TicketTaken = "paihao.ticket.taken",
        TicketNear = "paihao.ticket.near",
        TicketCalled = "paihao.ticket.called",
        TicketRecalled = "paihao.ticket.recalled",
        TicketMissed = "paihao.ticket.missed",
        AppointmentBooked = "paihao.appointment.booked",
        AppointmentMoved = "paihao.appointment.moved",
        AppointmentCancelled = "paihao.appointment.cancelled",
        /// A place has become free and is kept for the first in the waiting list.
        PlaceOffered = "paihao.place.offered",
        HallPhase = "paihao.hall.phase",
    }
}

/// What a notification is about; those about the same arrive in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Hall,
    Ticket(TicketId),
    Appointment(AppointmentId),
}

/// Ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// `webhook-id`, and the CloudEvent's id.
    pub id: String,
    pub kind: NotificationKind,
    pub subject: Subject,
    pub time: Time,
    /// Version of the record that it came of.
    pub version: u64,
    pub data: NotificationData,
}

/// What differs between kinds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotificationData {
    pub hall: HallData,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentData>,
    /// Until then a place is kept for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_until: Option<Time>,
    /// Not the visitor did it, but the hall.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_hall: bool,
    /// Where to go, or where it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowNumber>,
    /// Which announcement of the ticket it is, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u8>,
    /// How many of the same service are before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u32>,
    /// Whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_unknown: Option<UnknownWait>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The phase before; not there for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase_before: Option<Phase>,
}

/// A hall by its id, for programs, and its name, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HallData {
    pub id: HallId,
    pub name: Text,
}

/// What a message to a ticket's holder needs of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TicketData {
    pub number: TicketNumber,
    pub service: ServiceId,
    pub service_name: Text,
    /// In which its holder wants to be spoken to.
    pub language: Language,
    /// The subject of the appointment that it came of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<String>,
    #[serde(flatten)]
    pub link: Link,
}

/// What a message about an appointment needs of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AppointmentData {
    pub service: ServiceId,
    pub service_name: Text,
    pub kind: AppointmentKind,
    /// In which its holder wants to be spoken to, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Of the places that it has, had, or is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
    /// What its holder says at check-in; a key like the page, and sent with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<AppointmentCode>,
    /// Who booked, sealed; opened only by [`Notification::with_contact`].
    #[serde(skip)]
    pub sealed: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactData>,
    #[serde(flatten)]
    pub link: Link,
}

/// Whom a gateway writes to: the visitor, or the other person who booked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactData {
    pub name: String,
    pub phone: String,
}

/// The link to its holder's page. The token itself is not written: it would make its reader the holder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    #[serde(skip)]
    pub token: Token,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Hall => f.write_str("hall"),
            Subject::Ticket(id) => write!(f, "tickets/{}", id.0),
            Subject::Appointment(id) => write!(f, "appointments/{}", id.0),
        }
    }
}

impl NotificationData {
    /// About the hall, and nothing else yet.
    pub fn of(hall: HallData) -> NotificationData {
        NotificationData {
            hall,
            ticket: None,
            appointment: None,
            answer_until: None,
            by_hall: false,
            window: None,
            times: None,
            ahead: None,
            wait: None,
            wait_unknown: None,
            phase: None,
            phase_before: None,
        }
    }
}

impl Notification {
    /// The same with the name and telephone of the person who booked, for an endpoint that may know them.
    pub fn with_contact(&self, seal: &Seal) -> Notification {
        let mut notification = self.clone();
        if let Some(appointment) = &mut notification.data.appointment {
            let sealed = appointment.sealed.as_ref();
            let contact = sealed.and_then(|sealed| seal.open(sealed));
            appointment.contact = contact.map(ContactData::of);
        }
        notification
    }

    /// The body, byte for byte the same whenever it is made; `site` goes before the page's path, `None` leaves the page
    /// out.
    pub fn body(&self, site: Option<&str>) -> String {
        let mut data = self.data.clone();
        if let Some(ticket) = &mut data.ticket {
            ticket.link.lead(site, "t");
        }
        if let Some(appointment) = &mut data.appointment {
            appointment.link.lead(site, "a");
            appointment.code.take_if(|_| site.is_none());
        }
        let event = CloudEvent {
            specversion: "1.0",
            id: &self.id,
            source: format!("/halls/{}", data.hall.id),
            r#type: self.kind,
            subject: self.subject.to_string(),
            time: self.time.to_rfc3339_opts(SecondsFormat::Millis, false),
            sequence: format!("{:020}", self.version),
            datacontenttype: "application/json",
            data,
        };
        serde_json::to_string(&event).expect("names, texts and numbers always encode")
    }
}

impl ContactData {
    fn of(contact: Contact) -> ContactData {
        let (name, phone) = match contact.booker {
            Some(booker) => (booker.name, booker.phone),
            None => (contact.name, contact.phone),
        };
        // what was booked before telephones had one form was kept as it was typed
        let phone = Phone::parse(&phone).map_or(phone, |phone| phone.as_str().into());
        ContactData { name, phone }
    }
}

impl Link {
    /// Without a token's page yet.
    pub fn of(token: &Token) -> Link {
        Link {
            token: token.clone(),
            page: None,
        }
    }

    fn lead(&mut self, site: Option<&str>, area: &str) {
        self.page = site.map(|site| format!("{site}/{area}/{}", self.token));
    }
}

/// The envelope, in the order in which people read it.
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    r#type: NotificationKind,
    subject: String,
    time: String,
    /// Of the documented extension of this name: of two about one subject the later one never has the smaller.
    sequence: String,
    datacontenttype: &'static str,
    data: NotificationData,
}

/// The part of an id that tells histories apart; no full stop may be in an id, because the signature is made of parts
/// between full stops.
pub fn id_prefix(hall: &HallId, epoch: Epoch) -> String {
    let epoch = epoch.to_string();
    format!("{hall}_{}", &epoch[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::sealed::Booker;

    fn booked(seal: &Seal) -> Notification {
        let contact = Contact {
            name: "王奶奶".into(),
            phone: "13800001234".into(),
            address: Some("江边路1号".into()),
            booker: Some(Booker {
                name: "王小明".into(),
                phone: "139–0000–5678".into(), // as it was typed, before there was one form
            }),
        };
        let hall = HallData {
            id: HallId::parse("zhuzhou").unwrap(),
            name: Text::new("交警业务大厅", "Traffic Police Service Hall"),
        };
        let appointment = AppointmentData {
            service: ServiceId::parse("licence").unwrap(),
            service_name: Text::new("驾驶证业务", "Driving licence"),
            kind: AppointmentKind::Window,
            language: None,
            starts_at: None,
            ends_at: None,
            code: None,
            sealed: Some(seal.seal(&contact)),
            contact: None,
            link: Link::of(&Token::parse("0123456789012345678901").unwrap()),
        };
        Notification {
            id: "zhuzhou_1".into(),
            kind: NotificationKind::AppointmentBooked,
            subject: Subject::Appointment(AppointmentId(1)),
            time: Time::parse_from_rfc3339("2026-11-27T10:00:00+08:00").unwrap(),
            version: 1,
            data: NotificationData {
                appointment: Some(appointment),
                ..NotificationData::of(hall)
            },
        }
    }

    #[test]
    fn only_a_gateway_that_may_is_told_whom_to_write_to() {
        let seal = Seal::of(&[7; 32], &HallId::parse("zhuzhou").unwrap());
        let plain = booked(&seal).body(None);
        assert!(!plain.contains("contact") && !plain.contains("138") && !plain.contains("139"));
        let known = booked(&seal).with_contact(&seal).body(None);
        assert!(known.contains(r#""contact":{"name":"王小明","phone":"13900005678"}"#));
        assert!(!known.contains("江边路") && !known.contains("138"));
    }
}
