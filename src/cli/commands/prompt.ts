// `binnacle prompt …`: the prompts of a workspace, their versions, what changed between them, and their pages.
import type { Command } from 'commander';
import type { CommandLine } from '../command.ts';
import { registerDiff } from './prompt-diff.ts';
import { registerDocs } from './prompt-docs.ts';
import { registerList } from './prompt-list.ts';
import { registerLog } from './prompt-log.ts';
import { registerRender } from './prompt-render.ts';
import { registerShow } from './prompt-show.ts';
import { registerTag } from './prompt-tag.ts';

export function register(command: Command, line: CommandLine): void {
  registerList(command, line);
  registerShow(command, line);
  registerLog(command, line);
  registerDiff(command, line);
  registerRender(command, line);
  registerTag(command, line);
  registerDocs(command, line);
}
