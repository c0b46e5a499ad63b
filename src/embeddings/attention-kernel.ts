// A faster product of attention matrices for the shipped encoder. Its backend multiplies two single matrices by a tuned routine and batches
// of them by a plain loop; attention is such a batch (two matrices a head), and took a quarter of the encoder's time. Here each pair goes
// through the tuned routine.

/** What of the backend's tensors is used; the package's own types lead to packages that are not installed. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: string;
}

export interface MatrixBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  /** A view of the backend's memory, void after the next `makeOutput`. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
  disposeData(dataId: object): unknown;
}

export interface MatrixCall {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo };
  readonly backend: MatrixBackend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

export type MatrixKernel = (call: MatrixCall) => TensorInfo;

const FLOAT = 'float32';
const batchOf = ({ shape }: TensorInfo): number => shape.slice(0, -2).reduce((all, one) => all * one, 1);

/** The same products, batches of equal size taken apart. */
export function pairwise(kernel: MatrixKernel): MatrixKernel {
  return (call) => {
    const { a, b } = call.inputs;
    const batch = batchOf(a);
    if (batch === 1 || batch !== batchOf(b) || call.attrs.transposeA) return kernel(call);
    const { backend, attrs } = call;
    const [rows = 0, inner = 0] = a.shape.slice(-2);
    const columns = b.shape.at(attrs.transposeB ? -2 : -1) ?? 0;
    const out = backend.makeOutput([...a.shape.slice(0, -2), rows, columns], FLOAT);
    for (let index = 0; index < batch; index += 1) {
      const left = backend.makeOutput([1, rows, inner], FLOAT);
      const right = backend.makeOutput([1, inner, columns], FLOAT);
      backend.typedArrayFromHeap(left).set(sliceOf(backend, a, index, rows * inner));
      const source = sliceOf(backend, b, index, inner * columns);
      if (attrs.transposeB) transpose(source, backend.typedArrayFromHeap(right), columns, inner);
      else backend.typedArrayFromHeap(right).set(source);
      const product = kernel({
        inputs: { a: left, b: right },
        backend,
        attrs: { transposeA: false, transposeB: false },
      });
      backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(product), index * rows * columns);
      for (const { dataId } of [product, left, right]) backend.disposeData(dataId);
    }
    return out;
  };
}

function sliceOf(backend: MatrixBackend, tensor: TensorInfo, index: number, size: number): Float32Array {
  return backend.typedArrayFromHeap(tensor).subarray(index * size, (index + 1) * size);
}

/** `from` has `rows` × `columns`. */
function transpose(from: Float32Array, to: Float32Array, rows: number, columns: number): void {
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      to[column * rows + row] = from[row * columns + column] as number;
}
