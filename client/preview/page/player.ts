import type { Span } from "../../../server/src/format/time.js";
import { frameAt, frameStartMs, middleOf } from "../frames.js";
import { shuttle, type ShuttleKey, type Speed } from "../shuttle.js";

export interface PlayerEvents {
  moved(timeMs: number, playing: boolean): void;
  speed(speed: Speed): void;
  loaded(durationMs: number): void;
  failed(why: string): void;
}

/** Where the rate is not known, a step is this part of a second. */
const USUAL_RATE = 25;
/** Browsers play forward only: going back is a row of seeks. */
const BACK_EVERY_MS = 120;

export class Player {
  /** Frames a second. */
  rate: number | undefined;
  /** Played over and over. */
  loop: Span | undefined;
  #speed: Speed = 0;
  /** What is played now, up to its end, and what comes after it. */
  #queue: readonly Span[] = [];
  #wanted: number | undefined;
  #backwards = 0;
  #cues: readonly (Span & { readonly text: string })[] = [];
  /** What the player's clock says at the first frame, in milliseconds: not every file begins at its zero. */
  #zero = 0;
  readonly #track: TextTrack;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
  ) {
    this.#track = video.addTextTrack("captions", "VQA", "");
    const moved = (): void => this.#moved();
    for (const name of ["timeupdate", "seeked", "play", "pause"]) video.addEventListener(name, moved);
    video.addEventListener("loadedmetadata", () => {
      if (video.videoWidth === 0) return events.failed("no picture");
      void this.#begin();
    });
    video.addEventListener("error", () => {
      if (video.hasAttribute("src")) events.failed(video.error?.message || `code ${video.error?.code ?? 0}`);
    });
    video.addEventListener("ended", () => this.#set(0));
    const watch = (): void => {
      if (this.#speed > 0) this.#moved();
      requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  }

  get timeMs(): number {
    return this.#wanted ?? Math.max(0, this.video.currentTime * 1000 - this.#zero);
  }

  /** The time for the document: when the frame on screen began. */
  markMs(): number {
    return frameStartMs(this.timeMs / 1000, this.rate);
  }

  /** The same source again changes nothing. */
  open(source: string | undefined, timeMs: number): void {
    if (source === (this.video.getAttribute("src") ?? undefined)) return;
    this.#set(0);
    this.loop = undefined;
    this.#wanted = timeMs;
    this.#zero = 0;
    if (source === undefined) {
      this.video.removeAttribute("src");
      this.video.load();
    } else {
      this.video.src = source;
    }
  }

  seek(timeMs: number): void {
    this.#queue = [];
    this.#go(timeMs);
    this.#moved();
  }

  /** Goes to the first; or plays them one after the other, and stops. */
  play(spans: readonly Span[], play: boolean): void {
    const [first] = spans;
    if (first === undefined) return;
    this.seek(first.startMs);
    if (!play) return;
    this.#queue = first.endMs > first.startMs ? spans : [];
    this.#set(1);
  }

  step(frames: number): void {
    this.#set(0);
    const rate = this.rate ?? USUAL_RATE;
    this.seek(Math.min(middleOf(frameAt(this.timeMs / 1000, rate) + frames, rate), this.#durationMs / 1000) * 1000);
  }

  shuttle(key: ShuttleKey): void {
    this.#queue = [];
    this.#set(shuttle(this.#speed, key));
  }

  mute(muted: boolean): void {
    this.video.muted = muted;
  }

  showCaptions(on: boolean): void {
    this.#track.mode = on ? "showing" : "hidden";
  }

  setCues(cues: readonly (Span & { readonly text: string })[]): void {
    const mode = this.#track.mode;
    // Of a track that is off, the browser shows no cues.
    this.#track.mode = "hidden";
    for (const cue of [...(this.#track.cues ?? [])]) this.#track.removeCue(cue);
    this.#cues = cues;
    for (const { startMs, endMs, text } of cues) this.#track.addCue(new VTTCue((startMs + this.#zero) / 1000, (endMs + this.#zero) / 1000, text.replace(/&/g, "&amp;").replace(/</g, "&lt;")));
    this.#track.mode = mode;
  }

  /** Looks when the first frame is, before anybody goes anywhere. */
  async #begin(): Promise<void> {
    const { video } = this;
    const source = video.currentSrc;
    const first = await firstFrame(video);
    if (video.currentSrc !== source) return;
    this.#zero = Math.max(0, Math.round(first * 1000));
    if (this.#zero > 0) this.setCues(this.#cues);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) this.#go(wanted);
    this.events.loaded(this.#durationMs);
    this.#moved();
  }

  get #durationMs(): number {
    return Math.max(0, (this.video.duration || Infinity) * 1000 - this.#zero);
  }

  #set(speed: Speed): void {
    this.#speed = speed;
    clearInterval(this.#backwards);
    if (speed > 0) {
      this.video.playbackRate = speed;
      this.video.play().catch(() => {
        // Sound without a click may be forbidden.
        this.video.muted = true;
        this.video.play().catch(() => this.#set(0));
      });
    } else {
      this.video.pause();
      if (speed < 0) this.#backwards = window.setInterval(() => this.#back(), BACK_EVERY_MS);
    }
    this.events.speed(speed);
    this.#moved();
  }

  #go(timeMs: number): void {
    if (this.video.readyState === 0 || this.#wanted !== undefined) this.#wanted = timeMs;
    else this.video.currentTime = (timeMs + this.#zero) / 1000;
  }

  #back(): void {
    if (this.video.seeking) return;
    const to = this.timeMs + this.#speed * BACK_EVERY_MS;
    this.#go(Math.max(0, to));
    if (to <= 0) this.#set(0);
  }

  #moved(): void {
    const now = this.timeMs;
    if (this.#speed > 0 && this.loop !== undefined && (now >= this.loop.endMs || now < this.loop.startMs - 1)) {
      this.#go(this.loop.startMs);
    } else if (this.#speed > 0 && now >= (this.#queue[0]?.endMs ?? Infinity)) {
      this.#queue = this.#queue.slice(1);
      const [next] = this.#queue;
      if (next === undefined) return this.#set(0);
      this.#go(next.startMs);
    }
    this.events.moved(now, this.#speed !== 0);
  }
}

/** A page that does not show gets no frames: then the file is taken to begin at its zero. */
const FIRST_FRAME_MS = 1000;

/** What the clock says at the first frame, in seconds. */
function firstFrame(video: HTMLVideoElement): Promise<number> {
  return new Promise((resolve) => {
    if (!("requestVideoFrameCallback" in video)) return resolve(0);
    const late = setTimeout(() => resolve(0), FIRST_FRAME_MS);
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      clearTimeout(late);
      resolve(mediaTime);
    });
  });
}
