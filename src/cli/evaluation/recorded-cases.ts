// Cases out of recorded interactions: asked of the running installation, never of its files.
import { z } from 'zod';
import { interactionDetailSchema, interactionPageSchema } from '../../contract/api.ts';
import { OWN_TAGS } from '../../contract/own-tags.ts';
import type { InteractionSource } from '../../evaluation/cases/load-cases.ts';
import type { SuiteCase } from '../../evaluation/suite.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import type { ConsoleClient } from '../console-client.ts';
import { runningConsole } from '../running-console.ts';

const PAGE = 100;

const requestSchema = z.object({ variables: z.record(z.string(), z.string()).optional() });
const responseSchema = z.object({ text: z.string() });

/** Newest first; only interactions of a managed prompt whose variables were stored can be asked again. */
export function recordedCases(options: GlobalOptions, line: CommandLine) {
  return async (source: InteractionSource, limit: number): Promise<SuiteCase[]> => {
    const client = await runningConsole(line, options);
    const cases: SuiteCase[] = [];
    let cursor: string | null = null;
    do {
      const page: z.output<typeof interactionPageSchema> = await client.get(
        pagePath(source, cursor),
        interactionPageSchema,
      );
      for (const { id, tags } of page.interactions) {
        if (cases.length >= limit) return cases;
        const isOwn = OWN_TAGS.some((tag) => tags.includes(tag));
        if (isOwn || !(source.tags ?? []).every((tag) => tags.includes(tag))) continue;
        const found = await caseOf(client, id, source);
        if (found !== null) cases.push(found);
      }
      cursor = page.next_cursor;
    } while (cursor !== null);
    return cases;
  };
}

function pagePath(source: InteractionSource, cursor: string | null): string {
  const query = new URLSearchParams({ status: 'ok', limit: String(PAGE) });
  for (const name of ['prompt', 'version', 'model', 'from', 'to'] as const) {
    const value = source[name];
    if (value !== undefined) query.set(name, value);
  }
  if (cursor !== null) query.set('cursor', cursor);
  return `/api/interactions?${query.toString()}`;
}

async function caseOf(
  client: ConsoleClient,
  id: string,
  source: InteractionSource,
): Promise<SuiteCase | null> {
  const detail = await client.get(`/api/interactions/${encodeURIComponent(id)}`, interactionDetailSchema);
  if (!hasWantedFeedback(detail, source)) return null;
  const request = requestSchema.safeParse(stored(detail.request_payload));
  const response = responseSchema.safeParse(stored(detail.response_payload));
  if (!request.success || request.data.variables === undefined) return null;
  return {
    name: id,
    variables: request.data.variables,
    tags: ['recorded'],
    weight: 1,
    ...(response.success ? { reference: response.data.text } : {}),
  };
}

function hasWantedFeedback(
  detail: z.output<typeof interactionDetailSchema>,
  source: InteractionSource,
): boolean {
  const { thumb, rating_at_least: least, rating_at_most: most } = source;
  if (thumb === undefined && least === undefined && most === undefined) return true;
  return detail.feedback.some(
    (one) =>
      (thumb === undefined || one.thumb === thumb) &&
      (least === undefined || (one.rating !== null && one.rating >= least)) &&
      (most === undefined || (one.rating !== null && one.rating <= most)),
  );
}

/** JSON text of a payload; null where it is not stored. */
function stored(text: string): unknown {
  return text === '' ? null : JSON.parse(text);
}
