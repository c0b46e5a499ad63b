// `binnacle doctor`: looks at all that must be right, and says what to do about each thing that is not.
import type { Command } from 'commander';
import { readInstallation, workspaceFolderOf } from '../../app/installation.ts';
import { shippedPrices } from '../../app/catalogue.ts';
import { systemClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { openWorkspace } from '../../workspace/open-workspace.ts';
import { formatProblem } from '../../workspace/problem.ts';
import type { ProviderFile } from '../../workspace/schemas/models.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningAddresses } from '../console-client.ts';
import { fault, ok, warning, type Finding } from '../doctor/finding.ts';
import { checkDisk, checkGit, checkNode } from '../doctor/machine.ts';
import { checkProvider } from '../doctor/providers.ts';
import { checkClock, checkConsole, checkGateway } from '../doctor/running.ts';

async function checkWorkspace(folder: string): Promise<{
  readonly finding: Finding;
  readonly providers: readonly (readonly [string, ProviderFile])[];
}> {
  const opened = await openWorkspace(folder, { clock: systemClock, cataloguePrices: shippedPrices });
  const providers = Object.entries(opened.workspace.models.value.providers);
  const errors = opened.problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const advice = 'Run "binnacle check" for all of them.';
  if (first !== undefined)
    return {
      finding: fault('workspace', `${errors.length} errors, first ${formatProblem(first)}`, advice),
      providers,
    };
  const warnings = opened.problems.length;
  return {
    finding:
      warnings === 0
        ? ok('workspace', folder)
        : warning('workspace', `${folder}: ${warnings} warnings`, advice),
    providers,
  };
}

async function checkInstallation(line: CommandLine, named: string | undefined): Promise<Finding[]> {
  let folder: string;
  try {
    folder = await workspaceFolderOf(named, line.workingDirectory);
  } catch (error) {
    return [warning('workspace', 'none here', messageOf(error))];
  }
  const { finding, providers } = await checkWorkspace(folder);
  const installation = await readInstallation(folder).catch(() => null);
  if (installation === null) return [finding];
  const { gateway, console } = installation.settings;
  const running = runningAddresses(installation.dataFolder);
  const reports = await Promise.all(
    providers.map(([name, provider]) => checkProvider(name, provider, line.environment, fetch)),
  );
  const date = reports.map((report) => report.date).find((one) => one !== null) ?? null;
  return [
    finding,
    await checkDisk(installation.dataFolder),
    checkClock(date, systemClock.now()),
    ...reports.map((report) => report.finding),
    await checkGateway(running?.gateway ?? `http://${gateway.host}:${gateway.port}`),
    ...(await checkConsole(running?.url ?? `http://${console.host}:${console.port}`)),
  ];
}

const MARKS = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

function formatFinding({ check, state, detail, advice }: Finding): string {
  return `${MARKS[state]}  ${check}: ${detail}\n${advice === '' ? '' : `         → ${advice}\n`}`;
}

export function register(command: Command, line: CommandLine): void {
  command.action(async (options: GlobalOptions) => {
    const findings = [
      checkNode(process.version),
      await checkGit(),
      ...(await checkInstallation(line, options.workspace)),
    ];
    const healthy = findings.every(({ state }) => state !== 'fault');
    if (options.json === true) line.out(`${JSON.stringify({ healthy, findings })}\n`);
    else for (const finding of findings) line.out(formatFinding(finding));
    line.exit(healthy ? 0 : 1);
  });
}
