// What was typed, scanned or pasted, as the server reads it too (`docs/input.md`): full-width forms made plain, nothing
// invisible, and without the symbology that a scanner names in front.

const INVISIBLE = /[\p{Cf}\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0]|(?!\s)\p{Cc}/gu;
const DASHES = /[\p{Pd}\u2212\u2043\u2500\u2501\u30fc\s\u2800]/gu;
const CROSSES = /[\u00d7\u2715\u2716\u2a2f\u0425\u03a7]/gu;
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;

export function plain(text) {
  return text.replace(INVISIBLE, '').normalize('NFKC').trim().replace(SYMBOLOGY, '').trim();
}

// A number or code: capitals, without spaces and dashes.
export const keyOf = (text) => plain(text).replace(DASHES, '').toUpperCase();

// A document's number; its check letter is an X whatever cross was typed.
export const documentOf = (text) => keyOf(text).replace(CROSSES, 'X').replace(/[()]/g, '');

// A ticket's number without the words around it.
export const ticketOf = (text) => keyOf(text).replace(/^第/, '').replace(/号$/, '');
