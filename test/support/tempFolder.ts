import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder for a test file; removed by the given hook. */
export function tempFolder(atEnd: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "vqa-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
