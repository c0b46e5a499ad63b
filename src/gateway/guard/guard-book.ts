// The guardrails of a snapshot, compiled once for each prompt version, key and the rest, and looked up by every request. A guardrail that
// can't be set up is not left out silently: it stands in the list and fails each scan, so that `on_error` decides.
import {
  guardrailsConfigurationSchema,
  type GuardrailsConfiguration,
  type GuardrailUse,
} from '../../contract/guardrails.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { ThrottleRule } from '../../limits/abuse-throttle.ts';
import type { Logger } from '../../kernel/logger.ts';
import {
  compileGuardrails,
  type CompiledGuardrails,
  type GuardrailScope,
  type RunElsewhere,
} from '../../safety/engine.ts';
import { failingGuardrail } from '../../safety/failing-guardrail.ts';
import type { GuardrailServices, PolicyJudge } from '../../safety/guardrail.ts';
import type { Exchange } from '../exchange.ts';
import type { ServingSnapshot } from '../serving-snapshot.ts';
import type { AskPolicyJudge } from './guardrail-judge.ts';

export interface GuardBookOptions {
  readonly services: GuardrailServices;
  /** Where guardrails run that are too dear for the event loop. */
  readonly elsewhere?: RunElsewhere;
  readonly logger: Logger;
  /** Puts secrets into a guardrail's options (`${NAME}`). */
  readonly resolve?: (text: string) => string;
}

type Compiled = CompiledGuardrails | Promise<CompiledGuardrails>;

interface Page {
  readonly configuration: GuardrailsConfiguration;
  /** Why the snapshot's guardrails are not understood: then everything is stopped. */
  readonly fault: string | null;
  readonly compiled: Map<string, Compiled>;
  readonly throttle: ThrottleRule | null;
}

function throttleIn({ throttle }: GuardrailsConfiguration): ThrottleRule | null {
  if (throttle === undefined) return null;
  const { findings, within, requests_per_minute: requestsPerMinute } = throttle;
  return { findings, within, requestsPerMinute, lasts: throttle.for };
}

/** Stands for a configuration that can't be read. */
const UNREAD: GuardrailsConfiguration = guardrailsConfigurationSchema.parse({});

function resolveOptions(value: unknown, resolve: (text: string) => string): unknown {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((item) => resolveOptions(item, resolve));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolveOptions(item, resolve)]),
  );
}

export class GuardBook {
  readonly #options: GuardBookOptions;
  readonly #pages = new WeakMap<ServingSnapshot, Page>();

  #judge: AskPolicyJudge | null = null;

  constructor(options: GuardBookOptions) {
    this.#options = options;
  }

  /** Who is asked for verdicts: the gateway that these guardrails stand in, which is there later than they are. */
  judgeBy(judge: AskPolicyJudge): void {
    this.#judge = judge;
  }

  /** The guardrails of this exchange's prompt version, key or the rest; a promise only before its first use is over. */
  of(exchange: Pick<Exchange, 'snapshot' | 'prompt' | 'key'>): Compiled {
    const { snapshot, prompt, key } = exchange;
    const page = this.#page(snapshot);
    const own = prompt?.guardrails ?? null;
    const keyed = key !== null && (key.id in page.configuration.keys || key.name in page.configuration.keys);
    const name = own !== null && prompt !== null ? `prompt ${prompt.digest}` : keyed ? `key ${key.id}` : '';
    const known = page.compiled.get(name);
    if (known !== undefined) return known;
    const scope = own !== null ? { prompt: own } : keyed ? { key: [key.id, key.name] } : {};
    const { configuration, fault } = page;
    const made =
      fault === null
        ? this.#compile(configuration, scope, snapshot)
        : Promise.resolve(unusable(configuration, fault));
    const pending = made.then((compiled) => {
      page.compiled.set(name, compiled);
      return compiled;
    });
    page.compiled.set(name, pending);
    return pending;
  }

  /** How users are slowed down whose requests keep triggering guardrails; null: not at all. */
  throttleOf(snapshot: ServingSnapshot): ThrottleRule | null {
    return this.#page(snapshot).throttle;
  }

  /** Compiles what a snapshot names, so that its first requests do not wait for it. */
  async prepare(snapshot: ServingSnapshot): Promise<void> {
    const versions = Object.values(snapshot.snapshot.prompts).flatMap((prompt) =>
      Object.values(prompt.labels).flatMap((version) => prompt.versions[version] ?? []),
    );
    await this.of({ snapshot, prompt: null, key: null });
    for (const prompt of versions) await this.of({ snapshot, prompt, key: null });
  }

  #page(snapshot: ServingSnapshot): Page {
    const known = this.#pages.get(snapshot);
    if (known !== undefined) return known;
    const read = guardrailsConfigurationSchema.safeParse(snapshot.snapshot.guardrails ?? {});
    if (!read.success)
      this.#options.logger.log(
        'error',
        'guardrails of the snapshot are not understood: nothing is let through',
        {
          error: messageOf(read.error),
        },
      );
    const configuration = read.success ? read.data : UNREAD;
    const page = {
      configuration,
      fault: read.success ? null : messageOf(read.error),
      compiled: new Map<string, Compiled>(),
      throttle: throttleIn(configuration),
    };
    this.#pages.set(snapshot, page);
    return page;
  }

  #servicesFor(snapshot: ServingSnapshot): GuardrailServices {
    const judge: PolicyJudge = (question) =>
      this.#judge === null
        ? Promise.reject(new Error('no judge can be asked here'))
        : this.#judge(snapshot, question);
    return { ...this.#options.services, judge };
  }

  async #compile(
    configuration: GuardrailsConfiguration,
    scope: GuardrailScope,
    snapshot: ServingSnapshot,
  ): Promise<CompiledGuardrails> {
    const { elsewhere, logger, resolve } = this.#options;
    const services = this.#servicesFor(snapshot);
    const prepared = (use: GuardrailUse): GuardrailUse => ({
      ...use,
      options:
        resolve === undefined
          ? use.options
          : (resolveOptions(use.options, resolve) as GuardrailUse['options']),
    });
    try {
      return await compileGuardrails(configuration, scope, services, elsewhere, {
        prepare: prepared,
        onFailure: (use, error) =>
          logger.log('error', 'a guardrail can not run', {
            guardrail: use.guardrail,
            error: messageOf(error),
          }),
      });
    } catch (error) {
      logger.log('error', 'guardrails can not be set up', { error: messageOf(error) });
      return unusable(configuration, messageOf(error));
    }
  }
}

/** Stands for guardrails whose set is missing: each scan fails, and `on_error` decides. */
function unusable(configuration: GuardrailsConfiguration, reason: string): CompiledGuardrails {
  const failing = failingGuardrail('guardrails', configuration.on_error, reason);
  return {
    input: [failing],
    output: [failing],
    streams: configuration.streams,
    windowTokens: 64,
    pseudonymise: false,
    asksModels: false,
    message: configuration.message,
  };
}
