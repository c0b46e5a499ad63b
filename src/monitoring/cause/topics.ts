// Topics of questions: k-means over their embeddings. Pure and repeatable. What a topic is called does not matter, only that the same
// question has the same one before and after.
import { seededUniform } from '../../statistics/seeded.ts';

const ROUNDS = 12;

/** The cluster of each unit vector, from 0. Seeds by k-means++ (Arthur & Vassilvitskii, 2007); at most `count` clusters. */
export function topicsOf(vectors: readonly Float32Array[], count: number): number[] {
  const uniform = seededUniform(vectors.length * 31 + count);
  let centres = firstCentres(vectors, count, uniform);
  let topics = vectors.map((vector) => nearest(vector, centres));
  for (let round = 0; round < ROUNDS; round += 1) {
    centres = centres.map((centre, topic) => meanOf(vectors, topics, topic) ?? centre);
    const next = vectors.map((vector) => nearest(vector, centres));
    if (next.every((topic, index) => topic === topics[index])) break;
    topics = next;
  }
  return topics;
}

function firstCentres(
  vectors: readonly Float32Array[],
  count: number,
  uniform: () => number,
): Float32Array[] {
  const first = vectors[Math.floor(uniform() * vectors.length)];
  if (first === undefined) return [];
  const centres = [first];
  const distances = vectors.map((vector) => distance(vector, first));
  while (centres.length < count) {
    const total = distances.reduce((sum, one) => sum + one, 0);
    if (total < 1e-9) break;
    let left = uniform() * total;
    const chosen = vectors[distances.findIndex((one) => (left -= one) <= 0)] ?? first;
    centres.push(chosen);
    for (const [index, vector] of vectors.entries())
      distances[index] = Math.min(distances[index] as number, distance(vector, chosen));
  }
  return centres;
}

function nearest(vector: Float32Array, centres: readonly Float32Array[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, centre] of centres.entries()) {
    const gap = distance(vector, centre);
    if (gap < least) [best, least] = [index, gap];
  }
  return best;
}

function meanOf(
  vectors: readonly Float32Array[],
  topics: readonly number[],
  topic: number,
): Float32Array | undefined {
  const members = vectors.filter((_, index) => topics[index] === topic);
  if (members.length === 0) return undefined;
  const mean = new Float32Array(members[0]?.length ?? 0);
  for (const vector of members)
    for (let index = 0; index < mean.length; index += 1)
      mean[index] = (mean[index] as number) + (vector[index] as number) / members.length;
  return mean;
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += ((a[index] as number) - (b[index] as number)) ** 2;
  return sum;
}
