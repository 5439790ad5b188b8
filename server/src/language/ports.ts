/**
 * What the language features need from outside. All of it may fail or be absent: a feature then
 * knows less, and still works. Signals are AbortSignals; an aborted call may return anything.
 */
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Question, Span } from "../format/index.js";
import { NETFLIX_ENGLISH, type CaptionStyle } from "./captions/style.js";

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
}

/** Files, named by URI. Nothing outside of what the user opened is read. */
export interface Workspace {
  /** URIs of all `.vqa` files, open or not. */
  notebooks(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * The text of a notebook or of WebVTT subtitles, from the editor when it is open there. The same object, with the same
   * version, as long as the text is the same. Undefined when it cannot be read.
   */
  read(uri: string, signal?: AbortSignal): Promise<TextDocument | undefined>;
  /** What lies in a folder; nothing when it cannot or must not be read. */
  list(folder: string, signal?: AbortSignal): Promise<readonly FolderEntry[]>;
}

export interface Subtitle extends Span {
  readonly text: string;
}

/** What is known of a video, named by URI. Must answer at once or soon: an editor waits. */
export interface MediaInfo {
  durationMs(video: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Where a player stands, in ms from the first frame. */
  playheadMs?(video: string): number | undefined;
  /** Subtitles of the video, in order of time. Without it those of a WebVTT file beside the video are read. */
  cues?(video: string, signal?: AbortSignal): Promise<readonly Subtitle[]>;
  /** A picture of the moment as a `data:` URI, under 300 pixels wide. */
  thumbnail?(video: string, timeMs: number, signal?: AbortSignal): Promise<string | undefined>;
}

export interface Logger {
  warn(message: string): void;
}

/**
 * `in12` that an answer to the question by this run's model would have now; undefined when it cannot
 * be told without loading something. Without this port answers are known as altered, not as stale.
 */
export type CurrentInput = (document: TextDocument, question: Question, run8: string, signal?: AbortSignal) => Promise<string | undefined>;

export interface LanguagePorts {
  readonly workspace: Workspace;
  readonly media: MediaInfo;
  readonly logger: Logger;
  /** Names that `model:` may have. */
  readonly models: () => readonly string[];
  /** What subtitles are held to. */
  readonly captionStyle: () => CaptionStyle;
  readonly currentInput?: CurrentInput;
}

/** Ports of a service that sees nothing but the documents it is given. */
export const NO_PORTS: LanguagePorts = {
  workspace: {
    notebooks: () => Promise.resolve([]),
    read: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
  },
  media: { durationMs: () => Promise.resolve(undefined) },
  logger: { warn: () => undefined },
  models: () => [],
  captionStyle: () => NETFLIX_ENGLISH,
};

/** A port's failure costs the user a detail, never the feature. */
export async function orElse<T>(logger: Logger, fallback: T, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    logger.warn(thrown instanceof Error ? thrown.message : String(thrown));
    return fallback;
  }
}
