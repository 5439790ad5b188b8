import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FileWriter } from "../../runtime/datasets/files.js";
import type { Args } from "../args.js";
import { OwnFiles } from "../batch/outputs.js";

/** Under other names first. What somebody else wrote or changed is not written over without --force. */
export async function writeFiles(args: Args, out: string, list: string, files: readonly (readonly [string, Iterable<string>])[]): Promise<readonly string[]> {
  await mkdir(join(out, ".vqa-batch"), { recursive: true });
  const own = await OwnFiles.open(join(out, ".vqa-batch", list));
  if (!args.flag("force")) for (const [name] of files) await own.check(join(out, name));
  const written: string[] = [];
  for (const [name, pieces] of files) {
    const writer = await FileWriter.create(join(out, name));
    try {
      for (const piece of pieces) await writer.write(piece);
      await own.note(writer.path, await writer.digest());
      await writer.finish(true);
    } catch (thrown) {
      await writer.discard();
      throw thrown;
    }
    written.push(writer.path);
  }
  return written;
}
