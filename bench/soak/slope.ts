// The slope of a measured series by least squares over block means, so that neighbouring measurements, which go together, do not make the
// interval too narrow.
import { tQuantile } from '../../src/statistics/quantiles.ts';

export interface Slope {
  readonly slope: number;
  /** At 95 %. */
  readonly interval: readonly [number, number];
}

const BLOCKS = 12;

function blockMeans(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const size = points.length / BLOCKS;
  return Array.from({ length: BLOCKS }, (_, block) => {
    const own = points.slice(Math.floor(block * size), Math.floor((block + 1) * size));
    const mean = (axis: 0 | 1): number => own.reduce((sum, point) => sum + point[axis], 0) / own.length;
    return [mean(0), mean(1)] as const;
  });
}

/** Of points (x, y). Needs two dozen of them at least. */
export function slopeOf(points: readonly (readonly [number, number])[]): Slope {
  const means = blockMeans(points);
  const x = means.reduce((sum, point) => sum + point[0], 0) / BLOCKS;
  const y = means.reduce((sum, point) => sum + point[1], 0) / BLOCKS;
  const spread = means.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  const slope = means.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
  const rest = means.reduce((sum, point) => sum + (point[1] - y - slope * (point[0] - x)) ** 2, 0);
  const margin = tQuantile(0.975, BLOCKS - 2) * Math.sqrt(rest / (BLOCKS - 2) / spread);
  const round = (value: number): number => Number(value.toFixed(3));
  return { slope: round(slope), interval: [round(slope - margin), round(slope + margin)] };
}
