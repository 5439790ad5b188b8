/** `--set hour`: needles in films of an hour, which are rendered to real files first. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locatePack } from "../../../../server/src/runtime/packs/locate.js";
import { readManifest } from "../../../../server/src/runtime/packs/manifest.js";
import { systemsOf } from "../../../../server/src/runtime/packs/systems.js";
import { encodeFilm } from "../../../clips/encode.js";
import { findFfmpeg } from "../../../clips/ffmpeg.js";
import { generateFilm } from "../../../clips/film.js";
import { UsageError } from "../../../support/command.js";
import { examine, type HourResult, type Indexed } from "./examine.js";
import { hourTable } from "./table.js";
import { ways } from "./ways.js";

export interface HourReport {
  readonly set: "hour";
  readonly model: string;
  readonly system: string;
  readonly ways: readonly string[];
  readonly films: number;
  readonly minutes: number;
  readonly seed: string;
  readonly results: readonly HourResult[];
  readonly indexed: readonly Indexed[];
}

export interface HourOptions {
  readonly films: number;
  readonly minutes: number;
  readonly seed: number;
  readonly model: string;
  /** One system, the pack's default when absent. */
  readonly system?: string | undefined;
  /** Some of the ways by their names; all when absent. */
  readonly ways?: readonly string[] | undefined;
}

/** Seeds from here on are for this comparison only. */
const FIRST_SEED = 13_000_000;

/** @param save given what is known after each film */
export async function examineHours(options: HourOptions, save: (report: HourReport) => Promise<void>, signal: AbortSignal): Promise<HourReport> {
  const folder = await mkdtemp(join(tmpdir(), "vqa-eval-hour-"));
  const tell = (done: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${done}`));
  try {
    const all = await waysOf(options);
    const [results, indexed]: [HourResult[], Indexed[]] = [[], []];
    const report = (films: number): HourReport => ({
      set: "hour",
      ...{ model: options.model, system: options.system ?? "", films, minutes: options.minutes, seed: String(options.seed) },
      ways: all.map(({ name }) => name),
      ...{ results, indexed },
    });
    const ffmpeg = findFfmpeg();
    for (let number = 0; number < options.films; number++) {
      const film = generateFilm({ seed: FIRST_SEED + options.seed * 1000 + number, durationMs: options.minutes * 60_000 });
      const path = join(folder, `${number}.mp4`);
      tell(`film ${number + 1} of ${options.films}: rendering`);
      await encodeFilm(film, path, { ffmpeg }, signal);
      const found = await examine(options.model, { film, path, number }, all, options.system, tell, signal);
      await rm(path);
      results.push(...found.results);
      indexed.push(...found.indexed);
      await save(report(number + 1));
    }
    tell("");
    return report(options.films);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function tableOf(report: HourReport): Promise<string> {
  const all = await waysOf({ model: report.model, system: report.system === "" ? undefined : report.system, ways: report.ways });
  return hourTable(all, report.results, report.indexed, report);
}

async function waysOf({ model, system, ways: named }: Pick<HourOptions, "model" | "system" | "ways">): Promise<ReturnType<typeof ways>> {
  const systems = systemsOf(await readManifest(locatePack(model)));
  const own = system === undefined ? systems[0]! : systems.find(({ name }) => name === system);
  if (own === undefined) throw new UsageError(`The model has no system "${system}".`);
  const all = ways(own.sampling.maxFrames);
  const unknown = named?.find((name) => !all.some((way) => way.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no way "${unknown}"; there is ${all.map(({ name }) => name).join("; ")}.`);
  return named === undefined ? all : all.filter(({ name }) => named.includes(name));
}
