// References from guardrails.yaml, alerts.yaml, runbooks, experiments, rollouts and binnacle.yaml.
import { parseAlertAction } from '../../contract/alert-action.ts';
import { checkGuardrailSet } from './guardrail-set.ts';
import type { ReferenceScope } from './scope.ts';

export function checkOperations(scope: ReferenceScope): void {
  checkGuardrails(scope);
  checkAlerts(scope);
  checkRunbooks(scope);
  checkLiveChanges(scope);
  checkSettings(scope);
}

function checkGuardrails(scope: ReferenceScope): void {
  const { guardrails: item } = scope.workspace;
  const sets = Object.keys(item.value.sets);
  for (const [name, set] of Object.entries(item.value.sets))
    checkGuardrailSet(scope, item, ['sets', name], set);
  for (const [key, set] of Object.entries(item.value.keys))
    scope.refer(item, ['keys', key], 'guardrail set', set, sets, 'guardrails.yaml');
}

/** Where a workspace has no channels or no runbooks at all yet, an action that names one is a warning: the incident still shows. */
function checkAlerts(scope: ReferenceScope): void {
  const { alerts: item, settings, runbooks } = scope.workspace;
  const hasChannels = Object.keys(settings.value.channels).length > 0;
  for (const [index, rule] of item.value.entries()) {
    const path = [index, 'action'];
    for (const action of parseAlertAction(rule.action).actions) {
      if (action.type === 'notify') {
        if (hasChannels) scope.channel(item, path, action.channel);
        else
          scope.report(
            item,
            path,
            'no_channels',
            `nobody will be told: binnacle.yaml has no channels yet. Add one named "${action.channel}".`,
            'warning',
          );
      }
      if (action.type === 'trigger-runbook') {
        if (runbooks.size > 0) scope.runbook(item, path, action.runbook);
        else
          scope.report(
            item,
            path,
            'no_runbooks',
            `no runbook will run: there is no runbooks/${action.runbook}.yaml yet.`,
            'warning',
          );
      }
    }
    if (rule.escalate !== undefined)
      scope.channel(item, [index, 'escalate', 'channel'], rule.escalate.channel);
    const { prompt, model, version } = rule.condition.where;
    if (prompt !== undefined) scope.prompt(item, [index, 'condition', 'where', 'prompt'], prompt);
    if (model !== undefined) scope.model(item, [index, 'condition', 'where', 'model'], model);
    if (prompt !== undefined && version !== undefined)
      scope.version(item, [index, 'condition', 'where', 'version'], prompt, version);
  }
}

function checkRunbooks(scope: ReferenceScope): void {
  for (const item of scope.workspace.runbooks.values()) {
    for (const [index, step] of item.value.steps.entries()) {
      const path = ['steps', index];
      if ('suite' in step && step.suite !== undefined) scope.suite(item, [...path, 'suite'], step.suite);
      if ('prompt' in step && step.prompt !== undefined) scope.prompt(item, [...path, 'prompt'], step.prompt);
      if ('model' in step && step.model !== undefined) scope.model(item, [...path, 'model'], step.model);
      if ('channel' in step) scope.channel(item, [...path, 'channel'], step.channel);
      if ('rollout' in step && step.rollout !== undefined) {
        scope.refer(
          item,
          [...path, 'rollout'],
          'rollout',
          step.rollout,
          [...scope.workspace.rollouts.keys()],
          'rollouts/',
        );
      }
      if (step.step === 'run_evaluation') {
        for (const [place, model] of (step.models ?? []).entries())
          scope.model(item, [...path, 'models', place], model);
        if (step.prompt !== undefined && step.version !== undefined)
          scope.version(item, [...path, 'version'], step.prompt, step.version);
      }
    }
  }
}

function checkLiveChanges(scope: ReferenceScope): void {
  for (const item of scope.workspace.experiments.values()) {
    scope.prompt(item, ['prompt'], item.value.prompt);
    for (const [index, variant] of item.value.variants.entries()) {
      if (variant.version !== undefined)
        scope.version(item, ['variants', index, 'version'], item.value.prompt, variant.version);
      if (variant.model !== undefined) scope.model(item, ['variants', index, 'model'], variant.model);
    }
  }
  for (const item of scope.workspace.rollouts.values()) {
    const { prompt, from, to, runbook } = item.value;
    scope.prompt(item, ['prompt'], prompt);
    scope.version(item, ['from'], prompt, from);
    scope.version(item, ['to'], prompt, to);
    if (runbook !== undefined) scope.runbook(item, ['runbook'], runbook);
  }
}

function checkSettings(scope: ReferenceScope): void {
  const { settings: item } = scope.workspace;
  for (const kind of ['limits', 'budgets'] as const) {
    for (const [index, rule] of item.value[kind].entries()) {
      if (rule.subject === 'prompt' && rule.of !== undefined)
        scope.prompt(item, [kind, index, 'of'], rule.of);
    }
  }
  const { sampling, probes } = item.value;
  for (const [index, use] of sampling.judges.entries())
    scope.judge(item, ['sampling', 'judges', index, 'judge'], use.judge);
  for (const [index, use] of sampling.scorers.entries())
    scope.scorer(item, ['sampling', 'scorers', index, 'scorer'], use.scorer);
  if (probes === undefined) return;
  if (probes.suite !== undefined) checkProbeSuite(scope, probes.suite);
  for (const [index, model] of probes.models.entries()) scope.model(item, ['probes', 'models', index], model);
}

/** Probes ask the same every time, with one prompt. */
function checkProbeSuite(scope: ReferenceScope, name: string): void {
  const { settings: item, suites } = scope.workspace;
  const path = ['probes', 'suite'];
  scope.suite(item, path, name);
  const suite = suites.get(name)?.value;
  if (suite === undefined) return;
  if (suite.prompt === undefined)
    scope.report(
      item,
      path,
      'probe_suite',
      `the suite "${name}" names no "prompt" that probes could ask its cases with`,
    );
  if (suite.cases_from.some((source) => 'interactions' in source))
    scope.report(
      item,
      path,
      'probe_suite',
      `the suite "${name}" draws cases from interactions: probes need cases that stay the same`,
    );
}
