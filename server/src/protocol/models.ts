/** Messages about model packs: which there are, and how more of them come here. */
import type { Message } from "./message.js";
import { array, between, boolean, named, number, object, oneOf, optional, string, text, union, whole, words, type TypeOf } from "./schema.js";
import { ErrorSchema } from "./values.js";

export const ModelInfoSchema = named(
  "ModelInfo",
  object({
    /** What settings, notebooks and questions call it; together with `folder` origin, the folder is its name there. */
    id: text,
    name: text,
    version: string,
    /** `embedded` came with the program, `installed` lies in the folder of models, `folder` is one that the user named. */
    origin: oneOf("embedded", "installed", "folder"),
    /** Absolute path. */
    folder: text,
    /** Names of its systems, the default first; none for packs that answer no questions. */
    composers: array(string),
    /** Of all files together. */
    bytes: whole(0),
    /** SPDX identifier, or what its authors call it. */
    licence: string,
    /** `ready`: the files are there in full length; each load compares their sha256 besides. */
    state: oneOf("ready", "damaged"),
    /** Why it is not ready. */
    problem: optional(ErrorSchema),
  }),
);
export type ModelInfo = TypeOf<typeof ModelInfoSchema>;

export const Models = {
  method: "vqa/models",
  kind: "request",
  direction: "client to server",
  when: "To list the model packs that this machine has. Reads their manifests, starts no worker and downloads nothing.",
  params: object({}),
  result: object({
    /** Folder of installed packs. */
    folder: text,
    models: array(ModelInfoSchema),
  }),
  errors: [],
} as const satisfies Message;

export const OfferedModelSchema = named(
  "OfferedModel",
  object({
    id: text,
    name: text,
    /** What it is good for. */
    summary: words,
    /** What its parts are licensed under, as their authors say it. */
    licences: array(object({ part: text, spdx: text, source: text })),
    /** Repositories on the hub that it comes from. */
    repositories: array(text),
    /** Its authors ask for a sign-in at the hub. */
    gated: boolean,
    installed: boolean,
  }),
);
export type OfferedModel = TypeOf<typeof OfferedModelSchema>;

export const Catalogue = {
  method: "vqa/catalogue",
  kind: "request",
  direction: "client to server",
  when: "To list the models that can be downloaded. Asks nobody but the program itself.",
  params: object({}),
  result: object({
    /** Where downloads come from. */
    hub: text,
    models: array(OfferedModelSchema),
  }),
  errors: ["model-damaged"],
} as const satisfies Message;

export const PullProgressSchema = named(
  "PullProgress",
  object({
    /** `wait`: another process downloads it. */
    stage: oneOf("wait", "look", "download", "prepare"),
    fraction: optional(between(0, 1)),
    bytes: optional(whole(0)),
    total: optional(whole(0)),
  }),
);

const token = union(string, number);

export const PullModel = {
  method: "vqa/pullModel",
  kind: "request",
  direction: "client to server",
  when:
    "When the user asked for a model: downloads it, or goes on where an earlier try was stopped, checks every file and installs it whole. " +
    "Stopping keeps what arrived. Never sent without a choice of the user, and never in an untrusted workspace.",
  params: object({
    id: text,
    /** Access token of the hub; sent to the hub's own host only, and kept nowhere. */
    token: optional(text),
    /** Download it although it is there. */
    again: optional(boolean),
    partialResultToken: optional(token),
  }),
  result: object({
    folder: text,
    /** False when it was there already. */
    fresh: boolean,
  }),
  partial: PullProgressSchema,
  errors: ["model-missing", "model-damaged", "model-unsupported", "download-failed", "download-refused", "limit-exceeded"],
} as const satisfies Message;

export const RemoveModel = {
  method: "vqa/removeModel",
  kind: "request",
  direction: "client to server",
  when: "When the user wants an installed model gone. The worker is ended first, so that no file of it is in use.",
  params: object({ id: text }),
  result: object({}),
  errors: ["model-missing", "limit-exceeded"],
} as const satisfies Message;

export type CatalogueResult = TypeOf<typeof Catalogue.result>;
export type PullParams = TypeOf<typeof PullModel.params>;
export type PullProgress = TypeOf<typeof PullProgressSchema>;
export type PullResult = TypeOf<typeof PullModel.result>;
export type ModelsResult = TypeOf<typeof Models.result>;
