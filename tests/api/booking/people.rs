//! Who is who: one person however typed, two people with one number, and what is refused at once because it is nobody's.

use crate::support::bookings::{HALF_PAST_NINE, NINE, SATURDAY, TEN};
use crate::support::{Booking, Reply, TestHall, resident_number};
use serde_json::{Value, json};

/// Books licence for this person.
async fn books(hall: &TestHall, slot: &str, person: Value) -> Reply {
    let body = json!({ "service": "licence", "slot": slot, "person": person });
    let citizen = hall.citizen();
    citizen.0.posts("/halls/zhuzhou/appointments", body).await
}

fn person(name: &str, id_number: &str) -> Value {
    json!({ "name": name, "phone": "13800000001", "id_number": id_number })
}

async fn on_friday() -> TestHall {
    let hall = TestHall::start_at("10:00:00").await;
    hall.date_to("2026-11-27", "10:00:00").await;
    hall
}

/// A number that ends with the check letter.
const WITH_X: &str = "11010519491231002X";

#[tokio::test]
async fn one_person_spelled_in_many_ways_books_once() {
    let hall = on_friday().await;
    books(&hall, NINE, person("张三", WITH_X)).await.given(201);
    for name in ["张 三", "张\u{3000}三", "张三\u{200B}", "\u{FEFF}张三 "] {
        let again = books(&hall, NINE, person(name, WITH_X)).await;
        again.refused("limit-reached");
    }
    for number in [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "110105491231002",
    ] {
        let again = books(&hall, TEN, person("张三", number)).await;
        again.refused("limit-reached");
    }
}

#[tokio::test]
async fn the_same_number_and_name_is_one_person_whatever_the_document() {
    let hall = on_friday().await;
    let permit = |kind: &str| {
        let mut person = person("陈大文", "810000199408230021");
        person["document"] = json!(kind);
        person
    };
    books(&hall, NINE, permit("hong_kong_macao_taiwan"))
        .await
        .given(201);
    let again = books(&hall, TEN, permit("resident_id")).await;
    again.refused("limit-reached");
}

#[tokio::test]
async fn whoever_booked_with_odd_signs_checks_in_with_the_card() {
    for typed in [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231002X",
        "11010519491231002×",
        "\u{200B}11010519491231002X",
    ] {
        let hall = on_friday().await;
        books(&hall, NINE, person("张三", typed)).await.given(201);
        hall.date_to(SATURDAY, "08:45:00").await;
        let card = json!({ "id_number": WITH_X });
        hall.kiosk().await.checks_in(card).await.given(201);
    }
}

/// A digit is no part of a name: it makes nobody of one number into two, nor two of two numbers into one.
#[tokio::test]
async fn a_digit_in_a_name_is_nobody() {
    let hall = on_friday().await;
    let numbers = [resident_number(11), resident_number(12)];
    for (name, number) in [("访客1", &numbers[0]), ("访客2", &numbers[1])] {
        books(&hall, NINE, person(name, number)).await.given(201);
    }
    let again = books(&hall, NINE, person("访客2", &numbers[0])).await;
    again.refused("limit-reached");
    hall.date_to(SATURDAY, "08:50:00").await;
    let kiosk = hall.kiosk().await;
    let [first, second] = numbers.map(|number| json!({ "id_number": number }));
    let first = kiosk.checks_in(first).await.number();
    assert_ne!(kiosk.checks_in(second).await.number(), first);
}

/// It happened, to a deaf man whom nobody believed.
#[tokio::test]
async fn two_people_with_one_number_both_book_and_are_served() {
    let hall = on_friday().await;
    let number = resident_number(7);
    let chen = Booking::of(&books(&hall, NINE, person("陈某", &number)).await);
    let wang = Booking::of(&books(&hall, NINE, person("王某某", &number)).await);
    hall.date_to(SATURDAY, "08:50:00").await;
    let kiosk = hall.kiosk().await;
    let card = kiosk.checks_in(json!({ "id_number": number })).await;
    assert_eq!(card.wrong_fields(), ["/name"]);
    assert!(card.text().contains("请输入预约码"), "{}", card.text());
    let first = kiosk.checks_in(chen.by_code()).await;
    let second = json!({ "id_number": number, "name": "王 某某" });
    let second = kiosk.checks_in(second).await;
    assert_ne!(first.number(), second.number());
    assert_eq!(
        kiosk.checks_in(chen.by_code()).await.number(),
        first.number()
    );
    assert_eq!(
        kiosk.checks_in(wang.by_code()).await.number(),
        second.number()
    );
}

#[tokio::test]
async fn what_is_nobodys_is_refused_at_the_field_in_words() {
    let hall = on_friday().await;
    let good = resident_number(5);
    let last = if good.ends_with('1') { '2' } else { '1' };
    let mistyped = format!("{}{last}", &good[..17]);
    for (field, value, words) in [
        ("id_number", &*mistyped, "最后一位"),
        ("id_number", &good[..17], "17位"),
        ("id_number", "13800000001", "手机号码"),
        ("id_number", "ABCD", "只有数字"),
        ("phone", "138000000", "11位"),
        ("phone", "22881234", "区号"),
        ("name", "\u{200B}", "请填写姓名"),
        ("name", "王\0五", "控制字符"),
        ("name", "王\r\n五", "控制字符"),
        ("name", "\u{202e}abc", "控制字符"),
        ("name", "···", "没有文字"),
    ] {
        let mut asked = person("王五", &good);
        asked[field] = json!(value);
        let refused = books(&hall, NINE, asked).await;
        assert_eq!(
            refused.wrong_fields(),
            [format!("/person/{field}")],
            "{value}"
        );
        assert!(
            refused.text().contains(words),
            "{value}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn telephones_are_read_as_people_write_them() {
    let hall = on_friday().await;
    let typed = [
        "１３８０００００００１",
        "138\u{a0}0000\u{a0}0001",
        "138–0000–0001",
        "0731-22881234转801",
    ];
    for (n, phone) in (1..).zip(typed) {
        let mut asked = person("访客", &resident_number(n));
        asked["phone"] = json!(phone);
        books(&hall, NINE, asked).await.given(201);
    }
}

/// A plan may say that one telephone books for so many.
#[tokio::test]
async fn a_telephone_number_may_have_a_limit_of_its_own() {
    let hall = on_friday().await;
    let limits = |plan: &mut Value| plan["policy"]["bookings_per_phone"] = json!(2);
    hall.manager().await.changes_plan(limits).await;
    for (n, slot) in [(1, NINE), (2, HALF_PAST_NINE)] {
        books(&hall, slot, person("家人", &resident_number(n)))
            .await
            .given(201);
    }
    let mut third = person("家人", &resident_number(3));
    third["phone"] = json!("+86 138-0000-0001");
    books(&hall, TEN, third.clone())
        .await
        .refused("limit-reached");
    third["phone"] = json!("13900000001");
    books(&hall, TEN, third).await.given(201);
}

/// Whoever says no client once held every place of a weekend.
#[tokio::test]
async fn a_hold_always_has_an_owner() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, usher) = (hall.citizen(), hall.usher().await);
    for slot in [NINE, NINE, HALF_PAST_NINE, TEN] {
        let body = json!({ "service": "licence", "slot": slot });
        citizen
            .0
            .posts("/halls/zhuzhou/holds", body)
            .await
            .given(201);
    }
    let free = async |slot: &str| citizen.free("licence", slot).await;
    assert_eq!(
        (
            free(NINE).await,
            free(HALF_PAST_NINE).await,
            free(TEN).await
        ),
        (4, 4, 3)
    );
    // whoever is known holds for himself
    let body = json!({ "service": "licence", "slot": TEN });
    usher.0.posts("/halls/zhuzhou/holds", body).await.given(201);
    assert_eq!(free(TEN).await, 2);
}
