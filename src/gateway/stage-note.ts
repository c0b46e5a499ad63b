// What one stage keeps of an exchange from hook to hook. It lies on the exchange and goes with it: a WeakMap beside it may hold what is in it until
// the old generation is collected, and a guarded stream cost a fifth more processor time by that alone.
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
