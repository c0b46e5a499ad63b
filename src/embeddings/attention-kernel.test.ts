// Products taken apart are the backend's own, with and without the second matrix turned, and leave nothing behind in its memory.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { pairwise, type MatrixKernel } from './attention-kernel.ts';

interface Tensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}
interface Kernel {
  readonly kernelFunc: MatrixKernel;
}
/** What the test uses of the package; its own types lead to packages that are not installed. */
interface Core {
  ready(): Promise<void>;
  getKernel(name: string, backend: string): Kernel;
  unregisterKernel(name: string, backend: string): void;
  registerKernel(kernel: Kernel): void;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  memory(): { readonly numDataBuffers: number; readonly numBytes: number };
}

const core = createRequire(import.meta.url)('@energetic-ai/core') as Core;
const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => Math.sin(index * 1.7) + index / count);

test.each([false, true])(
  'a batch gives what the backend gives (second matrix turned: %s)',
  async (isTurned) => {
    await core.ready();
    const a = core.tensor(numbers(2 * 4 * 9 * 5), [2, 4, 9, 5]);
    const b = core.tensor(numbers(2 * 4 * 5 * 7), isTurned ? [2, 4, 7, 5] : [2, 4, 5, 7]);
    const before = core.memory();
    const product = async (): Promise<Float32Array> => {
      const out = core.matMul(a, b, false, isTurned);
      const values = await out.data();
      out.dispose();
      return values;
    };
    const own = await product();
    const kernel = core.getKernel('BatchMatMul', 'wasm');
    const install = (kernelFunc: MatrixKernel): void => {
      core.unregisterKernel('BatchMatMul', 'wasm');
      core.registerKernel({ ...kernel, kernelFunc });
    };
    let calls = 0;
    install(
      pairwise((call) => {
        calls += 1;
        return kernel.kernelFunc(call);
      }),
    );
    const apart = await product();
    install(kernel.kernelFunc);
    expect(calls).toBe(8);
    expect(apart).toHaveLength(2 * 4 * 9 * 7);
    own.forEach((value, index) => expect(apart[index]).toBeCloseTo(value, 4));
    expect(core.memory()).toMatchObject({ numDataBuffers: before.numDataBuffers, numBytes: before.numBytes });
  },
);
