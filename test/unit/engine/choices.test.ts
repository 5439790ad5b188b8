import assert from "node:assert/strict";
import { chooseByLikelihood, choicePrompt } from "../../../server/src/engine/choices.js";

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

describe("multiple choice", () => {
  it("compares the mean log-likelihood a token, not the sum", () => {
    const { choice, probabilities } = chooseByLikelihood([{ logProb: -2, tokens: 1 }, { logProb: -4, tokens: 4 }]);
    assert.equal(choice, 1);
    close(probabilities[0]! + probabilities[1]!, 1);
    close(probabilities[1]! / probabilities[0]!, Math.E);
  });
  it("takes the first of equals", () => {
    const result = chooseByLikelihood([{ logProb: -3, tokens: 3 }, { logProb: -1, tokens: 1 }]);
    assert.deepEqual(result, { choice: 0, probabilities: [0.5, 0.5] });
  });
  it("does not break on impossible continuations", () => {
    assert.deepEqual(chooseByLikelihood([{ logProb: -Infinity, tokens: 1 }, { logProb: -900, tokens: 1 }]), { choice: 1, probabilities: [0, 1] });
    assert.deepEqual(chooseByLikelihood([{ logProb: -Infinity, tokens: 1 }, { logProb: -Infinity, tokens: 1 }]).probabilities, [0.5, 0.5]);
  });
  it("asks plainly and scores full texts", () => {
    assert.deepEqual(choicePrompt("Which?", ["red", "blue"], "texts", " "), { question: "Which?", continuations: [" red", " blue"] });
  });
  it("lists the choices for models that were trained on letters", () => {
    assert.deepEqual(choicePrompt("Which?", ["red", "blue"], "letters", " "), {
      question: "Which?\n(A) red\n(B) blue",
      continuations: [" (A)", " (B)"],
    });
  });
});
