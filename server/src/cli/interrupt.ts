/** Ctrl-C: the first one stops in good order, the second one at once. Both leave no process behind. */
import { EXIT } from "./exit.js";

export interface Interrupt {
  readonly signal: AbortSignal;
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `say` tells the user that stopping is under way. */
export function onInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  const handle = (): void => {
    // The worker is killed by its `exit` listener.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    say("Stopping. Ctrl-C again stops at once.");
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    signal: controller.signal,
    // After a first Ctrl-C it stays: the second one may come while we are already on the way out.
    release: () => {
      if (!controller.signal.aborted) SIGNALS.forEach((name) => process.off(name, handle));
    },
  };
}
