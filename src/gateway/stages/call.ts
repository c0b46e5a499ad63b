// Stage: the upstream call. Tries deployments in the order of the plan until one has shown content: a breaker and what the vendor asked
// for are obeyed, each further call is taken from the process's retry budget, and a dearer fallback is held for before it is called.
// After the first content nothing is tried again.
import type { Attempt } from '../../contract/interaction.ts';
import { UpstreamError } from '../../contract/upstream-error.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { BudgetKeeper } from '../../limits/budget-keeper.ts';
import { isInScope } from '../../limits/api-key.ts';
import { orderDeployments } from '../../routing/balance.ts';
import { MOST_CALLS, planCalls, type Step } from '../../routing/call-plan.ts';
import type { DeploymentBoard, DeploymentState } from '../../routing/deployment-board.ts';
import { pauseBeforeRetry, type RetryBudget } from '../../routing/retry.ts';
import type { Spool } from '../../storage/spool/spool.ts';
import { attemptCall, providerOf, type AttemptServices } from '../attempt.ts';
import { keptUsd, mayBeBilled } from '../kept-cost.ts';
import type { Exchange } from '../exchange.ts';
import { pause } from '../pause.ts';
import { beginRow } from '../rows.ts';
import type { ServingDeployment, ServingModel } from '../serving-snapshot.ts';
import type { Stage } from '../stage.ts';
import { budgetExceeded, unpricedRefused, worstCase } from './reserve.ts';

export interface CallServices extends AttemptServices {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How long an upstream call goes on for its usage after the client left, milliseconds. */
  readonly drainMs: number;
  readonly board: DeploymentBoard;
  readonly retryBudget: RetryBudget;
  readonly budgets: BudgetKeeper;
  readonly spool: Pick<Spool, 'append'>;
}

/** A client is not kept waiting longer than this for a retry: another deployment answers, or it is told when to come back. */
const LONGEST_WAIT_MS = 3_000;

/** The model that was routed to, then its fallbacks: only what the key may use, and for what must be moderated only what is. */
function chainOf(exchange: Exchange, first: ServingModel): ServingModel[] {
  const chain = [first];
  const mustModerate = exchange.sensitive && first.settings.moderated;
  for (const name of first.settings.fallbacks) {
    const model = exchange.snapshot.models.get(name);
    if (model === undefined || chain.includes(model) || !isInScope(exchange.key?.models, name)) continue;
    if (!mustModerate || model.settings.moderated) chain.push(model);
  }
  return chain;
}

/** One request's way through its plan. */
class Attempts {
  readonly #exchange: Exchange;
  readonly #services: CallServices;
  readonly #asked: string;
  #calls = 0;
  #failure: unknown = null;
  #failedAt: ServingDeployment | null = null;

  constructor(exchange: Exchange, services: CallServices) {
    this.#exchange = exchange;
    this.#services = services;
    this.#asked = exchange.route?.model ?? '';
  }

  async run(first: ServingModel): Promise<void> {
    const { board, random, retryBudget } = this.#services;
    retryBudget.earn();
    const planned = chainOf(this.#exchange, first).map(({ name, settings, deployments }) => {
      const candidates = deployments.map(({ id, weight }) => {
        const state = board.of(id);
        return { weight, latencyMs: state.latency(), inFlight: state.inFlight };
      });
      const order = orderDeployments(candidates, settings.balance, random);
      return { model: name, deployments: order.map((index) => deployments[index] as ServingDeployment) };
    });
    for (const step of planCalls(planned)) {
      if (this.#calls >= MOST_CALLS || this.#exchange.reply.isGone) break;
      if (!this.#isWorthwhile(step)) continue;
      const then = await this.#try(step);
      if (this.#exchange.answer !== null) return;
      if (then === 'over') break;
    }
    throw this.#failure ?? this.#unavailable(planned.flatMap(({ deployments }) => deployments));
  }

  /** Whether a step can change anything after what failed. */
  #isWorthwhile({ deployment }: Step<ServingDeployment>): boolean {
    const failure = this.#failure;
    if (failure === null) return true;
    if (failure instanceof UpstreamError && failure.isRetryable) return true;
    return deployment.provider !== this.#failedAt?.provider;
  }

  /** `over`: no further step may be tried. */
  async #try(step: Step<ServingDeployment>): Promise<'next' | 'over'> {
    const { deployment, model } = step;
    try {
      providerOf(deployment, this.#services);
    } catch (thrown) {
      this.#note(thrown, deployment);
      return 'next';
    }
    const wait = this.#waitBefore(deployment);
    if (wait > LONGEST_WAIT_MS) return 'next';
    const state = this.#services.board.of(deployment.id);
    if (wait === 0 && state.admit() === 'open') return 'next';
    if (this.#calls > 0 && !this.#services.retryBudget.spend()) {
      state.breaker.abandoned();
      return 'over';
    }
    if (wait > 0) {
      await pause(Math.max(wait, state.askedPause()) + 1, this.#exchange.abort.signal);
      if (this.#exchange.reply.isGone) return 'over';
      if (state.admit() === 'open') return 'next';
    }
    const refusal = await this.#hold(model);
    if (refusal !== null) {
      state.breaker.abandoned();
      this.#failure ??= refusal;
      return 'next';
    }
    return this.#call(deployment, state);
  }

  /** Milliseconds; only the deployment that just failed is waited for. */
  #waitBefore(deployment: ServingDeployment): number {
    if (this.#failedAt?.id !== deployment.id) return 0;
    const asked = this.#failure instanceof UpstreamError ? this.#failure.retryAfterSeconds : undefined;
    return pauseBeforeRetry(this.#calls - 1, asked, this.#services.random());
  }

  /** Makes sure that budgets hold what this attempt and those before it may cost; tells of a fallback. */
  async #hold(name: string): Promise<BinnacleError | null> {
    const exchange = this.#exchange;
    if (this.#calls === 0 && name === this.#asked) return null;
    const model = exchange.snapshot.models.get(name);
    if (model === undefined) return null;
    const now = this.#services.clock.now();
    const isOther = name !== exchange.route?.model;
    const { budget } = exchange;
    const hard = budget?.claims.find(({ rule }) => rule.hard);
    const weighing = hard === undefined ? 'estimated' : 'counted';
    const worst = isOther ? worstCase(exchange, model, now, weighing) : exchange.reservedUsd;
    if (budget !== null) {
      if (worst === null && hard !== undefined) return unpricedRefused(name, hard.rule.name);
      const missing = keptUsd(exchange) + (worst ?? 0n) - budget.amount;
      const refusal = missing > 0n ? await this.#services.budgets.raise(budget, missing) : null;
      if (refusal !== null) return budgetExceeded(refusal, now);
    }
    exchange.reservedUsd = worst;
    if (isOther) exchange.route = { model: name, reason: this.#reasonOf() };
    if (isOther || keptUsd(exchange) > 0n) this.#services.spool.append(beginRow(exchange));
    return null;
  }

  #reasonOf(): string {
    const why = this.#failure instanceof UpstreamError ? this.#failure.kind : 'unavailable';
    return `fallback from ${this.#asked} (${why})`;
  }

  async #call(deployment: ServingDeployment, state: DeploymentState): Promise<'next' | 'over'> {
    const exchange = this.#exchange;
    this.#calls += 1;
    state.inFlight += 1;
    exchange.deployment = state;
    try {
      exchange.answer = await attemptCall(exchange, deployment, this.#services);
      this.#succeeded(state, exchange.attempts.at(-1));
      return 'over';
    } catch (thrown) {
      state.inFlight -= 1;
      exchange.deployment = null;
      priceFailure(exchange);
      const isTheirs =
        thrown instanceof UpstreamError && (thrown.isRetryable || thrown.kind === 'authentication');
      if (isTheirs) state.breaker.failed();
      else state.breaker.abandoned();
      if (thrown instanceof UpstreamError && thrown.isRetryable && thrown.retryAfterSeconds !== undefined)
        state.leaveAloneFor(thrown.retryAfterSeconds);
      return this.#afterFailure(thrown, deployment, isTheirs);
    }
  }

  #succeeded(state: DeploymentState, attempt: Attempt | undefined): void {
    if (attempt !== undefined) state.noteLatency(attempt.ttft_ms ?? attempt.latency_ms);
    // A stream's success is told when it is whole; a probe must not wait for that.
    if (this.#exchange.answer?.kind !== 'stream' || state.breaker.peek() !== 'closed')
      state.breaker.succeeded();
  }

  /** The caller's own mistakes are told at once; a fallback that can't do what was asked leaves the failure before it standing. */
  #afterFailure(thrown: unknown, deployment: ServingDeployment, isTheirs: boolean): 'next' | 'over' {
    if (isTheirs) {
      this.#note(thrown, deployment);
      return 'next';
    }
    if (this.#failure !== null && !this.#exchange.abort.signal.aborted) return 'next';
    this.#failure = thrown;
    return 'over';
  }

  #note(thrown: unknown, deployment: ServingDeployment): void {
    this.#failure = thrown;
    this.#failedAt = deployment;
  }

  /** Nothing was called: all are out for the moment. */
  #unavailable(deployments: readonly ServingDeployment[]): BinnacleError {
    const [first] = deployments;
    if (first === undefined)
      return new BinnacleError({
        code: 'no_deployment',
        message: `The model "${this.#asked}" has no deployment in models.yaml.`,
        httpStatus: 502,
      });
    const pauses = deployments.map(({ id }) => this.#services.board.of(id).askedPause());
    const asked = Math.min(...pauses);
    const providers = [...new Set(deployments.map(({ provider }) => provider))].join(', ');
    return new UpstreamError({
      kind: asked > 0 ? 'rate_limited' : 'overloaded',
      provider: first.provider,
      message:
        asked > 0
          ? `${providers} asked to be left alone for ${Math.ceil(asked / 1000)} s more.`
          : `${providers} failed repeatedly and is not called for the moment.`,
      retryAfterSeconds: asked > 0 ? asked / 1000 : 1,
    });
  }
}

/** Fixes what the attempt that just failed may be billed: the reservation of its own model. */
function priceFailure({ attempts, reservedUsd }: Exchange): void {
  const attempt = attempts.at(-1);
  if (attempt === undefined || !mayBeBilled(attempt.error_kind)) return;
  attempt.usage_source = 'reserved';
  attempt.cost_usd = reservedUsd === null ? null : formatUsd(reservedUsd);
}

export function call(services: CallServices): Stage {
  return {
    name: 'call',
    async enter(exchange) {
      const model = exchange.snapshot.models.get(exchange.route?.model ?? '');
      if (model === undefined) throw new Error('The route stage lets no unknown model through.');
      exchange.reply.onGone(() => {
        const timer = setTimeout(() => exchange.abort.abort(), services.drainMs).unref();
        exchange.abort.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      await new Attempts(exchange, services).run(model);
    },
    complete(exchange) {
      const state = exchange.deployment;
      if (state === null) return;
      exchange.deployment = null;
      state.inFlight -= 1;
      if (exchange.answer?.kind !== 'stream') return;
      const { outcome } = exchange;
      const broke = outcome?.status === 'error' && outcome.error instanceof UpstreamError;
      if (broke) state.breaker.failed();
      else if (outcome?.status === 'ok' && state.breaker.peek() === 'closed') state.breaker.succeeded();
    },
  };
}
