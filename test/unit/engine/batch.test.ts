import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { identityOf, isFatal, mayPass, shardOf } from "../../../server/src/engine/batch/item.js";
import { Pace, roughly } from "../../../server/src/engine/batch/pace.js";
import { ERROR_CODES } from "../../../server/src/engine/errors.js";

describe("items of a batch", () => {
  const request = { video: "/a/b.mp4", question: "What?" };

  it("are the same wherever the files lie, and others when anything asked is", () => {
    const of = (changed: object, id?: string): string => identityOf("", "b.mp4", id, "micro", { ...request, ...changed });
    assert.equal(of({ video: "/elsewhere/b.mp4" }), of({}));
    const others = [of({}), of({ question: "Who?" }), of({ choices: ["a", "b"] }), of({ choices: ["b", "a"] }), of({ scope: [{ startMs: 0, endMs: 1 }] }), of({ frames: 4 }), of({}, "q1"), identityOf("", "c.mp4", undefined, "micro", request), identityOf("n.vqa", "b.mp4", undefined, "micro", request)];
    assert.equal(new Set(others).size, others.length);
  });

  it("are shared out without rest and without overlap, about equally", () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const share = shardOf(createHash("sha256").update(`video${i}`).digest("hex"), 4);
      counts[share - 1]! += 1;
    }
    assert.equal(counts.reduce((a, b) => a + b), 4000);
    for (const count of counts) assert.ok(count > 880 && count < 1120, String(counts));
    assert.equal(shardOf("f".repeat(64), 1), 1);
  });

  it("a fault is of the installation, or may pass, or neither, but not both", () => {
    for (const code of ERROR_CODES) assert.ok(!(isFatal(code) && mayPass(code)), code);
    assert.ok(isFatal("model-missing") && mayPass("worker-crashed") && !mayPass("video-unreadable"));
  });
});

describe("the pace of a batch", () => {
  it("is that of the last items, and tells what is left", () => {
    const pace = new Pace();
    assert.deepEqual([pace.rate(), pace.left(5)], [undefined, undefined]);
    pace.tick(0);
    assert.equal(pace.rate(), undefined);
    for (let i = 1; i <= 10; i++) pace.tick(i * 500);
    assert.equal(pace.rate(), 2);
    assert.equal(pace.left(100), 50_000);
    for (let i = 1; i <= 400; i++) pace.tick(5000 + i * 100);
    assert.equal(pace.rate(), 10);
  });

  it("is told as exactly as it is known", () => {
    assert.deepEqual([0, 89_000, 95_000, 3_600_000, 6_000_000, 129_600_000, 190_800_000].map(roughly), ["0 s", "89 s", "2 min", "60 min", "1 h 40 min", "1 d 12 h", "2 d 5 h"]);
  });
});
