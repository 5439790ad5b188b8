import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromFloat16Bits } from "../../../server/src/runtime/llama/float16.js";
import { readGgufHeader } from "../../../server/src/runtime/llama/gguf.js";
import { SlotRows, rowLayout } from "../../../server/src/runtime/llama/slotRows.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";
import { TINY, tinyGguf } from "../../support/tinyGguf.js";

const { width, slots } = TINY;

for (const rowType of ["F16", "F32"] as const) {
  describe(`slot rows in ${rowType}`, () => {
    const folder = tempFolder(after);
    const file = join(folder, `${rowType}.gguf`);
    let rows: SlotRows;
    beforeEach(() => {
      writeFileSync(file, tinyGguf({ rowType }));
      rows = new SlotRows(file, rowLayout(readGgufHeader(file), file, width, slots));
    });
    afterEach(() => rows.close());

    /** The file's own bytes decoded, not what SlotRows believes. */
    function row(token: number): number[] {
      const bytes = readFileSync(file);
      const at = rows.layout.offset + token * rows.layout.rowBytes;
      return Array.from({ length: width }, (_, i) =>
        rowType === "F32" ? bytes.readFloatLE(at + 4 * i) : fromFloat16Bits(bytes.readUInt16LE(at + 2 * i)),
      );
    }
    const embeddings = (n: number, by: number): Float32Array => Float32Array.from({ length: n * width }, (_, i) => (i % 64) / 64 + by);

    it("writes exactly the slots", () => {
      const before = readFileSync(file);
      rows.write(embeddings(3, 1));
      assert.deepEqual(row(slots.first + 2), [...embeddings(3, 1).subarray(2 * width)]);
      const after = readFileSync(file);
      const start = rows.layout.offset + slots.first * rows.layout.rowBytes;
      const end = start + 3 * rows.layout.rowBytes;
      assert.ok(after.subarray(0, start).equals(before.subarray(0, start)));
      assert.ok(after.subarray(end).equals(before.subarray(end)));
    });

    it("replaces rows, knows what it holds, and reads rows back", () => {
      rows.write(embeddings(4, 0));
      const changed = embeddings(4, 0);
      changed[2 * width] = -0.5;
      assert.equal(rows.holds(changed), false);
      rows.write(changed);
      assert.equal(rows.holds(changed), true);
      assert.equal(rows.holds(changed.subarray(0, width)), true);
      assert.equal(row(slots.first + 2)[0], -0.5);
      rows.writeRaw(rows.readRaw(slots.first + 2));
      assert.equal(row(slots.first)[0], -0.5);
      assert.equal(rows.holds(changed), false);
      rows.write(changed);
      assert.deepEqual(row(slots.first), [...changed.subarray(0, width)]);
    });

    it("refuses values that are not numbers", () => {
      assert.throws(() => rows.write(new Float32Array(width).fill(NaN)), vqaError("model-damaged"));
      if (rowType === "F16") assert.throws(() => rows.write(new Float32Array(width).fill(1e5)), vqaError("model-damaged"));
    });
  });
}
