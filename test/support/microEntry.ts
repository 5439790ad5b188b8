/** A catalogue entry whose files are the embedded model's own, on a hub that a test runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HubServer } from "./hubServer.js";
import { plainManifest } from "./plainPack.js";

export interface FixtureEntryOptions {
  readonly id?: string;
  readonly repo?: string;
  /** The catalogue knows the checksums. */
  readonly known?: boolean;
}

/** Puts the files on the hub; the manifest is small and named by its git blob id, as on the real one. */
export function microEntry(hub: HubServer, micro: string, options: FixtureEntryOptions = {}): object {
  const { id = "on-the-hub", repo = "authors/micro", known = false } = options;
  const { files, schemaVersion: _, id: __, name: ___, version: ____, licence: _____, source: ______, ...manifest } = plainManifest(micro);
  for (const { path } of files) hub.add(repo, `onnx/${path}`, readFileSync(join(micro, path)));
  hub.add(repo, "README.md", Buffer.from("# a card\n"), false);
  return {
      schemaVersion: 1,
      id,
      name: "On the hub",
      version: "1",
      summary: "A copy of the embedded model.",
      licences: [{ part: "all", spdx: "MIT", source: "README.md" }],
      files: [
        ...files.map(({ path, bytes, sha256 }) => ({ path, repo, revision: "main", file: `onnx/${path}`, ...(known ? { bytes, sha256 } : {}) })),
        { path: "README.md", repo, revision: "main", file: "README.md" },
      ],
      manifest,
      facts: [],
  };
}
