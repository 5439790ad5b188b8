import assert from "node:assert/strict";
import { duration, fixed, numberReader, percent, rewritten } from "../../../client/numbers.js";
import { translator } from "../../../client/words.js";

describe("numbers", () => {
  it("are written as a language writes them", () => {
    assert.deepEqual(["en", "de", "de-CH", "fr", "zh-cn", "ar-EG"].map((language) => fixed(1234.5, 2, language)), ["1234.50", "1234,50", "1234.50", "1234,50", "1234.50", "1234.50"]);
    assert.deepEqual([percent(2 / 3, "en"), percent(2 / 3, "de"), fixed(-0.125, 2, "de")], ["66.7 %", "66,7 %", "-0,13"]);
    assert.deepEqual([duration(339.6, "de"), duration(2_460, "de"), duration(2_460, "en")], ["340 ms", "2,5 s", "2.5 s"]);
  });

  it("keep the digits that a file gives them", () => {
    for (const [text, german] of [["0.970", "0,970"], ["1", "1"], ["about 0.5", "about 0.5"], ["", ""], ["1.2.3", "1.2.3"]] as const) assert.equal(rewritten(text, "de"), german);
  });

  it("are read as they were written, whatever stands around them", () => {
    for (const language of ["en", "de", "de-CH", "fr", "pl", "es"]) {
      for (const value of [0, 7, 1234, 9_876_543, 0.125, -66.7, 1234.5]) {
        for (const written of [fixed(value, 3, language), value.toLocaleString(language)]) assert.equal(numberReader(language)(`about ${written} (1 to 2)`), value, `${written} in ${language}`);
      }
    }
    assert.equal(numberReader("de")("−12,5 (−20,0 – −3,1)"), -12.5);
    assert.equal(numberReader("de")("1,234"), 1.234);
    assert.equal(numberReader("en")("1,234"), 1234);
    assert.ok(Number.isNaN(numberReader("de")("none")));
  });

  it("go by the language of a page, English where it names none", () => {
    assert.equal(translator({}).language, "en");
    assert.equal(translator({}, "").language, "en");
    assert.equal(translator({ a: "b" }, "de").language, "de");
  });
});
