// What guardrails ask of models: each question is an interaction of its own, sent through the stages that reserve, call, price and record,
// and through none that screens, so that no judge is judged. Personal data and secrets with a form do not reach the judge, and its texts
// are not stored: it sees what a prompt's own privacy may keep from everywhere else.
import { createHash } from 'node:crypto';
import type { CanonicalRequest, Message } from '../../contract/canonical.ts';
import { GUARDRAIL_TAG } from '../../contract/own-tags.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { PolicyQuestion, PolicyVerdict } from '../../safety/guardrail.ts';
import { policyPrompt, readVerdict } from '../../safety/policy-judge.ts';
import type { InboundShape } from '../../wire/shape.ts';
import { newExchange, type Exchange } from '../exchange.ts';
import type { ServingSnapshot } from '../serving-snapshot.ts';
import { runStages, type Stage } from '../stage.ts';
import { OwnReply } from './own-reply.ts';
import { redactStructured } from './stored-text.ts';

/** Questions under way at most, those that nobody waits for any more included. */
const MOST_AT_ONCE = 32;
/** Questions that wait for their turn; one more is refused. */
const MOST_WAITING = 256;
/** Verdicts kept of one snapshot. */
const MOST_KEPT = 5_000;

export interface GuardrailJudgeServices {
  readonly clock: Clock;
  readonly logger: Logger;
  /** From the reservation to the record; none that screens. */
  readonly stages: readonly Stage[];
  /** The shape its interactions are recorded in. */
  readonly shape: InboundShape;
}

/** Asks the models of the snapshot that a request is served from. */
export type AskPolicyJudge = (snapshot: ServingSnapshot, question: PolicyQuestion) => Promise<PolicyVerdict>;

function message(role: 'system' | 'user', text: string): Message {
  return { role, parts: [{ type: 'text', text }] };
}

function nameOf({ model, policy, text, context, temperature, maxTokens }: PolicyQuestion): string {
  const parts = JSON.stringify([model, policy, text, context, temperature, maxTokens]);
  return createHash('sha256').update(parts).digest('base64');
}

function requestFor(question: PolicyQuestion, shape: InboundShape): CanonicalRequest {
  const { model, policy, context, temperature, maxTokens } = question;
  const text = redactStructured(question.text);
  const { system, user } = policyPrompt({
    policy,
    text,
    context: context === null ? null : redactStructured(context),
  });
  return {
    shape: shape.shape,
    model,
    messages: [message('system', system), message('user', user)],
    stream: false,
    maxOutputTokens: maxTokens,
    ...(temperature === null ? {} : { temperature }),
    metadata: {},
    extra: {},
    // Recordings are looked up by the text that is judged.
    question: text,
  };
}

export class GuardrailJudge {
  readonly #services: GuardrailJudgeServices;
  readonly #withoutPayloads = new WeakMap<ServingSnapshot, ServingSnapshot>();
  /** Of texts that come again: a conversation brings all that was said before with each of its requests. */
  readonly #verdicts = new WeakMap<ServingSnapshot, Map<string, number>>();
  readonly #waiting = new Set<() => void>();
  #underWay = 0;

  constructor(services: GuardrailJudgeServices) {
    this.#services = services;
  }

  /** Rejects when no answer could be had in time: what its guardrail does then is for `on_error` to say. */
  readonly ask: AskPolicyJudge = async (snapshot, question) => {
    const kept = this.#verdictsUnder(snapshot);
    const name = nameOf(question);
    const known = kept.get(name);
    if (known !== undefined) return { score: known, reason: 'it was judged before' };
    const verdict = await this.#askModel(snapshot, question);
    if (verdict.score !== null) {
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value as string);
      kept.set(name, verdict.score);
    }
    return verdict;
  };

  #verdictsUnder(snapshot: ServingSnapshot): Map<string, number> {
    const known = this.#verdicts.get(snapshot);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    this.#verdicts.set(snapshot, made);
    return made;
  }

  async #askModel(snapshot: ServingSnapshot, question: PolicyQuestion): Promise<PolicyVerdict> {
    const request = requestFor(question, this.#services.shape);
    const reply = new OwnReply();
    const left = new Promise<'late'>((resolve) => reply.onGone(() => resolve('late')));
    const timer = setTimeout(() => reply.leave(), question.timeoutMilliseconds);
    try {
      if ((await Promise.race([this.#turn(reply), left])) === 'late')
        throw new Error(`no judge was free within ${question.timeoutMilliseconds} milliseconds`);
      const exchange = this.#exchange(snapshot, question, request, reply);
      await Promise.race([this.#run(exchange), left]);
      return verdictOf(exchange, question);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes a place; whoever leaves while it waits gets none. */
  #turn(reply: OwnReply): Promise<void> {
    if (this.#underWay < MOST_AT_ONCE) {
      this.#underWay += 1;
      return Promise.resolve();
    }
    if (this.#waiting.size >= MOST_WAITING)
      return Promise.reject(new Error('too many texts wait for a judge'));
    return new Promise((resolve) => {
      const begin = (): void => resolve();
      this.#waiting.add(begin);
      reply.onGone(() => this.#waiting.delete(begin));
    });
  }

  /** Hands the place on, so that nobody can take it in between. */
  #free(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#underWay -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  async #run(exchange: Exchange): Promise<void> {
    const { stages, logger } = this.#services;
    try {
      await runStages(stages, exchange, (thrown, stage) =>
        logger.log('error', 'stage failed', { stage, path: exchange.endpoint, error: messageOf(thrown) }),
      );
    } finally {
      this.#free();
    }
  }

  #exchange(
    snapshot: ServingSnapshot,
    { guardrail, model, asker }: PolicyQuestion,
    request: CanonicalRequest,
    reply: OwnReply,
  ): Exchange {
    const { clock, shape } = this.#services;
    const arrivedAt = clock.now();
    const text = request.question ?? '';
    const exchange = newExchange({
      id: newId('int', arrivedAt),
      kind: 'chat',
      endpoint: `guardrail ${guardrail}`,
      shape,
      snapshot: this.#storingNothing(snapshot),
      client: { credential: '', connection: {}, idempotencyKey: null, headers: {} },
      reply,
      arrivedAt,
      arrivedMonotonic: clock.monotonic(),
      request,
      requestBytes: Buffer.byteLength(text),
      question: text,
    });
    exchange.asker = asker ?? null;
    exchange.route = { model, reason: `judge of ${guardrail}` };
    exchange.tags = [GUARDRAIL_TAG, `${GUARDRAIL_TAG}:${guardrail}`];
    return exchange;
  }

  #storingNothing(snapshot: ServingSnapshot): ServingSnapshot {
    const known = this.#withoutPayloads.get(snapshot);
    if (known !== undefined) return known;
    const made = { ...snapshot, snapshot: { ...snapshot.snapshot, privacy: { payloads: 'none' as const } } };
    this.#withoutPayloads.set(snapshot, made);
    return made;
  }
}

function verdictOf({ outcome, summary }: Exchange, question: PolicyQuestion): PolicyVerdict {
  if (outcome === null || outcome.status === 'disconnected')
    throw new Error(
      `the judge "${question.model}" did not answer within ${question.timeoutMilliseconds} milliseconds`,
    );
  if (outcome.status === 'ok') return readVerdict(summary.text);
  throw new Error(`the judge "${question.model}" gave no answer: ${outcome.error.message}`);
}
