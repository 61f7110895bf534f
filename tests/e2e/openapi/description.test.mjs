// The description by itself: it is OpenAPI 3.1, its examples meet its schemas, and it knows every code of the catalogue where the catalogue has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  at, catalogue, codeSchema, codesIn, description, documentFaults, examples, faultsBy, makeJudge, operations, responseSteps,
} from './support/description.mjs';

const statusOf = new Map(catalogue.map(({ code, http }) => [code, String(http)]));

/** Every response that the description has, with its status. */
function responses() {
  const preflight = { operationId: 'preflight', steps: ['components', 'pathItems', 'Preflight', 'options'] };
  return [...operations, preflight].flatMap(({ operationId, steps }) => Object.keys(at(steps).responses)
    .map((status) => ({ where: `${operationId} ${status}`, status, place: responseSteps(steps, status) })));
}

test('It is an OpenAPI 3.1 document.', async () => {
  assert.deepEqual(await documentFaults(description), []);
  assert.notDeepEqual(await documentFaults({ ...description, paths: { '/x': { get: { responses: 7 } } } }), [], 'the validator would notice');
});

test('Its schemas compile strictly: no keyword is misspelt, no reference leads nowhere.', () => {
  const judge = makeJudge();
  for (const name of Object.keys(description.components.schemas)) judge('components', 'schemas', name);
  for (const { where, place } of responses()) {
    for (const type of Object.keys(at(place).content ?? {})) {
      if (at(place).content[type].schema) assert.ok(judge(...place, 'content', type, 'schema'), where);
    }
  }
  const misspelt = structuredClone(description);
  misspelt.components.schemas.Hello.additionalProperites = false;
  assert.throws(() => makeJudge(misspelt)('components', 'schemas', 'Hello'), /unknown keyword/);
});

test('Every example meets its schema.', () => {
  const all = examples();
  assert.ok(all.length >= 40, `only ${all.length} examples were found`);
  for (const { where, schema, value } of all) assert.deepEqual(faultsBy(schema, value), [], where);
});

test('Every request body and every answer with a shape of its own has an example.', () => {
  for (const { operationId, requestBody, responses: own } of operations) {
    for (const [type, { examples: given }] of Object.entries(requestBody?.content ?? {})) {
      assert.ok(Object.keys(given ?? {}).length > 0, `${operationId} takes ${type}`);
    }
    for (const [status, { content }] of Object.entries(own)) {
      const media = content?.['application/json'];
      if (media && status < 400) assert.ok(Object.keys(media.examples ?? {}).length > 0, `${operationId} ${status}`);
    }
  }
});

test('Every object is closed and says what it must have.', () => {
  const visit = (schema, where) => {
    if (!schema || typeof schema !== 'object') return;
    if (schema.type === 'object' && schema.properties) {
      assert.equal(schema.additionalProperties, false, `${where} is open`);
      assert.ok(Array.isArray(schema.required), `${where} requires nothing`);
      for (const name of schema.required) assert.ok(name in schema.properties, `${where} requires ${name}, which it does not describe`);
    }
    for (const [key, inner] of Object.entries(schema)) if (key !== 'examples') visit(inner, `${where}/${key}`);
  };
  visit(description.components.schemas, 'schemas');
});

test('The enumeration of codes is the catalogue.', () => {
  assert.deepEqual(codeSchema.enum, catalogue.map(({ code }) => code));
  assert.deepEqual(description.components.schemas.ErrorCode, { $ref: 'error.schema.yaml' });
});

test('Each code stands only at the status that the catalogue gives it.', () => {
  for (const { where, status, place } of responses()) {
    if (status < 400) continue;
    const codes = codesIn(at(place));
    assert.ok(codes.length > 0, `${where} has no code`);
    for (const code of codes) assert.equal(statusOf.get(code), status, `${where}: ${code}`);
  }
});

test('Every code of the catalogue is an answer, or stands in one, or is listed as one of elsewhere.', () => {
  const asAnswer = new Set(responses().filter(({ status }) => status >= 400).flatMap(({ place }) => codesIn(at(place))));
  const inside = new Set(codesIn(description.components.schemas));
  const elsewhere = new Set(Object.keys(description['x-codes-elsewhere']));
  for (const { code } of catalogue) {
    assert.ok(asAnswer.has(code) || inside.has(code) || elsewhere.has(code), `${code} is nowhere`);
    assert.ok(!elsewhere.has(code) || !(asAnswer.has(code) || inside.has(code)), `${code} is said to come from elsewhere only`);
  }
  for (const code of [...asAnswer, ...inside, ...elsewhere]) assert.ok(statusOf.has(code), `${code} is not in the catalogue`);
});
