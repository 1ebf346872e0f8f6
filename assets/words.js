// The words of the scripts come with the page, from the same catalogue as the page's own.

// A `say(key, values)` over `{key: "text with {name}"}`.
export function sayer(dictionary) {
  return (key, values = {}) => {
    const text = dictionary[key];
    if (text === undefined) throw new Error(`no message ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  };
}

// A `{zh, en}` text, or a plain one, for this reader.
export function inLanguage(text, language) {
  if (text === null || text === undefined) return '';
  return typeof text === 'string' ? text : text[language];
}

export const minutes = (seconds) => Math.ceil(seconds / 60);
