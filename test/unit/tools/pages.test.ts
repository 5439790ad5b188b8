import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { COMMANDS } from "../../../server/src/cli/commands.js";
import { ID_FIELD } from "../../../server/src/format/convert/records.js";
import { ACCEPT, PLAY, REJECT } from "../../../server/src/language/lenses.js";
import { MESSAGES } from "../../../server/src/protocol/messages.js";
import { missing, variablesIn, type House } from "../../support/pages.js";
import { repoRoot } from "../../support/repo.js";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: { readonly commands: readonly { readonly title: string; readonly category?: string }[]; readonly configuration: Configuration | readonly Configuration[] };
}
interface Configuration {
  readonly properties: Readonly<Record<string, unknown>>;
}

const read = (path: string): string => readFileSync(join(repoRoot, path), "utf8");
const json = <T>(path: string): T => JSON.parse(read(path)) as T;

/** Folders that hold nothing of ours. */
const FOREIGN = new Set(["node_modules", "out", "dist"]);

function files(ends: RegExp, folder = ""): readonly string[] {
  return readdirSync(join(repoRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.has(entry.name) || entry.name.startsWith(".") ? [] : files(ends, path);
    return ends.test(path) ? [path.replaceAll("\\", "/")] : [];
  });
}

const manifest = json<Manifest>("package.json");
const words = json<Record<string, string>>("package.nls.json");
const house: House = {
  has: (path) => existsSync(join(repoRoot, path)),
  read,
  programs: new Set(files(/\.(?:py|m?ts|mjs)$/).map((path) => basename(path))),
  scripts: new Set(Object.keys(manifest.scripts)),
  commands: COMMANDS.map(({ spec }) => spec),
  titles: new Set(manifest.contributes.commands.map(({ title }) => words[title.slice(1, -1)] ?? title)),
  names: new Set([...[manifest.contributes.configuration].flat().flatMap(({ properties }) => Object.keys(properties)), PLAY, ACCEPT, REJECT, ID_FIELD]),
  messages: new Set(Object.values(MESSAGES).map(({ method }) => method)),
  variables: new Set(files(/(?<!pages\.test)\.m?ts$|\.mjs$/).flatMap((path) => variablesIn(read(path)))),
};

describe("what our pages show", () => {
  const all = files(/\.md$/);

  it("is looked at in every room", () => {
    for (const page of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "server/FORMAT.md", "tools/micro/README.md", "server/models/micro/MODEL_CARD.md"]) assert.ok(all.includes(page), page);
  });

  for (const page of all) it(`exists: ${page}`, () => assert.deepEqual(missing(page, read(page), house), []));
});

describe("a page that shows what is not there", () => {
  const said = (text: string): readonly string[] => missing("tools/micro/README.md", text, house);

  for (const [name, text, wanted] of [
    ["a link", "See [this](../nowhere.md).", ["the link ../nowhere.md"]],
    ["a picture", "![A picture](../../media/pictures/none.png)", ["the link ../../media/pictures/none.png"]],
    ["a heading", "[there](../../README.md#the-command-lines)", ["the link ../../README.md#the-command-lines"]],
    ["a path", "in `server/src/nowhere` it is", ["server/src/nowhere"]],
    ["a compiled test", "```\nnpx mocha out/test/unit/none.test.js\n```", ["out/test/unit/none.test.js"]],
    ["a program", "    python3 none.py FILE", ["none.py"]],
    ["a program by its name", "`train_audio.py` and `train_everything.py`", ["train_everything.py"]],
    ["a script", "`npm run nothing -- --frames 3`", ["npm run nothing"]],
    ["a command", "```\nnpx vqa question clip.mp4\n```", ["vqa question"]],
    ["an option", "```\nnpx vqa ask clip.mp4 \"What?\" --choice a,b   --no-option here\n```", ["vqa ask --choice"]],
    ["an option of one of two commands", "`vqa ask|probe … --composer NAME`", ["vqa probe --composer"]],
    ["an action", "`vqa models fetch NAME` and `vqa queue clear`", ["vqa models fetch"]],
    ["a command of the editor over two lines", "`VQA: Get a\nModels…`", ["VQA: Get a Models…"]],
    ["a setting", "`vqa.modelFolder`", ["vqa.modelFolder"]],
    ["a message", "`vqa/asked`", ["vqa/asked"]],
    ["a variable of the environment", "```\nVQA_NONE=1 npm test\n```", ["VQA_NONE"]],
  ] as const) {
    it(`is found out: ${name}`, () => assert.deepEqual(said(text), wanted));
  }

  it("is not one that shows what is", () => {
    const text = [
      "[the model](../../server/models/micro/MODEL_CARD.md), [the line](../../README.md#the-command-line), [elsewhere](https://example.com/none.md)",
      "`test/unit/tools/pages.test.ts`, `tools/micro/log/evaluation-*.json`, `train.py`, `out/screenshots`, `[not](a-link)`",
      "```\nnpx vqa ask clip.mp4 \"What?\" --choices a,b     a --word about it\nnode out/tools/demo/main.js\npython3 train_vision.py\nnpm run eval:micro -- --clips 3\n```",
      "`VQA: Get a Model…`, `vqa.device`, `vqa/ask`, `vqa models pull NAME`, `vqa --help`, `VQA_SEED=random npm test`",
    ];
    assert.deepEqual(said(text.join("\n\n")), []);
  });
});
