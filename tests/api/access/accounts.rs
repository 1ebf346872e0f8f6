//! /accounts and /devices: colleagues and machines, made and taken away.

use super::sign_in::signs_in;
use crate::support::{Kiosk, Officer, PASSWORD, PIN, TestHall, fresh_key};
use serde_json::json;

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff.officer.opens(1).await.given(200);
    let officer = json!({ "id": "1024" });
    staff
        .manager
        .0
        .posts("/accounts/disable", officer.clone())
        .await
        .given(200);
    let out = staff.officer.calls_next(1).await;
    assert_eq!(out.status, 401);
    out.refused("unauthorized");
    signs_in(&hall.someone(), "1024", PIN)
        .await
        .refused("unauthorized");
    staff
        .manager
        .0
        .posts("/accounts/disable", officer)
        .await
        .given(200);
    let chief = json!({ "id": "chief" });
    staff
        .manager
        .0
        .posts("/accounts/disable", chief)
        .await
        .refused("limit-reached");
    let unknown = json!({ "id": "9999" });
    staff
        .manager
        .0
        .posts("/accounts/disable", unknown)
        .await
        .refused("not-found");
}

#[tokio::test]
async fn a_new_secret_ends_the_old_sessions() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let weak = json!({ "id": "1024", "secret": "123456" });
    assert_eq!(
        staff
            .manager
            .0
            .posts("/accounts/secret", weak)
            .await
            .wrong_fields(),
        ["/secret"]
    );
    let new = json!({ "id": "1024", "secret": "519273" });
    staff
        .manager
        .0
        .posts("/accounts/secret", new)
        .await
        .given(200);
    assert_eq!(staff.officer.opens(1).await.status, 401);
    signs_in(&hall.someone(), "1024", PIN)
        .await
        .refused("unauthorized");
    let officer = Officer(hall.signs_in("1024", "519273").await);
    officer.opens(1).await.given(200);
    let unknown = json!({ "id": "9999", "secret": "519273" });
    staff
        .manager
        .0
        .posts("/accounts/secret", unknown)
        .await
        .refused("not-found");
}

#[tokio::test]
async fn accounts_are_made_once_and_with_a_name() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let account = |id: &str, name: &str, secret: &str| json!({ "account": id, "name": name, "secret": secret, "role": "officer", "hall": "zhuzhou" });
    let create = async |body| staff.manager.0.posts("/accounts", body).await;
    create(account("1024", "李雷", PIN))
        .await
        .refused("already-exists");
    create(account("kiosk-1", "李雷", PIN))
        .await
        .refused("already-exists");
    assert_eq!(
        create(account("1030", "  ", PIN)).await.wrong_fields(),
        ["/name"]
    );
    assert_eq!(
        create(account("1030", "李雷", "123456"))
            .await
            .wrong_fields(),
        ["/secret"]
    );
    assert_eq!(
        create(account("", "李雷", PIN)).await.wrong_fields(),
        ["/account"]
    );
    let role = json!({ "account": "1030", "name": "李雷", "secret": PIN, "role": "king" });
    assert_eq!(create(role).await.wrong_fields(), ["/role"]);
}

#[tokio::test]
async fn a_manager_of_one_hall_decides_there_alone() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff
        .manager
        .creates("4001", "manager", Some("lusong"))
        .await;
    let other = hall.signs_in("4001", PASSWORD).await;
    let here = json!({ "account": "4002", "name": "韩梅梅", "secret": PIN, "role": "officer", "hall": "zhuzhou" });
    other.posts("/accounts", here).await.refused("forbidden");
    let everywhere =
        json!({ "account": "4002", "name": "韩梅梅", "secret": PIN, "role": "officer" });
    other
        .posts("/accounts", everywhere)
        .await
        .refused("forbidden");
    other
        .posts("/accounts/disable", json!({ "id": "1024" }))
        .await
        .refused("forbidden");
    let device = json!({ "device": "kiosk-9", "kind": "kiosk", "hall": "zhuzhou" });
    other.posts("/devices", device).await.refused("forbidden");
    other
        .posts("/devices/revoke", json!({ "id": "kiosk-1" }))
        .await
        .refused("forbidden");
    other
        .posts("/halls/zhuzhou/pause", json!({ "reason": "x" }))
        .await
        .refused("forbidden");
    other
        .posts("/halls/lusong/pause", json!({ "reason": "x" }))
        .await
        .given(200);
}

#[tokio::test]
async fn a_device_is_shown_its_token_once_and_can_be_revoked() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let (key, wish) = (
        fresh_key(),
        json!({ "device": "kiosk-7", "kind": "kiosk", "hall": "zhuzhou" }),
    );
    let answer = staff
        .manager
        .0
        .posts_as(&key, "/devices", &wish)
        .await
        .given(201);
    staff
        .manager
        .0
        .posts_as(&key, "/devices", &wish)
        .await
        .refused("already-exists");
    staff
        .manager
        .0
        .posts("/devices", wish)
        .await
        .refused("already-exists");
    let kiosk = Kiosk(hall.bearing(answer["token"].as_str().unwrap()));
    assert_eq!(kiosk.takes("fine").await.number(), "A001");

    staff
        .manager
        .0
        .posts("/devices/revoke", json!({ "id": "kiosk-7" }))
        .await
        .given(200);
    let out = kiosk.takes("fine").await;
    assert_eq!(out.status, 401);
    out.refused("unauthorized");
    let unknown = json!({ "id": "kiosk-99" });
    staff
        .manager
        .0
        .posts("/devices/revoke", unknown)
        .await
        .refused("not-found");
}
