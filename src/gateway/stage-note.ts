// What one stage keeps of an exchange from hook to hook. It lies on the exchange and goes with it: a WeakMap holds what is in it until the old
// generation is collected, and under a load of streams that alone made every such collection come many times as often.
import type { Exchange } from './exchange.ts';

export class StageNote<Value> {
  get(exchange: Exchange): Value | undefined {
    return exchange.notes?.get(this) as Value | undefined;
  }

  set(exchange: Exchange, value: Value): void {
    (exchange.notes ??= new Map()).set(this, value);
  }

  delete(exchange: Exchange): void {
    exchange.notes?.delete(this);
  }
}
