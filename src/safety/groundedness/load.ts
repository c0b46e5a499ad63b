// Loads the groundedness model from the module beside it (written by scripts/train-groundedness.ts).
import type { LinearModel } from '../learning/logistic.ts';

export async function loadGroundedModel(): Promise<LinearModel> {
  const { default: weights } = await import('./weights.json', { with: { type: 'json' } });
  return { bias: weights.bias, sparse: new Float32Array(1), dense: Float32Array.from(weights.dense) };
}
