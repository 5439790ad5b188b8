/** The table of hostile files: each, through either decoder, and what came of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMedia, runningDecoders, type DecoderChoice, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { VqaError } from "../../server/src/engine/errors.js";
import { repoRoot } from "../../test/support/repo.js";
import { command } from "../support/command.js";
import { attempt, complaint } from "./attempt.js";
import { CASES } from "./cases/index.js";
import { Lures } from "./lures.js";
import { peakBytesOf } from "./memory.js";
import { traced, underStrace } from "./strace.js";

const USAGE = `npm run eval:hostile [-- OPTIONS]
  --only TEXT  cases whose kind or name holds this
  --quick      without those that take seconds
  --strace     under strace: every file that was opened and every address that was asked is looked at
  --json FILE  write everything there`;
const OPTIONS = { only: { type: "string", default: "" }, quick: { type: "boolean", default: false }, strace: { type: "boolean", default: false }, json: { type: "string" } } as const;
const WAYS: readonly DecoderChoice[] = ["node-av", "ffmpeg"];
const MAX_MS = 120_000;

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  if (values.strace && !underStrace()) return traced(signal);
  const folder = mkdtempSync(join(tmpdir(), "vqa-hostile-"));
  const lures = await Lures.lay(folder);
  const ways: { name: DecoderChoice; media: Media }[] = [];
  for (const decoder of WAYS) {
    const media = await openMedia({ decoder, threads: 1 }, signal).catch(() => undefined);
    if (media) ways.push({ name: decoder, media });
    else console.log(`SKIPPED: ${decoder} is not here`);
  }
  const [film, matroska] = ["bframes.mp4", "subtitled.mkv"].map((name) => readFileSync(join(repoRoot, "test/fixtures/media", name))) as [Buffer, Buffer];
  const bad: string[] = [];
  const rows: object[] = [];
  const log = peakBytesOf(process.pid);
  try {
    console.log(`| kind | input | ${ways.map(({ name }) => name).join(" | ")} |\n|---|---|${ways.map(() => "---|").join("")}`);
    for (const [i, each] of CASES.entries()) {
      if (!`${each.kind} ${each.name}`.includes(values.only) || (values.quick && each.slow)) continue;
      const own = join(folder, String(i));
      mkdirSync(own);
      const path = await each.make({ folder: own, film, matroska, address: lures.address, lure: (name) => lures.file(join(own, name), film) });
      if (path === undefined) {
        console.log(`| ${each.kind} | ${each.name} | SKIPPED: this system cannot have it |`);
        continue;
      }
      const cells: string[] = [];
      for (const { name, media } of ways) {
        log.reset();
        const begun = performance.now();
        const outcome = await attempt(media, path, AbortSignal.any([signal, AbortSignal.timeout(MAX_MS)]));
        const [ms, peak, touched] = [performance.now() - begun, log.peak(), lures.touched()];
        const wrong = touched.length > 0 ? `touched ${touched.join(", ")}` : complaint(each, outcome);
        if (wrong !== undefined) bad.push(`${each.kind}, ${each.name}, ${name}: ${wrong}`);
        cells.push(`${wrong === undefined ? "" : "WRONG "}${shortOf(outcome.code === undefined && each.cues ? `opens; subtitles: ${outcome.cues}` : outcome.says)}`);
        rows.push({ kind: each.kind, name: each.name, decoder: name, ...outcome, wrong, touched, ms: Math.round(ms), peakMiB: Math.round(peak / 2 ** 20) });
      }
      rmSync(own, { recursive: true, force: true });
      console.log(`| ${each.kind} | ${each.name} | ${cells.join(" | ")} |`);
    }
  } finally {
    log.stop();
    await Promise.all(ways.map(({ media }) => media.close()));
    await lures.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (runningDecoders() > 0) bad.push(`${runningDecoders()} decoders are left`);
  if (!lures.watched) console.log("\nThis disk keeps no access times: whether other files were read shows only with --strace.");
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(bad.length === 0 ? `\nAll as it should be; no other file was read${lures.watched ? "" : " (not looked at)"}, no address asked, no process left.` : `\nWrong:\n${bad.join("\n")}`);
  if (bad.length > 0) throw new VqaError("internal", `${bad.length} outcomes are not as they should be.`);
});

/** Names of temporary files say nothing. */
function shortOf(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replace(/\/\S*vqa-hostile-\w+\/\d+\//g, "").slice(0, 110);
}
