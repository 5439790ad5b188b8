import { resolve } from "node:path";
import { defaultCacheFolder } from "../runtime/cache/folder.js";
import { clearCache, measureCache, type Room } from "../runtime/cache/rooms.js";
import { columns, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

export const CACHE: CommandSpec = {
  name: "cache",
  arguments: "[clear] [options]",
  summary: "Tells what is kept of videos, or removes it: all of it can be made again.",
  options: {
    dir: { value: "DIR", help: "the folder that holds `features`, `proxies` and the like; the user's cache folder otherwise" },
    ...JSON_OPTION,
  },
};

export async function cache({ args, terminal }: Invocation): Promise<number> {
  const [action, ...more] = args.positionals;
  if (more.length > 0 || (action !== undefined && action !== "clear")) throw args.usage(`There is no "${[action, ...more].join(" ")}": use \`vqa cache\` or \`vqa cache clear\`.`);
  const folder = resolve(args.text("dir") ?? defaultCacheFolder());
  const rooms = action === "clear" ? await clearCache(folder) : await measureCache(folder);
  if (args.flag("json")) json(terminal.out, { folder, cleared: action === "clear", rooms });
  else line(terminal.out, `${action === "clear" ? "Removed from" : "Kept in"} ${folder}:\n${columns(rooms.map((room) => [room.name, amount(room)] as const))}`);
  return EXIT.ok;
}

function amount({ entries, bytes }: Room): string {
  const size = bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
  return entries === 0 ? "nothing" : `${entries} ${entries === 1 ? "entry" : "entries"}, ${size}`;
}
