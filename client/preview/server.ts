/** What the preview asks of the server. */
import type * as vscode from "vscode";
import type { FramesResult, ProxyParams } from "../../server/src/protocol/media.js";
import type { MediaInfo } from "../../server/src/protocol/values.js";

export interface PreviewServer {
  probe(video: string): Promise<MediaInfo>;
  playhead(video: string, timeMs?: number): void;
  frames(params: { readonly video: string; readonly timesMs: readonly number[]; readonly width: number }): Promise<FramesResult>;
  waveform(video: string, buckets: number): Promise<readonly number[]>;
  frameTimes(video: string, fromMs: number, toMs: number): Promise<readonly number[]>;
  cuts(video: string, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<readonly number[]>;
  proxy(params: ProxyParams, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<string>;
}
