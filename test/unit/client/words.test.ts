import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readWords, translator } from "../../../client/words.js";
import { repoRoot } from "../../support/repo.js";

/** A file, or those of a folder. */
function filesOf(path: string): string[] {
  return path.endsWith(".ts") ? [path] : readdirSync(join(repoRoot, path)).filter((name) => name.endsWith(".ts")).map((name) => join(path, name));
}

describe("words of pages", () => {
  it("are translated, with their values in place, and English where there is no other", () => {
    const t = translator({ "{0} of {1}": "{1} davon {0}", Notes: "Notizen" });
    assert.equal(t("{0} of {1}", 2, "three"), "three davon 2");
    assert.equal(t("Notes"), "Notizen");
    assert.equal(t("Frames at {0}", "00:01"), "Frames at 00:01");
    assert.equal(t("{0} and {1}", "one"), "one and {1}");
    assert.equal(t("constructor"), "constructor");
  });

  it("are read from whatever came", () => {
    assert.deepEqual(readWords({ a: "b", c: 1 }), { a: "b" });
    assert.deepEqual(readWords(undefined), {});
  });

  for (const [page, extension, ...shared] of [["client/renderer/page", "client/notebook/evidence.ts"], ["client/chat/page", "client/chat/pageWords.ts", "client/renderer/page/weights.ts"], ["client/sheet/page", "client/sheet/words.ts"], ["client/models/words.ts", "client/models/index.ts"]] as const) {
    it(`are all given to ${page}, and no others`, () => {
      const plain = (written: string): string => JSON.parse(`"${written}"`) as string;
      const source = (path: string): string => readFileSync(join(repoRoot, path), "utf8");
      const said = [...filesOf(page), ...shared].flatMap((file) => [...source(file).matchAll(/\bt\("((?:[^"\\]|\\.)*)"|count\([^"]*"([^"]*)", "([^"]*)"/g)].flatMap(([, ...texts]) => texts.filter((text) => text !== undefined)).map(plain));
      const given = [...source(extension).matchAll(/^ {4}(?:"((?:[^"\\]|\\.)*)"|(\w+)): vscode\.l10n\.t\("((?:[^"\\]|\\.)*)"\)/gm)].map(([, quoted, bare, text]) => [plain(quoted ?? bare ?? ""), plain(text ?? "")]);
      assert.ok(said.length > 5);
      for (const [key, text] of given) assert.equal(key, text);
      assert.deepEqual(given.map(([key]) => key).sort(), [...new Set(said)].sort());
    });
  }
});
