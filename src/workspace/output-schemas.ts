// Whether the JSON Schemas that users write can be used at all.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { messageOf } from '../kernel/errors.ts';
import type { Problem } from './problem.ts';
import type { Item, Workspace } from './workspace.ts';

/** Compiles each `output_schema` once; one that can't be compiled is an error at its place. */
export function checkOutputSchemas(workspace: Workspace): Problem[] {
  return workspace.prompts.flatMap((item) => {
    const schema = item.value.output_schema;
    return schema === undefined ? [] : schemaFault(item, schema);
  });
}

function schemaFault(item: Item<unknown>, schema: Record<string, unknown>): Problem[] {
  try {
    new Ajv2020({ strict: false, logger: false, validateFormats: false }).compile(schema);
    return [];
  } catch (error) {
    const message = `"output_schema" is not a usable JSON Schema: ${messageOf(error)}.`;
    return [
      {
        severity: 'error',
        code: 'bad_schema',
        file: item.yaml.file,
        ...item.yaml.locate(['output_schema']),
        message,
      },
    ];
  }
}
