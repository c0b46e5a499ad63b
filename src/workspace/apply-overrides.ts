// The compiled snapshot with what incidents changed for a while laid over it. Pure; what an override names and the snapshot does not have is
// left as it is.
import type { Override } from '../contract/override.ts';
import type { ModelSnapshot, PromptSnapshot, Snapshot } from '../contract/snapshot.ts';
import type { BinnacleFile } from './schemas/binnacle.ts';
import { canonicalJson, sha256 } from './version-content.ts';

/** The snapshot with the overrides that are live at `now`; the very same one where there are none. */
export function applyOverrides(snapshot: Snapshot, overrides: readonly Override[], now: number): Snapshot {
  const live = overrides.filter((one) => one.until === null || now < one.until);
  const prompts: Record<string, PromptSnapshot> = { ...snapshot.prompts };
  const models: Record<string, ModelSnapshot> = { ...snapshot.models };
  const applied: Override[] = [];
  for (const override of live) {
    if (override.kind === 'label') {
      const prompt = prompts[override.prompt];
      if (prompt?.versions[override.version] === undefined) continue;
      const labels = { ...prompt.labels, [override.label]: override.version };
      prompts[override.prompt] = { ...prompt, labels };
      applied.push(override);
    } else if (override.kind === 'model') {
      const [model, other] = [models[override.model], snapshot.models[override.served_by]];
      if (model === undefined || other === undefined) continue;
      // What is called, what it costs and what it can take are the other's; name, tags and fallbacks stay.
      models[override.model] = {
        ...other,
        fallbacks: model.fallbacks.filter((name) => name !== override.served_by),
        tags: model.tags,
      };
      applied.push(override);
    }
  }
  if (applied.length === 0) return snapshot;
  return { ...snapshot, prompts, models, version: sha256(canonicalJson([snapshot.version, applied])) };
}

export interface RaisedSampling {
  readonly sampling: BinnacleFile['sampling'];
  /** When people's share was raised; null while it is as configured. */
  readonly peopleSince: number | null;
}

/** What is sampled, with what incidents raised laid over it: no share gets smaller, and where no judge is sampled all of `judges` are asked. */
export function raiseSampling(
  sampling: BinnacleFile['sampling'],
  judges: Iterable<string>,
  overrides: readonly Override[],
  now: number,
): RaisedSampling {
  const raised = overrides.find((one) => one.kind === 'sampling' && (one.until === null || now < one.until));
  if (raised?.kind !== 'sampling') return { sampling, peopleSince: null };
  const asked =
    sampling.judges.length > 0
      ? sampling.judges
      : Array.from(judges, (judge) => ({ judge, prompts: [], share: 0 }));
  const people = sampling.people ?? { share: 0, stratify_by: ['prompt' as const, 'version' as const] };
  return {
    sampling: {
      ...sampling,
      ...(raised.judges === null ? {} : { judges: asked.map((one) => atLeast(one, raised.judges)) }),
      ...(raised.people === null ? {} : { people: atLeast(people, raised.people) }),
    },
    peopleSince: raised.people === null ? null : raised.set_at,
  };
}

function atLeast<Rule extends { readonly share: number }>(rule: Rule, share: number | null): Rule {
  return { ...rule, share: Math.max(rule.share, share ?? 0) };
}
