// Names that workspace files may use are those that are built: the workspace's lists against the tables of guardrails, scorers and providers.
import { expect, it } from 'vitest';
import { gatewayProviders } from '../../src/app/gateway-tables.ts';
import { isMeasureScorer } from '../../src/evaluation/run/measure-scorer.ts';
import { isUserScorer } from '../../src/evaluation/run/user-scorer.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { UndiciTransport } from '../../src/providers/transport.ts';
import { GUARDRAIL_NAMES as BUILT_GUARDRAILS } from '../../src/safety/registry.ts';
import { scorerNames } from '../../src/scoring/registry.ts';
import { VENDORS } from '../../src/wire/vendors.ts';
import { GUARDRAIL_NAMES, PROVIDER_KINDS, SCORER_NAMES } from '../../src/workspace/known-names.ts';

const sorted = (names: Iterable<string>): string[] => [...names].sort();

it('guardrails', () => expect(sorted(GUARDRAIL_NAMES)).toEqual(sorted(BUILT_GUARDRAILS)));

it('scorers: those of the table, and those that measure a call or are the user’s own', () => {
  const rest = SCORER_NAMES.filter((name) => !scorerNames().includes(name));
  expect(SCORER_NAMES).toEqual(expect.arrayContaining([...scorerNames()]));
  expect(rest.filter((name) => !isMeasureScorer(name) && !isUserScorer(name))).toEqual([]);
});

it('provider kinds', () => {
  const built = gatewayProviders({
    transport: new UndiciTransport(),
    clock: systemClock,
    workspaceFolder: '.',
  });
  expect(sorted(PROVIDER_KINDS)).toEqual(sorted(built.keys()));
});

it('`provider parse` reads the answers of each provider kind', () =>
  expect(VENDORS).toEqual(expect.arrayContaining(PROVIDER_KINDS.filter((kind) => kind !== 'replay'))));
