// Scanners and readers of cards type what they read, far faster than fingers, and end with Enter. A person's typing is
// left alone.

const PAUSE_MS = 300; // a busy browser may keep one key waiting; after that something else begins
const MEAN_MS = 60; // from key to key; nobody types a long number so fast
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
