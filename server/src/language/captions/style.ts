/** What good subtitles keep to. 0 switches a limit off. */
export interface CaptionStyle {
  /** Look at all. */
  readonly check: boolean;
  /** Between the end of a cue and the start of the next. */
  readonly minGapMs: number;
  readonly minDurationMs: number;
  readonly maxDurationMs: number;
  readonly maxCharactersPerSecond: number;
  readonly maxLineLength: number;
  readonly maxLines: number;
}

/**
 * Of the Netflix Timed Text Style Guide. General requirements: 5/6 of a second to 7 seconds a cue, two
 * frames between two (83 ms at 24 frames a second), two lines. English: 42 characters a line, and 20 a
 * second for adults. The BBC Subtitle Guidelines count words instead, 160 to 180 a minute.
 */
export const NETFLIX_ENGLISH: CaptionStyle = {
  check: true,
  minGapMs: 83,
  minDurationMs: 833,
  maxDurationMs: 7000,
  maxCharactersPerSecond: 20,
  maxLineLength: 42,
  maxLines: 2,
};
