// The kiosk's own block of numbers, for when the server is away. A number is written down before anybody sees it, by one
// transaction of the browser's database, so that two tabs or a page that was loaded again cannot give it twice. A number
// that was given stays there until the hall has it.

const VERSION = 1;

// Answers nothing where the browser has no database: then there is no reserve.
export async function openReserve(hall) {
  const db = await opened(`paihao-kiosk-${hall}`).catch(() => null);
  return db && reserveIn(db);
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('blocks', { keyPath: 'lease' });
      request.result.createObjectStore('tickets', { keyPath: 'turn', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function reserveIn(db) {
  // `work` starts with the stores and may go on in callbacks; what it puts into `out` is answered when it is durable.
  function within(mode, work) {
    return new Promise((resolve, reject) => {
      // the power may go in the next moment
      const transaction = db.transaction(['blocks', 'tickets'], mode, { durability: 'strict' });
      const out = {};
      transaction.oncomplete = () => resolve(out.value);
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore('blocks'), transaction.objectStore('tickets'), out);
    });
  }

  const all = (of) => within('readonly', (blocks, tickets, out) => {
    (of === 'blocks' ? blocks : tickets).getAll().onsuccess = ({ target }) => (out.value = target.result);
  });

  // Blocks that the hall has lent; those that are known keep their place, another day's are of no use any more.
  const keep = ({ date, leases }) => within('readwrite', (blocks) => {
    blocks.getAll().onsuccess = ({ target }) => {
      const known = new Set(target.result.map(({ lease }) => lease));
      for (const block of target.result) if (block.date < date) blocks.delete(block.lease);
      for (const block of leases) if (!known.has(block.lease)) blocks.add({ ...block, date, next: block.first });
    };
  });

  // The next number of a series on a date, with what is to be known of its ticket; nothing if none is left.
  const issue = (prefix, date, ticket) => within('readwrite', (blocks, tickets, out) => {
    out.value = null;
    blocks.getAll().onsuccess = ({ target }) => {
      const fits = (block) => block.prefix === prefix && block.date === date && block.next <= block.last;
      const block = target.result.filter(fits).sort((a, b) => a.first - b.first)[0];
      if (!block) return;
      blocks.put({ ...block, next: block.next + 1 });
      const number = prefix + String(block.next).padStart(3, '0');
      const issued = { ...ticket, lease: block.lease, number, date, standing: 'unreported' };
      tickets.add(issued).onsuccess = ({ target: added }) => (out.value = { ...issued, turn: added.result });
    };
  });

  // Nothing is given out of this block any more; and it is forgotten.
  const shut = (lease) => within('readwrite', (blocks) => {
    blocks.get(lease).onsuccess = ({ target }) => target.result && blocks.put({ ...target.result, next: target.result.last + 1 });
  });

  const drop = (lease) => within('readwrite', (blocks) => blocks.delete(lease));

  const change = (turn, changes) => within('readwrite', (_, tickets) => {
    tickets.get(turn).onsuccess = ({ target }) => target.result && tickets.put({ ...target.result, ...changes });
  });

  const forget = (turn) => within('readwrite', (_, tickets) => tickets.delete(turn));

  return { keep, issue, shut, drop, change, forget, blocks: () => all('blocks'), tickets: () => all('tickets') };
}
