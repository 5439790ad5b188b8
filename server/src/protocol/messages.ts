/**
 * Every message between an editor and the server that LSP itself does not define. This table is the
 * only definition: the server registers its handlers from it, clients take their types from it, and
 * PROTOCOL.md is printed from it.
 */
import { Ask, Check, Evidence, Index, Run } from "./asking.js";
import { Cache, ClearCache } from "./cache.js";
import { Agreement, Evaluation, ExportNotebooks, ImportDataset, Survey } from "./datasets.js";
import { Hardware } from "./hardware.js";
import { FrameTimes, Frames, Probe, Proxy, Scenes, SpriteSheet, Transcribe, Waveform } from "./media.js";
import { Catalogue, Models, PullModel, RemoveModel } from "./models.js";
import { GetStatus, Playhead, Restart, StatusChanged, Stop } from "./status.js";

export const MESSAGES = { Ask, Run, Check, Probe, Frames, FrameTimes, Cache, ClearCache, Waveform, Proxy, Scenes, SpriteSheet, Transcribe, Index, GetStatus, StatusChanged, Playhead, Stop, Restart, Models, Catalogue, PullModel, RemoveModel, Hardware, Evidence, ImportDataset, ExportNotebooks, Survey, Agreement, Evaluation } as const;
