// `binnacle check`: every problem of a workspace at once; exit 1 when one of them is an error.
import type { Command } from 'commander';
import { formatProblem } from '../../workspace/problem.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { commandWorkspace } from '../opened-workspace.ts';

export function register(command: Command, line: CommandLine): void {
  command.action(async () => {
    const options = command.opts<GlobalOptions>();
    const { opened, prompts } = await commandWorkspace(options, line);
    const { problems } = opened;
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    const warnings = problems.length - errors;
    line.exit(errors > 0 ? 1 : 0);
    if (options.json === true) {
      const shown = problems.map(({ severity, code, file, line: at, column, message, nearest }) => {
        return { severity, code, file, line: at, column, message, nearest };
      });
      return line.out(
        `${JSON.stringify({ ok: errors === 0, workspace: opened.directory, errors, warnings, problems: shown })}\n`,
      );
    }
    for (const problem of problems) line.out(`${formatProblem(problem)}\n`);
    const versions = Object.values(prompts).reduce(
      (total, prompt) => total + Object.keys(prompt.versions).length,
      0,
    );
    const models = Object.keys(opened.workspace.models.value.models).length;
    const verdict = errors > 0 ? 'The workspace has errors' : 'The workspace is well';
    line.out(
      `${verdict}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}; ${counted(Object.keys(prompts).length, 'prompt')} in ${counted(versions, 'version')}, ${counted(models, 'model')}.\n`,
    );
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
