import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram, EXIT } from '#cli';
import { runAcigw } from '#support/run-command';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const NO_DOCUMENTS = new Set(['node_modules', 'dist', '.git']);

/** Every Markdown file of the repository. */
function documents(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NO_DOCUMENTS.has(entry.name) ? [] : documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Text outside of code, in which links count. */
const proseOf = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** First capture of every match, sorted. */
const captures = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '').sort();

const linksOf = (text: string): readonly string[] =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');

/** Anchors of a document's headings, as GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

function broken(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).includes(anchor);
}

/** Fields of a result as the documents write them: `groups`, `groups[].epg`. The tree of managed objects is one field. */
function fieldsOf(value: unknown, prefix = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${prefix}[]`));
  if (typeof value !== 'object' || value === null || prefix === 'managedObjects') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    return [name, ...fieldsOf(inner, name)];
  });
}

describe('structure: documents', () => {
  const all = documents();

  it('has what a reader looks for first', () => {
    const wanted = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/architecture.md', 'docs/faq.md'];
    assert.deepEqual(
      wanted.filter((file) => !all.includes(file)),
      [],
    );
    assert.ok(existsSync(join(ROOT, 'LICENSE')));
  });

  it('every relative link leads somewhere', () => {
    const wrong = all.flatMap((document) =>
      linksOf(read(document))
        .filter((link) => !/^[a-z]+:/.test(link) && broken(document, link))
        .map((link) => `${document}: ${link}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('docs/findings.md has every finding code twice, meaning and what to do, and no other', () => {
    const [, union = ''] = /type FindingCode =([^;]+);/.exec(read('src/model/policy/finding.ts')) ?? [];
    const codes = captures(union, /'([A-Z_]+)'/g);
    assert.ok(codes.length > 0);
    const rows = captures(read('docs/findings.md'), /^\| `([A-Z_]+)`/gm);
    assert.deepEqual(
      rows,
      codes.flatMap((code) => [code, code]),
    );
  });

  it('docs/findings.md says which findings make compile exit 2', () => {
    const [, list = ''] = /INPUT_CODES[^[]*\[([^\]]+)\]/.exec(read('src/cli/compile-command.ts')) ?? [];
    const codes = captures(list, /'([A-Z_]+)'/g);
    assert.ok(codes.length > 0);
    assert.deepEqual(captures(read('docs/findings.md'), /^\| `([A-Z_]+)` +\| \w+ +\| yes +\|/gm), codes);
  });

  it('docs/cli.md has every command with every option and default, and every exit code', () => {
    const text = read('docs/cli.md');
    const sections = new Map(text.split(/^## /m).map((section) => [section.split(/[\n(]/)[0]?.trim(), section]));
    const missing: string[] = [];
    const program = createProgram('0.0.0', () => undefined);
    for (const command of program.commands) {
      const section = sections.get(`acigw ${command.name()}`) ?? '';
      if (section === '') missing.push(command.name());
      for (const option of command.options) {
        const row = section.split('\n').find((line) => line.startsWith(`| \`${option.flags}\``));
        const value: unknown = option.defaultValue;
        const wanted = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
        if (row?.includes(wanted) !== true) missing.push(`${command.name()} ${option.flags}, default '${wanted}'`);
      }
    }
    for (const code of Object.values(EXIT))
      if (!new RegExp(`^\\| ${code} +\\|`, 'm').test(text)) missing.push(`${code}`);
    assert.deepEqual(missing, []);
  });

  it('docs/cli.md has every field of the output of compile, and no other', async () => {
    const from = ['--from', join(ROOT, 'examples/shop/kubernetes')];
    const { stdout } = await runAcigw(['compile', ...from]);
    const [, section = ''] = /^### Output: schema([\s\S]*?)^## /m.exec(read('docs/cli.md')) ?? [];
    assert.deepEqual(captures(section, /^\| `([^`]+)`/gm), [...new Set(fieldsOf(JSON.parse(stdout)))].sort());
  });

  it('docs/cli.md has every field of the line that npm start prints, and no other', async () => {
    const { stdout } = await runAcigw(['demo', '--once', '--output', 'json']);
    const [, section = ''] = /^### JSON output([\s\S]*)/m.exec(read('docs/cli.md')) ?? [];
    assert.deepEqual(captures(section, /^\| `([^`]+)`/gm), [...new Set(fieldsOf(JSON.parse(stdout)))].sort());
  });
});
