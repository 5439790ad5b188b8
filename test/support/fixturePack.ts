import { join } from "node:path";
import { parseEntry, type CatalogueEntry } from "../../server/src/runtime/packs/catalogue.js";
import type { HubServer } from "./hubServer.js";
import { microEntry, type FixtureEntryOptions } from "./microEntry.js";
import { repoRoot } from "./repo.js";

export function microOnHub(hub: HubServer, options: FixtureEntryOptions = {}): CatalogueEntry {
  return parseEntry(JSON.stringify(microEntry(hub, join(repoRoot, "server/models/micro"), options)), "fixture");
}
