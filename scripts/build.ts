// Builds what is published: JavaScript and declarations in dist/, with the data files that stand beside the sources copied along
// (weights, the example workspace, the console's page). Run by `npm run build` and before packing.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
  cwd: root,
});
cpSync(join(root, 'src'), dist, {
  recursive: true,
  filter: (path) => !/\.tsx?$/.test(path) && !path.endsWith('/README.md') && !path.includes('/fixtures'),
});
