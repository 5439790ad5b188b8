/** Splits a byte stream into lines and hands each on; call `end` for a last line without a break. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    },
    end() {
      if (rest) onLine(rest);
      rest = "";
    },
  };
}
