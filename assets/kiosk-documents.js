// What to bring: asked before a number where a service wants it, and shown to anybody who asks. The words are the hall's
// own; nothing is made up.

import { key, make } from './dom.js';
import { keys, notice, picture } from './kiosk-sheets.js';

// Puts the sheets up; `take(service)` gives the number.
export function documentDesk({ glass, print, take, context }) {
  const waysOn = (service) => ({ take: () => take(service), print: listPrinter(service) });

  function ready(service) {
    const lacking = () => glass.show(lackingSheet(service, waysOn(service), context()));
    glass.show(readySheet(service, { take: () => take(service), lacking }, context()));
  }

  const bring = (service) => glass.show(bringSheet(service, waysOn(service), context()));

  function listPrinter(service) {
    if (!print.prints() || service.documents.length === 0) return null;
    return async () => {
      const { say, language } = context();
      const before = glass.first();
      const isPrinted = await print.printList(checklistOf(service, language));
      if (glass.first() === before) glass.show(notice(isPrinted ? say('kiosk-list-printed') : say('kiosk-no-paper'), context()));
    };
  }

  return { ready, bring };
}

// 「带齐了吗?」 `take()` gives the number; `lacking()` shows what else can be done.
function readySheet(service, { take, lacking }, { say, local, home }) {
  return [
    make('p', 'big', say('kiosk-ready-question')),
    list(service, local),
    keys(key(say('kiosk-ready'), 'main', take), key(say('kiosk-lacking'), '', lacking), key(say('kiosk-back'), '', home)),
  ];
}

// Something is missing: nobody is sent away without another possibility. `print()` only where there is a printer for it.
function lackingSheet(service, { take, print }, { say, local, view, home }) {
  const { online } = service;
  return [
    make('p', 'big', say('kiosk-lacking-ways')),
    list(service, local),
    ...(online ? [onlineCode(service, online, view, { say, local })] : []),
    keys(
      key(say('kiosk-lacking-take'), 'main', take),
      ...(print ? [key(say('kiosk-lacking-print'), '', print)] : []),
      key(say('kiosk-back'), '', home),
    ),
  ];
}

// 「要带什么」: the number is one tap further.
function bringSheet(service, { take, print }, { say, local, view, home }) {
  const { online } = service;
  const lines = service.documents.length > 0 ? list(service, local) : make('p', 'soft', say('kiosk-bring-unknown'));
  return [
    make('p', 'big', say('kiosk-bring-title', { name: local(service.name) })),
    lines,
    ...(online ? [onlineCode(service, online, view, { say, local })] : []),
    keys(
      ...(service.open ? [key(say('kiosk-bring-take'), 'main', take)] : []),
      ...(print ? [key(say('kiosk-lacking-print'), '', print)] : []),
      key(say('kiosk-back'), '', home),
    ),
  ];
}

// The list as paper.
function checklistOf(service, language) {
  return { title: service.name, lines: service.documents, url: service.online ? service.online.url : null, language };
}

function list(service, local) {
  return make('ul', 'documents', '', service.documents.map((line) => make('li', '', local(line))));
}

function onlineCode(service, online, view, { say, local }) {
  const code = picture(`/${view.hall}/services/${service.id}/qr.svg`, 'code book');
  return make('div', 'beside', '', [code, make('span', '', say('kiosk-online', { name: local(online.name) }))]);
}
