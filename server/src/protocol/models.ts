/** Messages about model packs: which there are, and how more of them come here. */
import type { Message } from "./messages.js";
import { array, named, object, oneOf, optional, string, text, whole, type TypeOf } from "./schema.js";
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

export type ModelsResult = TypeOf<typeof Models.result>;
