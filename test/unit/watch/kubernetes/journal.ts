/** Recorder of lines that a test can wait for. */

export interface Journal {
  readonly lines: readonly string[];
  note(line: string): void;
  /** Resolves when `line` was recorded `times` times. */
  has(line: string, times?: number): Promise<void>;
}

export function journal(): Journal {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    note(line) {
      lines.push(line);
      for (const each of waiting) each();
    },
    has: (line, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (lines.filter((each) => each === line).length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
