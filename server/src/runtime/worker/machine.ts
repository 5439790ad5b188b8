/**
 * The life of the worker process as a pure reducer: an event comes in, the next state and an
 * ordered list of effects come out. It starts nothing, knows no clock and no process; `supervisor.ts`
 * carries the effects out. Every life of a worker has a number (`life`), and events of an earlier
 * life are ignored: a late exit cannot hurt its successor.
 */

export type Phase =
  /** No process. The next job starts one. */
  | "stopped"
  /** A process exists and has not said `ready`. */
  | "starting"
  | "ready"
  /** Asked to go, or killed; its exit has not been seen yet. */
  | "stopping"
  /** It died while starting; the next try waits. */
  | "backoff"
  /** It died while starting too often; jobs are refused until the cool-down ends. */
  | "unavailable"
  /** Closed for good. */
  | "closed";

/** `serial` jobs run one at a time and in order; `parallel` ones are sent as soon as a worker is ready. */
export type Lane = "serial" | "parallel";

export interface Job {
  readonly id: number;
  readonly lane: Lane;
}

export interface ActiveJob extends Job {
  /** Its cancellation was sent and not answered yet. */
  readonly cancelling: boolean;
}

export interface State {
  readonly phase: Phase;
  readonly life: number;
  readonly waiting: readonly Job[];
  readonly active: readonly ActiveJob[];
  /** Deaths before `ready`, in a row. */
  readonly failedStarts: number;
}

export type Event =
  | { readonly type: "submit"; readonly job: Job }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "ready"; readonly life: number }
  /** The worker said that it cannot serve us; trying again would not help. */
  | { readonly type: "unfit"; readonly life: number }
  /** The worker answered a job, well or not; the answer itself does not pass through here. */
  | { readonly type: "settled"; readonly life: number; readonly id: number }
  | { readonly type: "exited"; readonly life: number }
  | { readonly type: "timer"; readonly timer: Timer }
  /** End the worker now, fail what runs, forget failed starts. */
  | { readonly type: "restart" }
  /** End the worker, stop every job, take no more. */
  | { readonly type: "close" };

export type Timer =
  | { readonly name: "start"; readonly life: number }
  | { readonly name: "cancel"; readonly life: number; readonly id: number }
  | { readonly name: "stop"; readonly life: number }
  | { readonly name: "idle"; readonly life: number }
  | { readonly name: "backoff"; readonly life: number }
  | { readonly name: "cooldown"; readonly life: number };

export type Effect =
  | { readonly type: "spawn"; readonly life: number }
  | { readonly type: "send"; readonly id: number }
  | { readonly type: "send-cancel"; readonly id: number }
  | { readonly type: "send-bye" }
  | { readonly type: "kill"; readonly life: number }
  /** Rejects a job: stopped by its owner, worker died under it, or no worker can be had. */
  | { readonly type: "reject"; readonly id: number; readonly why: "cancelled" | "crashed" | "unavailable" | "closed" }
  | { readonly type: "set-timer"; readonly timer: Timer; readonly ms: number }
  | { readonly type: "clear-timer"; readonly timer: Timer }
  /** The worker is gone after `close`. */
  | { readonly type: "closed" };

export interface Policy {
  /** From the spawn to `ready`. */
  readonly startMs: number;
  /** From a cancellation to its answer; then the worker is killed. */
  readonly cancelMs: number;
  /** From `bye` to the exit; then the worker is killed. */
  readonly stopMs: number;
  /** Without a job; 0 keeps the worker for ever. */
  readonly idleMs: number;
  /** Wait before the second, third... try to start; one more failure than this makes it unavailable. */
  readonly backoffMs: readonly number[];
  /** How long `unavailable` lasts. */
  readonly cooldownMs: number;
}

export const DEFAULT_POLICY: Policy = {
  startMs: 30_000,
  cancelMs: 700,
  stopMs: 700,
  idleMs: 0,
  backoffMs: [200, 1_000],
  cooldownMs: 20_000,
};

export const INITIAL: State = { phase: "stopped", life: 0, waiting: [], active: [], failedStarts: 0 };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function reduce(state: State, event: Event, policy: Policy): Step {
  switch (event.type) {
    case "submit":
      return submit(state, event.job, policy);
    case "cancel":
      return cancel(state, event.id, policy);
    case "ready":
      if (event.life !== state.life || state.phase !== "starting") return same(state);
      return then(
        { ...state, phase: "ready", failedStarts: 0 },
        [{ type: "clear-timer", timer: { name: "start", life: state.life } }],
        (s) => dispatch(s, policy),
      );
    case "unfit":
      if (event.life !== state.life || state.phase !== "starting") return same(state);
      // Its exit follows, and then it counts as one failed start too many.
      return { state: { ...state, failedStarts: policy.backoffMs.length }, effects: [{ type: "kill", life: state.life }] };
    case "settled":
      return event.life === state.life ? settled(state, event.id, policy) : same(state);
    case "exited":
      return event.life === state.life ? exited(state, policy) : same(state);
    case "timer":
      return event.timer.life === state.life ? timer(state, event.timer, policy) : same(state);
    case "restart":
      return restart(state, policy);
    case "close":
      return close(state, policy);
  }
}

function submit(state: State, job: Job, policy: Policy): Step {
  switch (state.phase) {
    case "closed":
      return { state, effects: [{ type: "reject", id: job.id, why: "closed" }] };
    case "unavailable":
      return { state, effects: [{ type: "reject", id: job.id, why: "unavailable" }] };
    case "stopped":
      return spawn({ ...state, waiting: [...state.waiting, job] }, policy);
    case "ready":
      return then(
        { ...state, waiting: [...state.waiting, job] },
        policy.idleMs > 0 ? [{ type: "clear-timer", timer: { name: "idle", life: state.life } }] : [],
        (s) => dispatch(s, policy),
      );
    case "starting":
    case "stopping":
    case "backoff":
      return same({ ...state, waiting: [...state.waiting, job] });
  }
}

function cancel(state: State, id: number, policy: Policy): Step {
  if (state.waiting.some((job) => job.id === id)) {
    return {
      state: { ...state, waiting: state.waiting.filter((job) => job.id !== id) },
      effects: [{ type: "reject", id, why: "cancelled" }],
    };
  }
  const job = state.active.find((active) => active.id === id);
  if (job === undefined || job.cancelling || state.phase !== "ready") return same(state);
  return {
    state: { ...state, active: state.active.map((active) => (active.id === id ? { ...active, cancelling: true } : active)) },
    effects: [
      { type: "send-cancel", id },
      { type: "set-timer", timer: { name: "cancel", life: state.life, id }, ms: policy.cancelMs },
    ],
  };
}

function settled(state: State, id: number, policy: Policy): Step {
  const job = state.active.find((active) => active.id === id);
  if (job === undefined) return same(state);
  return then(
    { ...state, active: state.active.filter((active) => active.id !== id) },
    job.cancelling ? [{ type: "clear-timer", timer: { name: "cancel", life: state.life, id } }] : [],
    (s) => (s.phase === "ready" ? dispatch(s, policy) : same(s)),
  );
}

/** The worker is gone: jobs it held fail, jobs that wait get a successor. */
function exited(state: State, policy: Policy): Step {
  const crashed: Effect[] = state.active.map((job) => ({ type: "reject", id: job.id, why: "crashed" }));
  const gone = { ...state, active: [] };
  switch (state.phase) {
    case "starting": {
      const failedStarts = state.failedStarts + 1;
      const clear: Effect = { type: "clear-timer", timer: { name: "start", life: state.life } };
      const wait = policy.backoffMs[failedStarts - 1];
      if (wait === undefined) return giveUp({ ...gone, phase: "unavailable", failedStarts }, policy, [clear]);
      if (state.waiting.length === 0) return { state: { ...gone, phase: "stopped", failedStarts }, effects: [clear] };
      return {
        state: { ...gone, phase: "backoff", failedStarts },
        effects: [clear, { type: "set-timer", timer: { name: "backoff", life: state.life }, ms: wait }],
      };
    }
    case "ready":
    case "stopping": {
      const clear: Effect[] = state.active
        .filter((job) => job.cancelling)
        .map((job) => ({ type: "clear-timer", timer: { name: "cancel", life: state.life, id: job.id } }));
      if (state.phase === "stopping") clear.push({ type: "clear-timer", timer: { name: "stop", life: state.life } });
      else if (policy.idleMs > 0) clear.push({ type: "clear-timer", timer: { name: "idle", life: state.life } });
      const next: State = { ...gone, phase: "stopped" };
      return then(next, [...clear, ...crashed], (s) => (s.waiting.length > 0 ? spawn(s, policy) : same(s)));
    }
    case "closed":
      return { state: gone, effects: [{ type: "clear-timer", timer: { name: "stop", life: state.life } }, { type: "closed" }] };
    case "stopped":
    case "backoff":
    case "unavailable":
      return same(state);
  }
}

function timer(state: State, fired: Timer, policy: Policy): Step {
  switch (fired.name) {
    case "start":
      // Its exit follows, and counts as a failed start.
      return state.phase === "starting" ? { state, effects: [{ type: "kill", life: state.life }] } : same(state);
    case "cancel": {
      const job = state.active.find((active) => active.id === fired.id);
      if (job === undefined || state.phase !== "ready") return same(state);
      if (state.active.some((active) => active.lane === "serial" && !active.cancelling)) {
        // An answer that somebody waits for is worth more than a look at a file that hangs.
        return {
          state: { ...state, active: state.active.filter((active) => active.id !== fired.id) },
          effects: [{ type: "reject", id: fired.id, why: "cancelled" }],
        };
      }
      // The bystanders did nothing wrong: they go back to the front of the line, for the next worker.
      const bystanders = state.active.filter((active) => !active.cancelling).map(({ id, lane }) => ({ id, lane }));
      const cancelled = state.active.filter((active) => active.cancelling);
      return {
        state: { ...state, phase: "stopping", active: [], waiting: [...bystanders, ...state.waiting] },
        effects: [
          ...cancelled
            .filter((active) => active.id !== fired.id)
            .map((active): Effect => ({ type: "clear-timer", timer: { name: "cancel", life: state.life, id: active.id } })),
          { type: "kill", life: state.life },
          ...cancelled.map((active): Effect => ({ type: "reject", id: active.id, why: "cancelled" })),
        ],
      };
    }
    case "stop":
      return state.phase === "stopping" || state.phase === "closed" ? { state, effects: [{ type: "kill", life: state.life }] } : same(state);
    case "idle":
      if (state.phase !== "ready" || state.active.length > 0 || state.waiting.length > 0) return same(state);
      return {
        state: { ...state, phase: "stopping" },
        effects: [{ type: "send-bye" }, { type: "set-timer", timer: { name: "stop", life: state.life }, ms: policy.stopMs }],
      };
    case "backoff":
      if (state.phase !== "backoff") return same(state);
      if (state.waiting.length === 0) return same({ ...state, phase: "stopped" });
      return spawn(state, policy);
    case "cooldown":
      // One more try, not a fresh series: it is unavailable again when that fails too.
      return state.phase === "unavailable" ? same({ ...state, phase: "stopped" }) : same(state);
  }
}

function restart(state: State, policy: Policy): Step {
  switch (state.phase) {
    case "closed":
    case "stopping":
    case "stopped":
      return same({ ...state, failedStarts: state.phase === "closed" ? state.failedStarts : 0 });
    case "unavailable":
      return {
        state: { ...state, phase: "stopped", failedStarts: 0 },
        effects: [{ type: "clear-timer", timer: { name: "cooldown", life: state.life } }],
      };
    case "backoff":
      return then(
        { ...state, failedStarts: 0 },
        [{ type: "clear-timer", timer: { name: "backoff", life: state.life } }],
        (s) => spawn(s, policy),
      );
    case "starting":
    case "ready": {
      const clear: Effect[] =
        state.phase === "starting"
          ? [{ type: "clear-timer", timer: { name: "start", life: state.life } }]
          : policy.idleMs > 0
            ? [{ type: "clear-timer", timer: { name: "idle", life: state.life } }]
            : [];
      // The exit rejects the active jobs as crashed and starts a successor for those that wait.
      return { state: { ...state, phase: "stopping", failedStarts: 0 }, effects: [...clear, { type: "kill", life: state.life }] };
    }
  }
}

function close(state: State, policy: Policy): Step {
  if (state.phase === "closed") return same(state);
  const alive = state.phase === "starting" || state.phase === "ready" || state.phase === "stopping";
  const rejected: Effect[] = [...state.active, ...state.waiting].map((job) => ({ type: "reject", id: job.id, why: "closed" }));
  const timers: Effect[] = state.active
    .filter((job) => job.cancelling)
    .map((job) => ({ type: "clear-timer", timer: { name: "cancel", life: state.life, id: job.id } }));
  const named = { starting: "start", backoff: "backoff", unavailable: "cooldown" } as const;
  if (state.phase === "starting" || state.phase === "backoff" || state.phase === "unavailable") {
    timers.push({ type: "clear-timer", timer: { name: named[state.phase], life: state.life } });
  } else if (state.phase === "ready" && policy.idleMs > 0) {
    timers.push({ type: "clear-timer", timer: { name: "idle", life: state.life } });
  }
  const closed: State = { ...state, phase: "closed", active: [], waiting: [] };
  if (!alive) return { state: closed, effects: [...timers, ...rejected, { type: "closed" }] };
  const end: Effect[] =
    // A worker that is loading or working would not read `bye` soon; it holds nothing worth saving.
    state.phase === "ready" && state.active.length === 0
      ? [{ type: "send-bye" }, { type: "set-timer", timer: { name: "stop", life: state.life }, ms: policy.stopMs }]
      : [{ type: "kill", life: state.life }];
  return { state: closed, effects: [...timers, ...rejected, ...end] };
}

function spawn(state: State, policy: Policy): Step {
  const life = state.life + 1;
  return {
    state: { ...state, phase: "starting", life },
    effects: [
      { type: "spawn", life },
      { type: "set-timer", timer: { name: "start", life }, ms: policy.startMs },
    ],
  };
}

/** Sends what may run now; a worker with nothing to do starts its idle clock. */
function dispatch(state: State, policy: Policy): Step {
  const effects: Effect[] = [];
  const active: ActiveJob[] = [...state.active];
  const waiting: Job[] = [];
  let busy = active.some((job) => job.lane === "serial");
  for (const job of state.waiting) {
    if (job.lane === "serial" && busy) {
      waiting.push(job);
      continue;
    }
    busy ||= job.lane === "serial";
    active.push({ ...job, cancelling: false });
    effects.push({ type: "send", id: job.id });
  }
  if (active.length === 0 && policy.idleMs > 0) {
    effects.push({ type: "set-timer", timer: { name: "idle", life: state.life }, ms: policy.idleMs });
  }
  return { state: { ...state, active, waiting }, effects };
}

function giveUp(state: State, policy: Policy, before: readonly Effect[]): Step {
  return {
    state: { ...state, waiting: [], active: [] },
    effects: [
      ...before,
      ...state.waiting.map((job): Effect => ({ type: "reject", id: job.id, why: "unavailable" })),
      { type: "set-timer", timer: { name: "cooldown", life: state.life }, ms: policy.cooldownMs },
    ],
  };
}

function same(state: State): Step {
  return { state, effects: [] };
}

function then(state: State, effects: readonly Effect[], next: (state: State) => Step): Step {
  const step = next(state);
  return { state: step.state, effects: [...effects, ...step.effects] };
}
