// What may be known at once: an answer from memory is, that of a shared store comes later. A promise that is already kept costs a request as
// much as what it is waited for.

/** A value, or the promise of it. */
export type Soon<Value> = Value | Promise<Value>;

/** What follows from a value: in the same turn where it is known. */
export function following<Value, Result>(
  value: Soon<Value>,
  follow: (value: Value) => Soon<Result>,
): Soon<Result> {
  return value instanceof Promise ? value.then(follow) : follow(value);
}
