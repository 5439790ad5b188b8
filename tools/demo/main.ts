/**
 * The demo: `vqa run` on the shipped notebook, as a user would call it. Further arguments are passed
 * on, such as `npm run demo -- --threads 1`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const notebook = join("media", "demo", "shapes.vqa");

process.stderr.write(`The embedded model answers the questions of ${notebook} about shapes.mp4, on this machine.\n\n`);
const { status, error } = spawnSync(process.execPath, [join("server", "bin", "vqa.mjs"), "run", notebook, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
if (error !== undefined) throw error;
if (status === 0) {
  process.stderr.write(`\nNext: npx vqa ask ${join("media", "demo", "shapes.mp4")} "What is the code?"\n`);
}
process.exitCode = status ?? 1;
