//! The whole URL table: a line a route, in the order in which they are tried. What a route is for, and what goes in and
//! out, stands at its handler.

use super::http::table::RouteRow;
use super::{
    access, board, booking, complaints, guide, kiosk, manager, network, numbers, ops, sockets,
    usher, windows,
};
use actix_web::http::Method;
use actix_web::web::ServiceConfig;

/// Routes that the API's description names.
macro_rules! described {
    ($prefix:literal $($method:ident $path:literal => $($handler:ident)::+;)*) => {
        vec![$(RouteRow::described(
            Method::$method,
            concat!($prefix, $path),
            $($handler)::+,
            $($handler)::+::SUMMARY,
        )),*]
    };
}

/// Pages with their forms and pictures, and sockets.
macro_rules! undescribed {
    ($($method:ident $path:literal => $($handler:ident)::+;)*) => {
        vec![$(RouteRow::undescribed(Method::$method, $path, $($handler)::+)),*]
    };
}

/// Every route.
pub fn table() -> Vec<RouteRow> {
    [api(), files_and_figures(), sockets(), pages()]
        .into_iter()
        .flatten()
        .collect()
}

/// Registers every route.
pub fn configure(config: &mut ServiceConfig) {
    for row in table() {
        config.route(&row.path, row.route);
    }
}

fn api() -> Vec<RouteRow> {
    described! { "/api/v1"
        GET  "/halls" => network::api::list;
        GET  "/halls/{hall}" => network::api::one;
        GET  "/halls/{hall}/board" => board::api::board;
        POST "/halls/{hall}/tickets" => numbers::api::take;
        GET  "/halls/{hall}/slots" => booking::api::slots;
        POST "/halls/{hall}/holds" => booking::api::hold;
        POST "/halls/{hall}/appointments" => booking::api::book;
        GET  "/appointments/{token}" => booking::api::show;
        POST "/appointments/{token}/{action}" => booking::api::act;
        POST "/halls/{hall}/check-ins" => booking::api::check_in;
        GET  "/tickets/{token}" => numbers::api::show;
        GET  "/family/{link}" => numbers::api::show_to_family;
        GET  "/tickets/{token}/elsewhere" => numbers::moving::elsewhere;
        POST "/tickets/{token}/move-to" => numbers::moving::move_to;
        POST "/tickets/{token}/{action}" => numbers::api::act;

        POST "/halls/{hall}/leases" => kiosk::leases::lease;
        POST "/halls/{hall}/leases/tickets" => kiosk::leases::report;
        POST "/halls/{hall}/leases/return" => kiosk::leases::give_back;

        POST "/halls/{hall}/help" => windows::help::ask;
        POST "/halls/{hall}/help/{id}/answer" => windows::help::answer;
        POST "/halls/{hall}/words" => complaints::api::leave;
        POST "/halls/{hall}/words/{id}/answer" => complaints::api::answer;

        POST "/halls/{hall}/slips" => kiosk::slips::print_slip;
        POST "/halls/{hall}/checklists" => kiosk::slips::print_checklist;
        GET  "/halls/{hall}/printer" => kiosk::slips::printer;
        GET  "/tickets/{token}/slip" => kiosk::slips::show;

        GET  "/halls/{hall}/windows/{n}" => windows::api::show;
        GET  "/halls/{hall}/windows/{n}/next" => windows::api::next;
        GET  "/halls/{hall}/windows/{n}/sign-off" => windows::api::sign_off;
        POST "/halls/{hall}/windows/{n}/{action}" => windows::api::act;
        POST "/halls/{hall}/usher/{action}" => usher::api::act;
        GET  "/halls/{hall}/appointments" => booking::api::of_day;
        POST "/halls/{hall}/appointments/{code}/{action}" => booking::api::act_as_staff;
        GET  "/halls/{hall}/days/{date}" => manager::days::day;
        GET  "/halls/{hall}/stats" => manager::days::stats;
        GET  "/halls/{hall}/plan" => manager::plan::show;
        PUT  "/halls/{hall}/plan" => manager::plan::adopt;
        GET  "/halls/{hall}/webhooks" => ops::webhooks::show;
        POST "/halls/{hall}/webhooks/{action}" => ops::webhooks::act;
        POST "/halls/{hall}/clock" => manager::api::confirm_clock;
        POST "/halls/{hall}/{action}" => manager::api::act;

        GET  "/halls/{hall}/guide" => guide::api::ask;
        PUT  "/halls/{hall}/guide" => guide::api::adopt;
        GET  "/halls/{hall}/guide/misses" => guide::api::misses;
        GET  "/halls/{hall}/guide/{sheet}" => guide::api::sheet;

        POST "/sign-in" => access::session::sign_in;
        POST "/sign-out" => access::session::sign_out;
        POST "/setup" => access::api::set_up;
        POST "/accounts" => access::api::create_account;
        POST "/accounts/secret" => access::api::set_secret;
        POST "/accounts/disable" => access::api::disable_account;
        POST "/devices" => access::api::enrol_device;
        POST "/devices/revoke" => access::api::revoke_device;
        POST "/demo/sign-in" => access::demo::sign_in;
        GET  "/demo/clock" => access::demo::clock;
        POST "/demo/clock" => access::demo::set_clock;

        GET  "/halls/{hall}/devices" => board::devices::show;
        POST "/halls/{hall}/devices/board" => board::devices::report_board;
    }
}

fn files_and_figures() -> Vec<RouteRow> {
    let mut rows = described! { ""
        GET  "/voice/{hall}/manifest.json" => board::voice::manifest;
        GET  "/openapi.json" => ops::assets::openapi;
        GET  "/healthz" => ops::health::alive;
        GET  "/readyz" => ops::health::ready;
        GET  "/metrics" => ops::health::metrics;
    };
    rows.extend(undescribed! {
        GET  "/voice/{hall}/{hash}/{file}" => board::voice::clip;
        GET  "/assets/{file:.*}" => ops::assets::asset;
        GET  "/display/{file:.*}" => ops::assets::asset;
    });
    rows
}

fn sockets() -> Vec<RouteRow> {
    undescribed! {
        GET  "/ws/halls/{hall}/board" => sockets::board;
        GET  "/ws/halls/{hall}/kiosk" => sockets::kiosk;
        GET  "/ws/halls/{hall}/overview" => sockets::overview;
        GET  "/ws/halls/{hall}/windows/{n}" => sockets::window;
        GET  "/ws/tickets/{token}" => sockets::ticket;
        GET  "/ws/family/{link}" => sockets::family;
    }
}

fn pages() -> Vec<RouteRow> {
    undescribed! {
        GET  "/" => network::page::index;
        GET  "/network" => network::page::network;
        GET  "/status" => ops::status::status;
        GET  "/sign-in" => access::page::sign_in;
        POST "/sign-in" => access::page::sign_in_with_secret;
        POST "/sign-out" => access::page::sign_out;
        GET  "/setup" => access::page::setup;
        POST "/setup" => access::page::set_up;
        GET  "/t/{token}" => numbers::page::ticket::ticket;
        GET  "/t/{token}/qr.svg" => numbers::page::ticket::ticket_qr;
        GET  "/t/{token}/family.svg" => numbers::page::family::family_qr;
        GET  "/t/{token}/{step}" => numbers::page::step::ticket_step;
        GET  "/f/{link}" => numbers::page::family::family;
        GET  "/{hall}/word" => complaints::page::form;
        POST "/{hall}/word" => complaints::page::leave;
        GET  "/{hall}/word/{link}" => complaints::page::show;
        POST "/t/{token}/move-to" => numbers::page::ticket::move_ticket;
        POST "/t/{token}/{action}" => numbers::page::ticket::act_on_ticket;
        GET  "/a/{token}" => booking::appointment::appointment;
        GET  "/a/{token}/qr.svg" => booking::appointment::appointment_qr;
        GET  "/a/{token}/appointment.ics" => booking::appointment::appointment_ics;
        POST "/a/{token}/{action}" => booking::appointment::act_on_appointment;
        GET  "/{hall}/book" => booking::page::book;
        POST "/{hall}/book" => booking::page::confirm;
        POST "/{hall}/book/hold" => booking::page::hold;
        GET  "/{hall}/services/{service}/book.svg" => booking::page::book_qr;
        GET  "/{hall}/guide" => guide::page::guide;
        GET  "/{hall}/guide/misses" => guide::page::guide_misses;
        POST "/{hall}/guide/misses" => guide::page::settle_miss;
        GET  "/{hall}/guide/{id}" => guide::page::guide_answer;
        GET  "/{hall}/guide/{id}/print" => guide::page::guide_print;
        GET  "/{hall}/guide/{id}/qr.svg" => guide::page::guide_qr;
        GET  "/{hall}/take" => numbers::page::take::take_page;
        POST "/{hall}/take" => numbers::page::take::take_by_form;
        GET  "/{hall}/appointments" => booking::day_list::appointments;
        POST "/{hall}/appointments/{code}/{action}" => booking::day_list::act_on_line;
        GET  "/{hall}/usher" => usher::page::usher_page;
        POST "/{hall}/usher/check-in" => usher::page::usher_check_in;
        POST "/{hall}/usher/{action}" => usher::page::usher_act;
        GET  "/{hall}/qr/{page}.svg" => network::qr::own_qr;
        GET  "/{hall}/kiosk" => kiosk::page::kiosk;
        GET  "/{hall}/kiosk-worker.js" => kiosk::page::kiosk_worker;
        GET  "/{hall}/window" => windows::console::console;
        GET  "/{hall}/windows/{n}/rating.svg" => windows::console::rating_qr;
        GET  "/{hall}/board" => board::page::board;
        GET  "/{hall}/services/{service}/qr.svg" => network::qr::online_qr;
        GET  "/{hall}/overview" => manager::page::overview;
        GET  "/{hall}/stats" => manager::page::stats;
        GET  "/{hall}/accounts" => access::accounts::accounts;
        POST "/{hall}/accounts/officers" => access::accounts::add_account;
        POST "/{hall}/accounts/devices" => access::accounts::enrol_device;
        GET  "/{hall}/hours.ics" => network::hall::hours;
        GET  "/{hall}" => network::hall::hall;
    }
}
