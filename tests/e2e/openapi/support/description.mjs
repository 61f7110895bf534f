// The description: docs/protocol/openapi.yaml, its schemas ready to judge with, and what it says of each operation.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { root } from '../../browser/support/places.mjs';

const packages = createRequire(join(root, 'web/package.json'));
const { parse } = packages('yaml');
const Ajv = packages('ajv/dist/2020').default;

const place = join(root, 'docs/protocol/openapi.yaml');
const read = (path) => parse(readFileSync(path, 'utf8'));

export const description = read(place);
export const codeSchema = read(join(root, 'docs/protocol/error.schema.yaml'));
export const catalogue = read(join(root, 'catalogue/errors.yaml'));

/** A file that the description names by a path relative to itself. */
export const named = (path) => readFileSync(resolve(dirname(place), path));

/** Follows `$ref` inside the document, as far as it leads. */
export function resolved(value) {
  let at = value;
  while (at && typeof at === 'object' && typeof at.$ref === 'string' && at.$ref.startsWith('#/')) at = atPointer(at.$ref.slice(1));
  return at;
}

function atPointer(pointer) {
  return pointer.split('/').slice(1).reduce((at, step) => at[step.replaceAll('~1', '/').replaceAll('~0', '~')], description);
}

const pointerOf = (...steps) => steps.map((step) => `/${encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

/** Strict: an unknown keyword in the document (a typing error) is a fault of the document. */
export function makeJudge(document = description) {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, allowUnionTypes: true });
  ajv.addVocabulary(['openapi', 'info', 'servers', 'security', 'tags', 'paths', 'components', 'x-codes-elsewhere', 'x-status']);
  ajv.addKeyword({ keyword: 'x-max-bytes', type: 'string', schemaType: 'number', validate: (limit, text) => Buffer.byteLength(text) <= limit });
  ajv.addKeyword({
    keyword: 'x-bytes', type: 'string', schemaType: 'array',
    validate: ([least, most], text) => { const { length } = Buffer.from(text, 'base64'); return length >= least && length <= most; },
  });
  const base = 'https://jurukunci.invalid/openapi.yaml';
  ajv.addSchema({ $id: 'https://jurukunci.invalid/error.schema.yaml', ...codeSchema });
  ajv.addSchema({ $id: base, ...document }, base, false, false);
  const known = new Map();
  return (...steps) => {
    const reference = `${base}#${pointerOf(...steps)}`;
    if (!known.has(reference)) known.set(reference, ajv.compile({ $ref: reference }));
    return known.get(reference);
  };
}

const judge = makeJudge();

/** What is wrong with `value` by the schema at these steps into the document; nothing if all is well. */
export function faultsBy(steps, value) {
  const valid = judge(...steps);
  return valid(value) ? [] : valid.errors.map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
}

export const isValid = (steps, value) => faultsBy(steps, value).length === 0;

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** Every operation: path, method, its own and its path's parameters, and where it stands in the document. */
export const operations = Object.entries(description.paths).flatMap(([path, item]) => methods.filter((method) => item[method]).map((method) => ({
  path, method, steps: ['paths', path, method], ...item[method],
  parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolved),
})));

export const operation = (operationId) => {
  const found = operations.find((one) => one.operationId === operationId);
  if (!found) throw new Error(`the description has no operation ${operationId}`);
  return found;
};

/** Where a response stands, when its `$ref` is followed. */
export function responseSteps(steps, status) {
  const response = steps.reduce((at, step) => at[step], description).responses[status];
  if (response === undefined) return undefined;
  return response.$ref ? response.$ref.slice(2).split('/') : [...steps, 'responses', status];
}

export const at = (steps) => steps.reduce((value, step) => value[step], description);

/** The codes that a schema can let pass at `error.code` or, of an error object, at `code`. */
export function codesIn(schema) {
  if (!schema || typeof schema !== 'object') return [];
  if (Array.isArray(schema)) return schema.flatMap(codesIn);
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'enum') return value.filter((word) => /^E-/.test(word));
    if (key === 'const') return /^E-/.test(value) ? [value] : [];
    return key === 'examples' || key === 'example' ? [] : codesIn(value);
  });
}

/** Every JSON example, with the steps to the schema it must meet. */
export function examples() {
  const found = [];
  const visit = (value, steps) => {
    if (!value || typeof value !== 'object') return;
    for (const [name, example] of Object.entries(value.schema && value.examples ? value.examples : {})) {
      if ('value' in example) found.push({ where: [...steps, 'examples', name].join('/'), schema: [...steps, 'schema'], value: example.value });
    }
    for (const [key, inner] of Object.entries(value)) if (key !== 'examples') visit(inner, [...steps, key]);
  };
  visit(description, []);
  return found;
}

/** By a validator of OpenAPI documents; it does not judge the schemas in them, and knows no file but one. */
export async function documentFaults(document) {
  const { Validator } = await import(new URL('index.js', `file://${join(root, 'web/node_modules/@seriousme/openapi-schema-validator')}/`));
  const { valid, errors } = await new Validator().validate(bundled(document));
  return valid ? [] : errors;
}

function bundled(document) {
  const copy = structuredClone(document);
  if (copy.components.schemas.ErrorCode.$ref === 'error.schema.yaml') copy.components.schemas.ErrorCode = codeSchema;
  return copy;
}
