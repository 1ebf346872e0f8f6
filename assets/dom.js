// Elements of a page; text is always text, never markup.

export const byId = (id) => document.getElementById(id);

// An element with a class, a text and children.
export function make(tag, className = '', text = '', children = []) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  element.append(...children);
  return element;
}

// A button that does something.
export function key(text, className, act) {
  const button = make('button', className, text);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}
