//! The rules as short stories. Each step goes through records, as an owner would write them.

use super::*;
use crate::access::action::{admit_demo, close_session};
use crate::access::identity::Role;
use crate::access::secret::digest;
use crate::access::story::*;
use crate::runtime::model::Model;

const CITIZEN: Actor = Actor::Citizen;

fn officer(number: &str, at: &str) -> Action {
    Action::CreateAccount(new_account(number, StaffRole::Officer, Some(at)))
}

fn manager(name: &str, at: Option<&str>) -> Action {
    Action::CreateAccount(new_account(name, StaffRole::Manager, at))
}

fn kiosk(name: &str, token: &str) -> Action {
    let (device, kind, hall, digest) =
        (id(name), DeviceKind::Kiosk, hall("zhuzhou"), digest(token));
    Action::EnrolDevice {
        device,
        kind,
        hall,
        digest,
    }
}

#[test]
fn a_setup_token_works_once_and_only_before_there_is_a_manager() {
    let mut story = AccessStory::empty();
    assert_eq!(
        story.refusal(CITIZEN, first_manager("setup")),
        Rejection::WrongSetupToken
    );
    story.prints_setup_token("setup").unwrap();
    assert_eq!(
        story.refusal(CITIZEN, first_manager("guess")),
        Rejection::WrongSetupToken
    );
    story.wants(CITIZEN, first_manager("setup")).unwrap();
    assert_eq!(
        story.refusal(CITIZEN, first_manager("setup")),
        Rejection::SetupClosed
    );
    assert_eq!(
        story.prints_setup_token("again"),
        Err(Rejection::SetupClosed)
    );
}

#[test]
fn a_setup_token_expires_and_a_newer_one_replaces_it() {
    let mut story = AccessStory::empty();
    story.prints_setup_token("first").unwrap();
    story.prints_setup_token("second").unwrap();
    assert_eq!(
        story.refusal(CITIZEN, first_manager("first")),
        Rejection::WrongSetupToken
    );
    story.later(SETUP_TOKEN_LONGEST);
    assert_eq!(
        story.refusal(CITIZEN, first_manager("second")),
        Rejection::WrongSetupToken
    );
}

#[test]
fn only_the_service_itself_opens_a_setup_or_a_demo() {
    let mut story = AccessStory::empty();
    assert_eq!(
        story.refusal(CITIZEN, Action::AdmitDemo),
        Rejection::NotAllowed
    );
    let (digest, expires_at) = (digest("mine"), story.now);
    let issue = Action::IssueSetupToken { digest, expires_at };
    assert_eq!(story.refusal(chief(), issue), Rejection::NotAllowed);
}

#[test]
fn only_managers_make_accounts_and_only_in_their_hall() {
    let mut story = AccessStory::staffed();
    story
        .wants(chief(), manager("local", Some("lusong")))
        .unwrap();
    let local = || Actor::Manager(id("local"));
    story.wants(local(), officer("3001", "lusong")).unwrap();
    for elsewhere in [
        officer("3002", "zhuzhou"),
        manager("boss", None),
        sets_secret("chief", "mine"),
    ] {
        assert_eq!(story.refusal(local(), elsewhere), Rejection::NotAllowed);
    }
    let (honest, liar) = (Actor::Officer(id("1024")), Actor::Manager(id("1024")));
    for actor in [CITIZEN, honest, liar, Actor::Timer] {
        assert_eq!(
            story.refusal(actor, officer("3003", "zhuzhou")),
            Rejection::NotAllowed
        );
    }
    let taken = Rejection::AlreadyExists(id("1024"));
    assert_eq!(story.refusal(chief(), officer("1024", "zhuzhou")), taken);
}

#[test]
fn a_disabled_account_is_nobody_at_once() {
    let mut story = AccessStory::staffed();
    story.signs_in("1024", "morning").unwrap();
    assert_eq!(story.who("morning").as_deref(), Some("1024"));
    story.wants(chief(), disables("1024")).unwrap();
    assert_eq!(story.who("morning"), None);
    assert_eq!(story.access.sessions().count(), 0);
    assert_eq!(story.access.secret_of(&id("1024")), None);
    let returns = story.opens("noon", "1024", Proof::Secret(secret("1024")));
    assert_eq!(returns, Err(Rejection::WrongCredentials));
}

#[test]
fn the_last_manager_of_the_store_stays() {
    let mut story = AccessStory::staffed();
    story
        .wants(chief(), manager("local", Some("zhuzhou")))
        .unwrap();
    assert_eq!(
        story.refusal(chief(), disables("chief")),
        Rejection::LastManager(id("chief"))
    );
    story.wants(chief(), manager("second", None)).unwrap();
    story.wants(chief(), disables("chief")).unwrap();
    assert_eq!(
        story.refusal(chief(), officer("2048", "zhuzhou")),
        Rejection::NotAllowed
    );
}

#[test]
fn a_new_secret_ends_the_sessions_and_the_old_one_opens_nothing() {
    let mut story = AccessStory::staffed();
    story.signs_in("1024", "morning").unwrap();
    story
        .wants(Actor::Officer(id("1024")), sets_secret("1024", "new"))
        .unwrap();
    assert_eq!(story.who("morning"), None);
    let verified_before = story.opens("late", "1024", Proof::Secret(secret("1024")));
    assert_eq!(verified_before, Err(Rejection::WrongCredentials));
    story.signs_in("1024", "noon").unwrap();
}

#[test]
fn a_session_ends_after_a_shift_whatever_was_asked() {
    let mut story = AccessStory::staffed();
    story.signs_in("1024", "morning").unwrap();
    story.later(SESSION_LONGEST - Duration::seconds(1));
    assert_eq!(story.who("morning").as_deref(), Some("1024"));
    story.later(Duration::seconds(1));
    assert_eq!(story.who("morning"), None);
}

#[test]
fn the_fourth_session_closes_the_oldest() {
    let mut story = AccessStory::staffed();
    for token in ["first", "second", "third", "fourth"] {
        story
            .later(Duration::minutes(1))
            .signs_in("1024", token)
            .unwrap();
    }
    let live = ["first", "second", "third", "fourth"].map(|token| story.who(token).is_some());
    assert_eq!(live, [false, true, true, true]);
    assert_eq!(
        story.records.last().unwrap().events.len(),
        2,
        "in the same record"
    );
}

#[test]
fn signing_out_twice_is_no_error() {
    let mut story = AccessStory::staffed();
    story.signs_in("1024", "morning").unwrap();
    for _ in 0..2 {
        story
            .sends(close_session(digest("morning"), story.now))
            .unwrap();
        assert_eq!(story.who("morning"), None);
    }
}

#[test]
fn a_revoked_device_is_nobody() {
    let mut story = AccessStory::staffed();
    story.wants(chief(), kiosk("kiosk-1", "its token")).unwrap();
    assert_eq!(story.who("its token").as_deref(), Some("kiosk-1"));
    story
        .wants(
            chief(),
            Action::RevokeDevice {
                device: id("kiosk-1"),
            },
        )
        .unwrap();
    assert_eq!(story.who("its token"), None);
    let taken = Rejection::AlreadyExists(id("kiosk-1"));
    assert_eq!(story.refusal(chief(), kiosk("kiosk-1", "another")), taken);
    assert_eq!(
        story.refusal(chief(), kiosk("kiosk-2", "its token")),
        Rejection::TokenInUse
    );
}

#[test]
fn a_demo_has_the_same_identities_in_every_process() {
    let mut story = AccessStory::demo();
    let hash = story.access.hash();
    story.sends(admit_demo(story.now)).unwrap();
    story.later(Duration::days(2));
    story.sends(admit_demo(story.now)).unwrap();
    assert_eq!(story.access.hash(), hash);
    for (name, role, several) in [
        ("demo-officer", Role::Officer, true),
        ("demo-usher", Role::Usher, false),
        ("demo-manager", Role::Manager, false),
        ("demo-kiosk", Role::Kiosk, false),
        ("demo-display", Role::Display, false),
    ] {
        story.signs_in(name, name).unwrap();
        let identity = story.access.identify(&digest(name), story.now).unwrap();
        assert_eq!((identity.role, identity.several_windows), (role, several));
        assert!(identity.may_act_in(&hall("zhuzhou")) && identity.may_act_in(&hall("lusong")));
    }
}

#[test]
fn demo_identities_are_everybodys_and_nobody_changes_them() {
    let mut story = AccessStory::demo();
    let (manager, officer) = (
        Actor::Manager(id("demo-manager")),
        Actor::Officer(id("demo-officer")),
    );
    let shared = Rejection::DemoIdentity(id("demo-officer"));
    assert_eq!(story.refusal(manager, disables("demo-officer")), shared);
    assert_eq!(
        story.refusal(officer, sets_secret("demo-officer", "mine")),
        shared
    );
    for visitor in 0..10 {
        story
            .signs_in("demo-officer", &format!("visitor-{visitor}"))
            .unwrap();
    }
    assert!(
        story.who("visitor-0").is_some(),
        "a visitor more puts no other out"
    );
}

#[test]
fn the_demo_sign_in_opens_no_real_account_and_no_real_store() {
    let mut story = AccessStory::staffed();
    let visitor = story.opens("visitor", "1024", Proof::Demo);
    assert_eq!(visitor, Err(Rejection::WrongCredentials));
    assert_eq!(story.sends(admit_demo(story.now)), Err(Rejection::NotADemo));
}
