// Scanners and readers of cards type what they read, far faster than fingers, and end with Enter. A person's typing is
// left alone. The page listens wherever the focus is: a field of their own would take the focus from people who use the
// kiosk by keys.

import { documentOf, keyOf, plain } from './typed.js';

const PAUSE_MS = 300; // a busy browser may keep one key waiting; after that something else begins
const MEAN_MS = 40; // from key to key; nobody types a long number so fast
const SHORTEST = 6;

// `onRead(text)` for each thing that was read.
export function listenForReader(onRead) {
  let text = '';
  let first = 0;
  let last = 0;
  // while capturing: a key of the page that has the focus must not take the reader's Enter for a press
  addEventListener(
    'keydown',
    (event) => {
      if (event.timeStamp - last > PAUSE_MS) text = '';
      last = event.timeStamp;
      if (event.key === 'Enter') {
        const isRead = text.length >= SHORTEST && last - first < MEAN_MS * text.length;
        const read = text;
        text = '';
        if (!isRead) return;
        event.preventDefault();
        event.stopPropagation();
        onRead(read);
      } else if (event.key.length === 1) {
        if (text === '') first = event.timeStamp;
        text += event.key;
      }
    },
    true,
  );
}

const CODE_DIGITS = 6;
const TOKEN = '[A-Za-z0-9_-]{22,64}';
const RESIDENT = /^\d{17}[\dXx]$/;
const DOCUMENT_LONGEST = 18;

// What was typed or read: `{ticket}` or `{token}` of an appointment from a page's address, `{code}` of a booking,
// `{id_number}` of a document; nothing if it is none of these.
export function identified(text) {
  const read = plain(text);
  const ticket = new RegExp(`/t/(${TOKEN})`).exec(read);
  if (ticket) return { ticket: ticket[1] };
  const address = new RegExp(`/a/(${TOKEN})`).exec(read);
  if (address) return { token: address[1] };
  const code = keyOf(read);
  if (new RegExp(`^\\d{${CODE_DIGITS}}$`).test(code)) return { code };
  if (new RegExp(`^${TOKEN}$`).test(read)) return { token: read };
  const number = documentOf(read);
  const isDocument = new RegExp(`^[0-9A-Z]{${CODE_DIGITS + 1},${DOCUMENT_LONGEST}}$`).test(number);
  return isDocument ? { id_number: number } : null;
}

// The age that a resident's number tells, on a day of the hall; nothing for other documents.
export function ageOn(number, date) {
  if (!RESIDENT.test(number)) return null;
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  const [thisYear, thisMonth, today] = date.slice(0, 10).split('-').map(Number);
  const hadBirthday = thisMonth > month || (thisMonth === month && today >= day);
  return thisYear - year - (hadBirthday ? 0 : 1);
}
