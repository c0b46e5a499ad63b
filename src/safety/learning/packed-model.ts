// A linear model as it stands in a weights module, and back.
import type { LinearModel } from './logistic.ts';
import { packScaled, unpackScaled } from './packed.ts';

export interface PackedModel {
  readonly bias: number;
  readonly sparse: { readonly scale: number; readonly data: string };
  readonly dense: { readonly scale: number; readonly data: string };
}

export function packModel(model: LinearModel): PackedModel {
  return { bias: model.bias, sparse: packScaled(model.sparse), dense: packScaled(model.dense) };
}

export function unpackModel(packed: PackedModel): LinearModel {
  return {
    bias: packed.bias,
    sparse: unpackScaled(packed.sparse.data, packed.sparse.scale),
    dense: unpackScaled(packed.dense.data, packed.dense.scale),
  };
}
