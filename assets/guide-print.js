// A browser that can print has a key for it on the page.

const button = document.getElementById('print');
button.hidden = false;
button.addEventListener('click', () => window.print());
