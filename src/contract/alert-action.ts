// What an alert rule does, in plain words: "notify operations team", "create incident, trigger evaluation runbook". Parts are separated
// by commas or "and"; each is one of the three sentences.

export type AlertAction =
  | { readonly type: 'notify'; readonly channel: string }
  | { readonly type: 'create-incident' }
  | { readonly type: 'trigger-runbook'; readonly runbook: string };

/** Reads the words of an action. Parts that are none of the sentences come back as `unknown`. */
export function parseAlertAction(text: string): {
  readonly actions: readonly AlertAction[];
  readonly unknown: readonly string[];
} {
  const actions: AlertAction[] = [];
  const unknown: string[] = [];
  for (const piece of text.split(/,| and |;/)) {
    const part = piece.trim().replace(/\.$/, '');
    if (part === '') continue;
    const action = parsePart(part);
    if (action === undefined) unknown.push(part);
    else actions.push(action);
  }
  return { actions, unknown };
}

function parsePart(part: string): AlertAction | undefined {
  if (/^(create|open) (an )?incident$/i.test(part)) return { type: 'create-incident' };
  const notify = /^notify (?:the )?(\S+)(?: (?:team|channel))?$/i.exec(part);
  if (notify !== null) return { type: 'notify', channel: notify[1] as string };
  const runbook = /^(?:trigger|start|run) (?:the )?(\S+) runbook$/i.exec(part);
  return runbook === null ? undefined : { type: 'trigger-runbook', runbook: runbook[1] as string };
}
