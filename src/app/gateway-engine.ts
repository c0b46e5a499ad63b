// How the gateway's process is started, so that its memory stays small under load; the benchmark starts it the same way.

/**
 * Of the JavaScript engine: a young generation that has its full size from the start, collected by one thread. What requests in flight hold is
 * copied at every collection of it, so a small one copies each request several times; several threads that collect are worth nothing to a
 * process with one busy core. Measured at saturation on one core (processor time a request, JSON `durable`; streams; peak memory): growing to
 * 8 MiB, several threads 127 µs; 386 µs; 231 MB; 32 MiB, one thread 99 µs; 334 µs; 257 MB. The old generation is collected when it has
 * doubled, which is late enough to be rare and brings the peak to 212 MB. Nothing is made in the old generation to begin with: where the engine
 * guesses that what a line of code makes lives long, and under load it now and then guesses so of a stream's events, every stream leaves its
 * text there, twenty times as many collections of it follow and a stream costs a fifth more until the process ends.
 */
export const GATEWAY_ENGINE_OPTIONS: readonly string[] = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-parallel-scavenge',
  '--heap-growing-percent=100',
  '--no-allocation-site-pretenuring',
];

/**
 * Of glibc's allocator: fixed thresholds, so that freed buffers go back to the system instead of being hoarded, and one arena, since one
 * thread does nearly all the work. Under saturation this spares 40 MB; elsewhere (musl, macOS) it does nothing.
 */
export const GATEWAY_ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '65536',
};
