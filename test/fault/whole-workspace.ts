// The workspace of the whole-system run: keys, limits, hard budgets, default guardrails, alerts, probes, a cached prompt and a plain one, two
// vendors behind fault proxies, and one of each kind of faulty vendor.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Durability } from '../../src/storage/spool/spool-options.ts';
import { FAULT_NAMES } from './provider-faults.ts';

/** US$ of 10⁻¹⁸ by token class, or by request, as models.yaml below says it in US$ a million. */
export const RATES = {
  small: { input: 5n * 10n ** 11n, cached: 25n * 10n ** 10n, output: 15n * 10n ** 11n },
  large: { input: 10n ** 13n, cached: 5n * 10n ** 12n, output: 3n * 10n ** 13n },
} as const;
/** One request of the model `dear`. */
export const DEAR = 10n ** 15n;
/** The hard budget `purse`: room for forty of them. */
export const PURSE = 40n * DEAR;
/** Requests a minute of the key `tight`. */
export const TIGHT_PER_MINUTE = 30;

export interface Ports {
  readonly first: number;
  readonly second: number;
  readonly faulty: number;
  readonly webhook: number;
}

function binnacle(data: string, durability: Durability, { webhook }: Ports): string {
  return `name: whole
gateway: { durability: ${durability} }
data_dir: ${JSON.stringify(data)}
channels:
  operations: { kind: webhook, url: "http://127.0.0.1:${webhook}/", allow_private: true }
limits:
  - { name: tight, subject: key, of: tight, requests_per_minute: ${TIGHT_PER_MINUTE} }
  - { name: users, subject: user, requests_per_minute: 6000, concurrent: 200 }
  - { name: tokens, subject: key, tokens_per_minute: 100000000 }
budgets:
  - { name: whole, subject: workspace, period: month, amount_usd: "10000", hard: true }
  - { name: purse, subject: key, of: purse, period: month, amount_usd: "0.04", hard: true }
  - { name: told, subject: workspace, period: month, amount_usd: "0.05" }
probes:
  questions: ["Say question number 1", "Say question number 2"]
  models: [small]
  every: 1m
`;
}

function models(ports: Ports): string {
  const provider = (name: string, port: number, timeouts: string): string =>
    `  ${name}: { kind: openai, base_url: "http://127.0.0.1:${port}/v1", allow_private: true, timeouts: ${timeouts} }`;
  const usual = '{ connect: 1s, first_byte: 2s, idle: 2s, total: 10s }';
  const short = '{ connect: 1s, first_byte: 400ms, idle: 400ms, total: 5s }';
  const deployments = (name: string): string =>
    `[{ provider: first, upstream_model: ${name} }, { provider: second, upstream_model: ${name} }]`;
  const faults = [...FAULT_NAMES, 'network'].map(
    (name) =>
      `  ${name}: { provider: faulty, upstream_model: ${name === 'network' ? 'fine' : name}, prices: [{ input: "1", output: "2" }] }`,
  );
  return `providers:
${provider('first', ports.first, usual)}
${provider('second', ports.second, usual)}
${provider('faulty', ports.faulty, short)}
models:
  small:
    deployments: ${deployments('small')}
    prices: [{ input: "0.5", cache_read: "0.25", output: "1.5" }]
  large:
    deployments: ${deployments('large')}
    balance: least-latency
    prices: [{ input: "10", cache_read: "5", output: "30" }]
  dear: { deployments: ${deployments('dear')}, prices: [{ per_request: "0.001" }] }
  beyond: { provider: first, prices: [{ per_request: "1000000" }] }
${faults.join('\n')}
`;
}

const ALERTS = `- alert_rule: "Errors"
  condition: { metric: "error_rate", operator: "greater_than", threshold: 0.001, duration: 10s, window: 1m }
  action: "notify operations team, create incident"
- alert_rule: "Slow"
  condition: { metric: "latency_p90", operator: "greater_than", threshold: 60000, duration: 10s }
  action: "notify operations team"
`;

/** What `init` writes as the default set. */
const GUARDRAILS = `sets:
  default:
    input:
      - { guardrail: secrets, action: redact }
    output:
      - { guardrail: pii, action: flag }
      - { guardrail: secrets, action: redact }
`;

const PROMPTS = {
  support: `prompt_id: "support-v1.0"
model: "large"
system_prompt: |
  You help customers. Known: {context}
user_prompt_template: |
  {question}
max_tokens: 200
`,
  faq: `prompt_id: "faq-v1.0"
model: "small"
user_prompt_template: |
  {question}
cache_ttl: 1h
`,
};

function git(folder: string, ...arguments_: readonly string[]): void {
  const identity = ['-c', 'user.name=Fault Test', '-c', 'user.email=fault@example.org'];
  execFileSync('git', [...identity, ...arguments_], { cwd: folder, stdio: 'pipe' });
}

/** Writes it as a Git repository; its data folder lies where it is told. */
export function writeWorkspace(folder: string, data: string, durability: Durability, ports: Ports): void {
  mkdirSync(join(folder, 'prompts'), { recursive: true });
  const files: Record<string, string> = {
    'binnacle.yaml': binnacle(data, durability, ports),
    'models.yaml': models(ports),
    'alerts.yaml': ALERTS,
    'guardrails.yaml': GUARDRAILS,
    'releases.yaml': 'support: { production: "1.0" }\nfaq: { production: "1.0" }\n',
    'routing.yaml':
      'rules:\n  - { name: short, when: { words_below: 10 }, model: small }\n  - { name: rest, model: large }\n',
    'prompts/support.yaml': PROMPTS.support,
    'prompts/faq.yaml': PROMPTS.faq,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'The workspace of a test');
}
