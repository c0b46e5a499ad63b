// The plain page at `/`: fixed files, read once, never built from data.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineRoute, type Route } from '../route.ts';

const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/page/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page/detail.js', 'detail.js', 'text/javascript; charset=utf-8'],
  ['/page/display.js', 'display.js', 'text/javascript; charset=utf-8'],
  ['/page/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

export function pageRoutes(): Route[] {
  return FILES.map(([path, file, type]) => {
    const content = readFileSync(new URL(`../page/${file}`, import.meta.url), 'utf8');
    return defineRoute({
      method: 'GET',
      path,
      access: 'open',
      summary: `The page (${file})`,
      response: z.string(),
      produces: type,
      handle: async ({ reply }) => {
        reply.type(type);
        return content;
      },
    });
  });
}
