// The choice of a window. A desk's computer stands at one window, so it goes there by itself the next time; 「换窗口」
// on the console leads back here.

const hall = document.body.dataset.hall;
const last = localStorage.getItem(`paihao-window-${hall}`);
const door = document.querySelector(`[data-window="${Number(last)}"]`);
const isChoosing = new URLSearchParams(location.search).has('choose');
if (door && !isChoosing) location.replace(door.href);
else (door || document.querySelector('[data-window]')).focus();
