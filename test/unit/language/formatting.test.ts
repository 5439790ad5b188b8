import assert from "node:assert/strict";
import { applied, at, marked, service } from "./support.js";

function check(text: string, expected: string): void {
  const { document } = marked(text);
  const edits = service().formatting(document, undefined);
  assert.equal(applied(document, edits), expected);
  for (const { range, newText } of edits) assert.ok(range.start.line === range.end.line && !/[\r\n]/.test(newText), "an edit goes over a line");
}

describe("formatting", () => {
  it("writes times in full", () => {
    check("@ 0:01..1:02:03.5 a\n", "@ 00:00:01.000..01:02:03.500 a\n");
    check("Q q @ 00:01 , 0:02 .. 0:03: a\n", "Q q @00:00:01.000, 00:00:02.000..00:00:03.000: a\n");
    check("00:01.000-->00:02  line:0\na 00:03\n", "00:00:01.000 --> 00:00:02.000  line:0\na 00:03\n");
  });

  it("puts one blank around markers", () => {
    check("VQA 1\nvideo :  a b.mp4\nmodel:micro\n", "VQA 1\nvideo: a b.mp4\nmodel: micro\n");
    check("##   A  title \n", "## A  title \n");
    check("@00:00:01.000   a  label \n", "@ 00:00:01.000 a  label \n");
    check("Q   q1   :a\n", "Q q1: a\n");
    check("Q: a\n  -  [ ] not a choice\n\t- [X]   b \n    - [ ] c\n", "Q: a\n  -  [ ] not a choice\n  - [x] b \n  - [ ] c\n");
    check("Q: a\nM  dbf3dd46   0123456789ab  t=1ms   p=0.9 :b\n", "Q: a\nM dbf3dd46 0123456789ab t=1ms p=0.9: b\n");
    check("RUN dbf3dd46\n  model :micro\n\tseed:  1\n", "RUN dbf3dd46\n  model: micro\n\tseed: 1\n");
  });

  it("touches no text, no answer of a person and no blank line", () => {
    const text = "VQA 1\n\n\n\nQ q1:   what  \n  more   text \n\nA   ann :  it \n\nNOTE   a\n   b\n\nprose :  c\n   \n";
    check(text, text);
  });

  it("leaves what it cannot read", () => {
    check("@ 0:99  a\nQ   q  @ 0:5  : a\n00:01,0 -->  00:02,0\n", "@ 0:99  a\nQ   q  @ 0:5  : a\n00:01,0 -->  00:02,0\n");
  });

  it("leaves files of another version", () => {
    check("VQA 2\nvideo :a\n\n@0:01 b\n", "VQA 2\nvideo :a\n\n@0:01 b\n");
  });

  it("keeps BOM, CRLF and a missing final newline", () => {
    check("\ufeffVQA 1\r\nvideo:𝄞.mp4\r\n\r\nQ 𝄞  @0:01: 𝄞\r\n@0:02", "\ufeffVQA 1\r\nvideo: 𝄞.mp4\r\n\r\nQ 𝄞 @00:00:01.000: 𝄞\r\n@ 00:00:02.000");
  });

  it("makes one small edit a place", () => {
    const { document } = marked("@ 0:01..00:00:05.000   a\n");
    assert.deepEqual(service().formatting(document, undefined).map(({ range, newText }) => [at(document, range), newText]), [["0:01..00:00:05.000", "00:00:01.000..00:00:05.000"], ["   ", " "]]);
  });

  it("of a range takes the blocks that it touches", () => {
    const { document, range } = marked("@0:01 a\n\n‹@0:02 b›\n\n@0:03 c\n");
    assert.equal(applied(document, service().formatting(document, range)), "@0:01 a\n\n@ 00:00:02.000 b\n\n@0:03 c\n");
  });
});
