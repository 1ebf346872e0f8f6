// A number that was taken: on the glass, on paper, aloud.

import { byId } from './dom.js';
import { numberSheet, slipOf, spokenNumber } from './kiosk-number.js';
import * as sounds from './kiosk-sounds.js';

const SHOWN_SECONDS = { printed: 8, glass: 20 };
const UNHURRIED = 2; // times as long for people who read large letters or listen

export function issuing({ kiosk, origin, away, print, aloud, glass, serviceOf, context }) {
  const addressOf = (ticket) => `${origin}/t/${ticket.token}`;

  // While the server is away only what hangs at the kiosk itself can print.
  const canPrint = (ticket) => print.prints() && (!ticket.reserve || print.hasAgent);
  // A number of the reserve cannot be marked as printed before, so there is one paper of it.
  const canReprint = (ticket) => canPrint(ticket) && !ticket.reserve;

  async function hand(ticket) {
    sounds.success();
    aloud.sayNumber(ticket.number, spokenNumber(ticket, context()));
    await showAndPrint(ticket, true);
  }

  async function showAndPrint(ticket, isFirst) {
    const printing = canPrint(ticket);
    showNumber(ticket, printing);
    if (!printing) return;
    const isPrinted = ticket.reserve ? await printOwn(ticket) : await print.printTicket(ticket.token, { large: kiosk.large, isFirst });
    // no slip came: the glass has to do
    if (!isPrinted && byId('sheet').dataset.number === ticket.number) showNumber(ticket, false);
  }

  function showNumber(ticket, printing) {
    const service = serviceOf(ticket.service);
    const again = canReprint(ticket) ? () => showAndPrint(ticket, false) : null;
    const name = service ? context().local(service.name) : ticket.service;
    const about = { service, name, address: addressOf(ticket), printing, again };
    const seconds = (printing ? SHOWN_SECONDS.printed : SHOWN_SECONDS.glass) * (kiosk.large || kiosk.aloud ? UNHURRIED : 1);
    glass.showFor(seconds, numberSheet(ticket, about, context()), 'number');
    byId('sheet').dataset.number = ticket.number;
  }

  // The agent prints it under an id of its own; what the agent has not got yet it gets when the page is loaded again.
  async function printOwn(ticket) {
    await away.reserve.change(ticket.turn, { slip: 'waiting' });
    const paper = slipOf(ticket, {
      hall: kiosk.view.name,
      service: serviceOf(ticket.service),
      address: addressOf(ticket),
      at: ticket.taken_at,
      large: kiosk.large,
    });
    const isPrinted = await print.printPaper(ticket.key, paper);
    if (isPrinted) await away.reserve.change(ticket.turn, { slip: 'given' });
    return isPrinted;
  }

  // Numbers that were given away from the server and are not on paper yet.
  async function printRest() {
    await print.ready;
    if (!away.reserve || !print.hasAgent || !print.prints()) return;
    for (const ticket of await away.reserve.tickets()) {
      if (ticket.slip === 'waiting' && serviceOf(ticket.service)) await printOwn(ticket);
    }
  }

  return { hand, showAndPrint, showNumber, canReprint, printRest };
}
