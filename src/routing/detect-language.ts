// The language of a text, by the detector that is loaded only when a rule asks for languages.
import type { DetectLanguage } from './rules.ts';

/** Detection reads no more than this, UTF-16 units: enough to tell, bounded against huge texts. */
const MAX_TEXT = 2000;

/** Loads the detector: ISO 639-1 codes, an empty string where it can't tell. */
export async function loadLanguageDetector(): Promise<DetectLanguage> {
  const { detect } = await import('tinyld');
  return (text) => detect(text.slice(0, MAX_TEXT));
}
