// One interaction as one flat row, for the formats that have no nested values. One table of columns serves both of them.
import type { RecordedInteraction } from '../queries/recorded.ts';

export interface FlatColumn {
  readonly name: string;
  /** How a typed format holds it; money is text, so that it stays exact. */
  readonly type: 'STRING' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP';
  readonly value: (interaction: RecordedInteraction) => string | number | boolean | null;
}

const text = (
  name: keyof RecordedInteraction,
  value?: (interaction: RecordedInteraction) => string | null,
): FlatColumn => ({
  name,
  type: 'STRING',
  value: value ?? ((interaction) => interaction[name] as string | null),
});

const tokens = (
  name: string,
  value: (interaction: RecordedInteraction) => number | undefined,
): FlatColumn => ({
  name,
  type: 'INT64',
  value: (interaction) => value(interaction) ?? null,
});

export const FLAT_COLUMNS: readonly FlatColumn[] = [
  text('id'),
  { name: 'at', type: 'TIMESTAMP', value: (interaction) => interaction.at },
  { name: 'ended_at', type: 'TIMESTAMP', value: (interaction) => interaction.ended_at },
  ...(
    ['workspace', 'key', 'shape', 'prompt', 'version', 'variant', 'model', 'route', 'end_user'] as const
  ).map((name) => text(name)),
  ...(
    ['session', 'workload', 'status', 'error_kind', 'error_message', 'provider', 'answered_model'] as const
  ).map((name) => text(name)),
  ...(['fingerprint', 'finish_reason', 'cache'] as const).map((name) => text(name)),
  text('tags', (interaction) => interaction.tags.join(',')),
  { name: 'streamed', type: 'BOOLEAN', value: (interaction) => interaction.streamed },
  { name: 'sensitive', type: 'BOOLEAN', value: (interaction) => interaction.sensitive },
  { name: 'refused', type: 'BOOLEAN', value: (interaction) => interaction.refused },
  tokens('http_status', (interaction) => interaction.http_status),
  tokens('input_tokens', (interaction) => interaction.usage?.input),
  tokens('cache_read_tokens', (interaction) => interaction.usage?.cache_read),
  tokens('cache_write_tokens', (interaction) => interaction.usage?.cache_write),
  tokens('output_tokens', (interaction) => interaction.usage?.output),
  tokens('reasoning_tokens', (interaction) => interaction.usage?.reasoning),
  tokens('response_characters', (interaction) => interaction.response_characters),
  tokens('attempts', (interaction) => interaction.attempts.length),
  tokens('findings', (interaction) => interaction.findings.length),
  { name: 'latency_ms', type: 'DOUBLE', value: (interaction) => interaction.latency_ms },
  { name: 'ttft_ms', type: 'DOUBLE', value: (interaction) => interaction.ttft_ms },
  text('cost_usd'),
  text('saved_usd'),
  text('reserved_usd'),
  text('request_payload'),
  text('response_payload'),
];
