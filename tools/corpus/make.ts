/** Makes the files of the corpus with ffmpeg, each once, and finds out the truth about them by plain decoding. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { TimedPictures } from "../../server/src/runtime/ffmpeg/cli/pictures.js";
import { passthroughArgs, reportPts } from "../../server/src/runtime/ffmpeg/cli/args.js";
import { resolveFfmpeg, type FfmpegBinary } from "../../server/src/runtime/ffmpeg/resolve.js";
import { run } from "../../server/src/runtime/ffmpeg/run.js";
import { drawNumber, readNumber } from "../bench/media/barcode.js";
import { RATE, RECIPES, SECONDS, SIZE, type Recipe } from "./recipes.js";

/** What a plain decode of the whole file gives. */
export interface Truth {
  /** From the first frame, ms. */
  readonly timesMs: readonly number[];
  readonly numbers: readonly (number | undefined)[];
}

const MAX_RUN_MS = 600_000;
/** Pictures are compared at this size. */
export const READ = { width: 256, height: 144 } as const;

export class Corpus {
  private constructor(
    private readonly ffmpeg: FfmpegBinary,
    private readonly encoders: string,
    readonly folder: string,
  ) {}

  /** Undefined without an ffmpeg program. */
  static async open(folder: string, signal?: AbortSignal): Promise<Corpus | undefined> {
    const ffmpeg = await resolveFfmpeg(undefined, process.env, signal);
    if (!ffmpeg) return undefined;
    mkdirSync(folder, { recursive: true });
    return new Corpus(ffmpeg, spawnSync(ffmpeg.path, ["-hide_banner", "-encoders"], { encoding: "utf8" }).stdout, folder);
  }

  /** Why a recipe cannot be followed here; undefined when it can. */
  missing({ encoder, from }: Recipe): string | undefined {
    if (encoder !== undefined && !new RegExp(`\\s${encoder}\\s`).test(this.encoders)) return `this ffmpeg has no ${encoder}`;
    const source = RECIPES.find(({ name }) => name === from);
    return source && this.missing(source);
  }

  /** The path of a file of the corpus, made now when it is not there. */
  async make(recipe: Recipe, signal?: AbortSignal): Promise<string> {
    const path = join(this.folder, recipe.name);
    if (existsSync(path)) return path;
    const source = RECIPES.find(({ name }) => name === recipe.from);
    const from = source && (await this.make(source, signal));
    if (recipe.damage && from) {
      writeFileSync(path, recipe.damage(readFileSync(from)));
      return path;
    }
    const part = join(this.folder, `part-${process.pid}-${recipe.name}`);
    try {
      const { code, tail } = await run({ program: this.ffmpeg.path, args: ["-nostdin", "-loglevel", "error", "-y", ...argsOf(recipe, from), part], maxRunMs: MAX_RUN_MS }, signal);
      if (code !== 0) throw new Error(`${recipe.name} could not be made:\n${tail}`);
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
    return path;
  }

  /** Decodes all of a file, from its start, without any seek. */
  async truth(path: string, signal?: AbortSignal): Promise<Truth> {
    const found: { pts: number; number: number | undefined }[] = [];
    const pictures = new TimedPictures(READ.width * READ.height * 3, (pts, rgb) => found.push({ pts, number: readNumber(rgb, READ.width, READ.height) }));
    const args = [
      "-nostdin", "-loglevel", "quiet", "-copyts", "-threads", "1", "-i", path, "-map", "0:V:0",
      "-vf", `settb=expr=1/1000000,${reportPts()},scale=${READ.width}:${READ.height}:flags=area,format=rgb24`,
      ...passthroughArgs(this.ffmpeg.version), "-f", "rawvideo", "pipe:1",
    ];
    await run({ program: this.ffmpeg.path, args, maxRunMs: MAX_RUN_MS, onStdout: pictures.onPixels, onPipes: [pictures.onTimes] }, signal);
    pictures.end();
    return { timesMs: found.map(({ pts }) => (pts - found[0]!.pts) / 1000), numbers: found.map(({ number }) => number) };
  }
}

function argsOf(recipe: Recipe, from: string | undefined): string[] {
  const { seconds = SECONDS, frameRate = RATE, width = SIZE.width, height = SIZE.height, filters, args, before = [] } = recipe;
  if (recipe.soundOnly) return ["-f", "lavfi", "-i", `sine=duration=${seconds}`, ...args];
  if (from !== undefined) return [...before, "-i", from, ...args];
  const rate = Number.isInteger(frameRate) ? String(frameRate) : "30000/1001";
  return [
    "-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=${rate}:duration=${seconds}`,
    "-vf", [drawNumber(width, height), ...(filters ? [filters] : [])].join(","), ...args,
  ];
}
