// The contract's two rules and the finer points: held for the duration, never on a spike, hysteresis, no data, silence, escalation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../contract/alert-rule.ts';
import { windowOf } from './alert-condition.ts';
import { replayAlert, type AlertEvent } from './alert-state.ts';

const MINUTE = 60_000;
const tokens: AlertRule = {
  alert_rule: 'High token usage',
  condition: {
    metric: 'avg_tokens_per_request',
    operator: 'greater_than',
    threshold: 2000,
    duration: 15 * MINUTE,
    where: {},
  },
  action: 'notify operations team',
  severity: 'warning',
  no_data: 'keep',
  enabled: true,
};
const satisfaction: AlertRule = {
  ...tokens,
  alert_rule: 'Low user satisfaction',
  condition: {
    metric: 'positive_feedback_percentage',
    operator: 'less_than',
    threshold: 80,
    duration: 60 * MINUTE,
    where: {},
  },
};

/** One value a minute; null is no data. */
function replay(rule: AlertRule, values: readonly (number | null)[], sample = 50): AlertEvent[] {
  return replayAlert(
    rule,
    values.map((value, minute) => ({
      at: minute * MINUTE,
      measurement: { value, sample: value === null ? 0 : sample },
    })),
  );
}
const times = (count: number, value: number | null): (number | null)[] =>
  Array.from({ length: count }, () => value);
const summary = (events: readonly AlertEvent[]): [string, number][] =>
  events.map(({ type, at }) => [type, at / MINUTE]);

describe('alert state', () => {
  it('fires once the condition was held for the duration, not a minute before', () => {
    expect(replay(tokens, [...times(5, 1500), ...times(15, 2500)])).toEqual([]);
    expect(summary(replay(tokens, [...times(5, 1500), ...times(16, 2500)]))).toEqual([['fired', 20]]);
    expect(summary(replay(satisfaction, [90, ...times(61, 70)]))).toEqual([['fired', 61]]);
  });

  it('fires and ends in time where the clock was an hour on while it began or fired', () => {
    const replayAt = (moments: readonly (readonly [minute: number, value: number])[]): [string, number][] =>
      summary(
        replayAlert(
          tokens,
          moments.map(([minute, value]) => ({ at: minute * MINUTE, measurement: { value, sample: 50 } })),
        ),
      );
    const from = (minutes: number, value: number): [number, number][] =>
      Array.from({ length: minutes }, (_, minute) => [minute, value]);
    expect(replayAt([[60, 2500], ...from(16, 2500)])).toEqual([['fired', 15]]);
    const firedAhead = [
      [60, 2500],
      [75, 2500],
      [76, 1500],
    ] as const;
    const [fired, resolved] = replayAt([...firedAhead, ...from(17, 1500)]);
    expect(fired).toEqual(['fired', 75]);
    expect(resolved?.[0]).toBe('resolved');
    expect(resolved?.[1]).toBeLessThanOrEqual(windowOf(tokens.condition) / MINUTE);
  });

  it('never fires on anything shorter than the duration', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 12 }), (runs) => {
        expect(
          replay(
            tokens,
            runs.flatMap((length) => [...times(length, 9000), 1000]),
          ),
        ).toEqual([]);
      }),
    );
  });

  it('does not take silence for a held condition, nor for recovery', () => {
    expect(replay(tokens, [9000, ...times(40, null)])).toEqual([]);
    expect(summary(replay(tokens, [...times(16, 9000), ...times(60, null)]))).toEqual([['fired', 15]]);
  });

  it('fires or is well on missing data where the rule says so', () => {
    expect(summary(replay({ ...tokens, no_data: 'fire' }, times(16, null)))).toEqual([['fired', 15]]);
    expect(summary(replay({ ...tokens, no_data: 'ok' }, [...times(16, 9000), ...times(4, null)]))).toEqual([
      ['fired', 15],
      ['resolved', 19],
    ]);
  });

  it('resolves only past the resolving threshold, and only when it stays there', () => {
    const rule = { ...tokens, condition: { ...tokens.condition, resolve_threshold: 1800 } };
    expect(summary(replay(rule, [...times(16, 2500), ...times(30, 1900)]))).toEqual([['fired', 15]]);
    expect(summary(replay(rule, [...times(16, 2500), 1700, 2500, ...times(4, 1700)]))).toEqual([
      ['fired', 15],
      ['resolved', 21],
    ]);
  });

  it('counts too few observations as no data', () => {
    const rule = { ...tokens, condition: { ...tokens.condition, minimum_sample: 20 } };
    expect(replay(rule, times(30, 9000), 19)).toEqual([]);
    expect(replay(rule, times(30, 9000), 20)).toHaveLength(1);
  });

  it('tells again, escalates once, and keeps quiet while silenced', () => {
    const rule = {
      ...tokens,
      renotify_after: 10 * MINUTE,
      escalate: { after: 15 * MINUTE, channel: 'boss' },
    };
    expect(summary(replay(rule, times(46, 9000)))).toEqual([
      ['fired', 15],
      ['notified-again', 25],
      ['escalated', 30],
      ['notified-again', 35],
      ['notified-again', 45],
    ]);
    const silenced = replay(
      { ...tokens, silenced_until: new Date(20 * MINUTE).toISOString() },
      times(16, 9000),
    );
    expect(silenced.map((event) => event.silenced)).toEqual([true]);
  });

  it('measures over a window that a spike leaves before the duration is over', () => {
    expect(windowOf(tokens.condition)).toBe(3 * MINUTE);
    expect(windowOf({ ...tokens.condition, duration: MINUTE })).toBe(MINUTE);
    expect(windowOf({ ...tokens.condition, duration: 24 * 60 * MINUTE })).toBe(60 * MINUTE);
  });

  it('compares with a baseline in percent and with the season in deviations', () => {
    const relative = {
      ...tokens,
      condition: {
        ...tokens.condition,
        operator: 'increased_by_percentage' as const,
        threshold: 20,
        duration: MINUTE,
      },
    };
    const at = (value: number, baseline: number | null): AlertEvent[] =>
      replayAlert(
        relative,
        [0, 1].map((minute) => ({ at: minute * MINUTE, measurement: { value, sample: 9, baseline } })),
      );
    expect(at(121, 100)).toHaveLength(1);
    expect(at(120, 100)).toHaveLength(0);
    expect(at(120, 0)).toHaveLength(0);
    const seasonal = {
      ...tokens,
      condition: { ...tokens.condition, operator: 'anomalous' as const, threshold: 4, duration: MINUTE },
    };
    const against = (value: number, history: number[]): AlertEvent[] =>
      replayAlert(
        seasonal,
        [0, 1].map((minute) => ({ at: minute * MINUTE, measurement: { value, sample: 9, history } })),
      );
    expect(against(150, [100, 104, 97, 101, 99])).toHaveLength(1);
    expect(against(104, [100, 104, 97, 101, 99])).toHaveLength(0);
    expect(against(150, [100, 104])).toHaveLength(0);
  });
});
