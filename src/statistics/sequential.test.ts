// Sequential tests keep their error rate when looked at after every value.
import { describe, expect, test } from 'vitest';
import { BoundedMeanSequence, MeanBet } from './betting.ts';
import { alwaysValidP, mixtureRatio, sequenceHalfWidth } from './confidence-sequence.ts';
import { seededUniform } from './seeded.ts';

const uniform = seededUniform(23);
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Share of 1,000 streams of `n` values in which `alarm` ever fired, looking after every value. */
function everRejected(n: number, stream: () => (step: number) => boolean): number {
  let rejected = 0;
  for (let run = 0; run < 1_000; run += 1) {
    const step = stream();
    for (let index = 1; index <= n; index += 1)
      if (step(index)) {
        rejected += 1;
        break;
      }
  }
  return rejected / 1_000;
}

describe('looking after every value keeps the error rate of 5 %', () => {
  test('betting on a bounded mean', () => {
    const none = everRejected(300, () => {
      const bet = new MeanBet(0.3);
      return () => bet.next(Number(uniform() < 0.3)) >= 20;
    });
    expect(none).toBeLessThanOrEqual(0.06);
    const power = everRejected(300, () => {
      const bet = new MeanBet(0.3);
      return () => bet.next(Number(uniform() < 0.5)) >= 20;
    });
    expect(power).toBeGreaterThan(0.95);
  });
  test('the confidence sequence of a bounded mean', () => {
    let missed = 0;
    for (let run = 0; run < 200; run += 1) {
      const sequence = new BoundedMeanSequence(0.95, 50);
      for (let index = 0; index < 200; index += 1) {
        const { low, high } = sequence.next(uniform() ** 2);
        if (low > 1 / 3 || high < 1 / 3) {
          missed += 1;
          break;
        }
      }
    }
    expect(missed / 200).toBeLessThanOrEqual(0.06);
  });
  test('the asymptotic sequence, looked at from 50 on', () => {
    const rate = everRejected(1_000, () => {
      let sum = 0;
      return (step) => {
        sum += normal();
        return step >= 50 && Math.abs(sum / step) > sequenceHalfWidth(step, 1);
      };
    });
    expect(rate).toBeLessThanOrEqual(0.06);
  });
  test('the mixture test', () => {
    const stream = (effect: number) => () => {
      let sum = 0;
      return (step: number) => {
        sum += normal() + effect;
        return alwaysValidP(mixtureRatio(step, sum / step, 1, 0.05)) <= 0.05;
      };
    };
    expect(everRejected(500, stream(0))).toBeLessThanOrEqual(0.06);
    expect(everRejected(500, stream(0.3))).toBeGreaterThan(0.95);
  });
});
