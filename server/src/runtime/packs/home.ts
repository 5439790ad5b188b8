import * as os from "node:os";
import * as path from "node:path";

/** Names the folder of installed packs, for tests and for those who keep models on another disk. */
const MODELS_VARIABLE = "VQA_MODELS";

/**
 * Where installed packs lie: `VQA_MODELS` when it is an absolute path, otherwise our folder among the
 * user's data as the system keeps it (XDG base directories, Application Support, LocalAppData). It is
 * data and no cache: what was downloaded for an hour must outlive a cleaning.
 */
export function defaultModelsFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = os.homedir(),
): string {
  const at = platform === "win32" ? path.win32 : path.posix;
  const absolute = (value: string | undefined): string | undefined => (value !== undefined && at.isAbsolute(value) ? value : undefined);
  const chosen = absolute(env[MODELS_VARIABLE]);
  if (chosen !== undefined) return chosen;
  if (platform === "win32") return at.join(absolute(env["LOCALAPPDATA"]) ?? at.join(home, "AppData", "Local"), "vqa", "models");
  if (platform === "darwin") return at.join(home, "Library", "Application Support", "vqa", "models");
  return at.join(absolute(env["XDG_DATA_HOME"]) ?? at.join(home, ".local", "share"), "vqa", "models");
}

/** Ids are folder names on every system, so that a pack can lie under its own. */
export function isPackId(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(text) && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/.test(text);
}
