// JSON Schema as `parametersJsonSchema` and `responseJsonSchema` take it: everything as it stands, except that `const` is unknown there
// and is written as the `enum` of one value that it means.
import { isRecord } from '../read-json.ts';

const MAX_DEPTH = 64;
/** Keywords whose value is data, not a schema. */
const DATA: ReadonlySet<string> = new Set(['enum', 'default', 'examples', 'example', 'required']);
/** Keywords whose value is a map of schemas by names of the caller's choosing. */
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

/** The schema for Google. The one given is not changed. */
export function writeSchema(schema: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return schema;
  if (Array.isArray(schema)) return schema.map((each) => writeSchema(each, depth + 1));
  if (!isRecord(schema)) return schema;
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'const') written['enum'] = [value];
    else if (key === '$schema') continue;
    else if (DATA.has(key)) written[key] = value;
    else if (MAPS.has(key) && isRecord(value))
      written[key] = Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, writeSchema(each, depth + 1)]),
      );
    else written[key] = writeSchema(value, depth + 1);
  }
  return written;
}
