/** The page's keys that change the document: starts, ends, markers and labels of segments. */
import * as vscode from "vscode";
import { nearestCut } from "./cuts.js";
import type { PreviewDocument } from "./document.js";
import type { Follower } from "./follower.js";
import type { Job } from "./job.js";
import type { PageLink } from "./link.js";
import { planMark, segmentAfter, type Mark } from "./marking.js";
import type { ShownVideo } from "./video.js";

export class Marker {
  constructor(
    private readonly document: PreviewDocument,
    private readonly follower: Follower,
    private readonly link: PageLink,
    private readonly job: Job,
  ) {}

  async mark(mark: Mark, timeMs: number, label: string | undefined): Promise<void> {
    const plan = planMark(this.document.film, this.document.selected, mark, timeMs, label);
    if (plan.type === "refuse") {
      const texts = {
        "nothing-begun": vscode.l10n.t("Set a start first, or put the cursor into a segment."),
        "out-before-in": vscode.l10n.t("The end of a segment must come after its start."),
        "several-ranges": vscode.l10n.t("This segment has several ranges. Change them in the text."),
      };
      return this.link.notice(texts[plan.why]);
    }
    if (!this.job.running) this.link.notice("");
    const done = await this.document.apply(plan);
    const next = done && plan.type === "label" ? segmentAfter(this.document.film, plan.segment) : undefined;
    if (next !== undefined) {
      this.document.select(next);
      this.link.post({ type: "seek", spans: next.spans.slice(0, 1), play: false });
    }
    this.follower.put(next ?? this.document.selected);
    if (!done) this.link.notice(vscode.l10n.t("The document cannot be changed."));
  }

  /** Sets a start or an end where the film cuts, as near as there is one. */
  async markAtCut(mark: Mark, timeMs: number, video: ShownVideo): Promise<void> {
    const { file } = video;
    if (file === undefined || this.job.running) return;
    const tell = (fraction: number): void => this.link.progress(vscode.l10n.t("Looking for the cuts of this video."), fraction);
    const outcome = await this.job.run(async (token, wanted) => {
      const { durationMs } = await video.facts(file);
      if (!video.knowsCuts) tell(0);
      return nearestCut(await video.cuts(file, (fraction) => wanted() && tell(fraction), token), durationMs, timeMs);
    });
    if (outcome === undefined) return;
    if ("done" in outcome || outcome.stopped) this.link.notice("");
    else this.link.error(outcome.thrown);
    if ("done" in outcome) await this.mark(mark, outcome.done, undefined);
  }
}
