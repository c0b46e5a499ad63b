// How far a long command is: a bar on a terminal, a plain line now and then elsewhere. Always on standard error.
import { SingleBar, Presets } from 'cli-progress';
import type { CommandLine } from '../command.ts';

export interface Progress {
  readonly update: (done: number, total: number) => void;
  readonly end: () => void;
}

const LINES = 10;

export function showProgress(what: string, line: CommandLine): Progress {
  return line.isTerminal ? bar(what) : plainLines(what, line);
}

function bar(what: string): Progress {
  const shown = new SingleBar(
    { format: `${what} {bar} {value}/{total} {eta_formatted}`, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(done, total) {
      if (!isStarted) shown.start(total, 0);
      isStarted = true;
      shown.update(done);
    },
    end: () => {
      if (isStarted) shown.stop();
    },
  };
}

function plainLines(what: string, line: CommandLine): Progress {
  let told = 0;
  return {
    update(done, total) {
      const step = Math.floor((done * LINES) / total);
      if (step <= told) return;
      told = step;
      line.err(`${what}: ${done} of ${total}\n`);
    },
    end: () => undefined,
  };
}
