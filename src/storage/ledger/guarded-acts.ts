// What gateways did that belongs into the audit chain: blocks and redactions, one act an interaction. Told by rule and count, without any
// of the person's data: the chain is never rewritten. Pure.
import type { EndRow, SpoolRow } from '../../contract/interaction.ts';
import type { AuditAct } from '../state/audit-chain.ts';

function actOf(row: EndRow): AuditAct | null {
  const found = new Map<string, number>();
  for (const { guardrail, type, direction, action } of row.findings) {
    if (action !== 'block' && action !== 'redact') continue;
    const rule = `${direction} ${guardrail} ${type} ${action}`;
    found.set(rule, (found.get(rule) ?? 0) + 1);
  }
  const blocked = row.status === 'blocked';
  if (found.size === 0 && !blocked) return null;
  return {
    actor: 'gateway',
    act: blocked ? 'guardrail.block' : 'guardrail.redact',
    subject: row.id,
    details: {
      at: row.at,
      key: row.key,
      prompt: row.prompt === '' ? '' : `${row.prompt}@${row.version}`,
      findings: Object.fromEntries(found),
      ...(row.not_scanned.length === 0 ? {} : { not_scanned: row.not_scanned }),
    },
  };
}

/** The acts that these rows tell of, in order. */
export function guardedActs(rows: readonly SpoolRow[]): AuditAct[] {
  return rows.flatMap((row) => (row.row === 'end' ? (actOf(row) ?? []) : []));
}
