// A ticket shown to the kiosk, by the code on its slip or a phone: how it stands, and what its holder can do with it.

import { post, read } from './api.js';
import { key, make } from './dom.js';
import { keys, notice, waitText, why } from './kiosk-sheets.js';

const DOES = ['return', 'resume', 'defer', 'cancel']; // in this order, those that the hall allows now

// `show(elements)` puts a sheet up; `print(token)` only where there is a printer.
export async function openTicket(token, { show, print }, context) {
  const { ok, status, answer } = await read(`/api/v1/tickets/${token}`);
  if (ok) show(holderSheet(token, answer, { show, print }, context));
  else if (status === 0 || status === 503) show(notice(context.say('kiosk-offline-help'), context));
  else show(notice(status === 404 ? context.say('kiosk-ticket-unknown') : why(answer, context), context));
}

// `did`: what was just done with it.
function holderSheet(token, ticket, can, context, did = null) {
  const { say, local, home } = context;
  const confirm = () => can.show(sure(token, ticket, can, context));
  const act = (action) => (action === 'cancel' ? confirm() : perform(token, action, can, context));
  const does = DOES.filter((action) => ticket.actions.includes(action));
  const waits = ticket.ahead === null ? '' : ticket.ahead === 0 ? say('kiosk-next') : say('kiosk-ahead', { n: ticket.ahead });
  return [
    make('p', 'soft', `${local(ticket.service_name)} · ${local(ticket.stage_label)}`),
    make('p', 'number', ticket.number),
    make('p', 'big', ticket.window ? say('kiosk-ticket-window', { window: ticket.window }) : waits),
    make('p', 'wait', waitText(ticket, { say, local })),
    ...(did ? [make('p', 'reserve', say('kiosk-ticket-did-' + did))] : []),
    keys(
      ...does.map((action, at) => key(say('kiosk-ticket-' + action), at === 0 && action !== 'cancel' ? 'main' : '', () => act(action))),
      ...(can.print ? [key(say('kiosk-again-print'), '', () => can.print(token))] : []),
      key(say('kiosk-back'), does.length === 0 ? 'main' : '', home),
    ),
  ];
}

function sure(token, ticket, can, context) {
  const { say } = context;
  return [
    make('p', 'big', say('kiosk-ticket-cancel-sure', { number: ticket.number })),
    keys(
      key(say('kiosk-ticket-keep'), 'main', () => openTicket(token, can, context)),
      key(say('kiosk-ticket-cancel'), '', () => perform(token, 'cancel', can, context)),
    ),
  ];
}

async function perform(token, action, can, context) {
  const { ok, status, answer } = await post(`/api/v1/tickets/${token}/${action}`);
  if (ok) can.show(holderSheet(token, answer, can, context, action));
  else can.show(notice(status === 0 ? context.say('kiosk-offline-help') : why(answer, context), context));
}
