/** What a sheet's page and the extension say to each other. Both ends check what they get. */
import { array, boolean, named, number, object, optional, record, string, tagged, text, whole, type TypeOf } from "../../server/src/protocol/schema.js";

const QuerySchema = object({
  search: string,
  filters: record(string),
  sort: optional(object({ column: text, descending: boolean })),
  limit: whole(1, 100_000),
});

/** Page to extension. */
export const FromSheetSchema = tagged("type", {
  /** Once, when the page can show something. */
  ready: object({}),
  press: object({ button: text }),
  query: object({ table: text, query: QuerySchema }),
  /** The row itself was chosen, or one of its buttons. */
  row: object({ table: text, row: text, action: optional(text) }),
});
export type FromSheet = TypeOf<typeof FromSheetSchema>;

const ColumnSchema = object({ id: text, label: string, numeric: optional(boolean), filter: optional(boolean), many: optional(boolean), hidden: optional(boolean) });
const PictureSchema = object({ width: number, height: number, rgb: string });

const SectionSchema = tagged("kind", {
  text: object({ heading: string, lines: array(string) }),
  facts: object({ heading: string, facts: array(object({ label: string, value: string })) }),
  /** As it will stand in a file. */
  sample: object({ heading: string, text: string }),
  table: object({
    id: text,
    heading: string,
    columns: array(ColumnSchema),
    /** What can be done with a row, besides choosing it. */
    actions: array(object({ id: text, label: text })),
    /** Whether choosing a row does something. */
    opens: boolean,
    rows: array(object({ id: text, cells: array(string), picture: optional(PictureSchema) })),
    matching: whole(0),
    total: whole(0),
    values: record(array(object({ value: string, count: whole(0) }))),
    query: QuerySchema,
  }),
});

/** Extension to page. */
export const ToSheetSchema = tagged("type", {
  /** All that is to be shown, after every change. */
  show: object({
    title: string,
    /** What goes on, or what came of it; read out when it changes. */
    status: string,
    /** Something is still being done. */
    busy: boolean,
    buttons: array(object({ id: text, label: text, primary: optional(boolean) })),
    sections: array(named("Section", SectionSchema)),
  }),
});
export type ToSheet = TypeOf<typeof ToSheetSchema>;
export type ShownSection = ToSheet["sections"][number];
