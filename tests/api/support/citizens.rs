//! Who comes into the hall with a number, and who books from home.

use super::{Reply, Someone};
use serde_json::{Value, json};

/// Somebody with a number.
pub struct Holder(pub Someone);

impl Holder {
    pub async fn does(&self, token: &str, action: &str, body: Value) -> Reply {
        self.0
            .posts(&format!("/tickets/{token}/{action}"), body)
            .await
    }

    pub async fn cancels(&self, token: &str) -> Reply {
        self.does(token, "cancel", json!({})).await
    }

    pub async fn sees(&self, token: &str) -> Value {
        self.0.gets(&format!("/tickets/{token}")).await.given(200)
    }

    pub async fn stage(&self, token: &str) -> String {
        self.sees(token).await["stage"].as_str().unwrap().into()
    }
}

/// Somebody at home who wants a place at another time.
pub struct Citizen(pub Someone);

impl Citizen {
    /// The slots of a service on one date.
    pub async fn slots(&self, service: &str, date: &str) -> Vec<Value> {
        let path = format!("/halls/zhuzhou/slots?service={service}&from={date}&to={date}");
        let answer = self.0.gets(&path).await.given(200);
        answer["slots"].as_array().unwrap().clone()
    }

    /// How many places of a slot are left.
    pub async fn free(&self, service: &str, slot: &str) -> u64 {
        let (_, time) = slot.rsplit_once('-').unwrap();
        let date = format!("{}-{}-{}", &time[..4], &time[4..6], &time[6..8]);
        let slots = self.slots(service, &date).await;
        let found = slots.iter().find(|listed| listed["id"] == slot);
        found.unwrap_or_else(|| panic!("no {slot} among {slots:?}"))["free"]
            .as_u64()
            .unwrap()
    }

    /// As a browser of its own: the same address is many people's.
    pub async fn holds(&self, service: &str, slot: &str) -> Reply {
        let body = json!({ "service": service, "slot": slot, "client": format!("client-{}", super::fresh_key()) });
        self.0.posts("/halls/zhuzhou/holds", body).await
    }

    /// Books for a person of this name, who is always the same person.
    pub async fn books(&self, name: &str, service: &str, slot: &str) -> Reply {
        self.books_with(name, json!({ "service": service, "slot": slot }))
            .await
    }

    /// The same with something more to say.
    pub async fn books_with(&self, name: &str, mut body: Value) -> Reply {
        body["person"] = person(name);
        self.0.posts("/halls/zhuzhou/appointments", body).await
    }

    /// Books a place that must be free.
    pub async fn has_booked(&self, name: &str, service: &str, slot: &str) -> Booking {
        Booking::of(&self.books(name, service, slot).await)
    }

    pub async fn does(&self, token: &str, action: &str, body: Value) -> Reply {
        self.0
            .posts(&format!("/appointments/{token}/{action}"), body)
            .await
    }

    pub async fn moves(&self, token: &str, slot: &str) -> Reply {
        self.does(token, "move", json!({ "slot": slot })).await
    }

    pub async fn sees(&self, token: &str) -> Value {
        self.0
            .gets(&format!("/appointments/{token}"))
            .await
            .given(200)
    }

    pub async fn standing(&self, token: &str) -> String {
        self.sees(token).await["standing"].as_str().unwrap().into()
    }
}

/// A booking's two keys: one to type, one to follow it.
#[derive(Clone, Debug)]
pub struct Booking {
    pub code: String,
    pub token: String,
}

impl Booking {
    #[track_caller]
    pub fn of(reply: &Reply) -> Booking {
        let booked = reply.given(201);
        let text = |name: &str| booked[name].as_str().unwrap().to_string();
        Booking {
            code: text("code"),
            token: text("token"),
        }
    }

    pub fn by_code(&self) -> Value {
        json!({ "code": self.code })
    }
}

/// A person with a telephone and a document, both made out of the name.
pub fn person(name: &str) -> Value {
    let digits: u64 = name
        .bytes()
        .fold(7, |sum, byte| (sum * 131 + u64::from(byte)) % 100_000_000);
    json!({ "name": name, "phone": format!("139{digits:08}"), "id_number": id_number(name) })
}

/// The document of a person of this name.
pub fn id_number(name: &str) -> String {
    let drawn: u64 = name.bytes().fold(3, |sum, byte| {
        (sum * 257 + u64::from(byte)) % 1_000_000_000_000
    });
    resident_number(drawn)
}

/// A number that a resident could have, another for each of some millions: date of birth, sequence and check digit.
pub fn resident_number(n: u64) -> String {
    let (year, month, day) = (1950 + n % 50, 1 + n / 50 % 12, 1 + n / 600 % 28);
    let body = format!("430204{year}{month:02}{day:02}{:03}", n / 16_800 % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|digit| usize::from(digit - b'0'));
    let sum: usize = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", &"10X98765432"[sum % 11..=sum % 11])
}
