// All recorded answers of seven models through a whole installation, streamed and not.
import { replayAnswers } from '../end-to-end/replayed-answers.ts';
import { exactly, type Part } from './part.ts';

export const answers: Part = {
  name: 'answers',
  what: 'recorded traffic through the whole installation: bytes, records and money',
  data: ['answers.jsonl'],
  fast: false,
  timed: false,
  run: async () => {
    const figures = await replayAnswers();
    const { sent, sumLedger, sumCalculated } = figures;
    return [
      exactly(`answers not byte-equal to the recording, of ${sent}`, figures.unequalTexts, 0),
      exactly('interactions in the ledger', figures.recorded, sent),
      exactly('answers missing in the ledger', figures.missing, 0),
      exactly('interactions there twice', figures.doubled, 0),
      exactly('interactions whose cost is not the calculated one', figures.wrongCosts, 0),
      {
        promise: 'sum of costs in the ledger, US$, to the last digit',
        figure: sumLedger,
        threshold: `= ${sumCalculated}`,
        verdict: sumLedger === sumCalculated ? 'holds' : 'falls short',
      },
    ];
  },
};
