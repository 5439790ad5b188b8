/** A bar for what has a known length: bytes of a download, of a file that is read. Nothing where no terminal is. */
import { Presets, SingleBar } from "cli-progress";

export interface TransferBar {
  /** 0 to 1, and what is at work now where that changes. */
  show(fraction: number, words?: string): void;
  hide(): void;
}

export function transferBar(stream: NodeJS.WriteStream, enabled: boolean, words: string): TransferBar {
  if (!enabled || stream.isTTY !== true) return { show: () => undefined, hide: () => undefined };
  const bar = new SingleBar({ stream, format: "{words} {bar} {percentage} % {eta_formatted}", barsize: 24, clearOnComplete: true, hideCursor: true, fps: 5 }, Presets.shades_classic);
  let shown = false;
  const hide = (): void => {
    if (!shown) return;
    shown = false;
    process.off("exit", hide);
    bar.stop();
  };
  return {
    show(fraction, now = words) {
      if (!shown) {
        bar.start(1, 0, { words: now });
        process.once("exit", hide);
      }
      shown = true;
      bar.update(Math.min(1, Math.max(0, fraction)), { words: now });
    },
    hide,
  };
}
