// Scanners and readers of cards type what they read, far faster than fingers, and end with Enter. A person's typing is
// left alone.

const PAUSE_MS = 40; // between two keys of a reader
const SHORTEST = 6;

// `onRead(text)` for each thing that was read.
export function listenForReader(onRead) {
  let text = '';
  let last = 0;
  // while capturing: a key of the page that has the focus must not take the reader's Enter for a press
  addEventListener(
    'keydown',
    (event) => {
      const isQuick = event.timeStamp - last < PAUSE_MS;
      last = event.timeStamp;
      if (event.key === 'Enter') {
        const read = isQuick && text.length >= SHORTEST ? text : '';
        text = '';
        if (!read) return;
        event.preventDefault();
        event.stopPropagation();
        onRead(read);
      } else if (event.key.length === 1) {
        text = isQuick ? text + event.key : event.key;
      }
    },
    true,
  );
}
