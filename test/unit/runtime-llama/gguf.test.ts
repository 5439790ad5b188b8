import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VqaError } from "../../../server/src/engine/errors.js";
import { GGML_F16, GGML_F32 } from "../../../server/src/runtime/llama/ggml.js";
import { readGgufHeader } from "../../../server/src/runtime/llama/gguf.js";
import { rowLayout } from "../../../server/src/runtime/llama/slotRows.js";
import { vqaError } from "../../support/errors.js";
import { random } from "../../support/random.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";
import { GgufWriter, TINY, tinyGguf } from "../../support/tinyGguf.js";

describe("GGUF header", () => {
  const folder = tempFolder(after);
  const write = (name: string, bytes: Buffer): string => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };

  it("finds tensors, their types and where they lie", () => {
    const bytes = tinyGguf({ rowType: "F32" });
    const header = readGgufHeader(write("good.gguf", bytes));
    assert.equal(header.version, 3);
    assert.equal(header.metadata.get("general.architecture"), "llama");
    assert.equal(header.metadata.get("llama.context_length"), TINY.contextSize);
    const embeddings = header.tensors.get("token_embd.weight");
    assert.deepEqual(embeddings?.dimensions, [TINY.width, TINY.slots.first + TINY.slots.count]);
    assert.equal(embeddings.type, GGML_F32);
    const last = header.tensors.get("blk.0.ffn_norm.weight");
    assert.ok(last);
    // The norms were written as ones: the offset is right when that is what lies there.
    assert.equal(bytes.readFloatLE(last.offset), 1);
    assert.equal(bytes.readFloatLE(last.offset + (TINY.width - 1) * 4), 1);
  });

  it("reads a header that is longer than its first read", () => {
    const writer = new GgufWriter();
    writer.texts("long", Array.from({ length: 200_000 }, (_, i) => `token ${i}`));
    writer.tensor("one", [2], Float32Array.of(0.5, -2), "F16");
    const bytes = writer.whole();
    assert.ok(bytes.length > 2 ** 21);
    const header = readGgufHeader(write("long.gguf", bytes));
    assert.deepEqual(header.metadata.get("long"), { arrayLength: 200_000, elementType: 8 });
    const one = header.tensors.get("one");
    assert.equal(one?.type, GGML_F16);
    assert.equal(bytes.readUInt16LE(one.offset), 0x3800);
    assert.equal(bytes.readUInt16LE(one.offset + 2), 0xc000);
  });

  it("says which file is missing", () => {
    assert.throws(() => readGgufHeader(join(folder, "absent.gguf")), vqaError("model-missing", "absent.gguf"));
  });

  it("refuses a file that is something else, or of a version that it does not know", () => {
    assert.throws(() => readGgufHeader(write("text.gguf", Buffer.from("hello, I am text"))), vqaError("model-damaged", "text.gguf"));
    assert.throws(() => readGgufHeader(write("empty.gguf", Buffer.alloc(0))), vqaError("model-damaged", "empty.gguf"));
    const future = tinyGguf();
    future.writeUInt32LE(9, 4);
    assert.throws(() => readGgufHeader(write("future.gguf", future)), vqaError("model-unsupported", "version 9"));
  });

  it("refuses every truncation", () => {
    const bytes = tinyGguf();
    for (let length = 0; length < bytes.length; length += 997) {
      assert.throws(() => readGgufHeader(write("short.gguf", bytes.subarray(0, length))), vqaError("model-damaged", "short.gguf"));
    }
  });

  it("answers any damage with a typed error or a header, never with a crash", () => {
    const good = tinyGguf();
    const next = random(7);
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const bad = Buffer.from(good);
      // Mostly in the part where lengths and counts are.
      for (let k = 0; k < 4; k++) bad[Math.floor(next() * 2000)] = Math.floor(next() * 256);
      try {
        readGgufHeader(write("bad.gguf", bad));
      } catch (thrown) {
        assert.ok(thrown instanceof VqaError, String(thrown));
        refused++;
      }
    }
    assert.ok(refused > 0);
  });

  it("finds the slots of the embedded model inside its file", () => {
    const file = join(repoRoot, "server/models/micro/language.gguf");
    const { language } = JSON.parse(readFileSync(join(repoRoot, "server/models/micro/vqa-model.json"), "utf8")) as {
      language: { width: number; slots: { first: number; count: number } };
    };
    const layout = rowLayout(readGgufHeader(file), file, language.width, language.slots);
    assert.equal(layout.vocabulary, language.slots.first + language.slots.count);
    // Slots are shipped empty.
    const bytes = readFileSync(file);
    const start = layout.offset + language.slots.first * layout.rowBytes;
    assert.ok(bytes.subarray(start, start + language.slots.count * layout.rowBytes).every((b) => b === 0));
    assert.ok(bytes.subarray(start - layout.rowBytes, start).some((b) => b !== 0));
  });

  it("refuses slots that do not fit the file", () => {
    const file = write("slots.gguf", tinyGguf());
    const header = readGgufHeader(file);
    const { width, slots } = TINY;
    assert.throws(() => rowLayout(header, file, width + 1, slots), vqaError("model-unsupported", "32 wide"));
    assert.throws(() => rowLayout(header, file, width, { ...slots, count: slots.count + 1 }), vqaError("model-unsupported", "outside"));
    const other = new GgufWriter();
    other.tensor("blk.0.attn_q.weight", [2, 2], new Float32Array(4), "F32");
    const without = write("without.gguf", other.whole());
    assert.throws(() => rowLayout(readGgufHeader(without), without, width, slots), vqaError("model-unsupported", "token_embd.weight"));
  });
});
