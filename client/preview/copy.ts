/** The copy that plays where this editor cannot play the video itself. */
import * as vscode from "vscode";
import type { MediaInfo } from "../../server/src/protocol/values.js";
import type { Job } from "./job.js";
import type { PageLink } from "./link.js";
import { copyFor, type CopyKind } from "./playable.js";
import type { PreviewServer } from "./server.js";
import type { ShownVideo } from "./video.js";

interface Made {
  readonly uri: vscode.Uri;
  /** Where its first frame is on its own clock. */
  readonly zeroMs: number;
}

export class PlayableCopy {
  #tried: "none" | "original" | "sound" | "all" = "none";
  #made: Made | undefined;

  /** @param onMade it is to be played */
  constructor(
    private readonly video: ShownVideo,
    private readonly server: PreviewServer,
    private readonly link: PageLink,
    private readonly job: Job,
    private readonly onMade: () => void,
  ) {}

  /** Undefined while the video itself is what plays. */
  get made(): Made | undefined {
    return this.#made;
  }

  /** Makes one before anything was played, where it is known that the editor would leave the sound out. */
  async beforehand(media: MediaInfo): Promise<void> {
    const kind = copyFor(media, vscode.env.uiKind === vscode.UIKind.Desktop, "none");
    const { file } = this.video;
    if (kind !== undefined && file !== undefined) await this.#make(file, kind);
  }

  /** The player gave up: a copy may do, first one that costs little. */
  async unplayable(why: string): Promise<void> {
    const { uri, file } = this.video;
    if (uri === undefined || this.job.running) return;
    if (file === undefined || this.#tried === "all") return this.link.notice(vscode.l10n.t("This editor cannot play the video ({0}).", why));
    try {
      const media = await this.video.facts(file);
      if (this.video.isClosed || this.job.running) return;
      const kind = copyFor(media, true, this.#tried === "sound" ? "sound" : "original");
      if (kind !== undefined) await this.#make(file, kind);
    } catch (thrown) {
      this.link.error(thrown);
    }
  }

  async #make(file: string, kind: CopyKind): Promise<void> {
    this.#tried = kind;
    const tell = (fraction: number): void => this.link.progress(vscode.l10n.t("This editor cannot play the video itself. A copy that it can is being made."), fraction);
    const outcome = await this.job.run(async (token, wanted) => {
      tell(0);
      const path = await this.server.proxy({ video: file, kind }, (fraction) => wanted() && tell(fraction), token);
      const uri = vscode.Uri.file(path);
      // Containers that a copy is written in count from its first sound or picture, whichever is earlier.
      return wanted() ? { uri, zeroMs: Math.max(0, (await this.server.probe(uri.toString())).startMs) } : undefined;
    });
    if (outcome === undefined) return;
    if ("done" in outcome) {
      this.#made = outcome.done;
      this.link.notice("");
      return this.onMade();
    }
    this.#tried = "all";
    if (outcome.stopped) this.link.notice(vscode.l10n.t("This editor cannot play the video, and no copy was made."));
    else this.link.error(outcome.thrown);
  }
}
