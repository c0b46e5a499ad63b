// SIGKILL at random moments: every process of an installation under load, and the ledger during bulk ingestion.
import { killIngestion } from '../fault/kill-ingestion.ts';
import { runKills } from '../fault/kill.ts';
import { KILLED } from '../fault/processes.ts';
import { scratchFolder } from '../end-to-end/installation.ts';
import { atMost, exactly, type Part } from './part.ts';

export const kills: Part = {
  name: 'kills',
  what: 'kill -9 of gateway, console, ledger and supervisor under 100 requests a second, a third of them streams',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const report = await runKills({
      kills: full ? 20 : 2,
      rate: 100,
      seed: 1,
      processes: KILLED,
      log: () => undefined,
    });
    const total = Object.values(report.kills).reduce((sum, count) => sum + count, 0);
    return [
      exactly(`finished answers lost, of ${report.finished} (${total} kills)`, report.lost.length, 0),
      exactly('interactions recorded twice', report.doubled.length, 0),
      exactly('recorded at another cost than the client was told', report.wrongCost.length, 0),
      ...KILLED.map((which) =>
        atMost(`${which} killed: ready again, worst`, report.worstReadyMs[which], 2_000, 'ms'),
      ),
    ];
  },
};

export const ledgerKills: Part = {
  name: 'ledger-kills',
  what: 'kill -9 of the ledger during bulk ingestion: counts and sums exact',
  data: [],
  fast: false,
  timed: false,
  run: async ({ full }) => {
    using folder = scratchFolder();
    const wanted = full ? 200 : 20;
    const report = await killIngestion(folder.path, {
      kills: wanted,
      rows: full ? 60_000 : 8_000,
      rangeBytes: 128 * 1024,
    });
    const { rows, cost } = report.written;
    const tables = Object.entries(report.stored).flatMap(([table, stored]) => [
      exactly(`${table}: rows stored`, stored.rows, rows),
      exactly(`${table}: distinct rows stored`, stored.distinct, rows),
    ]);
    const stored = report.stored['interactions']?.cost ?? -1n;
    return [
      exactly(`kills that hit (${report.consoleKills} of the console)`, report.kills, wanted),
      ...tables,
      {
        promise: 'sum of money stored, atto-dollars',
        figure: String(stored),
        threshold: `= ${cost}`,
        verdict: stored === cost ? 'holds' : 'falls short',
      },
    ];
  },
};
