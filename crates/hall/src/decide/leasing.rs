//! Numbers for while the server is away: lent to a kiosk beforehand, reported afterwards, the rest given back.

use super::{Act, Ruling};
use crate::id::{ActorId, LeaseId, Prefix, TicketId, TicketNumber};
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::record::command::{Actor, ReportTaken};
use crate::record::event::{Event, TicketTaken};
use crate::record::rejection::{NotOpenReason, Rejection};
use crate::rules::estimate;
use crate::rules::phase;
use crate::state::day::Day;
use crate::state::lease::{Block, Lease, TailLost};
use crate::state::ticket::{Channel, Stage, Ticket};
use crate::state::voucher::VoucherReason;
use crate::time::Time;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Numbers of a day that nobody gives out.
struct Skipping {
    day: Day,
    next_lease: u64,
    at: Time,
    events: Vec<Event>,
}

impl Skipping {
    /// In the record that begins with these events.
    fn behind(act: &Act<'_>, day: Day, opening: &[Event]) -> Skipping {
        let is_lease = |event: &&Event| matches!(event, Event::NumbersLeased { .. });
        Skipping {
            day,
            next_lease: act.hall.next_lease() + opening.iter().filter(is_lease).count() as u64,
            at: act.now,
            events: Vec::new(),
        }
    }

    fn lost(&mut self, plan: &Plan, lost: &TailLost, is_wanted: impl Fn(&Prefix) -> bool) {
        let prefixes: BTreeSet<&Prefix> = plan.services.iter().map(|s| &s.prefix).collect();
        for prefix in prefixes.into_iter().filter(|prefix| is_wanted(prefix)) {
            let block = plan.policy.lease_numbers;
            for numbers in self.day.may_be_on_paper(prefix, lost, block) {
                self.skip(numbers);
            }
        }
    }

    fn skip(&mut self, numbers: Block) {
        let lease = LeaseId(self.next_lease);
        self.next_lease += 1;
        let over = Lease::to_nobody(self.at, numbers.clone());
        let kiosk = over.kiosk.clone();
        self.day.leases.insert(lease, over);
        let skipped = vec![numbers.clone()];
        self.events.push(Event::NumbersLeased {
            lease,
            kiosk,
            numbers,
        });
        self.events.push(Event::NumbersSkipped {
            lease,
            numbers: skipped,
        });
    }
}

impl Act<'_> {
    /// A block of every series that runs low, of the services that give out numbers to anybody now; no event when none
    /// does. A kiosk says itself which do: it may have forgotten what it had, and two browsers that are one kiosk each
    /// need blocks of their own. Else it is those of which it has less than half a block.
    pub(super) fn lease_numbers(&self, said: Option<&BTreeSet<Prefix>>) -> Ruling {
        let kiosk = self.kiosk()?;
        let prefixes = self.prefixes_now();
        if prefixes.is_empty() {
            let first = &self.hall.plan().services[0].id; // a plan has at least one
            return Err(self.not_open(first, NotOpenReason::NotYet));
        }
        let mut events = self.open_day_if_new()?;
        let day = self.day_after(&events);
        let length = self.hall.plan().policy.lease_numbers;
        let is_low = |prefix: &&Prefix| match said {
            Some(said) => said.contains(prefix),
            None => day.left_at(kiosk, prefix) < length.div_ceil(2) as usize,
        };
        let low = prefixes.iter().filter(is_low);
        let blocks = low.filter_map(|prefix| day.next_block(prefix, length));
        let leased = |(id, numbers)| Event::NumbersLeased {
            lease: LeaseId(id),
            kiosk: kiosk.clone(),
            numbers,
        };
        let lent = day.leases.last_key_value().map_or(0, |(id, _)| id.0 + 1);
        let ids = self.hall.next_lease().max(lent)..;
        let leased: Vec<Event> = ids.zip(blocks).map(leased).collect();
        if leased.is_empty() {
            return Ok(leased);
        }
        events.extend(leased);
        Ok(events)
    }

    /// The paper is in somebody's hand, so the promise holds for it, whatever the phase. Where nobody is left to serve it,
    /// or its day is over, it comes first another day.
    pub(super) fn report_taken(&self, report: &ReportTaken) -> Ruling {
        let (lease, is_late) = self.lease_of_kiosk(report.lease)?;
        let service = self.service(&report.service)?;
        let of_lease = lease.numbers.has(&report.number);
        if !of_lease || service.prefix != lease.numbers.prefix {
            return Err(Rejection::invalid(
                "/number",
                "号码不在该备用号段内",
                "the number is not of this block, or of another service",
            ));
        }
        if lease.taken.contains(&report.number.ordinal()) {
            return Err(Rejection::invalid(
                "/number",
                "该备用号已登记",
                "this number has been reported with another key",
            ));
        }
        if report.class == Class::Appointment || self.hall.ticket_by_token(&report.token).is_some()
        {
            return Err(Rejection::invalid(
                "/token",
                "类别或凭据不能用于备用号",
                "this class or token cannot be on such a number",
            ));
        }
        let mut events: Vec<Event> = self.unseen_twin(report).into_iter().collect();
        events.push(self.taken_while_away(report, lease, is_late));
        if is_late {
            events.extend(self.paper_after_its_day(report));
        } else if !self.will_be_served(&service.id) {
            let why = format!("no window left for {}", service.id);
            let ticket = TicketId(self.hall.next_ticket());
            let service = service.id.clone();
            events.extend(self.let_go(ticket, service, why, VoucherReason::HandedOn, None));
        }
        Ok(events)
    }

    /// The numbers that are on no paper are skipped.
    pub(super) fn return_numbers(&self, id: LeaseId) -> Ruling {
        let (lease, is_over) = self.lease_of_kiosk(id)?;
        let given_back = skipped(id, lease).filter(|_| !is_over); // with its day its numbers were skipped
        Ok(given_back.into_iter().collect())
    }

    /// Whoever has the paper comes first another day, and the manager is told: nobody saw him go.
    fn paper_after_its_day(&self, report: &ReportTaken) -> Vec<Event> {
        let ticket = TicketId(self.hall.next_ticket());
        let (number, service) = (&report.number, &report.service);
        let why = format!("备用号{number}在当天结束后才登记 ({number} was reported after its day)");
        let mut events = self.let_go(ticket, service.clone(), why, VoucherReason::HandedOn, None);
        let name = self
            .hall
            .plan()
            .service(service)
            .map(|service| &service.name.zh);
        let name = name.map_or(service.as_str(), String::as_str);
        events.push(self.complaint_left(
            Some(ticket),
            Some(service.clone()),
            format!("取号机断网时给出的{number}号({name})在当天结束后才登记，已给优先凭证；持号人可能白等了，请联系或留意。"),
        ));
        events
    }

    /// Numbers that people brought from the day before: on a new day nobody else is given one of them.
    pub(super) fn already_given<'b>(
        &self,
        day: Day,
        numbers: impl Iterator<Item = &'b TicketNumber>,
    ) -> Vec<Event> {
        let mut skipping = Skipping::behind(self, day, &[]);
        for number in numbers {
            let known = skipping.day.leases.values();
            if known.into_iter().any(|lease| lease.numbers.has(number)) {
                continue; // of a block that stays lent
            }
            skipping.skip(Block {
                prefix: number.prefix().clone(),
                first: number.ordinal(),
                last: number.ordinal(),
            });
        }
        let (day, mut events) = (skipping.day, skipping.events);
        let behind = self.not_to_be_given_out_behind(day, self.hall.plan(), |_| true, &events);
        events.extend(behind);
        events
    }

    /// The log has lost its end, which was acknowledged. Of the day under way the numbers that may be on paper are lent
    /// to nobody and skipped, so that none is given out twice. Numbers of other days are never given out again anyway.
    pub(super) fn record_loss(&self, lost: &TailLost) -> Vec<Event> {
        let mut events = vec![Event::TailLost(lost.clone())];
        if !self.hall.has_plan() {
            return events;
        }
        let date = self.hall.business_date(self.now);
        if self.hall.plan().date(lost.at) < date {
            return events;
        }
        let Ok(opened) = self.open_day_if_new() else {
            return events; // no day of this date will give out numbers
        };
        let mut skipping = Skipping::behind(self, self.day_after(&opened).into_owned(), &opened);
        events.extend(opened);
        skipping.lost(self.hall.plan(), lost, |_| true);
        events.extend(skipping.events);
        events
    }

    /// What a day that opens, or one that gets new series, must not give out: what was lost before, and what the same day
    /// had given out before the clock was put right.
    pub(super) fn not_to_be_given_out(
        &self,
        day: Day,
        plan: &Plan,
        is_new: impl Fn(&Prefix) -> bool,
    ) -> Vec<Event> {
        self.not_to_be_given_out_behind(day, plan, is_new, &[])
    }

    fn not_to_be_given_out_behind(
        &self,
        day: Day,
        plan: &Plan,
        is_new: impl Fn(&Prefix) -> bool,
        behind: &[Event],
    ) -> Vec<Event> {
        let given = self.hall.numbers_of_days().get(&day.date);
        let given = given.into_iter().flatten();
        let lost = self.hall.lost().iter();
        let of_day: Vec<&TailLost> = lost.filter(|lost| plan.date(lost.at) >= day.date).collect();
        let mut skipping = Skipping::behind(self, day, behind);
        given
            .filter(|numbers| is_new(&numbers.prefix))
            .for_each(|numbers| skipping.skip(numbers.clone()));
        for lost in of_day {
            skipping.lost(plan, lost, &is_new);
        }
        skipping.events
    }

    /// The day as its opening leaves it: the open one, or a new one with the numbers that it must not give out.
    pub(super) fn day_after(&self, opening: &[Event]) -> Cow<'_, Day> {
        if opening.is_empty()
            && let Some(day) = self.hall.day()
        {
            return Cow::Borrowed(day);
        }
        let mut day = Day::new(self.hall.business_date(self.now), self.now);
        for event in opening {
            if let Event::NumbersLeased {
                lease,
                kiosk,
                numbers,
            } = event
            {
                let over = Lease {
                    ended: true,
                    ..Lease::new(kiosk.clone(), self.now, numbers.clone())
                };
                day.leases.insert(*lease, over);
            }
        }
        Cow::Owned(day)
    }

    /// The blocks that are still out when the day ends.
    pub(super) fn skip_what_is_lent(&self) -> Vec<Event> {
        let day = self.hall.day().into_iter();
        let leases = day.flat_map(|day| &day.leases);
        leases
            .filter_map(|(id, lease)| skipped(*id, lease))
            .collect()
    }

    fn taken_while_away(&self, report: &ReportTaken, lease: &Lease, is_late: bool) -> Event {
        let ahead = self.hall.waiting(&report.service);
        let told = estimate::wait(self.hall, &report.service, ahead, self.now);
        let (number, token) = (report.number.clone(), report.token.clone());
        Event::TicketTaken(TicketTaken {
            class: report.class,
            language: report.language,
            ahead,
            wait: told.ok(),
            wait_unknown: told.err(),
            lease: Some(report.lease),
            taken_at: Some(self.vouched_for(report, lease, is_late)),
            reported_late: is_late,
            instead_of: report.instead_of.clone(),
            ..self.new_ticket(number, token, &report.service, Channel::Kiosk)
        })
    }

    /// Since when somebody is known to stand in line with a kiosk's number. The kiosk's clock may be wrong and gains nobody
    /// a place: what counts is how long ago it was by that clock. Where the kiosk does not say what its clock shows now,
    /// the time on the paper counts only if it fits what the server itself saw of the kiosk. What does not fit counts
    /// from now on.
    fn vouched_for(&self, report: &ReportTaken, lease: &Lease, is_late: bool) -> Time {
        let (said, earliest) = match report.sent_at {
            Some(sent_at) => (self.now - (sent_at - report.taken_at), lease.at),
            None => (report.taken_at, lease.known_until()),
        };
        let at = match (earliest..=self.now).contains(&said) {
            true => said,
            false => self.now,
        };
        // a block that came into the day with the night is older than the day
        let day = self.hall.day().filter(|_| !is_late);
        day.map_or(at, |day| at.max(day.opened_at))
    }

    /// The number that the server did give out when the kiosk no longer heard it: nobody has seen it.
    fn unseen_twin(&self, report: &ReportTaken) -> Option<Event> {
        let applied = self.hall.applied().get(report.instead_of.as_ref()?)?;
        let ticket = self.hall.ticket(applied.ticket?)?;
        can_go(ticket).then_some(Event::TicketCancelled { ticket: ticket.id })
    }

    fn kiosk(&self) -> Result<&ActorId, Rejection> {
        match &self.command.actor {
            Actor::Kiosk(kiosk) => Ok(kiosk),
            _ => Err(Rejection::not_found("该取号机", "kiosk")),
        }
    }

    /// A block that the kiosk was lent, and whether its day is over.
    fn lease_of_kiosk(&self, id: LeaseId) -> Result<(&Lease, bool), Rejection> {
        let kiosk = self.kiosk()?;
        let of_day = self
            .hall
            .day()
            .and_then(|day| Some((day, day.leases.get(&id)?)));
        let before = self.hall.lent_before().get(&id);
        let lease = match of_day {
            Some((day, lease)) => Some((before.unwrap_or(lease), day.closed.is_some())),
            None => before.map(|lease| (lease, true)),
        };
        lease
            .filter(|(lease, _)| lease.kiosk == *kiosk)
            .ok_or_else(|| Rejection::not_found("该备用号段", "block of numbers of the last days"))
    }

    /// The series of the services that give out numbers to anybody now.
    fn prefixes_now(&self) -> BTreeSet<Prefix> {
        let plan = self.hall.plan();
        let date = self.hall.business_date(self.now);
        let services = plan.services.iter().filter(|service| {
            let id = &service.id;
            phase::of_service(self.hall, id, self.now).issues()
                && !service.identify
                && !plan.appointments_only(date, id)
                && !self.hall.suspensions().contains_key(id)
        });
        services.map(|service| service.prefix.clone()).collect()
    }
}

fn skipped(lease: LeaseId, of: &Lease) -> Option<Event> {
    let numbers = of.left_in_blocks();
    (!of.ended && !numbers.is_empty()).then_some(Event::NumbersSkipped { lease, numbers })
}

fn can_go(ticket: &Ticket) -> bool {
    matches!(
        ticket.stage,
        Stage::Waiting { .. } | Stage::Missed { .. } | Stage::Parked { .. }
    ) && ticket.leaving.is_none()
}
