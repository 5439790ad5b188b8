/** Who uses the editor under test: somebody with an empty home folder, and with settings that keep an editor quiet. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

export interface Profile {
  /** Its settings lie in `User/settings.json`. */
  readonly user: string;
  readonly extensions: string;
}

export function makeProfile(home: string, settings: Readonly<Record<string, unknown>>): Profile {
  const [user, extensions] = [join(home, "user"), join(home, "extensions")];
  mkdirSync(join(user, "User"), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  writeFileSync(join(user, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  return { user, extensions };
}

/**
 * Of an editor or a package manager around us, the one under test must know nothing.
 * @param driver told to the tests, see browserDriver.ts
 */
export function environment(home: string, driver?: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [key, value] of Object.entries(process.env)) if (!/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|PORT$|PASSWORD$)/.test(key)) env[key] = value;
  return {
    ...env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_RUNTIME_DIR: home,
    ...(driver === undefined ? {} : { VQA_TEST_DRIVER: driver }),
  };
}
