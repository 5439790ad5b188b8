import { readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { VqaError } from "../../engine/errors.js";
import { compare, type Compared } from "../../engine/evaluate/compare.js";
import { isRight, rowOf, type Row } from "../../engine/evaluate/score.js";
import { Losses } from "../../format/index.js";
import { exists } from "../../runtime/datasets/files.js";
import { videoFolder } from "../../runtime/datasets/videoFolder.js";
import { ownVersion } from "../../runtime/worker/versions.js";
import { outOption } from "../batch.js";
import { withSupervisor, type Invocation } from "../common.js";
import { EXIT } from "../exit.js";
import { reportLosses } from "../leftOut.js";
import { json, line } from "../terminal.js";
import { compareHtml } from "./compareReport.js";
import { readPredictions } from "./load.js";
import { describeComparison } from "./tables.js";
import { thumbnailsOf } from "./thumbnails.js";
import { writeFiles } from "./writeFiles.js";

/** `vqa eval --compare`: two runs of the same questions, or two files of predictions. */
export async function compareRuns(invocation: Invocation): Promise<number> {
  const { args, terminal, signal } = invocation;
  const [first, second, ...more] = args.positionals;
  if (first === undefined || second === undefined || more.length > 0) throw args.usage("--compare takes two folders of evaluations, or two files of predictions.");
  const losses = new Losses();
  const [a, b] = [await rowsOf(first, losses, signal), await rowsOf(second, losses, signal)];
  const compared = compare(a, b);
  if (compared.all.n === 0) throw new VqaError("invalid-request", `${first} and ${second} have no question with a known answer in common.`, "Give two runs on the same dataset.");
  const shown = { onlyFirst: compared.onlyFirst, onlySecond: compared.onlySecond, all: compared.all, types: compared.types };
  const files = args.text("out") === undefined ? [] : await writeComparison(invocation, compared, [basename(resolve(first)), basename(resolve(second))]);
  if (args.flag("json")) json(terminal.out, { runs: [first, second], files, ...shown, changed: compared.changed.map(({ first: x, second: y }) => ({ video: x.video, id: x.id, question: x.question, first: x.pred, second: y.pred, lost: x.grade !== "wrong" })) });
  else {
    for (const each of describeComparison(compared, [basename(resolve(first)), basename(resolve(second))])) line(terminal.out, each);
    reportLosses(terminal.err, losses);
    for (const file of files) line(terminal.err, file);
  }
  return EXIT.ok;
}

async function writeComparison({ args, signal }: Invocation, compared: Compared, names: readonly [string, string]): Promise<readonly string[]> {
  const out = outOption(args);
  const videos = await videoFolder(args.text("videos"));
  const most = args.whole("failures", 0, 500) ?? 24;
  const wrong = compared.changed.map(({ first, second }) => (isRight(first) ? second : first));
  const thumbnails = videos === undefined || most === 0 ? new Map() : await withSupervisor(args, (supervisor) => thumbnailsOf(wrong, most, (video) => videos.find(video), supervisor, signal));
  const page = compareHtml({ names, date: new Date().toISOString(), program: `vqa ${ownVersion()}` }, compared, thumbnails);
  return writeFiles(args, out, "written.compare.json", [["compare.html", [page]]]);
}

async function rowsOf(name: string, losses: Losses, signal: AbortSignal): Promise<readonly Row[]> {
  const path = join(resolve(name), "rows.jsonl");
  if (await exists(path)) return (await readFile(path, "utf8")).split("\n").filter((each) => each !== "").map((each) => JSON.parse(each) as Row);
  if (await isFolder(resolve(name))) throw new VqaError("notebook-unreadable", `${name} holds no evaluation.`, "Name a folder that `vqa eval --out` has written, or a file of predictions.", { data: { path: name } });
  return (await readPredictions(name, losses, signal)).map((prediction) => rowOf(prediction, undefined, { captions: false }));
}

const isFolder = (path: string): Promise<boolean> => stat(path).then((found) => found.isDirectory(), () => false);
