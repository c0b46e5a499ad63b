// Installs what the tests with a real local model need, apart from the project's own dependencies (85 MB, native): node-llama-cpp and the
// build of llama.cpp for this machine, into .local-model/. Without it those tests are skipped. Usage: node scripts/install-local-model.ts
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const VERSION = '3.22.1';
const BUILDS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
};

const platform = `${process.platform}-${process.arch}`;
const build = BUILDS[platform];
const folder = fileURLToPath(new URL('../.local-model', import.meta.url));

if (build === undefined) {
  console.error(`There is no build of llama.cpp for ${platform}; the tests with a local model stay skipped.`);
  process.exitCode = 1;
} else {
  mkdirSync(folder, { recursive: true });
  const packages = [`node-llama-cpp@${VERSION}`, `@node-llama-cpp/${build}@${VERSION}`];
  const options = [
    '--prefix',
    folder,
    '--omit=optional',
    '--ignore-scripts',
    '--save-exact',
    '--no-audit',
    '--no-fund',
  ];
  const { status } = spawnSync('npm', ['install', ...options, ...packages], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
