// Loading a folder: every error at once, each with its file, line and the nearest right name.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkReferences } from './check-references.ts';
import { compileSnapshot, promptLabels, promptVersions } from './compile-snapshot.ts';
import { GUARDRAIL_NAMES, PROVIDER_KINDS, SCORER_NAMES } from './known-names.ts';
import { loadWorkspace } from './load-workspace.ts';
import { formatProblem, sortProblems } from './problem.ts';
import type { Problem } from './problem.ts';
import { parseYamlFile } from './yaml-file.ts';

// The prompt file of the contract, byte for byte.
const CONTRACT_PROMPT = `prompt_id: "customer-support-v3.2"        # <name>-v<version>
model: "gpt-4-turbo"
system_prompt: |
  You are a helpful customer support agent for Acme Corp.
  Relevant information: {context}
user_prompt_template: |
  Customer question: {question}
  Previous conversation: {history}
  Your response:
temperature: 0.7
max_tokens: 500
`;

const CONTRACT_ALERTS = `- alert_rule: "High token usage"
  condition: { metric: "avg_tokens_per_request", operator: "greater_than", threshold: 2000, duration: 15m }
  action: "notify operations team"
- alert_rule: "Low user satisfaction"
  condition: { metric: "positive_feedback_percentage", operator: "less_than", threshold: 80, duration: 1h }
  action: "create incident, trigger evaluation runbook"
`;

const MODELS = `providers:
  openai: { kind: openai, base_url: "https://api.openai.com/v1", api_key: "\${OPENAI_API_KEY}" }
models:
  gpt-4-turbo: { provider: openai, prices: [{ input: "10", output: 30 }] }
`;

const BASE: Record<string, string> = {
  'binnacle.yaml': 'name: desk\n',
  'models.yaml': MODELS,
  'prompts/customer-support.yaml': CONTRACT_PROMPT,
};

function load(changes: Record<string, string | Uint8Array>) {
  const all: Record<string, string | Uint8Array> = { ...BASE, ...changes };
  const contents = new Map(
    Object.entries(all).map(([file, text]) => [file, typeof text === 'string' ? Buffer.from(text) : text]),
  );
  const { workspace, problems } = loadWorkspace({ contents, paths: new Set(contents.keys()), problems: [] });
  const known = {
    guardrails: GUARDRAIL_NAMES,
    scorers: SCORER_NAMES,
    providerKinds: PROVIDER_KINDS,
    hasCataloguePrice: (provider: { kind: string }, model: string) =>
      provider.kind === 'openai' && model === 'gpt-4o',
  };
  const versions = new Map(
    [...promptVersions(workspace, undefined)].map(([name, some]) => [name, new Set(some.keys())]),
  );
  const labels = new Map(
    [...promptLabels(workspace)].map(([name, some]) => [name, new Set(Object.keys(some))]),
  );
  const found = sortProblems([...problems, ...checkReferences(workspace, known, { versions, labels })]);
  return { workspace, problems: found, lines: found.map(formatProblem) };
}

function only(problems: readonly Problem[]): Problem {
  expect(problems.map(formatProblem)).toHaveLength(1);
  return problems[0] as Problem;
}

describe('a workspace', () => {
  it('loads the texts of the contract and compiles them', () => {
    const { workspace, problems } = load({ 'alerts.yaml': CONTRACT_ALERTS });
    expect(problems.map((problem) => problem.code)).toEqual(['no_channels', 'no_runbooks']);
    expect(workspace.alerts.value.map((rule) => rule.condition.duration)).toEqual([900_000, 3_600_000]);
    const snapshot = compileSnapshot({
      workspace,
      history: undefined,
      keys: [],
      cataloguePrices: () => [],
      now: 0,
    });
    const prompt = snapshot.prompts['customer-support'];
    expect(prompt?.labels).toEqual({ production: '3.2' });
    expect(prompt?.versions['3.2']).toMatchObject({
      promptId: 'customer-support-v3.2',
      model: 'gpt-4-turbo',
      systemPrompt:
        'You are a helpful customer support agent for Acme Corp.\nRelevant information: {context}\n',
      userPromptTemplate: 'Customer question: {question}\nPrevious conversation: {history}\nYour response:\n',
      parameters: { temperature: 0.7, max_tokens: 500 },
      contextVariable: 'context',
    });
    expect(snapshot.models['gpt-4-turbo']?.prices[0]?.rates).toEqual({ input: '10', output: '30' });
    expect(snapshot.providers['openai']?.apiKey).toBe('${OPENAI_API_KEY}');
    expect(snapshot.version).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives the same version to the same content and another to any change', () => {
    const version = (changes: Record<string, string>, now: number): string =>
      compileSnapshot({
        workspace: load(changes).workspace,
        history: undefined,
        keys: [],
        cataloguePrices: () => [],
        now,
      }).version;
    expect(version({}, 1)).toBe(version({}, 2));
    expect(version({ 'binnacle.yaml': '# a comment\nname: "desk"\n' }, 1)).toBe(version({}, 1));
    expect(version({ 'binnacle.yaml': 'name: desk2\n' }, 1)).not.toBe(version({}, 1));
  });

  it('names an unknown key with its place and the nearest right one', () => {
    const problem = only(
      load({ 'prompts/customer-support.yaml': `${CONTRACT_PROMPT}temprature: 1\n` }).problems,
    );
    expect(problem).toMatchObject({ code: 'unknown_key', line: 12, column: 1, nearest: 'temperature' });
    const nested = only(
      load({ 'models.yaml': MODELS.replace('prices: [{', 'prices: [{ imput: 1,') }).problems.filter(
        (one) => one.code === 'unknown_key',
      ),
    );
    expect(nested).toMatchObject({ file: 'models.yaml', line: 4, nearest: 'input' });
  });

  it('reports everything at once', () => {
    const { lines } = load({
      'binnacle.yaml': 'name: desk\ngatewey: {}\ntime_zone: Mars/Olympus\n',
      'models.yaml': MODELS.replace('provider: openai,', 'provider: opnai, fallbacks: [nope],'),
      'routing.yaml': 'rules:\n  - { name: all, model: gpt-4-turb }\n',
      'releases.yaml': 'customer-support: { production: "3.3" }\ncustomer-suport: { production: "3.2" }\n',
    });
    expect(lines).toEqual([
      expect.stringContaining(
        'binnacle.yaml:2:1: error: unknown key "gatewey". Did you mean "gateway"?',
      ) as string,
      expect.stringContaining('binnacle.yaml:3:12: error: time_zone: a time zone such as') as string,
      expect.stringContaining(
        'models.yaml:4:28: error: there is no provider "opnai". Did you mean "openai"?',
      ) as string,
      expect.stringContaining('models.yaml:4:47: error: there is no model "nope".') as string,
      expect.stringContaining(
        'releases.yaml:1:33: error: there is no version of customer-support "3.3". Did you mean "3.2"?',
      ) as string,
      expect.stringContaining(
        'releases.yaml:2:18: error: there is no prompt "customer-suport". Did you mean "customer-support"?',
      ) as string,
      expect.stringContaining(
        'routing.yaml:2:25: error: there is no model "gpt-4-turb". Did you mean "gpt-4-turbo"?',
      ) as string,
    ]);
  });

  it('refuses a model without a price, unless the catalogue has one', () => {
    const unpriced = MODELS.replace(/, prices.*\]/, '');
    expect(only(load({ 'models.yaml': unpriced }).problems)).toMatchObject({
      code: 'unpriced_model',
      line: 4,
    });
    expect(
      load({
        'models.yaml': unpriced.replace('provider: openai', 'provider: openai, upstream_model: gpt-4o'),
      }).problems,
    ).toEqual([]);
  });

  it('takes no name of every object for a provider, and keeps terminal controls out of messages', () => {
    const odd = load({
      'models.yaml': MODELS.replace(/provider: openai, prices.*\]/, 'provider: constructor'),
    });
    expect(only(odd.problems).message).toContain('no provider "constructor"');
    const control = load({ 'binnacle.yaml': 'name: desk\n"a\\e[31m\\nb": 1\n' });
    expect(control.lines.join()).not.toMatch(/\p{Cc}/u);
    expect(control.lines).toHaveLength(1);
  });

  it('takes secrets only by reference', () => {
    const literal = load({
      'models.yaml': MODELS.replace('${OPENAI_API_KEY}', 'sk-proj-abcdefghijklmnopqrstuvwx'),
    });
    expect(only(literal.problems).message).toContain('reference to the environment');
    expect(literal.lines.join()).not.toContain('sk-proj');
    const header = load({
      'models.yaml': MODELS.replace(
        'api_key',
        'headers: { X-Key: "sk-proj-abcdefghijklmnopqrstuvwx" }, api_key',
      ),
    });
    expect(only(header.problems).message).toContain('looks like a secret');
    expect(header.lines.join()).not.toContain('sk-proj');
    expect(load({ 'binnacle.yaml': 'name: "${NAME}"\n' }).problems).toHaveLength(1);
  });

  it('checks names inside guardrails, suites, judges, runbooks, experiments and rollouts', () => {
    const { lines } = load({
      'prompts/customer-support.yaml': `${CONTRACT_PROMPT}guardrails: strct\npolicies: [tone]\nsuite: desk\n`,
      'guardrails.yaml':
        'sets:\n  strict: { input: [{ guardrail: pi }, { guardrail: "judge:kind" }, { guardrail: judge-policy, options: { model: gpt-4-turbos } }] }\n',
      'policies/tonne.yaml': 'text: Be kind.\n',
      'suites/desks.yaml':
        'prompt: customer-suport\ncases: [{ variables: { question: hi } }]\nscorers: [{ scorer: rouge-11 }, { scorer: "judge:help" }]\n',
      'judges/helpful.yaml': 'rubric: r\nmodel: gpt-4-turbo\nprompt_template: "{question} {respons}"\n',
      'runbooks/evaluation.yaml':
        'steps: [{ step: run_evaluation, suite: dessk }, { step: notify, channel: ops }]\n',
      'experiments/a.yaml':
        'prompt: customer-support\ncontrol: a\nvariants: [{ name: a, version: production, share: 0.5 }, { name: b, version: "3.9", share: 0.5 }]\nmetric: judge_score\n',
      'rollouts/b.yaml':
        'prompt: customer-support\nto: "3.2"\nstages: [{ percentage: 10 }, { percentage: 50 }, { percentage: 100 }]\nrunbook: evaluatoin\n',
    });
    expect(lines.map((line) => line.replace(/^.*error: /, ''))).toEqual([
      expect.stringContaining('no version of customer-support "3.9". Did you mean "3.2"?') as string,
      expect.stringContaining('no guardrail "pi". Did you mean "pii"?') as string,
      expect.stringContaining('no guardrail "judge:kind".') as string,
      expect.stringContaining('no model "gpt-4-turbos". Did you mean "gpt-4-turbo"?') as string,
      expect.stringContaining('no judge variable "respons". Did you mean "response"?') as string,
      expect.stringContaining('no guardrail set "strct". Did you mean "strict"?') as string,
      expect.stringContaining('no policy "tone". Did you mean "tonne"?') as string,
      expect.stringContaining('no suite "desk". Did you mean "desks"?') as string,
      expect.stringContaining('no runbook "evaluatoin". Did you mean "evaluation"?') as string,
      expect.stringContaining('no suite "dessk". Did you mean "desks"?') as string,
      expect.stringContaining('no channel "ops".') as string,
      expect.stringContaining('no prompt "customer-suport". Did you mean "customer-support"?') as string,
      expect.stringContaining('no scorer "rouge-11". Did you mean "rouge-1"?') as string,
      expect.stringContaining('no judge "help".') as string,
    ]);
  });

  it('refuses a metric, an action and a template that mean nothing', () => {
    const { lines } = load({
      'alerts.yaml': CONTRACT_ALERTS.replace('avg_tokens_per_request', 'avg_token_per_request').replace(
        'create incident',
        'create a mess',
      ),
      'prompts/customer-support.yaml': CONTRACT_PROMPT.replace('{history}', '{ history }').replace(
        'temperature: 0.7',
        'temperature: "0.7"',
      ),
    });
    expect(lines).toEqual([
      expect.stringContaining(
        'alerts.yaml:2:24: error: [0].condition.metric: there is no metric "avg_token_per_request". Did you mean "avg_tokens_per_request"?',
      ) as string,
      expect.stringContaining('can\'t read "create a mess"') as string,
      expect.stringContaining(
        'prompts/customer-support.yaml:6:23: error: user_prompt_template: a single "{" on line 2',
      ) as string,
      expect.stringContaining('temperature: expected number') as string,
    ]);
  });
});

describe('what watches over it', () => {
  const lines = (files: Record<string, string>): string[] =>
    load(files).lines.map((line) => line.replace(/^.*?error: /, ''));

  it('proves alert rules against the metrics, the channels and what each operator needs', () => {
    const rule = (condition: string, more = ''): string =>
      `- alert_rule: r\n  condition: { metric: requests, operator: less_than, threshold: 1, duration: 5m, ${condition} }\n  action: create incident\n${more}`;
    expect(lines({ 'alerts.yaml': rule('per: model, minimum_sample: 5, window: 1m') })).toEqual([]);
    expect(lines({ 'alerts.yaml': rule('per: modle') })[0]).toContain('condition.per');
    expect(lines({ 'alerts.yaml': rule('where: { model: gpt-4-turb }') })[0]).toContain('"gpt-4-turbo"');
    const relative = rule('').replace('less_than', 'increased_by_percentage');
    expect(lines({ 'alerts.yaml': relative })[0]).toContain('needs a "baseline"');
    expect(lines({ 'alerts.yaml': rule('', '  escalate: { after: 1h, channel: managers }\n') })[0]).toContain(
      'no channel "managers"',
    );
    expect(lines({ 'alerts.yaml': rule('', '  silenced_until: tomorrow\n') })[0]).toContain('silenced_until');
  });

  it('takes probes that ask the same every time, of models that are there', () => {
    const probes = (text: string): string => `name: desk\nprobes: { every: 1h, ${text} }\n`;
    const suite = 'scorers: [{ scorer: length }]\n';
    const suites = {
      'suites/fixed.yaml': `prompt: customer-support\ncases: [{ variables: { question: hi } }]\n${suite}`,
      'suites/bare.yaml': `cases: [{ variables: { question: hi } }]\n${suite}`,
      'suites/moving.yaml': `prompt: customer-support\ncases_from: [{ interactions: {}, limit: 5 }]\n${suite}`,
    };
    const told = (text: string): string[] => lines({ ...suites, 'binnacle.yaml': probes(text) });
    expect(told('suite: fixed, models: [gpt-4-turbo]')).toEqual([]);
    expect(told('questions: ["What is 2 + 2?"], models: [gpt-4-turbo]')).toEqual([]);
    expect(told('models: [gpt-4-turbo]')[0]).toContain('probes need a "suite" or "questions"');
    expect(told('suite: fixed, models: [gpt-4-turb]')[0]).toContain('Did you mean "gpt-4-turbo"?');
    expect(told('suite: bare, models: [gpt-4-turbo]')[0]).toContain('names no "prompt"');
    expect(told('suite: moving, models: [gpt-4-turbo]')[0]).toContain('draws cases from interactions');
  });
});

describe('YAML', () => {
  const code = (text: string | Uint8Array): string | undefined => {
    const result = parseYamlFile('x.yaml', typeof text === 'string' ? Buffer.from(text) : text);
    return 'problems' in result ? result.problems[0]?.code : undefined;
  };

  it('refuses anchors, aliases, merge keys, duplicates, depth and size, and says where', () => {
    expect(code('a: &x 1\n')).toBe('yaml_alias');
    expect(code('a: 1\nb: *x\n')).toBe('yaml_alias');
    expect(code('a: {}\n<<: {}\n')).toBe('yaml_merge');
    expect(code('a: 1\na: 2\n')).toBe('duplicate_key');
    expect(code('__proto__: 1\n')).toBe('bad_key');
    expect(code('['.repeat(1000))).toBe('too_deep');
    expect(code('- '.repeat(200) + 'x')).toBe('too_deep');
    expect(code(Buffer.alloc(1024 * 1024 + 1, 0x20))).toBe('file_too_large');
    expect(code(Buffer.from([0x61, 0x3a, 0x20, 0xff]))).toBe('not_utf8');
    expect(code('a: !!js/function "x"\n')).toBe('bad_yaml');
    expect(code('a: 1\n---\nb: 1\n')).toBe('bad_yaml');
    expect(code('a: "&x" # *y\nb: R&D, 5 * 3\n')).toBeUndefined();
    const result = parseYamlFile('x.yaml', Buffer.from('a: 1\nbb:\n  - "c"\n  - *x\n'));
    expect('problems' in result && result.problems[0]).toMatchObject({ line: 4, column: 5 });
  });

  it('reads a megabyte of anything within seconds', () => {
    const size = 1 << 20;
    const units = [
      '[',
      '{',
      '- ',
      '? ',
      '&a ',
      '*a ',
      '!',
      '"',
      "'",
      ',',
      ': ',
      '%\n',
      '#\n',
      '\n',
      '\t',
      'a: 1\n',
      'a:\n',
      '---\n',
      '|',
      '[,',
      'k: [x]\n',
    ];
    for (const unit of units) {
      const started = performance.now();
      code(unit.repeat(Math.floor(size / unit.length)));
      expect(performance.now() - started, JSON.stringify(unit)).toBeLessThan(4000);
    }
  }, 60_000);

  const hostile = new URL('../../../shared/data/hostile.jsonl', import.meta.url);
  it.skipIf(!existsSync(hostile))(
    'takes every hostile file as any kind of workspace file without a crash',
    () => {
      const rows = readFileSync(hostile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { corpus: string; base64: string });
      const files = [
        'binnacle.yaml',
        'models.yaml',
        'releases.yaml',
        'alerts.yaml',
        'prompts/a.yaml',
        'suites/a.yaml',
      ];
      let seen = 0;
      for (const [index, row] of rows.entries()) {
        if (row.corpus !== 'yaml' && row.corpus !== 'unicode' && index % 10 !== 0) continue;
        seen += 1;
        const file = files[index % files.length] as string;
        expect(() => load({ [file]: Buffer.from(row.base64, 'base64') })).not.toThrow();
      }
      expect(seen).toBeGreaterThan(300);
    },
    60_000,
  );
});
