// A thread of the pool: runs guardrails that are too dear for the event loop. It loads each model once and keeps configured runners.
import { parentPort } from 'node:worker_threads';
import { sentenceEncoder } from '../../embeddings/sentence-encoder.ts';
import { messageOf } from '../../kernel/errors.ts';
import { batchingEmbedder } from '../batching-embedder.ts';
import { boundedFindings } from '../findings.ts';
import type { GuardrailRunner } from '../guardrail.ts';
import { loadGuardrail } from '../registry.ts';
import { SharedScan } from '../shared-scan.ts';
import type { ScanJob, ScanReply } from './message.ts';

const services = { embedder: batchingEmbedder(sentenceEncoder()) };
const MOST_RUNNERS = 200;
/** Options of configured guardrails, by their number. */
const optionsOf = new Map<number, unknown>();
const runners = new Map<number, Promise<GuardrailRunner>>();

function runnerOf(job: ScanJob): Promise<GuardrailRunner> {
  if ('options' in job) optionsOf.set(job.runner, job.options);
  const known = runners.get(job.runner);
  if (known !== undefined) return known;
  if (runners.size >= MOST_RUNNERS) runners.clear();
  const options = optionsOf.get(job.runner);
  const made = loadGuardrail(job.guardrail).then((guardrail) => guardrail.create(options, services));
  runners.set(job.runner, made);
  made.catch(() => runners.delete(job.runner));
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
    return { id: job.id, result: { ...result, findings: boundedFindings(result.findings) } };
  } catch (error) {
    return { id: job.id, error: messageOf(error) };
  }
}

parentPort?.on('message', (job: ScanJob) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void replyTo(job).then((reply) => parentPort?.postMessage(reply));
});
