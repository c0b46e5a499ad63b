// What form an answer has: readings that are yes or no, taken from the text alone.

/** The forms read. */
export type FormatFeature = 'code-fence' | 'json' | 'list' | 'heading';

const READINGS: Readonly<Record<FormatFeature, (text: string) => boolean>> = {
  'code-fence': (text) => text.includes('```'),
  json: isJson,
  list: (text) => /^[ \t]{0,6}(?:[-*•+]|\d{1,3}[.)])[ \t]+\S/m.test(text),
  heading: (text) => /^#{1,6} \S|^\*\*[^*\n]{1,200}\*\*:?[ \t]*$/m.test(text),
};

export const FORMAT_FEATURES = Object.keys(READINGS) as readonly FormatFeature[];

/** Whether the text has the form. */
export function hasFormat(text: string, feature: FormatFeature): boolean {
  return READINGS[feature](text);
}

/** The whole text, or the whole content of its one code fence, is a JSON object or array. */
function isJson(text: string): boolean {
  const body = text.trim().replace(/^```(?:json)?\n([^]*)\n```$/, '$1');
  if (!/^[{[]/.test(body)) return false;
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
