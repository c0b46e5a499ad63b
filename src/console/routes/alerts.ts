// Alerts as they stand, what happened, and what a rule would have done over recorded history.
import { z } from 'zod';
import {
  alertEventSchema,
  alertReplaySchema,
  alertSchema,
  type AlertEventBody,
  type AlertReplay,
} from '../../contract/api-monitoring.ts';
import type { AlertRule } from '../../contract/alert-rule.ts';
import { type Clock, DAY_MS, isoTimeOrNull } from '../../kernel/clock.ts';
import { RequestError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import { ALERT_EVENTS } from '../monitoring/alert-actions.ts';
import type { AlertEngine } from '../monitoring/alert-engine.ts';
import { replayRule } from '../monitoring/replay-rule.ts';
import { readInstant } from '../instants.ts';
import { defineRoute, type Route } from '../route.ts';
import { requireEverything } from '../scope.ts';

export interface AlertServices {
  readonly engine: AlertEngine;
  readonly rules: () => readonly AlertRule[];
  readonly documents: DocumentStore;
  readonly ledger: LedgerClient;
  readonly clock: Clock;
}

const testQuery = z.object({
  rule: z.string().max(300),
  from: z.string().max(40).optional().describe('default: a week ago'),
  to: z.string().max(40).optional(),
});

/** Throws a RequestError (404) with the nearest name. */
function requireRule(rules: readonly AlertRule[], name: string): AlertRule {
  const rule = rules.find((one) => one.alert_rule === name);
  if (rule !== undefined) return rule;
  const known = rules.map((one) => one.alert_rule);
  throw new RequestError({
    code: 'unknown_rule',
    message: `There is no rule "${name.slice(0, 100)}" in alerts.yaml.${didYouMean(name, known)}`,
    httpStatus: 404,
    param: 'rule',
  });
}

async function replay(
  { rules, ledger, clock }: AlertServices,
  query: z.output<typeof testQuery>,
): Promise<AlertReplay> {
  const now = clock.now();
  return replayRule(ledger, {
    rule: requireRule(rules(), query.rule),
    from: query.from === undefined ? now - 7 * DAY_MS : readInstant(query.from, 'from', 'UTC', now),
    to: query.to === undefined ? now : readInstant(query.to, 'to', 'UTC', now),
  });
}

export function alertRoutes(services: AlertServices): Route[] {
  const { engine, documents } = services;
  return [
    defineRoute({
      method: 'GET',
      path: '/api/alerts',
      access: 'read',
      summary: 'Every alert rule as it stands, with its last measurement',
      response: z.object({ alerts: z.array(alertSchema) }),
      handle: async ({ scope }) => {
        requireEverything(scope);
        return {
          alerts: (await engine.readings()).map(({ rule, subject, state, measurement, measuredAt }) => ({
            rule: rule.alert_rule,
            subject,
            status: state.status,
            severity: rule.severity,
            metric: rule.condition.metric,
            since: isoTimeOrNull(state.status === 'ok' ? null : state.since),
            value: measurement?.value ?? null,
            sample: measurement?.sample ?? 0,
            measured_at: isoTimeOrNull(measuredAt),
          })),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/alerts/events',
      access: 'read',
      summary: 'What alerts did, newest first',
      query: z.object({
        rule: z.string().max(300).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      response: z.object({ events: z.array(alertEventSchema) }),
      handle: async ({ scope, query: { rule, limit } }) => {
        requireEverything(scope);
        const found = await documents.list(ALERT_EVENTS, {
          limit,
          ...(rule === undefined ? {} : { status: rule }),
        });
        return { events: found.map((document) => document.body as AlertEventBody) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/alerts/test',
      access: 'read',
      summary: 'When a rule would have fired over recorded history',
      query: testQuery,
      response: alertReplaySchema,
      handle: async ({ scope, query }) => {
        requireEverything(scope);
        return replay(services, query);
      },
    }),
  ];
}
