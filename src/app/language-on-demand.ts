// The language detector of the routing rules, loaded only when a rule asks for a language.
import type { ServingSnapshot } from '../gateway/serving-snapshot.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { loadLanguageDetector } from '../routing/detect-language.ts';
import { rulesNeedLanguage, type DetectLanguage } from '../routing/rules.ts';

/** Loads the detector in the background when rules ask for languages; until it is there no language is known. */
export class LanguageOnDemand {
  readonly #logger: Logger;
  #detect: DetectLanguage | null = null;
  #asked = false;
  constructor(logger: Logger) {
    this.#logger = logger;
  }
  readonly detect: DetectLanguage = (text) => this.#detect?.(text) ?? '';
  async prepare(snapshot: ServingSnapshot): Promise<void> {
    if (this.#asked || !rulesNeedLanguage(snapshot.snapshot.routing)) return;
    this.#asked = true;
    try {
      this.#detect = await loadLanguageDetector();
    } catch (error) {
      this.#logger.log('error', 'language detector not loaded', { error: messageOf(error) });
    }
  }
}
