// The audit chain's arithmetic: any change is named.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AuditEntry, nextAuditEntry, verifyAuditChain } from './audit-chain.ts';

function chainOf(subjects: readonly string[]): AuditEntry[] {
  const chain: AuditEntry[] = [];
  for (const subject of subjects) {
    const act = { actor: 'a', act: 'act', subject, details: { subject, n: [1, null] } };
    chain.push(nextAuditEntry(chain.at(-1) ?? null, 7, act));
  }
  return chain;
}

const chains = fc.array(fc.string(), { minLength: 2, maxLength: 12 });

test('an untouched chain is sound', async () => {
  await fc.assert(
    fc.asyncProperty(chains, async (subjects) => {
      expect(await verifyAuditChain(chainOf(subjects))).toMatchObject({
        sound: true,
        entries: subjects.length,
      });
    }),
  );
});

test('any changed, removed or swapped entry is named, the first of them', async () => {
  await fc.assert(
    fc.asyncProperty(chains, fc.nat(), async (subjects, nat) => {
      const chain = chainOf(subjects);
      const at = nat % (chain.length - 1);
      const changed = chain.with(at, { ...(chain[at] as AuditEntry), details: { forged: true } });
      expect(await verifyAuditChain(changed)).toMatchObject({ sound: false, seq: at + 1 });
      expect(await verifyAuditChain(chain.toSpliced(at, 1))).toMatchObject({ sound: false, seq: at + 1 });
      const swapped = chain.with(at, chain[at + 1] as AuditEntry).with(at + 1, chain[at] as AuditEntry);
      expect(await verifyAuditChain(swapped)).toMatchObject({ sound: false, seq: at + 1 });
    }),
  );
});

test('the order of keys in details does not matter to the hash', () => {
  const act = { actor: 'a', act: 'b', subject: 'c' };
  const one = nextAuditEntry(null, 1, { ...act, details: { x: 1, y: 2 } });
  const other = nextAuditEntry(null, 1, { ...act, details: { y: 2, x: 1 } });
  expect(one.hash).toBe(other.hash);
});
