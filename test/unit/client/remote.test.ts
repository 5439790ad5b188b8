import assert from "node:assert/strict";
import { agreedRemote, hostOf, termsOf } from "../../../client/remote/agreement.js";
import { kernelsOf } from "../../../client/notebook/kernelList.js";

const SET = { url: " https://gpu.example/v1 ", model: "seer-7b", kind: "vllm" };
const TERMS = "seer-7b at https://gpu.example/v1";

describe("the word of the user that frames may leave the machine", () => {
  it("is given for one model at one address", () => {
    assert.equal(termsOf(SET), TERMS);
    assert.deepEqual(agreedRemote(SET, TERMS, true, "secret"), { url: "https://gpu.example/v1", model: "seer-7b", key: "secret", dialect: "vllm" });
    assert.deepEqual(agreedRemote({ ...SET, kind: "nonsense" }, TERMS, true, ""), { url: "https://gpu.example/v1", model: "seer-7b" });
  });

  for (const [what, settings, agreed, trusted] of [
    ["nobody gave it", SET, undefined, true],
    ["the workspace is not trusted", SET, TERMS, false],
    ["the address is another one now", { ...SET, url: "https://other.example/v1" }, TERMS, true],
    ["the model is another one now", { ...SET, model: "other" }, TERMS, true],
    ["no engine is set", { ...SET, url: "" }, TERMS, true],
    ["no model is set", { ...SET, model: " " }, undefined, true],
  ] as const) {
    it(`is missing where ${what}`, () => assert.equal(agreedRemote(settings, agreed, trusted, "secret"), undefined));
  }

  it("makes a kernel, the last one, that names the host", () => {
    assert.equal(hostOf("https://gpu.example:8000/v1"), "gpu.example:8000");
    assert.deepEqual(kernelsOf([], "en").map(({ model }) => model), ["micro"]);
    const [own, elsewhere] = kernelsOf([], "en", { model: "seer-7b", host: "gpu.example", warning: "Frames leave." });
    assert.equal(own?.model, "micro");
    assert.deepEqual(elsewhere, { model: "remote", id: "vqa.model.remote", label: "seer-7b", description: "gpu.example", detail: "Frames leave." });
  });
});
