// Whether the JSON Schemas that users write can be used at all.
import { messageOf } from '../kernel/errors.ts';
import type { Problem } from './problem.ts';
import type { Item, Workspace } from './workspace.ts';

/** Compiles each `output_schema` once; one that can't be compiled is an error at its place. */
export async function checkOutputSchemas(workspace: Workspace): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const item of workspace.prompts) {
    const schema = item.value.output_schema;
    if (schema !== undefined) problems.push(...(await schemaFault(item, schema)));
  }
  return problems;
}

async function schemaFault(item: Item<unknown>, schema: Record<string, unknown>): Promise<Problem[]> {
  // Loaded with the first schema there is: a workspace without one starts without the compiler.
  const { Ajv2020 } = await import('ajv/dist/2020.js');
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
