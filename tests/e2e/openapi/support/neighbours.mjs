// Bodies that differ from a good one in one place: a member too many, one too few, one of another type, one at or beyond its limits.
import { isValid } from './description.mjs';

/** Every object inside a body, outermost first; `inside` makes a body with further members in that one. */
export function objectsIn(body, steps = []) {
  const value = steps.reduce((at, step) => at[step], body);
  if (!value || typeof value !== 'object') return [];
  const inner = Object.keys(value).flatMap((key) => objectsIn(body, [...steps, key]));
  if (Array.isArray(value)) return inner;
  return [{ where: `/${steps.join('/')}`, steps, value, inside: (members) => replaced(body, steps, { ...value, ...members }) }, ...inner];
}

function replaced(body, steps, value) {
  if (steps.length === 0) return value;
  const copy = structuredClone(body);
  steps.slice(0, -1).reduce((at, step) => at[step], copy)[steps.at(-1)] = value;
  return copy;
}

const otherTypes = ['kata', 7, 1.5, true, {}, [], null];
const otherThan = (value) => otherTypes.filter((one) => typeOf(one) !== typeOf(value));

/** Of strings: on both sides of the door's limits. */
const lengths = [0, 1, 7, 8, 20, 24, 40, 44, 64, 65, 88, 92, 300, 301, 500, 501, 87_384, 87_388];
const longLengths = [1 << 20, (1 << 20) + 1, 1_398_104, 1_398_108];

/** What is still of its type; perhaps too much, too little, or another word. */
function beyond(value) {
  if (typeof value === 'string') {
    return [`${value}=`, `${value} `, ...[33, 151, 251].map((length) => 'ä'.repeat(length)), ...lengths.map((length) => 'A'.repeat(length))];
  }
  if (typeof value === 'number') return [-1_000_001, -1_000_000, -2, -1, 0, 0.5, 1, 1_000_000, 1_000_001];
  if (Array.isArray(value)) return [[], Array.from({ length: 10_001 }, () => value[0])];
  return [];
}

/** `expect`: the code, where only one can be right; `valid`: whether the description allows it all the same. */
export function neighbours(good, schema) {
  const faults = [];
  const add = (what, body, expect) => faults.push({ what, body, expect, valid: isValid(schema, body) });
  for (const { where, steps, value, inside } of objectsIn(good)) {
    add(`${where} has a member too many`, inside({ warna: 'biru' }), 'E-KOLOM-TIDAK-DIKENAL');
    for (const name of Object.keys(value)) {
      const { [name]: gone, ...rest } = value;
      add(`${where} lacks ${name}`, replaced(good, steps, rest));
      for (const other of otherThan(gone)) add(`${where}: ${name} is ${JSON.stringify(other)}`, inside({ [name]: other }));
      const mayBeLong = typeof gone === 'string' && isValid(schema, inside({ [name]: 'A'.repeat(lengths.at(-2)) }));
      for (const length of mayBeLong ? longLengths : []) add(`${where}: ${name} has ${length} characters`, inside({ [name]: 'A'.repeat(length) }));
      for (const other of beyond(gone)) add(`${where}: ${name} is ${JSON.stringify(other).slice(0, 40)}`, inside({ [name]: other }));
      const elements = Array.isArray(gone) ? otherThan(gone[0]) : [];
      for (const other of elements) add(`${where}: ${name} holds ${JSON.stringify(other)}`, inside({ [name]: [other] }));
    }
  }
  for (const other of otherTypes) if (typeOf(other) !== 'object') add(`the body is ${JSON.stringify(other)}`, other);
  return faults;
}

function typeOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
