/** vqa/ask, and what is asked about videos: vqa/probe, vqa/frames, vqa/frameTimes, vqa/waveform, vqa/proxy, vqa/scenes, vqa/sprites, vqa/transcribe and vqa/index. */
import { basename } from "node:path";
import type { CancellationToken } from "vscode-languageserver/node";
import type { Answer, AskRequest } from "../engine/answer.js";
import type { MediaInfo } from "../engine/ports.js";
import { Ask, Index, type AskPartial, type IndexPartial, type IndexResult } from "../protocol/asking.js";
import { Frames, Probe, Proxy, Scenes, SpriteSheet, Transcribe, Waveform, type FramesResult, type ProxyPartial, type ProxyResult, type ScenesPartial, type ScenesResult, type SpritesPartial, type SpritesResult, type TranscribePartial, type TranscribeResult, type WaveformResult, FrameTimes, type FrameTimesResult } from "../protocol/media.js";
import { decode } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend } from "./ports.js";
import { partialResults, stageText, workDone, type ProgressSink } from "./progress.js";
import { opened, type Documents } from "./notebooks.js";
import { filePath } from "./uris.js";

export async function ask(connection: ProgressSink, backend: Backend, documents: Documents, params: unknown, token: CancellationToken): Promise<Answer> {
  const { request, under, model, partialResultToken, workDoneToken } = decode(Ask.params, params, Ask.method);
  const about: AskRequest = { ...request, video: filePath(request.video) };
  const notebook = under && { path: filePath(under.textDocument.uri), source: under.text ?? opened(documents, under.textDocument).getText() };
  const { request: asked, model: named } = notebook === undefined ? { request: about } : backend.requestUnder(notebook, about);
  const partial = partialResults<AskPartial>(connection, partialResultToken);
  const bar = workDone(connection, workDoneToken, request.question);
  try {
    return await backend.answerer.ask(
      asked,
      model ?? named ?? backend.defaultModel,
      {
        onText: (text) => partial({ kind: "text", text }),
        onProgress: (progress) => {
          partial({ kind: "progress", progress });
          bar.report(stageText(progress), progress.fraction);
        },
      },
      signalOf(token),
    );
  } finally {
    bar.end();
  }
}

export async function probe(backend: Backend, params: unknown, token: CancellationToken): Promise<MediaInfo> {
  const { video } = decode(Probe.params, params, Probe.method);
  return backend.answerer.probe(filePath(video), signalOf(token));
}

export async function frames(backend: Backend, params: unknown, token: CancellationToken): Promise<FramesResult> {
  const { video, timesMs, width } = decode(Frames.params, params, Frames.method);
  return { pictures: await backend.answerer.pictures(filePath(video), timesMs, width, signalOf(token)) };
}

export async function frameTimes(backend: Backend, params: unknown, token: CancellationToken): Promise<FrameTimesResult> {
  const { video, fromMs, toMs } = decode(FrameTimes.params, params, FrameTimes.method);
  return { timesMs: await backend.answerer.frameTimes(filePath(video), fromMs, toMs, signalOf(token)) };
}

export async function waveform(backend: Backend, params: unknown, token: CancellationToken): Promise<WaveformResult> {
  const { video, buckets } = decode(Waveform.params, params, Waveform.method);
  return { peaks: await backend.answerer.peaks(filePath(video), buckets, signalOf(token)) };
}

export async function proxy(connection: ProgressSink, backend: Backend, params: unknown, token: CancellationToken): Promise<ProxyResult> {
  const { video, kind, partialResultToken } = decode(Proxy.params, params, Proxy.method);
  const partial = partialResults<ProxyPartial>(connection, partialResultToken);
  return { path: await backend.answerer.proxy(filePath(video), kind, (fraction) => partial({ fraction }), signalOf(token)) };
}

export async function scenes(connection: ProgressSink, backend: Backend, params: unknown, token: CancellationToken): Promise<ScenesResult> {
  const { video, mode = "exact", threshold, partialResultToken, workDoneToken } = decode(Scenes.params, params, Scenes.method);
  const path = filePath(video);
  const partial = partialResults<ScenesPartial>(connection, partialResultToken);
  const bar = workDone(connection, workDoneToken, basename(path));
  try {
    const onFraction = (fraction: number): void => {
      partial({ fraction });
      bar.report("Looking for cuts", fraction);
    };
    return await backend.answerer.scenes({ path, mode, ...(threshold === undefined ? {} : { threshold }) }, onFraction, signalOf(token));
  } finally {
    bar.end();
  }
}

export async function sprites(connection: ProgressSink, backend: Backend, params: unknown, token: CancellationToken): Promise<SpritesResult> {
  const { video, count, width, partialResultToken } = decode(SpriteSheet.params, params, SpriteSheet.method);
  const partial = partialResults<SpritesPartial>(connection, partialResultToken);
  return backend.answerer.sprites(filePath(video), count, width, (fraction) => partial({ fraction }), signalOf(token));
}

export async function transcribe(connection: ProgressSink, backend: Backend, params: unknown, token: CancellationToken): Promise<TranscribeResult> {
  const { video, scope, model, languages, partialResultToken, workDoneToken } = decode(Transcribe.params, params, Transcribe.method);
  const path = filePath(video);
  const partial = partialResults<TranscribePartial>(connection, partialResultToken);
  const bar = workDone(connection, workDoneToken, basename(path));
  try {
    const { warnings, ...transcript } = await backend.answerer.transcribe(
      { path, model: model ?? backend.defaultModel, spans: scope ?? [], languages: languages ?? [] },
      {
        onCues: (cues) => partial({ kind: "cues", cues }),
        onProgress: (progress) => {
          partial({ kind: "progress", progress });
          bar.report(stageText(progress), progress.fraction);
        },
      },
      signalOf(token),
    );
    return { ...transcript, notes: warnings };
  } finally {
    bar.end();
  }
}

export async function index(connection: ProgressSink, backend: Backend, params: unknown, token: CancellationToken): Promise<IndexResult> {
  const { request, model, partialResultToken, workDoneToken } = decode(Index.params, params, Index.method);
  const video = filePath(request.video);
  const partial = partialResults<IndexPartial>(connection, partialResultToken);
  const bar = workDone(connection, workDoneToken, basename(video));
  try {
    const clips = await backend.answerer.index(
      { request: { ...request, video }, model: model ?? backend.defaultModel },
      {
        onClip: (clip, done, total) => partial({ kind: "clip", clip, done, total }),
        onProgress: (progress) => {
          partial({ kind: "progress", progress });
          bar.report(stageText(progress), progress.fraction);
        },
      },
      signalOf(token),
    );
    return { clips };
  } finally {
    bar.end();
  }
}
