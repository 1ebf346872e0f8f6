// What to bring: asked before a number where a service says so, and told to whoever wants to know. The hall's own words;
// nothing is made up.

import { key, make } from './dom.js';
import { keys, picture } from './kiosk-sheets.js';

// 「带齐了吗?」 `take()` gives the number; `lacking()` shows what else can be done.
export function readySheet(service, { take, lacking }, { say, local, home }) {
  return [
    make('p', 'big', say('kiosk-ready-question')),
    list(service, local),
    keys(key(say('kiosk-ready'), 'main', take), key(say('kiosk-lacking'), '', lacking), key(say('kiosk-back'), '', home)),
  ];
}

// Something is missing: nobody is sent away without a way on. `print()` only where there is a printer for it.
export function lackingSheet(service, { take, print }, { say, local, view, home }) {
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

// 「要带什么」: for whoever asks; the number is one tap further.
export function bringSheet(service, { take, print }, { say, local, view, home }) {
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
export function checklistOf(service, language) {
  return { title: service.name, lines: service.documents, url: service.online ? service.online.url : null, language };
}

function list(service, local) {
  return make('ul', 'documents', '', service.documents.map((line) => make('li', '', local(line))));
}

function onlineCode(service, online, view, { say, local }) {
  const code = picture(`/${view.hall}/services/${service.id}/qr.svg`, 'code book');
  return make('div', 'beside', '', [code, make('span', '', say('kiosk-online', { name: local(online.name) }))]);
}
