/** The whole run once more under strace, which sees every file that is opened and every address that is asked. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VqaError } from "../../server/src/engine/errors.js";

const MARK = "VQA_UNDER_STRACE";
/** Lures and their own makers: the run writes them (O_WRONLY), and looks at them with stat, which is no opening. */
const READ_A_LURE = /open(?:at2?)?\(.*"[^"]*vqa-hostile-\w+\/\d+\/(?:lure\.\w+|next\.mkv|clip\.(?:sub|m00)|0*1\.mp4|[ab]\.mp4)".*O_RDONLY/;
/** The lures' own address is listened to, not asked. */
const ASKED = /connect\(.*sa_family=AF_INET/;

export const underStrace = (): boolean => process.env[MARK] !== undefined;

/** Errors: decoder-missing (no strace here), internal (something was opened that may not be). */
export async function traced(signal: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "vqa-strace-"));
  const log = join(folder, "log");
  try {
    const code = await new Promise<number | null>((done, fail) => {
      const args = ["-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,connect", "-o", log, process.execPath, ...process.argv.slice(1)];
      const child = spawn("strace", args, { stdio: "inherit", env: { ...process.env, [MARK]: "1" }, signal });
      child.once("error", () => fail(new VqaError("decoder-missing", "strace does not start.", "Install strace, or run without --strace.")));
      child.once("close", done);
    });
    const lines = readFileSync(log, "utf8").split("\n");
    const found = lines.filter((line) => READ_A_LURE.test(line) || ASKED.test(line));
    console.log(found.length === 0 ? `strace: of ${lines.length} openings none was one of a lure, and no address was asked.` : `strace:\n${found.join("\n")}`);
    if (found.length > 0 || code !== 0) throw new VqaError("internal", `${found.length} forbidden openings; the run ended with ${code}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
