// `binnacle key create|list|rotate|revoke`: keys of the running installation, through its console.
import type { Command } from 'commander';
import {
  keyIssuedSchema,
  keyListSchema,
  keySchema,
  type KeyCreate,
  type KeyDescription,
} from '../../contract/keys.ts';
import { parseDuration } from '../../kernel/duration.ts';
import { systemClock } from '../../kernel/clock.ts';
import { UsageError } from '../../kernel/errors.ts';
import type { CommandLine, GlobalOptions } from '../command.ts';
import { runningConsole } from '../running-console.ts';
import { formatTable } from '../table.ts';

interface CreateOptions extends GlobalOptions {
  readonly owner: string;
  readonly expires?: string;
  readonly prompt: readonly string[];
  readonly model: readonly string[];
  readonly route: readonly string[];
  readonly role: readonly string[];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `30d`, `12h`, or an ISO date-time with its zone. */
function expiryOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return text;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined)
    throw new UsageError(`--expires ${text}: write a duration such as 30d, or 2027-01-31T00:00:00Z.`);
  return new Date(systemClock.now() + milliseconds).toISOString();
}

const JSON_TYPE = 'application/json';

function show(issued: KeyDescription & { readonly key: string }, json: boolean, line: CommandLine): void {
  if (json) return line.out(`${JSON.stringify(issued)}\n`);
  line.out(`${issued.key}\n`);
  line.err(`Key "${issued.name}" (${issued.id}). It is shown this once and kept nowhere: store it now.\n`);
}

const scopeText = (names: readonly string[]): string => (names.length === 0 ? 'all' : names.join(', '));

function table(keys: readonly KeyDescription[]): string {
  const columns = ['name', 'id', 'owner', 'status', 'expires', 'prompts', 'models', 'routes', 'roles'];
  return formatTable(
    columns.map((title) => ({ title, align: 'left' as const })),
    keys.map((key) => [
      key.name,
      key.id,
      key.owner,
      key.status,
      key.expires_at ?? 'never',
      ...[key.prompts, key.models, key.routes, key.roles].map(scopeText),
    ]),
  );
}

async function create(name: string, options: CreateOptions, line: CommandLine): Promise<void> {
  const client = await runningConsole(line, options);
  const body: Record<keyof KeyCreate, unknown> = {
    name,
    owner: options.owner,
    expires_at: expiryOf(options.expires),
    prompts: options.prompt,
    models: options.model,
    routes: options.route,
    roles: options.role,
  };
  const content = JSON.stringify(body);
  const issued = await client.send('POST', '/api/keys', { type: JSON_TYPE, content }, keyIssuedSchema);
  show(issued, options.json === true, line);
}

function registerCreate(command: Command, line: CommandLine): void {
  command
    .command('create')
    .description('a new key; it is printed once')
    .argument('<name>', 'what the key is called; limits and budgets may name it')
    .option('--owner <text>', 'whom to ask about it', '')
    .option('--expires <when>', 'a duration (30d) or an instant (2027-01-31T00:00:00Z); default: never')
    .option('--prompt <name>', 'only these prompts (repeat)', collect, [])
    .option('--model <name>', 'only these models (repeat)', collect, [])
    .option('--route <name>', 'only these routing rules for "auto" (repeat)', collect, [])
    .option('--role <name>', 'only these roles: call, read (repeat)', collect, [])
    .exitOverride()
    .action(async (name: string, _options: CreateOptions, own: Command) =>
      create(name, own.optsWithGlobals<CreateOptions>(), line),
    );
}

export function register(command: Command, line: CommandLine): void {
  registerCreate(command, line);
  command
    .command('list')
    .description('all keys with their scopes, ended ones too')
    .exitOverride()
    .action(async (_options: GlobalOptions, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>();
      const list = await (await runningConsole(line, options)).get('/api/keys', keyListSchema);
      if (options.json === true) line.out(`${JSON.stringify(list)}\n`);
      else if (list.keys.length === 0) line.out('No keys. Make one with "binnacle key create NAME".\n');
      else line.out(table(list.keys));
    });
  const change = { type: JSON_TYPE, content: '{}' };
  command
    .command('rotate')
    .description('a new key in the place of one, which ends at once; it is printed once')
    .argument('<key>', 'name or id')
    .exitOverride()
    .action(async (key: string, _options: GlobalOptions, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>();
      const client = await runningConsole(line, options);
      const path = `/api/keys/${encodeURIComponent(key)}/rotate`;
      show(await client.send('POST', path, change, keyIssuedSchema), options.json === true, line);
    });
  command
    .command('revoke')
    .description('end a key at once')
    .argument('<key>', 'name or id')
    .exitOverride()
    .action(async (key: string, _options: GlobalOptions, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>();
      const client = await runningConsole(line, options);
      const path = `/api/keys/${encodeURIComponent(key)}/revoke`;
      const revoked = await client.send('POST', path, change, keySchema);
      if (options.json === true) line.out(`${JSON.stringify(revoked)}\n`);
      else line.out(`Key "${revoked.name}" (${revoked.id}) is revoked.\n`);
    });
}
