// What is told of a change of the served workspace.
import { expect, test } from 'vitest';
import { servingActs } from './audit-serving.ts';

const before = {
  version: 'a',
  labels: { 'support/production': '3.1', 'support/staging': '3.2', 'old/x': '1' },
};

test('a label that points elsewhere, a new one and a dropped one are each told; a restart tells nothing', () => {
  const after = {
    version: 'b',
    labels: { 'support/production': '3.2', 'support/staging': '3.2', 'new/x': '1' },
  };
  const acts = servingActs(before, after, 'c0ffee');
  expect(acts.map(({ act, subject, details }) => [act, subject, details['from'], details['to']])).toEqual([
    ['workspace.serve', 'b', undefined, undefined],
    ['label.change', 'support/production', '3.1', '3.2'],
    ['label.change', 'old/x', '1', null],
    ['label.change', 'new/x', null, '1'],
  ]);
  expect(servingActs(before, before, 'c0ffee')).toEqual([]);
  expect(servingActs(null, after, null)).toHaveLength(1);
});
