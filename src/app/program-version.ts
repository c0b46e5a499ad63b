// The version in package.json, for the API's description and the answer to `--version`.
import { readFileSync } from 'node:fs';

export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
