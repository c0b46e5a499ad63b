// Generated Python: right, wrong, leaving early, and every escape contained.
import { afterAll, describe, expect, test } from 'vitest';
import type { ScorerResult } from '../scorer.ts';
import { pythonScorer } from './python-scorer.ts';
import { hasNetworkBarrier } from './sandbox-launch.ts';

// A secret of the process that scores: no program may see it.
process.env['SCORER_CANARY'] = 'a-canary';
const scorer = pythonScorer();
afterAll(async () => scorer.close?.());
const score = async (output: string, codeTests = ''): Promise<ScorerResult> =>
  scorer.score({ output, codeTests });

/** `npm run proof` asks for more rounds. */
const ROUNDS = Array.from({ length: Number(process.env['ESCAPE_ROUNDS'] ?? 1) }, (_, index) => index + 1);

describe('python', { timeout: 120_000 }, () => {
  test('a right program, a wrong one, one that does not parse', async () => {
    expect(await score('def f(x):\n    return x + 1', 'assert f(1) == 2')).toMatchObject({ score: 1 });
    expect(await score('def f(x):\n    return x', 'assert f(1) == 2')).toMatchObject({
      score: 0,
      reason: 'AssertionError',
    });
    expect((await score('def f(', 'assert True')).score).toBe(0);
  });

  test('breadth: collections, classes, dataclasses, typing, unittest', async () => {
    const program = `
import collections, dataclasses, re, unittest
from typing import Optional
@dataclasses.dataclass
class Point:
    x: int
    y: Optional[int] = None
class T(unittest.TestCase):
    def test(self):
        self.assertEqual(collections.Counter('aab')['a'], 2)
        self.assertEqual(Point(1) , Point(1, None))
        self.assertEqual({'a': 1} | {'b': 2}, {'a': 1, 'b': 2})
assert unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()
`;
    expect(await score(program)).toMatchObject({ score: 1 });
  });

  test.each([
    ['sys.exit', 'import sys\nsys.exit(0)'],
    ['os._exit', 'import os\nos._exit(0)'],
    ['SystemExit', 'raise SystemExit'],
    ['quit', 'quit()'],
  ])('leaving early is not passing: %s', async (_, program) => {
    expect((await score(program, 'assert True')).score).toBe(0);
  });

  test('an endless loop ends at the deadline, and the next program runs', async () => {
    const result = await score('while True:\n    pass');
    expect(result).toMatchObject({ score: 0, reason: 'not done after 5 s' });
    expect(await score('x = 1')).toMatchObject({ score: 1 });
  });

  describe.each(ROUNDS)('round %i', () => {
    test.each([
      ['memory', 'x = [0] * 10\nwhile True:\n    x += x'],
      [
        'memory in files',
        "b = b'x' * 10_000_000\nwith open('/tmp/f', 'wb') as f:\n    while True:\n        f.write(b)",
      ],
      ['recursion', 'def f():\n    return f()\nf()'],
      ['files', "open('/etc/passwd').read()"],
      ['own source', `open(${JSON.stringify(import.meta.filename)}).read()`],
      ['environment', "import os\nos.environ['SCORER_CANARY']"],
      ['processes', "open('/proc/self/environ').read()"],
      [
        'the folder above',
        "import os\nopen(os.path.join(os.path.dirname(os.__file__), '..', '..', '..', 'package.json')).read()",
      ],
      ['native calls', "import ctypes\nctypes.CDLL(None).system(b'true')"],
      ['network', "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:7070', timeout=2)"],
      ['sockets', "import socket\nsocket.create_connection(('127.0.0.1', 7070), 2)"],
      ['children', "import os\nassert os.system('true') == 0"],
      ['children again', "import subprocess\nsubprocess.run(['true'], check=True)"],
      ['JavaScript', 'import js\njs.fetch'],
      ['Pyodide', 'import pyodide_js\npyodide_js.runPython'],
      ['code in JavaScript', "from pyodide.code import run_js\nrun_js('process.exit(0)')"],
      [
        'by a constructor',
        "from pyodide.ffi import to_js\nto_js([1]).constructor.constructor('return process')().exit(0)",
      ],
    ])('contained: %s', async (_, program) => {
      expect((await score(program)).score).toBe(0);
    });
  });

  test('the environment is empty of ours; programs do not see each other', async () => {
    const secret = "import os\nassert not any('KEY' in k or 'TOKEN' in k or 'NODE' in k for k in os.environ)";
    expect(await score(secret)).toMatchObject({ score: 1 });
    await score("import builtins\nbuiltins.left = 1\nopen('/tmp/left', 'w').write('x')");
    for (let turn = 0; turn < 3; turn += 1)
      expect(
        await score(
          "import builtins, os\nassert not hasattr(builtins, 'left')\nassert not os.path.exists('/tmp/left')",
        ),
      ).toMatchObject({ score: 1 });
  });

  test.runIf(process.platform === 'linux')('the network barrier is known', () => {
    expect(typeof hasNetworkBarrier()).toBe('boolean');
  });
});
