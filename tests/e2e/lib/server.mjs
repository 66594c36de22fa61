// A static server for the tests: loopback, any free port, the page in a folder of its own, because
// it must work from there.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const KINDS = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
};

/** Serves each folder at its path (`{"/yurt/": "dist"}`); returns the origin and a way to stop. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const place = Object.keys(folders).find((prefix) => path.startsWith(prefix));
    const name = path.slice(place?.length ?? 0) || "index.html";
    const content = place && (await readFile(join(folders[place], name)).catch(() => undefined));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": KINDS[extname(name)] ?? "application/octet-stream" });
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
