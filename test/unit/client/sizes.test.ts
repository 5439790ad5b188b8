import assert from "node:assert/strict";
import { binarySize, decimalSize } from "../../../client/sizes.js";

describe("sizes", () => {
  it("of what lies on a disk are told in powers of 1024", () => assert.deepEqual([0, 1023, 1024, 5_000_000, 3 * 2 ** 30, 2 ** 52].map((bytes) => binarySize(bytes, "en")), ["0 B", "1023 B", "1.0 KiB", "4.8 MiB", "3.0 GiB", "4096 TiB"]));

  it("of models and machines in powers of 1000, and never as nothing", () => assert.deepEqual([1, 12_400_000, 999_000_000, 3_549_000_000].map((bytes) => decimalSize(bytes, "en")), ["1 MB", "12 MB", "999 MB", "3.5 GB"]));

  it("are written as the language writes numbers", () => {
    assert.deepEqual([binarySize(5_000_000, "de"), decimalSize(3_549_000_000, "de"), decimalSize(3_549_000_000, "de-CH")], ["4,8 MiB", "3,5 GB", "3.5 GB"]);
  });
});
