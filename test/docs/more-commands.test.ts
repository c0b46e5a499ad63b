// What a reader copies must work: the commands of all other pages. And every link between the documents leads somewhere.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describePages, longestPages, pages, root } from './describe-pages.ts';

describePages(pages.filter((page) => !longestPages.includes(page)));

describe('links in the documents', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
      (match) => [page, match[1] as string] as const,
    ),
  );
  it.each(links)('%s → %s', (page, link) => {
    expect(existsSync(join(root, dirname(page), link))).toBe(true);
  });
});
