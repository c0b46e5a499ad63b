// A wall clock that a test moves for real processes, and for no other: a small library, compiled here and loaded before theirs, adds an
// offset that it reads from a file to whatever asks for the time. The monotonic clock stays as it is, as with a machine whose clock is set.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void open_offset(void) {
  const char *path = getenv("FAULT_CLOCK_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page != MAP_FAILED) offset = page;
}

static int64_t moved(void) { return offset ? *offset : 0; }

int clock_gettime(clockid_t which, struct timespec *at) {
  int result = (int)syscall(SYS_clock_gettime, which, at);
  if (result == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) at->tv_sec += moved();
  return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

/*
 * A deadline of the moved clock, for a kernel that does not know of it. The ledger's engine reads the time past libc and waits through it, so
 * its deadlines are of the clock as it is: a deadline belongs to the clock that it is nearer to. Those of the monotonic clock are small numbers.
 */
int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict at) {
  static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!next) next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  if (!next) next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  struct timespec until = *at, now;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  int64_t left = until.tv_sec - now.tv_sec;
  if (until.tv_sec > 1000000000 && llabs(left - moved()) < llabs(left)) until.tv_sec -= moved();
  return next(c, m, &until);
}
`;

const NOW = `process.stdout.write(String(Date.now()))`;

export interface MovedClock {
  /** What processes need in their environment to see it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sets the wall clock so many seconds off, for all that run and all that will. */
  set(seconds: number): void;
}

function writeOffset(path: string, seconds: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(seconds));
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, 8, 0);
  closeSync(file);
}

/** Makes one in a folder, and tries it; a text says why that does not work here. */
export function makeMovedClock(folder: string): MovedClock | string {
  if (process.platform !== 'linux') return 'clocks of processes are moved on Linux alone';
  const [source, library, file] = ['clock.c', 'clock.so', 'clock.offset'].map((name) => join(folder, name));
  if (source === undefined || library === undefined || file === undefined) return 'no folder';
  writeFileSync(source, SOURCE);
  writeFileSync(file, Buffer.alloc(8));
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { stdio: 'pipe' });
  } catch {
    return 'no C compiler that makes a shared library (cc)';
  }
  const environment = { LD_PRELOAD: library, FAULT_CLOCK_FILE: file };
  writeOffset(file, 86_400);
  const env = { ...process.env, ...environment };
  const told = Number(execFileSync(process.execPath, ['-e', NOW], { env, encoding: 'utf8' }));
  writeOffset(file, 0);
  if (Math.abs(told - Date.now() - 86_400_000) > 60_000) return 'this Node does not take its time from libc';
  return { environment, set: (seconds) => writeOffset(file, seconds) };
}
