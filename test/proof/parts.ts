// All parts of the proof, in the order they run. A new part is a file of its own and one row here; a promise that test files hold already
// is a row of `testsPart`.
import { answers } from './answers.ts';
import { testsPart } from './child.ts';
import { drift } from './drift.ts';
import { generatedCode } from './generated-code.ts';
import { guardrails } from './guardrails.ts';
import { hostile } from './hostile.ts';
import { judges } from './judges.ts';
import { kills, ledgerKills } from './kills.ts';
import { ledgerSpeed } from './ledger.ts';
import { underLoad } from './load.ts';
import type { Part } from './part.ts';
import { prices } from './prices.ts';
import { evaluationSpeed, gatewaySpeed, metricsSpeed, translation } from './speed.ts';
import { startUpTime } from './start-up.ts';
import { textMetrics } from './text-metrics.ts';
import { wholeSystem } from './whole-system.ts';
import { wire } from './wire.ts';

export const PARTS: readonly Part[] = [
  // The path: served, recorded, priced.
  startUpTime,
  answers,
  prices,
  wire,
  testsPart(
    { name: 'clients', what: "the vendors' own clients against every shape and vendor" },
    {
      'every cell of shape × provider × feature': ['test/contract/providers.test.ts'],
      "through the whole gateway: OpenAI's and Anthropic's clients": [
        'test/gateway/chat.test.ts',
        'test/gateway/shapes.test.ts',
      ],
      "Vercel's client": ['test/gateway/ai-client.test.ts'],
      'a local model that nobody scripted': ['test/local-model/local-model.test.ts'],
    },
  ),
  hostile,
  kills,
  ledgerKills,
  gatewaySpeed,
  translation,
  ledgerSpeed,
  testsPart(
    { name: 'package', what: 'packed, installed in a scratch folder and run there' },
    { 'the published package works': ['test/package/package.test.ts'] },
  ),
  // Limits, budgets, cache.
  testsPart(
    { name: 'budgets', what: 'hard budgets, limits and replays hold under concurrency' },
    {
      '200 at once against room for 10': ['test/gateway/budgets.test.ts'],
      'with kill -9 between: nothing is spent twice or forgotten': ['test/fault/budget-kills.test.ts'],
      'exact cache and idempotency keys': ['test/gateway/replays.test.ts'],
      'every key sees what is its own, on every route': ['test/gateway/key-scopes.test.ts'],
    },
  ),
  testsPart(
    {
      name: 'faults',
      what: 'what providers and networks do wrong, one by one: told for what it is, recorded, never amplified',
    },
    { 'each fault through a fault proxy': ['test/fault/provider-matrix.test.ts'] },
  ),
  ...underLoad,
  wholeSystem,
  // Safety and audit.
  ...guardrails,
  testsPart(
    { name: 'guard-streams', what: 'findings are caught at every split of a stream' },
    { 'cut points': ['src/safety/stream-scanner.test.ts'] },
  ),
  testsPart(
    { name: 'audit', what: 'the first bad entry of a tampered chain is named' },
    {
      'edits, deletions, reordering, cut tails': [
        'src/storage/state/audit-chain.test.ts',
        'src/console/audit-checkpoints.test.ts',
      ],
    },
  ),
  testsPart(
    { name: 'privacy', what: 'what a policy hides is nowhere, and a person can be erased' },
    {
      'canaries in no log, error, export, span or page': ['test/end-to-end/canary.test.ts'],
      'a person erased, chain and sums whole': ['src/app/erase-person.test.ts'],
      'blocks, streams, placeholders, sensitive routes': ['test/gateway/guardrails.test.ts'],
    },
  ),
  // Evaluation.
  textMetrics,
  judges,
  generatedCode,
  testsPart(
    {
      name: 'evaluation',
      what: 'runs and gates on recorded answers with known outcomes',
      data: ['answers.jsonl'],
    },
    {
      'win rates, intervals, approved and blocked changes': ['test/evaluation/answers.test.ts'],
      'kill -9 at half: no paid call is repeated': ['test/evaluation/resume.test.ts'],
      'a gate asks by the stages of live traffic': ['test/evaluation/stages.test.ts'],
      'the keyless way to an approved and a blocked gate': ['test/end-to-end/gate.test.ts'],
      "feedback, people's grades, judging under a budget": ['test/end-to-end/quality.test.ts'],
    },
  ),
  evaluationSpeed,
  // Monitoring.
  drift,
  testsPart(
    {
      name: 'cause',
      what: 'planted causes are named, one and two at a time, and none where nothing changed',
    },
    {
      'right in at least 90 % of 50 runs, each of 15 plants': ['src/monitoring/cause/explain-change.test.ts'],
    },
    () => ({ CAUSE_RUNS: '50' }),
  ),
  testsPart(
    {
      name: 'alerts',
      what: 'rules fire after the held duration and not before, resolve, open incidents, run runbooks',
    },
    {
      'by an injected clock': [
        'src/monitoring/alerts/alert-state.test.ts',
        'src/app/console-monitoring.test.ts',
      ],
      'every kind of runbook step, and a restart in the middle': ['src/app/runbooks.test.ts'],
      'reminders, escalation, and receivers that do not answer': ['src/console/notifications/outbox.test.ts'],
    },
  ),
  testsPart(
    {
      name: 'probes',
      what: 'a model that changes silently is found by the same questions, and is told from a change of traffic',
    },
    {
      'through a console and an upstream': ['src/app/probes.test.ts'],
      'as evidence for a cause': [
        'src/monitoring/cause/probe-evidence.test.ts',
        'src/console/monitoring/find-causes.test.ts',
      ],
    },
  ),
  testsPart(
    {
      name: 'telemetry',
      what: 'what leaves over OTLP and to Azure Monitor, decoded by official messages where installed',
    },
    { 'held against the conventions': ['src/console/monitoring/telemetry-export.test.ts'] },
  ),
  testsPart(
    {
      name: 'own-health',
      what: 'a job that hangs, a spool that is not taken and a ledger that is stopped are told within a minute',
    },
    { 'by really stopping them': ['src/app/own-health.test.ts'] },
  ),
  metricsSpeed,
  // The house.
  testsPart(
    {
      name: 'newcomer',
      what: 'every command of the documents, every error on the way, the page in a browser',
    },
    {
      'commands and links of README and documents': [
        'test/docs/commands.test.ts',
        'test/docs/more-commands.test.ts',
      ],
      'what a newcomer meets when something is wrong': ['test/end-to-end/newcomer.test.ts'],
      'the page by keyboard, in dark and light, narrow and wide': ['test/end-to-end/page.test.ts'],
    },
  ),
  testsPart(
    { name: 'structure', what: 'walls, cycles, names, sizes; each rule finds what is planted' },
    { 'the rules of the tree': ['test/architecture/architecture.test.ts'] },
  ),
];
