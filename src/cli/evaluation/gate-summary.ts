// The gate as a person reads it in a terminal.
import type { GatedPrompt, GateResult } from '../../evaluation/gate/gate-result.ts';
import { formatTable } from '../table.ts';
import { meanText, millisecondsText, usdText } from './run-report.ts';

function rows({ base_id, new_id, base, new: fresh }: GatedPrompt): string[][] {
  return [[base_id ?? '', base] as const, [new_id, fresh] as const].flatMap(([name, one]) =>
    one === null
      ? []
      : [
          [
            name,
            meanText(one.quality),
            usdText(one.cost_per_request_usd),
            millisecondsText(one.latency_p50_ms),
            one.output_tokens === null ? '-' : one.output_tokens.toFixed(0),
            `${one.failed}, ${one.blocked}`,
          ],
        ],
  );
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

function section(one: GatedPrompt): string {
  const { verdict } = one;
  const more = verdict.moreCases === null ? [] : [`about ${verdict.moreCases} more cases would settle it`];
  const reasons = [...verdict.reasons, ...more].map((reason) => `  ${reason}\n`).join('');
  const columns = [
    left('version'),
    left('quality (95 %)'),
    ...['cost/request', 'p50', 'tokens out', 'failed, blocked'].map(right),
  ];
  const table = one.new === null ? '' : formatTable(columns, rows(one));
  const simulated = one.simulated ? ' (simulated answers)' : '';
  return `${verdict.decision.toUpperCase()}  ${one.base_id ?? 'new'} → ${one.new_id}${simulated}\n${reasons}\n${table}`;
}

export function gateSummary(result: GateResult): string {
  if (result.prompts.length === 0) return `APPROVE  no prompt changed since ${result.base}\n`;
  const passes = result.passes && result.decision !== 'approve' ? ' (the policy lets it pass)' : '';
  return `${result.prompts.map(section).join('\n')}\nGate: ${result.decision}${passes}\n`;
}
