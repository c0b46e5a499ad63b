// One request never mixes two prompt versions: a gateway whose workspace changes each time it is looked at serves every request, whole or
// streamed, from one version in all of its parts, and records that one.
import { expect, it } from 'vitest';
import type { Snapshot } from '../../src/contract/snapshot.ts';
import { prepareSnapshot, type ServingSnapshot } from '../../src/gateway/serving-snapshot.ts';
import { scratchSnapshot, startScratchGateway } from './scratch-gateway.ts';

const PARTS = {
  'marked-a': { version: '1.0', temperature: 0.1, model: 'small' },
  'marked-b': { version: '2.0', temperature: 0.9, model: 'large' },
} as const;
type Mark = keyof typeof PARTS;

function marked(baseUrl: string, mark: Mark): ServingSnapshot {
  const whole = scratchSnapshot(baseUrl);
  const known = whole.prompts['customer-support']?.versions['3.2'];
  if (known === undefined) throw new Error('the scratch workspace has lost its prompt');
  const { version, temperature, model } = PARTS[mark];
  const prompt = {
    ...known,
    version,
    promptId: `customer-support-v${version}`,
    model,
    systemPrompt: `${mark}: {context}`,
    userPromptTemplate: `${mark}: {question}`,
    parameters: { temperature },
    digest: mark.padEnd(64, '0'),
  };
  const prompts: Snapshot['prompts'] = {
    'customer-support': { versions: { [version]: prompt }, labels: { production: version } },
  };
  return prepareSnapshot({ ...whole, version: mark, prompts }, (text) => ({ text, missing: [] }));
}

it('a request sees one version, whatever changes meanwhile', async () => {
  const snapshots: ServingSnapshot[] = [];
  let looks = 0;
  await using gateway = await startScratchGateway(
    {},
    { currentSnapshot: () => snapshots[looks++ % 2] ?? null },
  );
  snapshots.push(marked(gateway.upstream.baseUrl, 'marked-a'), marked(gateway.upstream.baseUrl, 'marked-b'));
  const served = new Set<string>();
  for (let index = 0; index < 40; index += 1) {
    // Now and then somebody else looks, so that requests begin with either.
    if (index % 3 === 0) looks += 1;
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        prompt: { id: 'customer-support', variables: { context: 'open', question: `When ${index}?` } },
        stream: index % 2 === 0,
      }),
    });
    expect(answer.status, await answer.text()).toBe(200);
    const name = answer.headers.get('x-binnacle-prompt') ?? '';
    served.add(name);
    const mark: Mark = name === 'customer-support@1.0' ? 'marked-a' : 'marked-b';
    const { version, temperature, model } = PARTS[mark];
    expect(name).toBe(`customer-support@${version}`);
    expect(gateway.upstream.requests.at(-1)).toMatchObject({
      model,
      temperature,
      messages: [{ content: `${mark}: open` }, { content: `${mark}: When ${index}?` }],
    });
    expect(answer.headers.get('x-binnacle-model')).toBe(model);
    const id = answer.headers.get('x-binnacle-interaction');
    const row = (await gateway.ends()).find((end) => end.id === id);
    expect(row).toMatchObject({ prompt: 'customer-support', version, model });
  }
  expect(served.size, 'both versions were served').toBe(2);
}, 60_000);
