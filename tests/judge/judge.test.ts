import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

test('without Java the judge says what is missing and how Debian brings it', () => {
  const program = `
    import { judge } from ${JSON.stringify(join(import.meta.dirname, 'judge.ts'))};
    await judge([{ resourceType: 'Basic', code: {} }]).catch((error) => console.log(error.message));
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/needs (java|mvn), which this machine does not have/);
  expect(stdout).toMatch(/apt-get install -y (default-jdk-headless|maven)/);
});
