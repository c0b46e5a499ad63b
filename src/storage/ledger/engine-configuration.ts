// The engine's server settings. Its defaults are those of a database machine (memory to 90 % of RAM, caches of 5 GB each).
import { join } from 'node:path';

/**
 * Of parts. What was merged away is removed soon, not after eight minutes: each start opens every part that lies there, so that a ledger
 * which dies often would start ever more slowly. Merged parts are synced before what they came from goes.
 * Few are joined at a time, because each is read through a buffer of its own: joining 95 parts of payloads at once, as a backlog on a busy
 * machine makes them, took 467 MiB of the engine's bound and the process to 1 GiB, and inserts were refused; 15 take 237 MiB.
 */
const PART_SETTINGS = {
  max_parts_to_merge_at_once: 15,
  old_parts_lifetime: 20,
  cleanup_delay_period: 10,
  max_cleanup_delay_period: 30,
  min_rows_to_fsync_after_merge: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
} as const;

/** Below the ledger's folder: the only place that the store may write a backup to and read one from. */
export const BACKUP_FOLDER = 'backup';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** XML for `--config-file`: total memory bound and caches that fit under it, and where backups may lie. */
export function engineConfiguration(memoryBytes: number, directory: string): string {
  const megabyte = 1024 * 1024;
  const settings: Record<string, number> = {
    max_server_memory_usage: memoryBytes,
    mark_cache_size: 32 * megabyte,
    index_mark_cache_size: 8 * megabyte,
    primary_index_cache_size: 32 * megabyte,
    uncompressed_cache_size: 0,
    query_condition_cache_size: 4 * megabyte,
    compiled_expression_cache_size: 8 * megabyte,
    vector_similarity_index_cache_size: megabyte,
    iceberg_metadata_files_cache_size: megabyte,
    paimon_metadata_files_cache_size: megabyte,
    parquet_metadata_cache_size: megabyte,
    unique_key_index_cache_size_bytes: megabyte,
    text_index_tokens_cache_size: megabyte,
    text_index_header_cache_size: megabyte,
    text_index_postings_cache_size: megabyte,
    mmap_cache_size: 64,
    max_thread_pool_size: 200,
    background_pool_size: 2,
    merges_mutations_memory_usage_soft_limit: Math.floor(memoryBytes / 3),
  };
  const lines = Object.entries(settings).map(([name, value]) => `  <${name}>${value}</${name}>`);
  const parts = Object.entries(PART_SETTINGS).map(([name, value]) => `    <${name}>${value}</${name}>`);
  return `<clickhouse>\n${lines.join('\n')}\n  <merge_tree>\n${parts.join('\n')}\n  </merge_tree>\n  <backups><allowed_path>${escaped(join(directory, BACKUP_FOLDER))}</allowed_path></backups>\n</clickhouse>\n`;
}
