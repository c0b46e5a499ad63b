// Reads the messages of a chat as other tools write them: a content that is a text, or parts of which the texts count. Pure.
type Json = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.filter(isJsonObject).map((part) => part['text']);
  return texts.filter((text) => typeof text === 'string').join('');
}

/** The texts of one role's messages, in their order. What is no message is passed over. */
export function textsOfRole(messages: unknown, role: string): string[] {
  if (!Array.isArray(messages)) return [];
  return messages
    .filter(isJsonObject)
    .filter((one) => one['role'] === role)
    .map((one) => textOf(one['content']));
}
