// binnacle.yaml alone, for those who must know where an installation listens and keeps its data, whatever else is wrong in the workspace.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UsageError } from '../kernel/errors.ts';
import { formatProblem, type Problem } from './problem.ts';
import { checkSchema } from './schema-check.ts';
import { binnacleSchema, type BinnacleFile } from './schemas/binnacle.ts';
import { parseYamlFile } from './yaml-file.ts';

const FILE = 'binnacle.yaml';

function refusal(problems: readonly Problem[]): UsageError {
  const [first] = problems;
  return new UsageError(
    first === undefined ? `${FILE} is wrong. Run "binnacle check".` : formatProblem(first),
  );
}

/** The settings of the workspace in `folder`. Throws a UsageError with file, line and what to do when they are missing or wrong. */
export async function loadSettings(folder: string): Promise<BinnacleFile> {
  const bytes = await readFile(join(folder, FILE)).catch((error: unknown) => {
    throw new UsageError(
      `${join(folder, FILE)} can not be read (${messageOf(error)}). Name a workspace with --workspace DIR, or make one with "binnacle init DIR".`,
    );
  });
  const parsed = parseYamlFile(FILE, bytes);
  if ('problems' in parsed) throw refusal(parsed.problems);
  const checked = checkSchema(binnacleSchema, parsed.file);
  if ('problems' in checked) throw refusal(checked.problems);
  return checked.value;
}
