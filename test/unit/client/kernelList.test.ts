import assert from "node:assert/strict";
import { kernelsOf } from "../../../client/notebook/kernelList.js";
import type { ModelInfo } from "../../../server/src/protocol/models.js";

const pack = (id: string, over: Partial<ModelInfo> = {}): ModelInfo => ({ id, name: id.toUpperCase(), version: "1", origin: "installed", folder: `/packs/${id}`, composers: ["c"], bytes: 12_345_678, licence: "MIT", state: "ready", ...over });

describe("kernels", () => {
  it("are one a pack that answers questions and is whole, the embedded model first", () => {
    const kernels = kernelsOf([pack("big", { bytes: 2_500_000_000 }), pack("ears", { composers: [] }), pack("broken", { state: "damaged" }), pack("micro", { origin: "embedded", bytes: 900_000 }), pack("own", { origin: "folder", folder: "/home/ann/my pack" })], "en");
    assert.deepEqual(kernels.map(({ model, label, description, detail }) => [model, label, description, detail]), [
      ["micro", "MICRO", "micro 1", "900 kB \u00b7 MIT"],
      ["big", "BIG", "big 1", "2.5 GB \u00b7 MIT"],
      ["/home/ann/my pack", "OWN", "own 1", "12 MB \u00b7 MIT"],
    ]);
    assert.deepEqual(kernels.map(({ id }) => id), ["vqa.model.micro", "vqa.model.big", "vqa.model._2f_home_2f_ann_2f_my_20_pack"]);
  });

  it("tell sizes as the language writes numbers", () => {
    assert.equal(kernelsOf([pack("big", { bytes: 2_500_000_000 })], "de")[1]?.detail, "2,5 GB \u00b7 MIT");
  });

  it("are there for the embedded model before anybody was asked, under the same id", () => {
    assert.deepEqual(kernelsOf([], "en").map(({ model, id }) => [model, id]), [["micro", "vqa.model.micro"]]);
  });
});
