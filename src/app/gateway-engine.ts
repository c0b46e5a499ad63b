// How the gateway's process is started, so that its memory stays small under load; the benchmark starts it the same way.

/**
 * Of the JavaScript engine. Measured at 400 requests a second, a third streams (processor time a request, peak memory): default 0.99 ms,
 * 343 MB; 4 MiB 1.26 ms, 251 MB; 8 MiB 0.97 ms, 273 MB; 16 MiB 0.93 ms, 284 MB.
 */
export const GATEWAY_ENGINE_OPTIONS: readonly string[] = ['--max-semi-space-size=8'];

/**
 * Of glibc's allocator: fixed thresholds, so that freed buffers go back to the system instead of being hoarded, and one arena, since one
 * thread does nearly all the work. Under saturation this spares 40 MB; elsewhere (musl, macOS) it does nothing.
 */
export const GATEWAY_ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '65536',
};
