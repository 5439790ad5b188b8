import { strict as assert } from "node:assert";
import { offers, percentage, progressText, removable } from "../../../client/models/words.js";
import { translator } from "../../../client/words.js";
import type { ModelInfo, OfferedModel } from "../../../server/src/protocol/models.js";

const say = translator({});

describe("pickers of models", () => {
  const offered = (id: string, more: Partial<OfferedModel> = {}): OfferedModel => ({
    id, name: id.toUpperCase(), summary: `about ${id}`, licences: [{ part: "vision", spdx: "MIT", source: "x" }, { part: "language", spdx: "MIT", source: "y" }], repositories: ["a/b"], gated: false, installed: false, ...more,
  });

  it("show what is not there yet first, with licence and what it takes", () => {
    assert.deepEqual(offers([offered("a", { installed: true }), offered("b", { gated: true }), offered("c")], say), [
      { id: "b", label: "B", description: "needs a sign-in · MIT", detail: "about b" },
      { id: "c", label: "C", description: "MIT", detail: "about c" },
      { id: "a", label: "A", description: "installed · MIT", detail: "about a" },
    ]);
  });

  it("remove only what was installed, the damaged too", () => {
    const info = (id: string, more: Partial<ModelInfo>): ModelInfo => ({ id, name: id, version: "1", origin: "installed", folder: `/m/${id}`, composers: [], bytes: 5e8, licence: "MIT", state: "ready", ...more });
    assert.deepEqual(
      removable([info("micro", { origin: "embedded" }), info("a", {}), info("b", { state: "damaged", problem: { code: "model-damaged", message: "cut", next: "", data: {} } }), info("own", { origin: "folder" })], "en").map(({ id, description, detail }) => [id, description, detail]),
      [["a", "1 · 500 MB", "a"], ["b", "1 · 500 MB", "cut"]],
    );
  });

  it("count downloading as most of the work, and never go back", () => {
    const steps = [{ stage: "wait" }, { stage: "look" }, { stage: "download", fraction: 0 }, { stage: "download", fraction: 1 }, { stage: "prepare", fraction: 0 }, { stage: "prepare", fraction: 1 }] as const;
    assert.deepEqual(steps.map(percentage), [0, 0, 0, 90, 90, 100]);
    assert.equal(progressText({ stage: "download", bytes: 12_000_000, total: 1_500_000_000 }, say), "12 MB of 1.5 GB");
    assert.equal(progressText({ stage: "download", bytes: 12_000_000, total: 1_500_000_000 }, translator({ "{0} of {1}": "{0} von {1}" }, "de")), "12 MB von 1,5 GB");
  });
});
