// Reports of the gate: verdict first, hostile model output harmless, JUnit that an XML reader takes; and the scorecard's choice.
import { describe, expect, it } from 'vitest';
import { makeScorecard, type ModelEvidence } from '../scorecard/scorecard.ts';
import { sumUpGate, type GatedPrompt } from './gate-result.ts';
import { gateJunit, xmlText } from './junit-report.ts';
import { cell, gateMarkdown } from './markdown-report.ts';

const policy = {
  margin: 0.02,
  minimum_cases: 10,
  alpha: 0.05,
  cost_increase: 'never',
  inconclusive: 'block',
} as const;

function gated(decision: 'approve' | 'block' | 'inconclusive', over: Partial<GatedPrompt> = {}): GatedPrompt {
  return {
    prompt: 'p',
    base_id: 'p-v1',
    new_id: 'p-v2',
    suite: 's',
    run: 'run_1',
    verdict: {
      decision,
      reasons: ['because <b>'],
      quality: null,
      cost: null,
      moreCases: decision === 'inconclusive' ? 70 : null,
    },
    policy,
    base: null,
    new: null,
    at_equal_length: null,
    worst: [],
    cases: 5,
    simulated: true,
    ...over,
  };
}

describe('the gate’s reports', () => {
  it('say the verdict first and what is missing', () => {
    const result = sumUpGate([gated('approve'), gated('inconclusive')], 'main', 'abc');
    const text = gateMarkdown(result);
    expect(result).toMatchObject({ decision: 'inconclusive', passes: false });
    expect(text.split('\n')[0]).toBe('# Binnacle gate: ❔ inconclusive');
    expect(text).toContain('about 70 more cases would settle it');
    expect(text).toContain('**simulated**');
    const allowed = sumUpGate(
      [gated('inconclusive', { policy: { ...policy, inconclusive: 'allow' } })],
      'main',
      'abc',
    );
    expect(allowed.passes).toBe(true);
    expect(sumUpGate([gated('inconclusive', { policy: null })], 'main', 'abc').passes).toBe(false);
    expect(sumUpGate([], 'main', 'abc')).toMatchObject({ decision: 'approve', passes: true });
    expect(sumUpGate([gated('block'), gated('inconclusive')], 'main', 'abc').decision).toBe('block');
  });

  it('let no model output write into them', () => {
    const hostile = '</td><script>alert(1)</script> | ![x](http://evil) [a](b)\n# Approved `x` <!-- ';
    expect(cell(hostile)).not.toMatch(/<script|\n|\||!\[|`/);
    const side = { text: hostile, quality: 0.1 };
    const text = gateMarkdown(
      sumUpGate(
        [gated('block', { worst: [{ name: 'x', variables: { q: hostile }, base: side, new: side }] })],
        'main',
        'abc',
      ),
    );
    expect(text).not.toMatch(/<script|!\[x\]|^# Approved/m);
  });

  it('are XML that can be read, whatever the reasons hold', () => {
    const junit = gateJunit(
      sumUpGate([gated('block'), gated('approve'), gated('inconclusive')], 'main', 'abc'),
    );
    expect(junit).toContain('tests="3" failures="1" errors="1"');
    expect(junit).toContain('because &lt;b&gt;');
    expect(xmlText('a\u0000\u0008\uD800"<&')).toBe('a\uFFFD&quot;&lt;&amp;');
  });
});

describe('the scorecard', () => {
  const evidence = (model: string, cost: string | null, quality: readonly number[]): ModelEvidence => ({
    model,
    source: 'run',
    cases: quality.map((value) => ({ tags: ['short'], quality: value })),
    costs: quality.map(() => cost),
    latencies: quality.map((_, index) => 100 + index),
    simulated: false,
  });
  const spread = (centre: number): number[] =>
    Array.from({ length: 100 }, (_, index) => centre + ((index % 5) - 2) / 20);

  it('names the cheapest that meets the bar, or says that it is not yet decidable', () => {
    const all = [
      evidence('large', '0.01', spread(0.9)),
      evidence('small', '0.001', spread(0.85)),
      evidence('tiny', '0.0001', spread(0.3)),
    ];
    expect(makeScorecard(all, 0.8)).toMatchObject({ cheapest: 'small' });
    const doubtful = makeScorecard(all, 0.852);
    expect(doubtful.cheapest).toBeNull();
    expect(doubtful.verdict).toMatch(
      /not yet decidable: small may meet.*more cases.*large is known to meet it/,
    );
    expect(makeScorecard(all, 0.99).verdict).toMatch(/no model meets/);
    expect(makeScorecard([evidence('free', null, spread(0.9))], 0.5).verdict).toMatch(/no known price/);
    expect(makeScorecard([], 0.5).verdict).toMatch(/nothing has been measured/);
    expect(makeScorecard(all, null).lines.find(({ model }) => model === 'large')?.best_for).toContain(
      'quality',
    );
  });
});
