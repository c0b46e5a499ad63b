// How values are shown, the same everywhere on the page. Elements are made with text content only.
export const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
export const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
export const moment = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
export const whole = new Intl.NumberFormat();

export function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

export const money = (usd) => (usd === null ? 'not priced' : usd);
export const named = (text) => (text === '' ? '–' : text);
export const tokensIn = (usage) =>
  usage === null ? null : usage.input + usage.cache_read + usage.cache_write;
export const tokensOut = (usage) => (usage === null ? null : usage.output + usage.reasoning);
export const count = (value) => (value === null ? '–' : whole.format(value));

export function promptName(interaction) {
  if (interaction.prompt === '') return '–';
  return interaction.version === '' ? interaction.prompt : `${interaction.prompt}@${interaction.version}`;
}
