/** Caps that keep a hostile or mistaken file from taking the machine. All are per call. */
export interface MediaLimits {
  /** Largest file that is opened, bytes. */
  readonly maxFileBytes: number;
  /** Largest picture that is decoded, coded width * height. */
  readonly maxPixels: number;
  /** Largest number of frames in one request. */
  readonly maxFrames: number;
  /** Largest answer of one frame request, bytes. */
  readonly maxFrameBytes: number;
  /** Longest audio range of one request, milliseconds. */
  readonly maxAudioMs: number;
  /** Largest subtitle text, bytes. */
  readonly maxSubtitleBytes: number;
  /** Longest that one decoder process may run, milliseconds. */
  readonly maxRunMs: number;
  /** Decoder processes at a time. */
  readonly concurrency: number;
}

export const DEFAULT_LIMITS: MediaLimits = {
  maxFileBytes: 64 * 2 ** 30,
  maxPixels: 2 ** 27,
  maxFrames: 4096,
  maxFrameBytes: 2 ** 30,
  maxAudioMs: 4 * 3_600_000,
  maxSubtitleBytes: 16 * 2 ** 20,
  maxRunMs: 15 * 60_000,
  concurrency: 2,
};
