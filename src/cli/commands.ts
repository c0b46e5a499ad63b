// The table of commands: name, one line for --help, and where its module is. Modules are loaded only when called, so that
// `binnacle --help` and the file commands start fast.
import type { CommandModule } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'make an example workspace with a history',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'check',
    summary: 'validate a workspace: every problem at once',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'prompt',
    summary: 'prompts, their versions, what changed, their pages',
    load: () => import('./commands/prompt.ts'),
  },
  { name: 'up', summary: 'run gateway and console', load: () => import('./commands/up.ts') },
  {
    name: 'doctor',
    summary: 'what is wrong here, and what to do',
    load: () => import('./commands/doctor.ts'),
  },
  { name: 'export', summary: 'what is recorded, as a file', load: () => import('./commands/export.ts') },
  { name: 'import', summary: 'take what other files hold', load: () => import('./commands/import.ts') },
  { name: 'person', summary: 'erase what is kept of a person', load: () => import('./commands/person.ts') },
  { name: 'audit', summary: 'the chain of what was done', load: () => import('./commands/audit.ts') },
  {
    name: 'provider',
    summary: "tell what vendors' recorded answers say",
    load: () => import('./commands/provider.ts'),
  },
  {
    name: 'drift',
    summary: 'find changes in behaviour, offline from a file',
    load: () => import('./commands/drift.ts'),
  },
  {
    name: 'cost',
    summary: 'what calls cost, from a file or from the ledger',
    load: () => import('./commands/cost.ts'),
  },
  {
    name: 'eval',
    summary: 'what answers are worth, with intervals',
    load: () => import('./commands/eval.ts'),
  },
  { name: 'gate', summary: 'may this change of prompts go on?', load: () => import('./commands/gate.ts') },
  { name: 'human', summary: "people's grades of answers", load: () => import('./commands/human.ts') },
  { name: 'judge', summary: 'how far a judge can be trusted', load: () => import('./commands/judge.ts') },
  { name: 'score', summary: 'score outputs from a file', load: () => import('./commands/score.ts') },
  {
    name: 'route',
    summary: 'which model a request goes to, and why',
    load: () => import('./commands/route.ts'),
  },
  {
    name: 'key',
    summary: 'keys: create, list, rotate, revoke',
    load: () => import('./commands/key.ts'),
  },
  { name: 'guard', summary: 'what guardrails find in texts', load: () => import('./commands/guard.ts') },
  {
    name: 'alerts',
    summary: 'what an alert rule would have done',
    load: () => import('./commands/alerts.ts'),
  },
  {
    name: 'backup',
    summary: 'state, ledger and spools of one moment in a folder',
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'a backup into a fresh data folder, verified',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'migrate',
    summary: 'bring the stores to this version',
    load: () => import('./commands/migrate.ts'),
  },
];
