// What some actions ask before they are done, each in the panel of choices: where to transfer, what is missing, why a
// break, what for.

import { byId } from './dom.js';

// `panel`: see console-choices.js; `view()`: the newest view; `act(action, body)` does it.
export function questions({ panel, view, act, stopWaiting, say, local, language }) {
  // The same key again answers or closes its own question.
  const isAsked = (name) => panel.again(name) || byId(name).disabled;

  function choose(action, body) {
    panel.close();
    return act(action, body);
  }

  // To the window for everything, to another service, or to one window that takes this one.
  function transfer() {
    if (isAsked('transfer')) return;
    const { current, colleagues, all_services: services } = view();
    const there = colleagues.filter((each) => each.state !== 'closed');
    const forEverything = there.filter((each) => each.everything);
    const forThis = there.filter((each) => !each.everything && each.services.includes(current.service));
    const options = [
      ...forEverything.map((each) => ({ ...windowOption(each), detail: each.label ? '' : say('console-everything') })),
      ...services.filter(({ id }) => id !== current.service).map(({ id, name }) => ({ text: local(name), pick: send({ service: id }) })),
      ...forThis.map(windowOption),
    ];
    panel.show('transfer', { title: say('console-transfer-to'), options, note: true, window: true, done: true });
  }

  function windowOption({ window, label }) {
    const text = [say('console-window', { window }), local(label)].filter(Boolean).join(' ');
    return { text, pick: send({ window }) };
  }

  const send = (to) => ({ note, window, done }) => {
    if (done && to.service) return choose('next-service', { service: to.service });
    return choose('transfer', { ...to, ...(window && !to.window ? { window } : {}), ...(note ? { note } : {}) });
  };

  // The same key again parks the ticket without saying what is missing.
  function park() {
    if (isAsked('park')) return;
    const parkWith = (missing) => ({ note }) => {
      const said = [missing, note].filter(Boolean).join(' · ');
      return choose('park', said ? { note: said } : {});
    };
    const papers = view().current.documents.map((each) => ({ text: local(each), pick: parkWith(local(each)) }));
    const options = [...papers, { text: say('console-park-do'), detail: say('console-park-unsaid'), pick: parkWith('') }];
    panel.show('park', { title: say('console-park-note'), options, note: true, again: parkWith('') });
  }

  function pauseOrResume() {
    if (isAsked('pause')) return;
    if (view().paused !== null) return act('resume-window');
    stopWaiting();
    const reasons = ['meal', 'meeting', 'device'].map((each) => say('console-pause-' + each));
    const options = reasons.map((reason) => ({ text: reason, pick: () => choose('pause', { reason }) }));
    panel.show('pause', { title: say('console-pause-why'), options });
  }

  // Somebody who needs no number: a question, a colleague's citizen.
  function direct() {
    if (isAsked('direct')) return;
    const serve = (service) => () => choose('serve-directly', { service, language });
    const options = view().services.map(({ id, name }) => ({ text: local(name), pick: serve(id) }));
    if (options.length === 1) return options[0].pick();
    panel.show('direct', { title: say('console-direct-what'), options });
  }

  return { transfer, park, pauseOrResume, direct };
}
