import assert from "node:assert/strict";
import fc from "fast-check";
import { IDLE, reduceQueue, type QueueEffect, type QueueEvent, type QueueState } from "../../../client/notebook/runQueue.js";

type Event = QueueEvent<string, string>;

/** Effects in short, over all events. */
function play(...events: readonly Event[]): string[] {
  let state: QueueState = IDLE;
  return events.flatMap((event) => {
    const step = reduceQueue(state, event);
    state = step.state;
    return step.effects.map(short);
  });
}

function short(effect: QueueEffect<string, string>): string {
  switch (effect.type) {
    case "start":
      return `start ${effect.cell} ${effect.run}`;
    case "show":
      return `show ${effect.cell} ${effect.text}`;
    case "progress":
      return `progress ${effect.cell} ${effect.progress}`;
    case "cancel":
      return `cancel ${effect.run}`;
    case "end":
      return `end ${effect.cell} ${effect.result}${effect.stopped ? " stopped" : ""}`;
    default:
      return `${effect.type} ${effect.cell}`;
  }
}

const run = (...cells: string[]): Event => ({ type: "run", cells });
const stop = (...cells: string[]): Event => ({ type: "stop", cells });
const text = (n: number, t: string): Event => ({ type: "text", run: n, text: t });
const ended = (n: number, result = "ok"): Event => ({ type: "ended", run: n, result });

describe("queue of cells", () => {
  it("runs them one after the other, in the order in which they were asked for", () => {
    assert.deepEqual(play(run("a", "b"), run("c"), ended(1), ended(2), ended(3)), ["queue a", "queue b", "start a 1", "queue c", "end a ok", "start b 2", "end b ok", "start c 3", "end c ok"]);
  });

  it("streams an answer, and progress until it begins", () => {
    assert.deepEqual(play(run("a"), { type: "progress", run: 1, progress: "frames" }, text(1, "But"), text(1, "ter"), { type: "progress", run: 1, progress: "late" }, ended(1)), [
      "queue a",
      "start a 1",
      "progress a frames",
      "show a But",
      "show a Butter",
      "end a ok",
    ]);
  });

  it("does not take a cell twice while it waits or runs, and takes it again afterwards", () => {
    assert.deepEqual(play(run("a", "a", "b"), run("a", "b"), ended(1), run("a")), ["queue a", "queue b", "start a 1", "end a ok", "start b 2", "queue a"]);
  });

  it("drops what waits and cancels what runs when it is stopped, once", () => {
    assert.deepEqual(play(run("a", "b", "c"), stop("a", "c"), stop("a"), text(1, "late"), ended(1, "cancelled"), ended(2)), [
      "queue a",
      "queue b",
      "queue c",
      "start a 1",
      "drop c",
      "cancel 1",
      "end a cancelled stopped",
      "start b 2",
      "end b ok",
    ]);
  });

  it("goes on after a failure, and ignores what comes for a run that is over", () => {
    assert.deepEqual(play(run("a", "b"), ended(1, "crashed"), text(1, "ghost"), ended(1), text(2, "x"), ended(2)), ["queue a", "queue b", "start a 1", "end a crashed", "start b 2", "show b x", "end b ok"]);
  });

  it("ends or drops every cell that it queued, exactly once, in any course of events", () => {
    const cell = fc.constantFrom("a", "b", "c", "d");
    const cells = fc.array(cell, { maxLength: 4 });
    const event = fc.oneof(
      cells.map((c): Event => run(...c)),
      cells.map((c): Event => stop(...c)),
      fc.nat(12).map((n): Event => ended(n)),
      fc.nat(12).map((n): Event => text(n, "t")),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state: QueueState = IDLE;
        const open: string[] = [];
        let running: string | undefined;
        const take = (e: Event): void => {
          const step = reduceQueue(state, e);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type === "queue") {
              assert.ok(!open.includes(effect.cell));
              open.push(effect.cell);
            } else if (effect.type === "start") {
              assert.equal(running, undefined);
              assert.equal(effect.cell, open[0], "the one that waited longest");
              running = effect.cell;
            } else if (effect.type === "drop" || effect.type === "end") {
              assert.ok(open.includes(effect.cell));
              assert.equal(effect.type === "end", effect.cell === running);
              if (effect.type === "end") running = undefined;
              open.splice(open.indexOf(effect.cell), 1);
            } else if (effect.type !== "cancel") {
              assert.equal(effect.cell, running);
            }
          }
        };
        events.forEach(take);
        while (state.running !== undefined) take(ended(state.running.run));
        assert.deepEqual(open, []);
      }),
    );
  });
});
