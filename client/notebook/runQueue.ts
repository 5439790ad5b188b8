/**
 * The life of cells that were told to run, as a pure reducer: an event in, the next state and what
 * the editor has to do, in order. Cells run one at a time in the order in which they were asked for.
 *
 *   run ──> queued ──> running ──> ended
 *             │           │ stop: its request is cancelled, and it ends when the answer to that comes
 *             └─ stop or removed: dropped, it never ran
 *
 * A run is known by its number, so that what comes late for an old run is told from the present one.
 */
export interface Running {
  readonly cell: string;
  readonly run: number;
  /** The answer so far. */
  readonly text: string;
  readonly stopping: boolean;
}

export interface QueueState {
  readonly waiting: readonly string[];
  readonly running: Running | undefined;
  /** Number of the last run that began. */
  readonly runs: number;
}

/** `R`: what a run ends with, `P`: how far it is. */
export type QueueEvent<R, P> =
  | { readonly type: "run"; readonly cells: readonly string[] }
  /** Those that the user stopped or that are gone; cells that do not run are ignored. */
  | { readonly type: "stop"; readonly cells: readonly string[] }
  | { readonly type: "progress"; readonly run: number; readonly progress: P }
  | { readonly type: "text"; readonly run: number; readonly text: string }
  | { readonly type: "ended"; readonly run: number; readonly result: R };

export type QueueEffect<R, P> =
  /** Shows the cell as waiting. */
  | { readonly type: "queue"; readonly cell: string }
  /** Begins the run and sends its request. */
  | { readonly type: "start"; readonly cell: string; readonly run: number }
  | { readonly type: "progress"; readonly cell: string; readonly progress: P }
  /** Shows the answer so far. */
  | { readonly type: "show"; readonly cell: string; readonly text: string }
  /** Cancels the request; the run goes on until it says that it ended. */
  | { readonly type: "cancel"; readonly run: number }
  | { readonly type: "end"; readonly cell: string; readonly run: number; readonly result: R; readonly stopped: boolean; readonly text: string }
  /** The cell does not wait any more, and never ran. */
  | { readonly type: "drop"; readonly cell: string };

export interface QueueStep<R, P> {
  readonly state: QueueState;
  readonly effects: readonly QueueEffect<R, P>[];
}

export const IDLE: QueueState = { waiting: [], running: undefined, runs: 0 };

export function reduceQueue<R, P>(state: QueueState, event: QueueEvent<R, P>): QueueStep<R, P> {
  const { waiting, running } = state;
  switch (event.type) {
    case "run": {
      const busy = new Set(running === undefined ? waiting : [...waiting, running.cell]);
      const added: string[] = [];
      for (const cell of event.cells) {
        if (busy.has(cell)) continue;
        busy.add(cell);
        added.push(cell);
      }
      return next({ ...state, waiting: [...waiting, ...added] }, added.map((cell) => ({ type: "queue", cell })));
    }
    case "stop": {
      const stopped = new Set(event.cells);
      const dropped = waiting.filter((cell) => stopped.has(cell));
      const effects: QueueEffect<R, P>[] = dropped.map((cell) => ({ type: "drop", cell }));
      const cancels = running !== undefined && stopped.has(running.cell) && !running.stopping;
      if (cancels) effects.push({ type: "cancel", run: running.run });
      return {
        state: { ...state, waiting: waiting.filter((cell) => !stopped.has(cell)), running: cancels ? { ...running, stopping: true } : running },
        effects,
      };
    }
    case "progress":
      if (running?.run !== event.run || running.stopping || running.text !== "") return { state, effects: [] };
      return { state, effects: [{ type: "progress", cell: running.cell, progress: event.progress }] };
    case "text": {
      if (running?.run !== event.run || running.stopping) return { state, effects: [] };
      const text = running.text + event.text;
      return { state: { ...state, running: { ...running, text } }, effects: [{ type: "show", cell: running.cell, text }] };
    }
    case "ended": {
      if (running?.run !== event.run) return { state, effects: [] };
      const { cell, run, stopping, text } = running;
      return next({ ...state, running: undefined }, [{ type: "end", cell, run, result: event.result, stopped: stopping, text }]);
    }
  }
}

/** Lets the first of those that wait begin, when nothing runs. */
function next<R, P>(state: QueueState, effects: readonly QueueEffect<R, P>[]): QueueStep<R, P> {
  const [cell, ...waiting] = state.waiting;
  if (state.running !== undefined || cell === undefined) return { state, effects };
  const run = state.runs + 1;
  return {
    state: { waiting, running: { cell, run, text: "", stopping: false }, runs: run },
    effects: [...effects, { type: "start", cell, run }],
  };
}
