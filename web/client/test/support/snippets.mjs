// The fenced examples of a document, and what TypeScript says about one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('../../../../', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));

export const read = (path) => readFileSync(at(path), 'utf8');

/** Every ```language block, indented ones too; `name` is what stands in backquotes at the end of the line before, if anything does. */
export function snippets(file, language) {
  const pattern = new RegExp(`(?:([^\\n]*)\\n\\s*)?\\n( *)\`\`\`${language}\\n([^]*?)\\n\\2\`\`\``, 'g');
  return [...read(file).matchAll(pattern)].map(([, before = '', indent, code]) => ({
    name: /`([^`]+)`:?$/.exec(before)?.[1] ?? null, code: `${code.split('\n').map((line) => line.slice(indent.length)).join('\n')}\n`,
  }));
}

const paths = {
  '@jurukunci/client': [at('web/client/dist/index.d.ts')], '@jurukunci/client/web-eid': [at('web/client/dist/web-eid.d.ts')],
  '@jurukunci/server': [at('web/server/dist/index.d.ts')], '/jurukunci.min.js': [at('web/client/dist/all.d.ts')],
};

/** Type-checks one file against what was built. `ambient`: declarations it may rely on; `beside`: other files of its folder. */
export function complaintsAbout(code, { javascript = false, tsx = false, ambient = '', beside = {}, strict = true } = {}) {
  const options = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, jsx: ts.JsxEmit.Preserve,
    strict, noImplicitAny: !javascript, noEmit: true, allowJs: true, checkJs: true, skipLibCheck: true,
    paths, types: ['node'], typeRoots: [at('web/node_modules/@types')], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  };
  const host = ts.createCompilerHost(options);
  const surroundings = at('web/client/test/ambient.d.ts');
  const { getSourceFile, fileExists, readFile } = host;
  const name = at(`web/client/test/recipe.${javascript ? 'mjs' : tsx ? 'tsx' : 'ts'}`);
  const given = { [name]: code, [surroundings]: ambient };
  for (const [file, text] of Object.entries(beside)) given[at(`web/client/test/${file}`)] = text;
  host.fileExists = (file) => file in given || fileExists.call(host, file);
  host.readFile = (file) => given[file] ?? readFile.call(host, file);
  host.getSourceFile = (file, version) => (file in given ? ts.createSourceFile(file, given[file], version) : getSourceFile.call(host, file, version));
  const found = ts.getPreEmitDiagnostics(ts.createProgram([surroundings, name], options, host));
  return ts.formatDiagnostics(found, { getCanonicalFileName: (file) => file, getCurrentDirectory: () => '', getNewLine: () => '\n' });
}
