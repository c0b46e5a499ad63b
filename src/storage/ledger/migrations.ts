// The ledger's tables, as numbered steps that are never changed once released. `at` is the interaction's time in every table, so that
// late facts (feedback, scores, ratings) count where they belong; what an interaction is cut by is copied into each fact row, because a
// join costs more than the bytes. Money is Decimal(38, 18), the unit of the kernel's Usd.

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const SETTINGS =
  'SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, ' +
  'merge_max_block_size_bytes = 4194304, max_bytes_to_merge_at_max_space_in_pool = 10737418240';

const MONEY = 'Nullable(Decimal(38, 18))';

const TIME = "DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))";

const DIMENSIONS = `
  workspace LowCardinality(String),
  key LowCardinality(String),
  prompt LowCardinality(String),
  version LowCardinality(String),
  variant LowCardinality(String),
  model LowCardinality(String),
  provider LowCardinality(String),
  route LowCardinality(String),
  end_user String,
  workload LowCardinality(String)`;

const USAGE = `
  usage_known Bool,
  input UInt64,
  cache_read UInt64,
  cache_write UInt64,
  output UInt64,
  reasoning UInt64`;

function table(name: string, columns: string, order: string): string {
  return `CREATE TABLE IF NOT EXISTS ledger.${name} (${columns}
) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY ${order} ${SETTINGS}`;
}

const INTERACTION = 'INDEX by_interaction interaction TYPE bloom_filter(0.01) GRANULARITY 1';

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'tables',
    statements: [
      table(
        'interactions',
        `
  id String,
  at ${TIME},
  ended_at ${TIME},${DIMENSIONS},
  shape LowCardinality(String),
  streamed Bool,
  session String,
  tags Array(LowCardinality(String)),
  sensitive Bool,
  reserved_usd ${MONEY},
  status LowCardinality(String),
  http_status UInt16,
  error_kind LowCardinality(String),
  error_message String,
  answered_model LowCardinality(String),
  fingerprint LowCardinality(String),
  finish_reason LowCardinality(String),
  cache LowCardinality(String),${USAGE},
  cost_usd ${MONEY},
  saved_usd ${MONEY},
  latency_ms Float64,
  ttft_ms Nullable(Float64),
  response_characters UInt32,
  refused Bool,
  attempt_count UInt16,
  finding_count UInt16,
  findings_by_action Map(LowCardinality(String), UInt16),
  scores Map(LowCardinality(String), Float64),
  not_scanned Array(LowCardinality(String)),
  INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1`,
        '(at, id)',
      ),
      table(
        'attempts',
        `
  interaction String,
  at ${TIME},${DIMENSIONS},
  id String,
  position UInt16,
  attempt_provider LowCardinality(String),
  attempt_model LowCardinality(String),
  upstream_model LowCardinality(String),
  answered_model LowCardinality(String),
  fingerprint LowCardinality(String),
  started_at ${TIME},
  latency_ms Float64,
  ttft_ms Nullable(Float64),
  http_status Nullable(UInt16),
  error_kind LowCardinality(String),${USAGE},
  usage_source LowCardinality(String),
  cost_usd ${MONEY},
  ${INTERACTION}`,
        '(at, interaction, position)',
      ),
      table(
        'findings',
        `
  interaction String,
  at ${TIME},${DIMENSIONS},
  position UInt16,
  guardrail LowCardinality(String),
  type LowCardinality(String),
  direction LowCardinality(String),
  start UInt32,
  end UInt32,
  score Float64,
  action LowCardinality(String),
  place String,
  ${INTERACTION}`,
        '(at, interaction, position)',
      ),
      table(
        'payloads',
        `
  interaction String,
  at ${TIME},
  key LowCardinality(String),
  end_user String,
  request String,
  response String,
  ${INTERACTION}`,
        '(at, interaction)',
      ),
      table(
        'feedback',
        `
  interaction String,
  at ${TIME},${DIMENSIONS},
  id String,
  recorded_at ${TIME},
  thumb LowCardinality(String),
  rating Nullable(UInt8),
  comment String,
  task_completed Nullable(Bool),
  labels Array(LowCardinality(String)),
  ${INTERACTION}`,
        '(at, interaction, id)',
      ),
      table(
        'scores',
        `
  interaction String,
  at ${TIME},${DIMENSIONS},
  id String,
  recorded_at ${TIME},
  scorer LowCardinality(String),
  score Nullable(Float64),
  reason String,
  cost_usd ${MONEY},
  ${INTERACTION}`,
        '(at, interaction, id)',
      ),
      table(
        'ratings',
        `
  interaction String,
  at ${TIME},${DIMENSIONS},
  id String,
  recorded_at ${TIME},
  rater String,
  dimension LowCardinality(String),
  value Float64,
  comment String,
  cost_usd ${MONEY},
  ${INTERACTION}`,
        '(at, interaction, id)',
      ),
    ],
  },
];

/** Every table that holds facts and is kept for the retention time. */
export const factTables = [
  'interactions',
  'attempts',
  'findings',
  'payloads',
  'feedback',
  'scores',
  'ratings',
] as const;
export type FactTable = (typeof factTables)[number];
