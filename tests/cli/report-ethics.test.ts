import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { vincle } from '../faults/vincle.ts';

jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-ethics-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = (file: string) => JSON.parse(readFileSync(resolve(file), 'utf8'));

test.each(['en', 'es', 'ca'])(
  'the annex in %s names every questionnaire, every window and every column of the data set',
  async (language) => {
    const { code, stdout } = await vincle(['report', 'ethics', '--language', language], { LOG_LEVEL: 'silent' });
    expect(code).toBe(0);
    const ids = readdirSync(resolve('questionnaires')).flatMap(
      (it) => /^Questionnaire-(.+)\.json$/.exec(it)?.[1] ?? [],
    );
    expect(ids.length).toBeGreaterThan(8);
    for (const id of ids) expect(stdout).toContain(`| ${id} `);
    for (const it of json('profiles/programme/visits.json').windows)
      expect(stdout).toContain(`| ${it.visit} | ${it.months} | ${it.early} | ${it.late} |`);
    const [head = ''] = readFileSync(resolve('tests/statistics/golden/trial.csv'), 'utf8').split('\r\n');
    for (const column of head.split(',')) expect(stdout).toContain(`| ${column} |`);
  },
);

test('a window that a site changes stands in its annex', async () => {
  const site = join(folder, 'content');
  mkdirSync(join(site, 'profiles', 'programme'), { recursive: true });
  const visits = json('profiles/programme/visits.json');
  visits.windows[3].late = 45;
  writeFileSync(join(site, 'profiles/programme/visits.json'), JSON.stringify({ ...visits, version: '2.0.0' }));
  const { stdout } = await vincle(['report', 'ethics'], { LOG_LEVEL: 'silent', CONTENT_DIR: site });
  expect(stdout).toContain('| m12 | 12 | 60 | 45 |');
});
