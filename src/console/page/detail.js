// One interaction in full, as the parts of a dialog.
import { element, moment, promptName } from './display.js';

const milliseconds = (value) => (value === null ? null : `${Math.round(value)} ms`);
const dollars = (usd) => (usd === null ? 'not priced' : `US$ ${usd}`);

function facts(pairs) {
  const list = element('dl', undefined, 'facts');
  for (const [name, value] of pairs) {
    if (value === '' || value === null || value === undefined) continue;
    const pair = element('div', undefined, name === 'Error' ? 'whole' : undefined);
    pair.append(element('dt', name), element('dd', String(value)));
    list.append(pair);
  }
  return list;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function summary(detail) {
  return facts([
    ['Time', moment.format(new Date(detail.at))],
    ['Status', `${detail.status} (HTTP ${detail.http_status})`],
    ['Error', detail.error_message],
    ['Prompt', promptName(detail)],
    ['Model', detail.simulated ? `${detail.model} (simulated)` : detail.model],
    ['Route', detail.route],
    ['Cost', dollars(detail.cost_usd)],
    ['Latency', milliseconds(detail.latency_ms)],
    ['First token', milliseconds(detail.ttft_ms)],
    ['Finish', detail.finish_reason],
    ['Cache', detail.cache],
    ['Key', detail.key],
    ['User', detail.user],
    ['Session', detail.session],
    ['Tags', detail.tags.join(', ')],
  ]);
}

function tokens(usage) {
  if (usage === null) return [];
  const list = facts([
    ['Input, uncached', usage.input],
    ['Cache read', usage.cache_read],
    ['Cache write', usage.cache_write],
    ['Output', usage.output],
    ['Reasoning', usage.reasoning],
  ]);
  return [element('h3', 'Tokens'), list];
}

function attempt(one) {
  return facts([
    ['Provider and model', `${one.provider} / ${one.upstream_model}`],
    ['Result', one.error_kind ?? 'answered'],
    ['Latency', milliseconds(one.latency_ms)],
    ['Cost', dollars(one.cost_usd)],
    ['Token counts', one.usage_source],
  ]);
}

function each(title, items, pairsOf) {
  if (items.length === 0) return [];
  return [element('h3', `${title} (${items.length})`), ...items.map((item) => facts(pairsOf(item)))];
}

function payload(title, text) {
  if (text === '') return [];
  const shown = element('pre', pretty(text));
  // It scrolls, so the keyboard must reach it.
  shown.tabIndex = 0;
  shown.setAttribute('role', 'region');
  shown.setAttribute('aria-label', title);
  return [element('h3', title), shown];
}

export function detailParts(detail) {
  return [
    summary(detail),
    ...tokens(detail.usage),
    ...(detail.attempts.length === 0 ? [] : [element('h3', `Attempts (${detail.attempts.length})`)]),
    ...detail.attempts.map(attempt),
    ...each('Findings', detail.findings, (finding) => Object.entries(finding)),
    ...each('Scores', detail.scores, ({ scorer, score, reason }) => [
      ['Scorer', scorer],
      ['Score', score],
      ['Reason', reason],
    ]),
    ...each('Feedback', detail.feedback, ({ thumb, rating, comment, labels }) => [
      ['Thumb', thumb],
      ['Rating', rating],
      ['Comment', comment],
      ['Labels', labels.join(', ')],
    ]),
    ...payload('Request', detail.request_payload),
    ...payload('Answer', detail.response_payload),
  ];
}
