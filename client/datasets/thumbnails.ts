/** A picture of the video for each row that somebody looks at; few at a time, and each looked for once. */
import * as vscode from "vscode";
import { stemOf } from "../../server/src/format/index.js";
import type { EvaluatedRow } from "../../server/src/protocol/datasets.js";
import type { Picture } from "../../server/src/protocol/values.js";
import type { Server } from "../languageClient.js";

/** In pixels of the picture. */
const WIDTH = 128;
/** Nobody looks at more, and each stays in memory. */
const MOST = 200;

export class Thumbnails implements vscode.Disposable {
  readonly #known = new Map<string, Picture | undefined>();
  readonly #waiting: EvaluatedRow[] = [];
  readonly #paths = new Map<string, string | undefined>();
  #working = false;
  #disposed = false;

  /** @param folders where videos may lie that are only named */
  constructor(private readonly server: Pick<Server, "frames" | "probe">, private readonly folders: readonly string[], private readonly onPicture: () => void) {}

  of(row: EvaluatedRow): Picture | undefined {
    return this.#known.get(key(row));
  }

  want(rows: readonly EvaluatedRow[]): void {
    for (const row of rows) {
      if (this.#known.has(key(row)) || this.#known.size >= MOST) continue;
      this.#known.set(key(row), undefined);
      this.#waiting.push(row);
    }
    void this.#work();
  }

  dispose(): void {
    this.#disposed = true;
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let row = this.#waiting.shift(); row !== undefined && !this.#disposed; row = this.#waiting.shift()) {
      try {
        const video = row.path ?? (await this.#find(row.video));
        if (video === undefined) continue;
        const timeMs = row.timeMs ?? (await this.server.probe(video)).durationMs / 2;
        const [picture] = (await this.server.frames({ video, timesMs: [timeMs], width: WIDTH })).pictures;
        this.#known.set(key(row), picture);
        if (!this.#disposed) this.onPicture();
      } catch {
        // A video that cannot be read has no picture; its row says the rest.
      }
    }
    this.#working = false;
  }

  /** By its name beside the report, then anywhere in the workspace. */
  async #find(name: string): Promise<string | undefined> {
    if (this.#paths.has(name)) return this.#paths.get(name);
    const beside = this.folders.map((folder) => vscode.Uri.joinPath(vscode.Uri.file(folder), name));
    const there: vscode.Uri[] = [];
    for (const uri of beside) if (await vscode.workspace.fs.stat(uri).then(() => true, () => false)) there.push(uri);
    const stem = stemOf(name.split(/[\\/]/).at(-1) ?? name).replace(/[[\]{}*?,]/g, "?");
    const [found] = there.length > 0 ? there : await vscode.workspace.findFiles(`**/${stem}.{mp4,m4v,mov,mkv,webm,avi,gif,mpg,mpeg,ogv,wmv,flv,3gp}`, "**/node_modules/**", 1);
    this.#paths.set(name, found?.fsPath);
    return found?.fsPath;
  }
}

function key({ path, video, timeMs }: EvaluatedRow): string {
  return JSON.stringify([path ?? video, timeMs ?? ""]);
}
