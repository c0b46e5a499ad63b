// The compiled snapshot with what incidents changed for a while laid over it. Pure; what an override names and the snapshot does not have is
// left as it is.
import type { Override } from '../contract/override.ts';
import type { ModelSnapshot, PromptSnapshot, Snapshot } from '../contract/snapshot.ts';
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
