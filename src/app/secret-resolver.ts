// Secrets of a snapshot from the environment of this process: a reference that is not set stays as it stands and is named.
import type { ResolveSecrets } from '../gateway/serving-snapshot.ts';
import { resolveSecrets, secretNames, type Environment } from '../workspace/environment.ts';

export function secretResolver(environment: Environment): ResolveSecrets {
  return (text) => {
    const missing = secretNames(text).filter((name) => (environment[name] ?? '') === '');
    return { text: missing.length > 0 ? text : resolveSecrets(text, environment), missing };
  };
}
