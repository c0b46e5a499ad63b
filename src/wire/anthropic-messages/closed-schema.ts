// Anthropic's structured output wants `additionalProperties: false` said on every object; OpenAI's wants it too when `strict`, and leaves
// it out otherwise. An object that says nothing is closed, since it is what both vendors then do; all else stays as it is written.
import { isRecord } from '../read-json.ts';

const NESTED = ['properties', '$defs', 'definitions'] as const;
const LISTED = ['anyOf', 'allOf', 'oneOf', 'prefixItems'] as const;
const MAX_DEPTH = 64;

/** The schema with every object that lists its properties closed. The one given is not changed. */
export function closedSchema(schema: unknown, depth = 0): unknown {
  if (!isRecord(schema) || depth > MAX_DEPTH) return schema;
  const closed: Record<string, unknown> = { ...schema };
  for (const key of NESTED) {
    const map = schema[key];
    if (isRecord(map))
      closed[key] = Object.fromEntries(
        Object.entries(map).map(([name, each]) => [name, closedSchema(each, depth + 1)]),
      );
  }
  for (const key of LISTED) {
    const list = schema[key];
    if (Array.isArray(list)) closed[key] = list.map((each) => closedSchema(each, depth + 1));
  }
  if (isRecord(schema['items'])) closed['items'] = closedSchema(schema['items'], depth + 1);
  if (isRecord(schema['properties']) && schema['additionalProperties'] === undefined)
    closed['additionalProperties'] = false;
  return closed;
}
