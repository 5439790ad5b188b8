/** Import and export: notebooks from and to the files of datasets, players and annotation programs. */
export { readAss } from "./assFile.js";
export { readSrt, readVtt, type CueFile, type FileBlock, type FileCue } from "./cueFile.js";
export { decodeEntities } from "./entities.js";
export type { DatasetFormat, ImportFormat, Sample } from "./format.js";
export { FORMATS, formatNamed, IMPORT_FORMATS, recognise, SAMPLE_LENGTH, sampleOf } from "./formats.js";
export { jsonElements } from "./jsonStream.js";
export { textLines } from "./lineStream.js";
export { Losses, type Loss, type LossCode } from "./losses.js";
export { printHeader, printRun, RecordPrinter, type PrintedRecord } from "./printRecords.js";
export { rawRecords } from "./recordFormat.js";
export { readRecords } from "./readRecords.js";
export { BARE_QUESTION } from "./records.js";
export type {
  AnswerRecord,
  ChoiceRecord,
  ConvertRecord,
  CueRecord,
  Fields,
  Found,
  HeaderRecord,
  HeadingRecord,
  NoteRecord,
  Pairs,
  Piece,
  QuestionRecord,
  ReferenceRecord,
  SegmentRecord,
  Source,
  StyleRecord,
  VideoNotes,
} from "./records.js";
export { looksLikeTtml, readTtml } from "./ttmlFile.js";
export { stemOf } from "./values.js";
