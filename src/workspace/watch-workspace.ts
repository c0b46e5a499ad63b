// Keeps a workspace's snapshot up to date: files and Git refs are watched, changes gathered for a moment, and a broken state is reported
// while the last good snapshot stays.
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Snapshot } from '../contract/snapshot.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { openWorkspace } from './open-workspace.ts';
import type { OpenedWorkspace, WorkspaceSurroundings } from './open-workspace.ts';
import { ITEM_FOLDERS, TOP_FILES } from './workspace.ts';

export interface WatchOptions {
  readonly directory: string;
  readonly around: WorkspaceSurroundings;
  readonly logger: Logger;
  /** Called after each reading that changed something: the state as read, and the snapshot that serves (the last good one). */
  readonly onChange: (opened: OpenedWorkspace, serving: Snapshot | undefined) => void;
  /** Changes within this many milliseconds are read together. */
  readonly debounceMs?: number;
  /** A reading without any event, for file systems that send none. */
  readonly pollMs?: number;
}

export interface WatchedWorkspace {
  /** As last read, problems and all. */
  readonly opened: () => OpenedWorkspace;
  /** The last good snapshot; undefined when there was none yet. */
  readonly serving: () => Snapshot | undefined;
  /** Reads now (keys changed, say) and returns when done. */
  readonly reload: () => Promise<void>;
  readonly close: () => void;
}

/** Opens the workspace and keeps reading it until closed. */
export async function watchWorkspace(options: WatchOptions): Promise<WatchedWorkspace> {
  const watched = new Watcher(options, await openWorkspace(options.directory, options.around));
  watched.start();
  return watched;
}

class Watcher implements WatchedWorkspace {
  readonly #options: WatchOptions;
  #opened: OpenedWorkspace;
  #serving: Snapshot | undefined;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: WatchOptions, opened: OpenedWorkspace) {
    this.#options = options;
    this.#opened = opened;
    this.#serving = opened.snapshot;
  }

  opened = (): OpenedWorkspace => this.#opened;
  serving = (): Snapshot | undefined => this.#serving;

  start(): void {
    this.#watchAll();
    this.#poll = setInterval(() => void this.reload(), this.#options.pollMs ?? 30_000);
    this.#poll.unref();
  }

  reload = async (): Promise<void> => {
    while (this.#reading !== undefined) await this.#reading;
    if (this.#isClosed) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  };

  close = (): void => {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  };

  async #read(): Promise<void> {
    try {
      const opened = await openWorkspace(this.#options.directory, this.#options.around, this.#opened);
      const before = this.#opened;
      this.#opened = opened;
      const hasChanged =
        opened.snapshot?.version !== before.snapshot?.version ||
        JSON.stringify(opened.problems) !== JSON.stringify(before.problems);
      if (opened.snapshot !== undefined && opened.snapshot.version !== this.#serving?.version)
        this.#serving = opened.snapshot;
      if (hasChanged && !this.#isClosed) this.#options.onChange(opened, this.#serving);
      if (opened.repository?.gitFolders.join() !== before.repository?.gitFolders.join()) this.#watchAll();
    } catch (error) {
      this.#options.logger.log('error', 'workspace could not be read; the last good snapshot goes on', {
        reason: messageOf(error),
      });
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#watchMissingFolders();
      void this.reload();
    }, this.#options.debounceMs ?? 200);
    this.#timer.unref();
  }

  /** The workspace's own folder without its subfolders (the data folder may be in it), each item folder, and Git's refs. */
  #watchAll(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    const { directory } = this.#options;
    const ours: ReadonlySet<string> = new Set([...TOP_FILES, ...ITEM_FOLDERS, '.git']);
    this.#watch(directory, false, (name) => ours.has(name));
    this.#watchMissingFolders();
    for (const folder of this.#opened.repository?.gitFolders ?? []) {
      this.#watch(folder, false, (name) => name === 'HEAD' || name === 'packed-refs');
      this.#watch(join(folder, 'refs'), true, (name) => !name.endsWith('.lock'));
    }
  }

  readonly #folders = new Map<string, FSWatcher>();

  #watchMissingFolders(): void {
    for (const folder of ITEM_FOLDERS) {
      const before = this.#folders.get(folder);
      if (before !== undefined && this.#watchers.includes(before)) continue;
      const watcher = this.#watch(join(this.#options.directory, folder), false, () => true);
      if (watcher !== undefined) this.#folders.set(folder, watcher);
    }
  }

  #watch(path: string, recursive: boolean, matters: (name: string) => boolean): FSWatcher | undefined {
    try {
      const watcher = watch(path, { recursive, persistent: false }, (_event, name) => {
        if (!this.#isClosed && (name === null || matters(name))) this.#soon();
      });
      watcher.on('error', () => {
        watcher.close();
        this.#watchers = this.#watchers.filter((one) => one !== watcher);
      });
      this.#watchers.push(watcher);
      return watcher;
    } catch {
      return undefined; // the folder isn't there (yet); its parent is watched
    }
  }
}
