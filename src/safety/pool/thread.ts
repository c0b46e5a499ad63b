// A thread of the pool: runs guardrails that are too dear for the event loop. It loads each model once and keeps configured runners.
import { parentPort } from 'node:worker_threads';
import { sentenceEncoder } from '../../embeddings/sentence-encoder.ts';
import { messageOf } from '../../kernel/errors.ts';
import { batchingEmbedder } from '../batching-embedder.ts';
import type { GuardrailRunner } from '../guardrail.ts';
import { loadGuardrail } from '../registry.ts';
import { SharedScan } from '../shared-scan.ts';
import type { ScanJob, ScanReply } from './message.ts';

const services = { embedder: batchingEmbedder(sentenceEncoder()) };
const MOST_RUNNERS = 200;
const runners = new Map<string, Promise<GuardrailRunner>>();

function runnerOf(job: ScanJob): Promise<GuardrailRunner> {
  const key = JSON.stringify([job.guardrail, job.options]);
  const known = runners.get(key);
  if (known !== undefined) return known;
  if (runners.size >= MOST_RUNNERS) runners.clear();
  const made = loadGuardrail(job.guardrail).then((guardrail) => guardrail.create(job.options, services));
  runners.set(key, made);
  made.catch(() => runners.delete(key));
  return made;
}

async function replyTo(job: ScanJob): Promise<ScanReply> {
  try {
    const runner = await runnerOf(job);
    const { text, direction, context } = job;
    const result = await runner.scan({
      text,
      direction,
      ...(context === null ? {} : { context }),
      shared: new SharedScan(text),
    });
    return { id: job.id, result };
  } catch (error) {
    return { id: job.id, error: messageOf(error) };
  }
}

parentPort?.on('message', (job: ScanJob) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void replyTo(job).then((reply) => parentPort?.postMessage(reply));
});
