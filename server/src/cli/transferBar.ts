/** A bar for what has a known length: bytes of a download, of a file that is read. Nothing where no terminal is. */
import { Bar } from "./bar.js";

export interface TransferBar {
  /** 0 to 1, and what is at work now where that changes. */
  show(fraction: number, words?: string): void;
  hide(): void;
}

export function transferBar(stream: NodeJS.WriteStream, enabled: boolean, words: string): TransferBar {
  if (!enabled || stream.isTTY !== true) return { show: () => undefined, hide: () => undefined };
  const bar = new Bar(stream, "{words} {bar} {percentage} % {eta_formatted}", { fps: 5 });
  return {
    show: (fraction, now = words) => bar.show(Math.min(1, Math.max(0, fraction)), { words: now }),
    hide: () => bar.hide(),
  };
}
