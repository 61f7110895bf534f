// WCAG 2.2, 1.4.3 and 1.4.11, worked out from style.css: what is read has 4.5 : 1, what is only seen 3 : 1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8');
const colours = Object.fromEntries([...css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name, value]));

function luminance(name) {
  const value = (colours[name] ?? name).replace('#', '');
  const parts = value.length === 3 ? [...value].map((digit) => digit + digit) : value.match(/../g);
  const [r, g, b] = parts.map((part) => parseInt(part, 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ['paper', 'card', 'main-wash', 'good-wash', 'attention-wash', 'bad-wash'];
const read = [
  ...['ink', 'soft-ink', 'main', 'good', 'attention', 'bad'].flatMap((ink) => grounds.map((ground) => [ink, ground])),
  ['on-main', 'main'],
  ['on-main', 'main-strong'],
  ['on-main-soft', 'main'],
  ['on-main-soft', 'main-strong'],
  ['main-strong', 'on-main'],
  ...['soft-ink', 'good', 'attention', 'bad', 'main'].map((ground) => ['#fff', ground]), // signs
  ['#566267', '#dfe3e2'], // a button that cannot be pressed need not, but people read it
];
const seen = [...['paper', 'card', 'main-wash'].map((ground) => ['edge', ground]), ...grounds.map((ground) => ['focus', ground]), ['#fff', 'main']];

test('known pairs come out as the standard says', () => {
  assert.equal(contrast('#000', '#fff'), 21);
  assert.equal(contrast('#777', '#fff').toFixed(2), '4.48');
});

for (const [pairs, least, what] of [
  [read, 4.5, 'Words'],
  [seen, 3, 'Edges and the mark of the focus'],
]) {
  test(`${what} have a contrast of at least ${least} : 1`, () => {
    for (const [ink, ground] of pairs) assert.ok(contrast(ink, ground) >= least, `${ink} on ${ground}: ${contrast(ink, ground).toFixed(2)}`);
  });
}

test('every colour of the style sheet has a name, or is one of the few that are decoration', () => {
  const decoration = ['#fff', '#e9e6de', '#dfe3e2', '#566267', '#c3d2d5'];
  const rest = css.replace(/:root \{[^}]*\}/, '');
  assert.deepEqual(
    [...new Set([...rest.matchAll(/#[0-9a-f]{3,6}\b/g)].map(([one]) => one))].filter((one) => !decoration.includes(one)),
    [],
  );
});
