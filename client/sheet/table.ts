/** Tables of any length, of which a page sees what it asks for: searched, filtered, sorted, so many rows. Pure. */
import { numberReader } from "../numbers.js";

export interface Column {
  readonly id: string;
  readonly label: string;
  /** Numbers sort as numbers and stand to the right. */
  readonly numeric?: boolean;
  /** Its values can be chosen from. */
  readonly filter?: boolean;
  /** Cells hold several values, parted by ", ": each of them can be chosen. */
  readonly many?: boolean;
  /** Is searched, but not shown. */
  readonly hidden?: boolean;
}

export interface Row {
  /** Of the table alone. */
  readonly id: string;
  /** In the order of the columns. */
  readonly cells: readonly string[];
  readonly picture?: { readonly width: number; readonly height: number; readonly rgb: string };
}

export interface Query {
  readonly search: string;
  /** From columns to the one value that is wanted. */
  readonly filters: Readonly<Record<string, string>>;
  readonly sort?: { readonly column: string; readonly descending: boolean };
  readonly limit: number;
}

export interface Found {
  readonly rows: readonly Row[];
  readonly matching: number;
  readonly total: number;
  /** Of columns with a filter: their values among the rows that the other filters leave, most frequent first. */
  readonly values: Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>;
}

/** Rows that a page shows at first, and by how many more each time. */
export const PAGE = 100;
export const FIRST: Query = { search: "", filters: {}, limit: PAGE };

/** Longer lists help nobody choose. */
const MAX_VALUES = 200;

/** @param language in which numbers are written, such as `de` */
export function find(columns: readonly Column[], rows: readonly Row[], query: Query, language = "en"): Found {
  const words = query.search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const wanted = columns.flatMap(({ id }, i) => (query.filters[id] === undefined ? [] : [{ i, value: query.filters[id] }]));
  const said = words.length === 0 ? rows : rows.filter(({ cells }) => contains(cells, words));
  const fits = ({ cells }: Row, except?: number): boolean => wanted.every(({ i, value }) => i === except || valuesIn(columns[i], cells[i]).includes(value ?? ""));
  const matching = said.filter((row) => fits(row));
  return { rows: sorted(columns, matching, query.sort, language).slice(0, query.limit), matching: matching.length, total: rows.length, values: valuesOf(columns, said, fits) };
}

function contains(cells: readonly string[], words: readonly string[]): boolean {
  const text = cells.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

function sorted(columns: readonly Column[], rows: readonly Row[], sort: Query["sort"], language: string): readonly Row[] {
  const i = columns.findIndex(({ id }) => id === sort?.column);
  if (i < 0 || sort === undefined) return rows;
  const number = columns[i]?.numeric === true ? numberReader(language) : undefined;
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const order = (a: Row, b: Row): number => {
    const [x, y] = [a.cells[i] ?? "", b.cells[i] ?? ""];
    // What has no value comes last, whichever way round.
    if (x === "" || y === "") return Number(x === "") - Number(y === "");
    const by = number === undefined ? compare(x, y) : number(x) - number(y);
    return sort.descending ? -by : by;
  };
  return [...rows].sort(order);
}

function valuesIn(column: Column | undefined, cell = ""): readonly string[] {
  return column?.many === true ? cell.split(", ") : [cell];
}

function valuesOf(columns: readonly Column[], rows: readonly Row[], fits: (row: Row, except: number) => boolean): Found["values"] {
  const all: Record<string, readonly { value: string; count: number }[]> = {};
  columns.forEach((column, i) => {
    const { id, filter } = column;
    if (filter !== true) return;
    const counts = new Map<string, number>();
    for (const row of rows) {
      if (!fits(row, i)) continue;
      for (const value of valuesIn(column, row.cells[i])) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    all[id] = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count).slice(0, MAX_VALUES);
  });
  return all;
}
