/** Counters and gauges for hot paths, whose values prom-client sees only at a scrape. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { catalogue, MetricSpec } from './catalogue.ts';

/** One string per label, in the order of the catalogue. */
type Values<L extends readonly string[]> = { readonly [K in keyof L]: string };

/** Values of one metric of the catalogue. */
export type Counts<M extends keyof typeof catalogue> = FastMetric<(typeof catalogue)[M]['labels']>;

interface Branch {
  readonly children: Map<string, Branch>;
  /** null until a value was counted or set. */
  value: number | null;
}

/**
 * Metric with a number per combination of label values. prom-client's `inc` sorts and hashes the labels on
 * every call, even for a child resolved before: it takes 230–380 ns against 35 ns here, and an admission
 * request counts about eight times.
 */
export class FastMetric<L extends readonly string[]> {
  readonly #root = branch();

  constructor(spec: MetricSpec & { readonly labels: L }, registry: Registry) {
    const root = this.#root;
    const labelNames: readonly string[] = spec.labels;
    const options = { name: spec.name, help: spec.help, labelNames, registers: [] };
    const gauge = () =>
      new Gauge({
        ...options,
        collect() {
          this.reset();
          // A reset would set a gauge without labels to 0, which would show a certificate that expired in
          // 1970.
          this.remove({});
          visit(root, labelNames, {}, (labels, value) => this.set(labels, value));
        },
      });
    const counter = () =>
      new Counter({
        ...options,
        collect() {
          this.reset();
          visit(root, labelNames, {}, (labels, value) => this.inc(labels, value));
        },
      });
    registry.registerMetric(spec.type === 'gauge' ? gauge() : counter());
  }

  /**
   * Sets known label values to 0. Otherwise a counter appears only with its first event, and an alert sees no
   * increase.
   */
  initialize(...each: readonly Values<L>[]): this {
    for (const values of each) this.add(0, ...values);
    return this;
  }

  /** Adds 1 to the value of these labels. */
  inc(...values: Values<L>): void {
    this.add(1, ...values);
  }

  add(amount: number, ...values: Values<L>): void {
    const leaf = this.#leaf(values);
    leaf.value = (leaf.value ?? 0) + amount;
  }

  set(value: number, ...values: Values<L>): void {
    this.#leaf(values).value = value;
  }

  /** Removes the values of all labels. */
  clear(): void {
    this.#root.children.clear();
    this.#root.value = null;
  }

  #leaf(values: readonly string[]): Branch {
    let at = this.#root;
    for (const value of values) {
      const next = at.children.get(value) ?? branch();
      if (next.children !== at.children) at.children.set(value, next);
      at = next;
    }
    return at;
  }
}

function branch(): Branch {
  return { children: new Map(), value: null };
}

function visit(
  at: Branch,
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
  leaf: (labels: Readonly<Record<string, string>>, value: number) => void,
): void {
  const [name, ...rest] = names;
  if (name === undefined) return at.value === null ? undefined : leaf(labels, at.value);
  for (const [value, next] of at.children) visit(next, rest, { ...labels, [name]: value }, leaf);
}
