/** The browser that shows the editor: one that is there, else the system's package, else one from npm. */
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { aptInstall } from "./apt.js";
import { EditorMissing, ensureFolder, npm } from "./cache.js";

/** A headless Chromium for Linux on x64, MIT, in an npm package; for machines where nobody may install packages of the system. */
const PACKAGED = "@sparticuz/chromium";
const PACKAGED_VERSION = "153.0.0";

export interface Chromium {
  readonly path: string;
  /** Where its libraries and fonts lie, besides those of the system. */
  readonly env: Readonly<Record<string, string>>;
}

/** Error: EditorMissing. */
export function ensureChromium(): Chromium {
  const path = found() ?? fromSystem();
  return path === undefined ? fromNpm() : { path, env: {} };
}

function found(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const named = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const wanted = process.env["VQA_TEST_CHROMIUM"];
  if (wanted === "npm") return undefined;
  return [wanted, ...named.flatMap((name) => folders.map((folder) => join(folder, name)))].find((path) => path !== undefined && path !== "" && isProgram(path));
}

function fromSystem(): string | undefined {
  return process.env["VQA_TEST_CHROMIUM"] !== "npm" && aptInstall("chromium") ? found() : undefined;
}

function fromNpm(): Chromium {
  if (process.platform !== "linux" || process.arch !== "x64") throw new EditorMissing("There is no Chromium. Install one with the system's package manager, or name it in VQA_TEST_CHROMIUM.");
  const folder = ensureFolder(`chromium-${PACKAGED_VERSION}`, (draft) => {
    npm(draft, ["install", "--save-exact", `${PACKAGED}@${PACKAGED_VERSION}`]);
    const bin = join(draft, "node_modules", ...PACKAGED.split("/"), "bin");
    const program = join(draft, "chromium");
    writeFileSync(program, brotliDecompressSync(readFileSync(join(bin, "chromium.br"))));
    chmodSync(program, 0o755);
    // Libraries that a small system may lack, a font, and the software renderer.
    for (const part of ["al2023", "fonts", "swiftshader"]) {
      const { status, stderr } = spawnSync("tar", ["-x", "-C", draft], { input: brotliDecompressSync(readFileSync(join(bin, `${part}.tar.br`))), encoding: "utf8" });
      if (status !== 0) throw new EditorMissing(`${part} of ${PACKAGED} could not be unpacked: ${stderr}`);
    }
  });
  return { path: join(folder, "chromium"), env: { LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_PATH: folder } };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
