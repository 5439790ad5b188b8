import assert from "node:assert/strict";
import { agreementOf, votedQuestions } from "../../../server/src/engine/annotators.js";

const TEXT = `VQA 1
video: v

Q one: Which colour?
A ann: The red one
A bo: red one.
A cy: blue

Q two: Which?
  - [ ] a square
  - [x] a star
A ann: (B) a star
A bo: a star
A cy: (A) a square

Q three: When?
A: settled
A ann: 00:07
A bo: 0:07

Q four: Alone?
A ann: yes
A: no
`;

describe("the people who answered", () => {
  it("vote by words as they are graded, by the choice that is named, and once each", () => {
    const voted = votedQuestions(`${TEXT}A ann: maybe\nA bo: maybe\n`);
    assert.deepEqual(voted.map(({ question, votes, agreement, settled }) => [question, votes.length, Number(agreement.toFixed(3)), settled]), [
      [0, 3, 0.333, undefined],
      [1, 3, 0.333, "(B) a star"],
      [2, 2, 1, "settled"],
      [3, 2, 1, "no"],
    ]);
  });

  it("agree in pairs and all together", () => {
    const { questions, disagreements, annotators, pairs, agreement, fleiss, alpha, interval } = agreementOf(votedQuestions(TEXT));
    assert.deepEqual([questions, disagreements], [3, 2]);
    assert.deepEqual(annotators, [{ author: "ann", questions: 3 }, { author: "bo", questions: 3 }, { author: "cy", questions: 2 }]);
    assert.deepEqual(pairs.map(({ authors, questions: n, agreement: share, kappa }) => [authors.join(), n, share, kappa]), [["ann,bo", 3, 1, 1], ["ann,cy", 2, 0, 0], ["bo,cy", 2, 0, 0]]);
    assert.equal(agreement?.toFixed(3), "0.556");
    assert.equal(fleiss, undefined, "the third question has two answers");
    // 8 ratings, of each category 2 1 2 1 2: 8 - (1 + 1 + 2) disagree of 8 - 6 / 7 expected.
    assert.equal(alpha?.toFixed(4), (1 - 4 / (8 - 6 / 7)).toFixed(4));
    assert.ok(interval !== undefined && interval[0] <= (alpha ?? 0) && interval[1] >= (alpha ?? 0), String(interval));
  });

  it("are nobody where nobody has a name", () => {
    assert.deepEqual(votedQuestions("Q: a\nA: b\nA: c\n"), []);
    assert.deepEqual(agreementOf([]), { questions: 0, disagreements: 0, annotators: [], pairs: [], agreement: undefined, fleiss: undefined, alpha: undefined, interval: undefined });
  });
});
