// Loads the tagger's weights from the module beside it (written by scripts/train-names.ts).
import { unpackBytes, unpackScaled } from '../learning/packed.ts';
import { Gazetteer } from './gazetteer.ts';
import type { NameModel } from './recognise.ts';

/** The shipped model; 1.3 MB of text, 5 MB in memory. */
export async function loadNameModel(): Promise<NameModel> {
  const { default: packed } = await import('./weights.json', { with: { type: 'json' } });
  return {
    weights: {
      features: unpackScaled(packed.features.data, packed.features.scale),
      transitions: unpackScaled(packed.transitions.data, packed.transitions.scale),
    },
    gazetteer: new Gazetteer(unpackBytes(packed.gazetteer)),
    caution: packed.caution,
  };
}
