// The machine: Node, Git, disk.
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeBytes, gitVersion, LEAST_FREE_BYTES, requireNode } from '../../app/preflight.ts';
import { messageOf } from '../../kernel/errors.ts';
import { fault, ok, warning, type Finding } from './finding.ts';

const GIBIBYTE = 1024 ** 3;
/** Below this a warning: a few days of busy traffic. */
const COMFORTABLE_FREE_BYTES = 2 * GIBIBYTE;

export function checkNode(version: string): Finding {
  try {
    requireNode(version);
    return ok('node', version);
  } catch (error) {
    return fault('node', version, messageOf(error));
  }
}

export async function checkGit(): Promise<Finding> {
  const version = await gitVersion();
  return version === null
    ? warning('git', 'not installed', 'Install Git: without it only the current prompt versions are served.')
    : ok('git', version);
}

/** The nearest folder that is there: the data folder is made at the first start. */
async function existingParent(folder: string): Promise<string> {
  for (let current = folder; ; current = dirname(current)) {
    try {
      await access(current);
      return current;
    } catch {
      if (dirname(current) === current) return current;
    }
  }
}

export async function checkDisk(dataFolder: string): Promise<Finding> {
  const folder = await existingParent(dataFolder);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return fault(
      'disk',
      `${folder} can not be written`,
      'Change its owner, or set data_dir in binnacle.yaml.',
    );
  }
  const free = await freeBytes(folder);
  const detail = `${(free / GIBIBYTE).toFixed(1)} GiB free where ${dataFolder} lies`;
  const advice = 'Free some space, shorten retention in binnacle.yaml, or set data_dir to another disk.';
  if (free < LEAST_FREE_BYTES) return fault('disk', detail, advice);
  return free < COMFORTABLE_FREE_BYTES ? warning('disk', detail, advice) : ok('disk', detail);
}
