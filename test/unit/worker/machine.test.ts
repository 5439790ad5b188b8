import assert from "node:assert/strict";
import fc from "fast-check";
import { INITIAL, reduce, type Effect, type Event, type Policy, type State } from "../../../server/src/runtime/worker/machine.js";

const policy: Policy = { startMs: 10, cancelMs: 20, stopMs: 30, idleMs: 40, backoffMs: [50, 60], cooldownMs: 70 };
const serial = (id: number): Event => ({ type: "submit", job: { id, lane: "serial" } });
const parallel = (id: number): Event => ({ type: "submit", job: { id, lane: "parallel" } });
const ready = (life = 1): Event => ({ type: "ready", life });
const exited = (life = 1): Event => ({ type: "exited", life });
const settled = (id: number, life = 1): Event => ({ type: "settled", life, id });

/** An effect in a few characters, so that an expected order reads as a line. */
function short(effect: Effect): string {
  switch (effect.type) {
    case "spawn":
    case "kill":
      return `${effect.type} ${effect.life}`;
    case "send":
    case "send-cancel":
      return `${effect.type} ${effect.id}`;
    case "reject":
      return `reject ${effect.id} ${effect.why}`;
    case "set-timer":
      return `+${effect.timer.name}${"id" in effect.timer ? ` ${effect.timer.id}` : ""} ${effect.ms}`;
    case "clear-timer":
      return `-${effect.timer.name}${"id" in effect.timer ? ` ${effect.timer.id}` : ""}`;
    default:
      return effect.type;
  }
}

function play(events: readonly Event[], rules: Policy = policy): { state: State; last: string[] } {
  let state = INITIAL;
  let last: readonly Effect[] = [];
  for (const event of events) ({ state, effects: last } = reduce(state, event, rules));
  return { state, last: last.map(short) };
}

function check(events: readonly Event[], phase: State["phase"], effects: readonly string[]): void {
  const { state, last } = play(events);
  assert.deepEqual(last, effects);
  assert.equal(state.phase, phase);
}

describe("worker machine", () => {
  it("starts a worker with the first job, and only one", () => {
    check([serial(1)], "starting", ["spawn 1", "+start 10"]);
    check([serial(1), serial(2)], "starting", []);
  });

  it("sends one serial job at a time, in order, and parallel ones at once", () => {
    check([serial(1), serial(2), parallel(3), ready()], "ready", ["-start", "send 1", "send 3"]);
    check([serial(1), serial(2), parallel(3), ready(), settled(3)], "ready", []);
    check([serial(1), serial(2), parallel(3), ready(), settled(1)], "ready", ["send 2"]);
    check([serial(1), ready(), parallel(2)], "ready", ["-idle", "send 2"]);
  });

  it("drops a waiting job that is cancelled", () => {
    check([serial(1), ready(), serial(2), { type: "cancel", id: 2 }], "ready", ["reject 2 cancelled"]);
    check([serial(1), { type: "cancel", id: 1 }, ready()], "ready", ["-start", "+idle 40"]);
  });

  it("asks a running job to stop once, and kills the worker when it does not", () => {
    const stop: Event = { type: "cancel", id: 1 };
    const late: Event = { type: "timer", timer: { name: "cancel", life: 1, id: 1 } };
    check([serial(1), ready(), stop], "ready", ["send-cancel 1", "+cancel 1 20"]);
    check([serial(1), ready(), stop, stop], "ready", []);
    check([serial(1), ready(), stop, settled(1)], "ready", ["-cancel 1", "+idle 40"]);
    check([serial(1), ready(), stop, late], "stopping", ["kill 1", "reject 1 cancelled"]);
    check([serial(1), serial(2), ready(), stop, late, exited()], "starting", ["-stop", "spawn 2", "+start 10"]);
  });

  it("sends a bystander of a forced stop again to the next worker", () => {
    const events = [serial(1), parallel(2), ready(), { type: "cancel", id: 1 }, { type: "timer", timer: { name: "cancel", life: 1, id: 1 } }, exited(), ready(2)] as const;
    check(events, "ready", ["-start", "send 2"]);
  });

  it("does not sacrifice a running answer to a look at a file that hangs", () => {
    const events = [serial(1), parallel(2), ready(), { type: "cancel", id: 2 }, { type: "timer", timer: { name: "cancel", life: 1, id: 2 } }] as const;
    check(events, "ready", ["reject 2 cancelled"]);
  });

  it("fails what ran in a worker that died and starts another only for what waits", () => {
    check([serial(1), ready(), exited()], "stopped", ["-idle", "reject 1 crashed"]);
    check([serial(1), serial(2), ready(), exited()], "starting", ["-idle", "reject 1 crashed", "spawn 2", "+start 10"]);
  });

  it("waits longer after each failed start, then refuses for a while, then tries once", () => {
    const backoff = (life: number): Event => ({ type: "timer", timer: { name: "backoff", life } });
    const twice = [serial(1), exited(1), backoff(1), exited(2)];
    check([serial(1), exited(1)], "backoff", ["-start", "+backoff 50"]);
    check([serial(1), exited(1), backoff(1)], "starting", ["spawn 2", "+start 10"]);
    check(twice, "backoff", ["-start", "+backoff 60"]);
    const thrice = [...twice, backoff(2), exited(3)];
    check(thrice, "unavailable", ["-start", "reject 1 unavailable", "+cooldown 70"]);
    check([...thrice, serial(2)], "unavailable", ["reject 2 unavailable"]);
    const again = [...thrice, { type: "timer", timer: { name: "cooldown", life: 3 } }, serial(2)] as const;
    check(again, "starting", ["spawn 4", "+start 10"]);
    check([...again, exited(4)], "unavailable", ["-start", "reject 2 unavailable", "+cooldown 70"]);
    check([...thrice, { type: "restart" }, serial(2), exited(4)], "backoff", ["-start", "+backoff 50"]);
  });

  it("forgets failed starts after a good one", () => {
    const { state } = play([serial(1), exited(1), { type: "timer", timer: { name: "backoff", life: 1 } }, ready(2)]);
    assert.equal(state.failedStarts, 0);
  });

  it("kills a worker that does not get ready", () => {
    check([serial(1), { type: "timer", timer: { name: "start", life: 1 } }], "starting", ["kill 1"]);
  });

  it("does not try a worker again that says it does not fit", () => {
    const unfit = [serial(1), { type: "unfit", life: 1 }] as const;
    check(unfit, "starting", ["kill 1"]);
    check([...unfit, exited()], "unavailable", ["-start", "reject 1 unavailable", "+cooldown 70"]);
  });

  it("lets an idle worker go, and starts another for a job that comes meanwhile", () => {
    const idle: Event = { type: "timer", timer: { name: "idle", life: 1 } };
    check([serial(1), ready(), settled(1), idle], "stopping", ["send-bye", "+stop 30"]);
    check([serial(1), ready(), settled(1), idle, exited()], "stopped", ["-stop"]);
    check([serial(1), ready(), settled(1), idle, serial(2)], "stopping", []);
    check([serial(1), ready(), settled(1), idle, serial(2), exited()], "starting", ["-stop", "spawn 2", "+start 10"]);
    check([serial(1), ready(), settled(1), idle, { type: "timer", timer: { name: "stop", life: 1 } }], "stopping", ["kill 1"]);
  });

  it("restarts: what runs fails, what waits gets a new worker", () => {
    check([serial(1), serial(2), ready(), { type: "restart" }], "stopping", ["-idle", "kill 1"]);
    check([serial(1), serial(2), ready(), { type: "restart" }, exited()], "starting", ["-stop", "reject 1 crashed", "spawn 2", "+start 10"]);
  });

  it("closes: rejects everything, takes nothing more, and reports when the process is gone", () => {
    check([{ type: "close" }], "closed", ["closed"]);
    check([serial(1), serial(2), ready(), { type: "close" }], "closed", ["-idle", "reject 1 closed", "reject 2 closed", "kill 1"]);
    check([serial(1), ready(), settled(1), { type: "close" }], "closed", ["-idle", "send-bye", "+stop 30"]);
    check([serial(1), ready(), settled(1), { type: "close" }, exited()], "closed", ["-stop", "closed"]);
    check([{ type: "close" }, serial(1)], "closed", ["reject 1 closed"]);
  });

  it("ignores a former worker", () => {
    const next = [serial(1), ready(), exited(), serial(2)];
    for (const event of [ready(1), exited(1), settled(2, 1)]) {
      const before = play(next).state;
      assert.deepEqual(play([...next, event]), { state: before, last: [] });
    }
  });

  it("answers every job exactly once and never has two workers, whatever happens in whatever order", () => {
    const step = fc.oneof(
      fc.constantFrom<"serial" | "parallel">("serial", "parallel").map((lane) => ({ do: "submit" as const, lane })),
      fc.nat(8).map((pick) => ({ do: "cancel" as const, pick })),
      fc.constantFrom("ready" as const, "unfit" as const, "exit" as const, "settle" as const, "restart" as const).map((what) => ({ do: what })),
      fc.nat(8).map((pick) => ({ do: "timer" as const, pick })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const s of steps) world.take(s);
        world.feed({ type: "close" });
        while (world.alive !== undefined) world.feed({ type: "exited", life: world.alive });
        assert.equal(world.closed, 1);
        assert.deepEqual(world.timers, new Map(), "timers left behind");
        for (const [id, count] of world.answers) assert.equal(count, 1, `job ${id} was answered ${count} times`);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Carries effects out on paper and refuses impossible ones. */
class World {
  state = INITIAL;
  alive: number | undefined;
  closed = 0;
  readonly answers = new Map<number, number>();
  readonly timers = new Map<string, Extract<Event, { type: "timer" }>["timer"]>();
  private held = new Set<number>();
  private lastId = 0;

  take(step: { do: string; lane?: "serial" | "parallel"; pick?: number }): void {
    switch (step.do) {
      case "submit":
        this.answers.set(++this.lastId, 0);
        return this.feed({ type: "submit", job: { id: this.lastId, lane: step.lane! } });
      case "cancel":
        return this.feed({ type: "cancel", id: 1 + step.pick! });
      case "ready":
      case "unfit":
        return this.alive === undefined ? undefined : this.feed({ type: step.do, life: this.alive });
      case "exit":
        return this.alive === undefined ? undefined : this.feed({ type: "exited", life: this.alive });
      case "settle": {
        const id = [...this.held][0];
        if (id === undefined || this.alive === undefined) return;
        this.held.delete(id);
        if (this.state.active.some((job) => job.id === id)) this.answer(id);
        return this.feed({ type: "settled", life: this.alive, id });
      }
      case "timer": {
        const [key, timer] = [...this.timers][step.pick! % Math.max(1, this.timers.size)] ?? [];
        if (key === undefined || timer === undefined) return;
        this.timers.delete(key);
        return this.feed({ type: "timer", timer });
      }
      case "restart":
        return this.feed({ type: "restart" });
    }
  }

  feed(event: Event): void {
    if (event.type === "exited") {
      this.alive = undefined;
      this.held.clear();
    }
    const { state, effects } = reduce(this.state, event, policy);
    this.state = state;
    for (const effect of effects) {
      switch (effect.type) {
        case "spawn":
          assert.equal(this.alive, undefined, "a second worker beside the first");
          this.alive = effect.life;
          break;
        case "send":
          assert.equal(state.phase, "ready");
          assert.ok(!this.held.has(effect.id));
          this.held.add(effect.id);
          break;
        case "reject":
          this.answer(effect.id);
          break;
        case "set-timer":
          this.timers.set(JSON.stringify(effect.timer), effect.timer);
          break;
        case "clear-timer":
          this.timers.delete(JSON.stringify(effect.timer));
          break;
        case "closed":
          this.closed++;
          break;
      }
    }
    assert.ok(state.active.filter((job) => job.lane === "serial").length <= 1, "two questions at once");
  }

  private answer(id: number): void {
    this.answers.set(id, (this.answers.get(id) ?? 0) + 1);
  }
}
