// References from suites and judges.
import { compileTemplate, isTemplateFault } from '../../kernel/template.ts';
import type { ReferenceScope } from './scope.ts';

const JUDGE_VARIABLES = [
  'question',
  'response',
  'response_a',
  'response_b',
  'context',
  'reference',
  'rubric',
  'minimum',
  'maximum',
];

export function checkQuality(scope: ReferenceScope): void {
  for (const item of scope.workspace.suites.values()) {
    const { prompt, version, models, scorers, cases_from: sources } = item.value;
    if (prompt !== undefined) {
      scope.prompt(item, ['prompt'], prompt);
      if (version !== undefined) scope.version(item, ['version'], prompt, version);
    }
    for (const [index, model] of (models ?? []).entries()) scope.model(item, ['models', index], model);
    for (const [index, use] of scorers.entries())
      scope.scorer(item, ['scorers', index, 'scorer'], use.scorer);
    for (const [index, source] of sources.entries()) {
      if ('file' in source)
        scope.refer(
          item,
          ['cases_from', index, 'file'],
          'case file',
          source.file,
          [...scope.workspace.paths].filter((path) => path.startsWith('suites/')),
          'suites/',
        );
      else if (source.interactions.prompt !== undefined)
        scope.prompt(item, ['cases_from', index, 'interactions', 'prompt'], source.interactions.prompt);
    }
  }
  for (const item of scope.workspace.judges.values()) {
    const { model, jury, prompt_template: text } = item.value;
    if (model !== undefined) scope.model(item, ['model'], model);
    for (const [index, member] of (jury ?? []).entries()) scope.model(item, ['jury', index], member);
    const template = compileTemplate(text);
    if (isTemplateFault(template)) continue;
    for (const variable of new Set(template.names)) {
      scope.refer(item, ['prompt_template'], 'judge variable', variable, JUDGE_VARIABLES, 'the program');
    }
  }
}
