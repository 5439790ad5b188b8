/** The exactness table: each file of the corpus, each layer, frames that came out right. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openMedia, type DecoderChoice, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { defaultCacheFolder } from "../../server/src/runtime/cache/folder.js";
import { VqaError } from "../../server/src/engine/errors.js";
import { command, wholeNumber } from "../support/command.js";
import { Corpus } from "./make.js";
import { RECIPES } from "./recipes.js";
import { score, type Score } from "./score.js";

const USAGE = `npm run eval:media [-- OPTIONS]
  --frames N   frames of each file (default 24)
  --only TEXT  files whose name holds this
  --folder DIR where the files are kept (default: the cache folder)
  --json FILE  write everything there`;
const OPTIONS = { frames: { type: "string", default: "24" }, only: { type: "string", default: "" }, folder: { type: "string" }, json: { type: "string" } } as const;

/** The short way reads a film whole at first, the long way only its ends: every file goes both ways. */
const WAYS: readonly { readonly name: string; readonly decoder: DecoderChoice; readonly headMs?: number }[] = [
  { name: "node-av", decoder: "node-av" },
  { name: "node-av, long", decoder: "node-av", headMs: 1000 },
  { name: "ffmpeg", decoder: "ffmpeg" },
  { name: "ffmpeg, long", decoder: "ffmpeg", headMs: 1000 },
];

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  const count = wholeNumber("frames", values.frames, 2);
  const corpus = await Corpus.open(values.folder ?? join(defaultCacheFolder(), "corpus"), signal);
  if (!corpus) throw new VqaError("decoder-missing", "The corpus is made by ffmpeg, which is not here.", "Install ffmpeg.");
  const ways: { name: string; media: Media }[] = [];
  for (const { name, ...options } of WAYS) {
    const media = await openMedia({ ...options, threads: 1 }, signal).catch(() => undefined);
    if (media) ways.push({ name, media });
    else console.log(`SKIPPED: ${name} is not here`);
  }
  const rows: { name: string; frames: number; scores: Record<string, Score> }[] = [];
  const wrong: string[] = [];
  console.log(`| file | frames | ${ways.map(({ name }) => name).join(" | ")} |\n|---|---|${ways.map(() => "---|").join("")}`);
  for (const recipe of RECIPES.filter(({ name, source }) => !source && name.includes(values.only))) {
    const missing = corpus.missing(recipe);
    if (missing !== undefined) {
      console.log(`| ${recipe.name} | SKIPPED: ${missing} |`);
      continue;
    }
    const path = await corpus.make(recipe, signal);
    const truth = recipe.soundOnly ? { timesMs: [0], numbers: [undefined] } : await corpus.truth(path, signal);
    const scores: Record<string, Score> = {};
    for (const { name, media } of ways) {
      const each = await score(media, path, truth, count, "exact", signal);
      scores[name] = each;
      if (!recipe.soundOnly) wrong.push(...each.wrong.slice(0, 4).map((text) => `${recipe.name}, ${name}: ${text}`));
    }
    rows.push({ name: recipe.name, frames: truth.timesMs.length, scores });
    const cells = ways.map(({ name }) => (recipe.soundOnly ? (scores[name]!.wrong[0] ?? "").split(":")[0] : `${scores[name]!.right} of ${scores[name]!.of}`));
    console.log(`| ${recipe.name} | ${recipe.soundOnly ? "none" : truth.timesMs.length} | ${cells.join(" | ")} |`);
  }
  if (wrong.length > 0) console.log(`\nWrong:\n${wrong.join("\n")}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  await Promise.all(ways.map(({ media }) => media.close()));
});
