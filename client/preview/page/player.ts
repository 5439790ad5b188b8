import type { Span } from "../../../server/src/format/time.js";
import { frameAt, frameStartMs, indexAt, middleOf, stepTo, type FrameWindow } from "../frames.js";
import { shuttle, type ShuttleKey, type Speed } from "../shuttle.js";

export interface PlayerEvents {
  moved(timeMs: number, playing: boolean): void;
  speed(speed: Speed): void;
  loaded(durationMs: number): void;
  /** When the frames around a time begin should be asked of whoever knows the file, who answers with `setFrames`. */
  wantFrames(aroundMs: number): void;
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
  /** Somebody who knows the file has told where its first frame is: nothing is to be measured. */
  #told = false;
  #frames: FrameWindow | undefined;
  /** `asked`: an answer is on its way. `none`: nobody knows of this video. */
  #knowing: "yes" | "asked" | "none" = "yes";
  /** Steps to be taken when it is known where they lead. */
  #steps = 0;
  /** What waits for the steps to be taken. */
  #still: (() => void)[] = [];
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
    return frameStartMs(this.timeMs / 1000, this.rate, this.#frames);
  }

  /**
   * The same source again changes nothing, but where its first frame is, if that is told now. From here on
   * `timeMs` is the time that is wanted, however late the source is: whoever remembers it must not be told of another.
   * @param zeroMs what the player's clock says at the first frame; measured when it is absent
   */
  open(source: string | undefined, timeMs: number, zeroMs?: number): void {
    if (source === (this.video.getAttribute("src") ?? undefined)) {
      if (source !== undefined && zeroMs !== undefined) this.#countFrom(zeroMs);
      return;
    }
    this.#wanted = timeMs;
    this.#set(0);
    this.#told = zeroMs !== undefined;
    this.#zero = zeroMs ?? 0;
    this.#frames = undefined;
    this.#knowing = "yes";
    this.#steps = 0;
    this.#still = [];
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
    this.#steps += frames;
    this.#takeSteps();
  }

  /** Now, or when the steps that were asked for are taken: a key may follow another sooner than the file tells its frames. */
  whenStill(then: () => void): void {
    if (this.#steps === 0) then();
    else this.#still.push(then);
  }

  setFrames(window: FrameWindow): void {
    this.#knowing = window.timesMs.length > 0 ? "yes" : "none";
    this.#frames = window;
    if (this.#steps !== 0) this.#takeSteps(true);
  }

  /** @param answered the frames have just been told: what they do not tell now is not known */
  #takeSteps(answered = false): void {
    if (this.#knowing === "asked") return;
    const frames = this.#steps;
    const known = this.#frames && stepTo(this.#frames, this.timeMs, frames);
    if (known === undefined && !answered && this.#knowing === "yes") return this.#ask();
    this.#steps = 0;
    const rate = this.rate ?? USUAL_RATE;
    this.seek(known ?? Math.min(middleOf(frameAt(this.timeMs / 1000, rate) + frames, rate), this.#durationMs / 1000) * 1000);
    for (const then of this.#still.splice(0)) then();
  }

  #ask(): void {
    this.#knowing = "asked";
    this.events.wantFrames(Math.max(0, this.timeMs));
  }

  /** The time that is on screen, or wanted, stays the same in the film. */
  #countFrom(zeroMs: number): void {
    this.#told = true;
    if (zeroMs === this.#zero) return;
    const { timeMs } = this;
    this.#zero = zeroMs;
    this.setCues(this.#cues);
    if (this.video.readyState === 0) return;
    this.events.loaded(this.#durationMs);
    if (timeMs > 0) this.#go(timeMs);
    this.#moved();
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
    if (!this.#told) {
      const first = await firstFrame(video);
      if (video.currentSrc !== source) return;
      // Meanwhile somebody may have told who knows better.
      if (!this.#told) this.#zero = Math.max(0, Math.round(first * 1000));
    }
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
    // Where the picture rests, keys may set the start of its frame.
    if (this.#speed === 0 && this.#wanted === undefined && this.video.readyState > 0 && this.#knowing === "yes" && (this.#frames === undefined || indexAt(this.#frames, now) === undefined)) this.#ask();
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
