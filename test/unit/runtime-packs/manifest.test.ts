import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VqaError } from "../../../server/src/engine/errors.js";
import { parseManifest } from "../../../server/src/runtime/packs/manifest.js";
import { vqaError } from "../../support/errors.js";
import { repoRoot } from "../../support/repo.js";

type Json = Record<string, unknown>;
const models = join(repoRoot, "server/models");
const source = readFileSync(join(models, "micro/vqa-model.json"), "utf8");
/** The embedded pack's manifest without the sections that a pack may leave out. */
const fresh = (): Json => {
  const { systems: _, speech: ___, ...manifest } = JSON.parse(source) as Json;
  const { global: __, ...encoder } = manifest["encoder"] as Json;
  return { ...manifest, encoder };
};
/** With what holds where the manifest is silent. */
const whole = (): Json => ({ ...fresh(), choices: "texts" });
const parse = (value: unknown) => parseManifest(JSON.stringify(value), "/packs/x/vqa-model.json");

/** Every field path of a value: "encoder.grid", "files[0].path". Lists are walked into by their first entry. */
function* fields(value: unknown, at: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof value !== "object" || value === null) return;
  for (const key of Array.isArray(value) ? [0].slice(0, value.length) : Object.keys(value)) {
    yield [...at, key];
    yield* fields((value as Json)[key], [...at, key]);
  }
}
const written = (at: readonly (string | number)[]): string =>
  at.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");

function change(at: readonly (string | number)[], to: unknown): Json {
  const root = fresh();
  let value = root as Json;
  for (const key of at.slice(0, -1)) value = value[key] as Json;
  const last = at.at(-1)!;
  if (to === undefined && !Array.isArray(value)) delete value[last];
  else value[last] = to;
  return root;
}

describe("pack manifests", () => {
  it("the embedded pack's is read whole", () => {
    assert.deepEqual(parse(fresh()), whole());
    parse(JSON.parse(source));
  });

  it("choices are scored as texts unless the pack says letters", () => {
    assert.equal(parse({ ...fresh(), choices: "letters" }).choices, "letters");
    assert.throws(() => parse({ ...fresh(), choices: "numbers" }), vqaError("model-damaged", "choices"));
  });

  it("each field is needed, and the message names it", () => {
    for (const at of fields(fresh())) {
      // The embedded model's merged tokens happen to be as wide as its language model.
      if (written(at) === "projector") continue;
      // A pack may do without; what it has must be whole.
      if (written(at) === "embedder") continue;
      // And what it does not say of long videos is as published.
      if (/^longVideo(\.\w+)?$/.test(written(at))) continue;
      assert.throws(
        () => parse(change(at, undefined)),
        (thrown: unknown) => {
          assert.ok(thrown instanceof VqaError);
          assert.equal(thrown.code, "model-damaged");
          assert.ok(thrown.message.includes("/packs/x/vqa-model.json"), thrown.message);
          assert.ok(thrown.message.includes(written(at)), `${thrown.message} does not name ${written(at)}`);
          assert.ok(thrown.message.includes("expected"), thrown.message);
          return true;
        },
      );
    }
  });

  it("each field has a type", () => {
    for (const at of fields(fresh())) {
      // Of the section on long videos nothing is needed: any object is one.
      if (written(at) !== "longVideo") assert.throws(() => parse(change(at, { not: "this" })), vqaError("model-damaged"), written(at));
      assert.throws(() => parse(change(at, null)), vqaError("model-damaged"), written(at));
    }
  });

  it("fields must agree with each other", () => {
    const check = (at: readonly (string | number)[], to: unknown, message: string): void =>
      assert.throws(() => parse(change(at, to)), vqaError("model-damaged", message));
    check(["encoder", "grid"], [8, 9], "encoder.grid");
    check(["composer", "merge"], 5, "composer.merge");
    check(["projector", "inputWidth"], 7, "projector.inputWidth");
    check(["projector", "width"], 7, "projector.width");
    check(["sampling", "maxFrames"], 1, "sampling.maxFrames");
    check(["language", "slots", "count"], 3, "language.slots.count");
    check(["language", "file"], "other.gguf", "language.file");
    check(["prompt", "frame"], "no picture", "prompt.frame");
    check(["files", 0, "sha256"], "ABC", "files[0].sha256");
  });

  it("files stay inside the pack", () => {
    for (const path of ["../x", "/etc/passwd", "a/../../b", "a\\b", "", ".", "C:/x", "a//b"]) {
      assert.throws(() => parse(change(["files", 0, "path"], path)), vqaError("model-damaged", "files[0].path"));
    }
  });

  it("a newer format and broken JSON have their own messages", () => {
    assert.throws(() => parse(change(["schemaVersion"], 2)), vqaError("model-unsupported", "newer"));
    assert.throws(() => parseManifest("{", "/packs/x/vqa-model.json"), vqaError("model-damaged", "not JSON"));
    for (const value of [null, 3, [], "x"]) assert.throws(() => parse(value), vqaError("model-damaged"));
  });

  it("unknown fields are ignored", () => assert.deepEqual(parse({ ...fresh(), later: 1 }), whole()));

  it("the published JSON schema requires the same fields", () => {
    const schema = JSON.parse(readFileSync(join(models, "vqa-model.schema.json"), "utf8")) as Json;
    const compare = (part: Json, value: unknown, at: string): void => {
      if (Array.isArray(value)) {
        assert.equal(part["type"], "array", at);
        if (typeof value[0] === "object") compare(part["items"] as Json, value[0], `${at}[0]`);
        return;
      }
      if (typeof value !== "object" || value === null) return;
      // An encoder may hold its projection, and then needs none; not every pack searches.
      const free = at === "" ? ["embedder", "longVideo", "projector"] : at === ".longVideo" ? Object.keys(value) : [];
      const then = part["then"] as Json | undefined;
      const required = [...((part["required"] as string[] | undefined) ?? []), ...((then?.["required"] as string[] | undefined) ?? []), ...free];
      assert.deepEqual(required.sort(), Object.keys(value).sort(), at);
      const properties = part["properties"] as Json;
      for (const [key, child] of Object.entries(value)) compare(properties[key] as Json, child, `${at}.${key}`);
    };
    compare(schema, fresh(), "");
    const path = new RegExp(((schema["$defs"] as Json)["packPath"] as { pattern: string }).pattern);
    for (const good of ["vision.onnx", "onnx/vision.onnx", "a.b/c-d_e"]) assert.match(good, path);
    for (const bad of ["../x", "/x", "a/../b", "a\\b", "", ".", "a/."]) assert.doesNotMatch(bad, path);
  });
});
