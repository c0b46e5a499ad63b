// One Markdown page a prompt: what it is for, who owns it, what its versions brought and cost. And an index. Pure.
import type { VersionNote } from '../contract/version-note.ts';
import { shownUsd } from '../kernel/money.ts';

export interface DocumentedVersion {
  readonly version: string;
  readonly labels: readonly string[];
  readonly tags: readonly string[];
  readonly commit: string | null;
  /** ISO date; null when not committed. */
  readonly date: string | null;
  readonly author: string | null;
  readonly reason: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly note: VersionNote | undefined;
}

export interface DocumentedPrompt {
  readonly name: string;
  readonly promptId: string;
  /** Label, value; in order. Missing points have no value. */
  readonly points: readonly { readonly label: string; readonly value: string | undefined }[];
  readonly keyMetrics: readonly string[];
  readonly suite: string | null;
  readonly variables: readonly string[];
  readonly contextVariable: string;
  readonly guardrails: string;
  readonly policies: readonly string[];
  readonly systemPrompt: string | null;
  readonly userPromptTemplate: string | null;
  /** Newest first. */
  readonly versions: readonly DocumentedVersion[];
}

/** Text in a Markdown line or table cell: no markup of its own, no line break, no cell border. */
export function markdownText(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, '\\$&')
    .trim();
}

/** A fenced block whose fence is longer than any run of backticks inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.endsWith('\n') ? text : `${text}\n`}${fence}`;
}

/** "0.86 (0.81 to 0.90, 120 cases)", or that it was not measured. */
export function qualityText(note: VersionNote | undefined): string {
  const quality = note?.quality;
  if (quality === undefined) return 'not measured';
  const [low, high] = quality.interval;
  const simulated = note?.simulated === true ? ', simulated' : '';
  return `${quality.score.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}, ${quality.cases} cases${simulated})`;
}

/** "+12.50 US$ a month", or that it was not measured. */
export function costChangeText(note: VersionNote | undefined): string {
  const change = note?.monthly_cost_change_usd;
  if (change === undefined) return 'not measured';
  return `${change.startsWith('-') ? '' : '+'}${change.replace(/^\+/, '')} US$ a month`;
}

/** The page of one prompt. */
export function promptPage(prompt: DocumentedPrompt): string {
  const points = prompt.points.map(
    ({ label, value }) => `- **${label}:** ${value === undefined ? '_not stated_' : markdownText(value)}`,
  );
  const list = (values: readonly string[]): string =>
    values.length === 0 ? 'none' : values.map((value) => `\`${value}\``).join(', ');
  const facts = [
    `- **Variables:** ${list(prompt.variables)} (groundedness is measured against \`${prompt.contextVariable}\`)`,
    `- **Key metrics:** ${list(prompt.keyMetrics)}`,
    `- **Suite:** ${prompt.suite === null ? 'none' : `\`${prompt.suite}\``}`,
    `- **Guardrails:** ${markdownText(prompt.guardrails)}`,
    `- **Content policies:** ${list(prompt.policies)}`,
  ];
  const texts = [
    ...(prompt.systemPrompt === null ? [] : ['### System prompt', '', fenced(prompt.systemPrompt), '']),
    ...(prompt.userPromptTemplate === null
      ? []
      : ['### User prompt template', '', fenced(prompt.userPromptTemplate), '']),
  ];
  const head = [
    '| Version | Labels | Date | By | Reason | Model | Prompt tokens | Quality | Cost per request | Monthly cost change |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  const lines = [
    `# ${markdownText(prompt.name)}`,
    '',
    `Current version: \`${prompt.promptId}\`.`,
    '',
    ...points,
    ...facts,
    '',
    `## Text of ${prompt.promptId}`,
    '',
    ...texts,
    '## Versions',
    '',
    ...head,
    ...prompt.versions.map(versionRow),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function versionRow(version: DocumentedVersion): string {
  const cost = version.note?.cost_per_request_usd;
  const cells = [
    version.version,
    version.labels.join(', ') || '–',
    version.date ?? 'not committed',
    version.author === null ? '–' : markdownText(version.author),
    version.commit === null ? '–' : `${markdownText(version.reason)} (${version.commit.slice(0, 10)})`,
    markdownText(version.model),
    String(version.promptTokens),
    qualityText(version.note),
    cost === undefined ? 'not measured' : shownUsd(cost),
    costChangeText(version.note),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The index of all pages. */
export function promptIndex(workspace: string, prompts: readonly DocumentedPrompt[]): string {
  const rows = prompts.map((prompt) => {
    const owner = prompt.points.find((point) => point.label === 'Owner')?.value;
    const purpose = prompt.points.find((point) => point.label === 'Purpose')?.value;
    const missing = prompt.points.filter((point) => point.value === undefined).length;
    const production = prompt.versions.find((version) => version.labels.includes('production'));
    return `| [${markdownText(prompt.name)}](${encodeURIComponent(prompt.name)}.md) | ${production?.version ?? '–'} | ${markdownText(owner ?? '–')} | ${markdownText(purpose ?? '–')} | ${qualityText(production?.note)} | ${missing === 0 ? 'complete' : `${missing} missing`} |`;
  });
  const lines = [
    `# Prompts of ${markdownText(workspace)}`,
    '',
    '| Prompt | In production | Owner | Purpose | Quality | Documentation |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}
