// Bodies with exactly one fault, made from a good one: a member too many, one too few, one of another type, one beyond its limits.
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

/** What is still of its type and yet too much, too little, or another word. */
function beyond(value) {
  if (typeof value === 'string') return ['', 'x', `${value}=`, `${value} `, 'ä'.repeat(501)];
  if (typeof value === 'number') return [0, -2, -1e7, 1e7, 0.5];
  if (Array.isArray(value)) return [[], Array.from({ length: 10_001 }, () => value[0])];
  return [];
}

/** Lengths around the door's limits; the first that is too long will do. */
const lengths = [100, 600, 90_000, 1_100_000, 1_400_000];

/** `expect`: the code, where only one can be right. */
export function bodyFaults(good, schema) {
  const faults = [];
  const add = (what, body, expect) => { if (!isValid(schema, body)) faults.push({ what, body, expect }); };
  for (const { where, steps, value, inside } of objectsIn(good)) {
    faults.push({ what: `${where} has a member too many`, body: inside({ warna: 'biru' }), expect: 'E-KOLOM-TIDAK-DIKENAL' });
    for (const name of Object.keys(value)) {
      const { [name]: gone, ...rest } = value;
      add(`${where} lacks ${name}`, replaced(good, steps, rest));
      for (const other of otherThan(gone)) add(`${where}: ${name} is ${JSON.stringify(other)}`, inside({ [name]: other }));
      const long = typeof gone === 'string' ? lengths.map((length) => inside({ [name]: 'A'.repeat(length) })) : [];
      const tooLong = long.find((body) => !isValid(schema, body));
      if (tooLong) add(`${where}: ${name} is too long`, tooLong);
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
