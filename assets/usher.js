// Calls for help on the usher's phone, the moment they are made; the rest of the page reloads by itself.

import { byId } from './dom.js';
import { drawHelps } from './help-calls.js';
import { follow } from './live.js';
import { sayer } from './words.js';

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const tell = (text) => (byId('help-message').textContent = text);

follow(
  `/ws/halls/${page.hall}/kiosk`,
  ({ view }) => {
    if (view) drawHelps(view.help, { say, path: `/api/v1/halls/${page.hall}/help`, tell });
  },
  () => {},
);
