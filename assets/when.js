// Moments and spans of time, as an officer or a citizen reads them.

import { timeOf } from './clock.js';

// 09:05, or 11-24 09:05 if that is not today
export const whenOf = (at, now) => (at.slice(0, 10) === now.slice(0, 10) ? timeOf(at) : at.slice(5, 16).replace('T', ' '));

// 2:05 or 1:02:05
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
