// The console's part in evaluation put together: people's grades, live scores, runs taken in, and what is drawn and graded on a schedule.
import { RatingDesk } from '../console/human/rating-desk.ts';
import type { Route } from '../console/route.ts';
import { evaluationRoutes } from '../console/routes/evaluation.ts';
import { humanRoutes } from '../console/routes/human.ts';
import { DEFAULT_DIMENSIONS, type RatingDimension } from '../evaluation/human/dimensions.ts';
import type { OpenedWorkspace } from '../workspace/open-workspace.ts';
import type { ConsoleEvaluationParts } from './console-evaluation-parts.ts';
import { judgeLiveTraffic } from './online-judging.ts';
import { takeRunSpools } from './run-spools.ts';
import { DAY_MS } from '../kernel/clock.ts';

const DEFAULT_SHARE = 0.05;
const RATERS = 2;
/** Passes that ask models or carry whole runs. */
const LONGEST_PASS_MS = 10 * 60_000;

/** Dimensions of the workspace's judges, else the usual ones. */
function dimensionsOf({ workspace }: OpenedWorkspace): readonly RatingDimension[] {
  const named = [...workspace.judges.values()].flatMap(({ value }) => value.dimensions);
  const once = new Map(named.map((one) => [one.name, one]));
  return once.size === 0 ? DEFAULT_DIMENSIONS : [...once.values()];
}

/** Adds its jobs to the schedule and answers its routes. */
export function consoleEvaluation(parts: ConsoleEvaluationParts): Route[] {
  const { ledger, state, clock, logger, schedule, snapshots, workspace } = parts;
  const dimensions = (): readonly RatingDimension[] => dimensionsOf(workspace());
  const desk = new RatingDesk({ ledger, documents: state.documents, clock, dimensions });
  const sampling = () => {
    const set = workspace().workspace.settings.value.sampling.people;
    return { share: set?.share ?? DEFAULT_SHARE, by: set?.stratify_by ?? (['prompt', 'version'] as const) };
  };
  schedule.add({
    name: 'run-spools',
    everyMilliseconds: 2_000,
    wedgedAfterMilliseconds: LONGEST_PASS_MS,
    run: async () => void (await takeRunSpools(parts)),
  });
  schedule.add({
    name: 'human-sample',
    everyMilliseconds: 3_600_000,
    wedgedAfterMilliseconds: LONGEST_PASS_MS,
    run: async () => {
      const now = clock.now();
      const today = Math.floor(now / DAY_MS) * DAY_MS;
      if (workspace().workspace.settings.value.sampling.people !== undefined)
        await desk.sample({ period: { from: today - DAY_MS, to: today }, ...sampling(), raters: RATERS });
      // What an incident raised is drawn at once, from the traffic since.
      const { sampling: raised, peopleSince } = parts.sampling();
      if (peopleSince !== null && raised.people !== undefined) {
        const { share, stratify_by: by } = raised.people;
        await desk.sample({ period: { from: peopleSince, to: now }, share, by, raters: RATERS });
      }
    },
  });
  schedule.add({
    name: 'online-judging',
    everyMilliseconds: 30_000,
    wedgedAfterMilliseconds: LONGEST_PASS_MS,
    run: async () => {
      const told = await judgeLiveTraffic(parts);
      if (told.graded > 0) logger.log('info', 'live answers graded', { ...told });
    },
  });
  return [
    ...evaluationRoutes({ ledger, clock, snapshots }),
    ...humanRoutes({ desk, ledger, clock, audit: state.audit, dimensions, sampling }),
  ];
}
