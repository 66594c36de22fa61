// Draws a part of a large cluster on a canvas. What stands where is the page's business
// (`components/field.rs`); here are only shapes and colours.

const COLOURS = [
  "stable", "newest", "other-0", "other-1", "other-2", "other-3",
  "surface", "line", "gone", "failed", "muted", "text", "selection", "line-soft",
];

/** Numbers of a node: x, y, width, height, bits (1: away, 2: lit). */
const NODE = 5;
/** Numbers of an allocation: x, y, size, role (6: unknown), state, bits (1: canary, 2: lit). */
const MARK = 6;
const [HEALTHY, PENDING, UNDECIDED, UNHEALTHY, ENDED, STOPPING] = [0, 1, 2, 3, 4, 5];

const probes = new WeakMap<HTMLElement, HTMLElement[]>();

/** The colours as they are now: variables hold pairs, elements resolve them. */
function palette(parent: HTMLElement): Record<string, string> {
  let own = probes.get(parent);
  if (!own) {
    own = COLOURS.map((name) => {
      const probe = document.createElement("i");
      probe.hidden = true;
      probe.style.color = `var(--${name})`;
      parent.append(probe);
      return probe;
    });
    probes.set(parent, own);
  }
  return Object.fromEntries(own.map((probe, at) => [COLOURS[at], getComputedStyle(probe).color]));
}

function outline(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  s: number,
  role: number,
  canary: boolean,
): void {
  const points: Record<number, number[]> = {
    2: [0.5, 0, 1, 1, 0, 1],
    3: [0, 0, 1, 0, 0.5, 1],
    4: [0, 0.5, 0.5, 0, 1, 0.5, 0.7, 1, 0.3, 1],
    5: [0.3, 0, 1, 0, 0.7, 1, 0, 1],
  };
  pen.beginPath();
  const corners = canary ? [0.5, -0.1, 1.1, 0.5, 0.5, 1.1, -0.1, 0.5] : points[role];
  if (corners) {
    for (let at = 0; at < corners.length; at += 2) {
      pen.lineTo(x + corners[at]! * s, y + corners[at + 1]! * s);
    }
    pen.closePath();
  } else if (role === 1) {
    pen.arc(x + s / 2, y + s / 2, s / 2, 0, 2 * Math.PI);
  } else {
    pen.rect(x, y, s, s);
  }
}

/** What draws each canvas again as it is now, for other colours. */
const last = new Map<HTMLCanvasElement, () => void>();

function again(): void {
  for (const [canvas, draw] of last) {
    if (canvas.isConnected) draw();
    else last.delete(canvas);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  requestAnimationFrame(again),
);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });

/** Draws nodes and allocations; the canvas covers `width` by `height` of the page. */
/** The numbers of one thing of a list. */
function numbers(list: Float32Array, at: number, length: number) {
  const [a, b, c, d, e, f] = list.subarray(at, at + length);
  return [a!, b!, c!, d!, e!, f!] as const;
}

export function draw_field(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  nodes: Float32Array,
  marks: Float32Array,
): void {
  const pen = canvas.getContext("2d");
  if (!pen || !canvas.parentElement) return;
  const sharp = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  last.set(canvas, () => draw_field(canvas, width, height, nodes, marks));
  const colours = palette(canvas.parentElement);
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = 1;
  for (let at = 0; at < nodes.length; at += NODE) {
    const [x, y, w, h, bits] = numbers(nodes, at, NODE);
    const fill = bits & 2 ? "selection" : bits & 1 ? "line-soft" : "surface";
    pen.fillStyle = colours[fill]!;
    pen.strokeStyle = colours["line"]!;
    pen.setLineDash(bits & 1 ? [3, 2] : []);
    pen.beginPath();
    pen.roundRect(x + 0.5, y + 0.5, w - 1, h - 1, 3);
    pen.fill();
    pen.stroke();
  }
  pen.setLineDash([]);
  for (let at = 0; at < marks.length; at += MARK) {
    const [x, y, s, role, state, bits] = numbers(marks, at, MARK);
    const own = colours[COLOURS[role] ?? "gone"] ?? colours["gone"]!;
    if (bits & 2) {
      pen.fillStyle = colours["text"]!;
      pen.fillRect(x - 2, y - 2, s + 4, s + 4);
      pen.fillStyle = colours["surface"]!;
      pen.fillRect(x - 1, y - 1, s + 2, s + 2);
    }
    outline(pen, x, y, s, role, (bits & 1) !== 0);
    pen.lineWidth = 1.5;
    const outlined = state === ENDED ? colours["gone"] : state === UNHEALTHY && colours["failed"];
    pen.strokeStyle = outlined || own;
    pen.fillStyle = own;
    pen.globalAlpha = state === UNDECIDED || state === STOPPING ? 0.45 : 1;
    if (state === HEALTHY || state === UNDECIDED || state === STOPPING) pen.fill();
    pen.globalAlpha = 1;
    if (state === PENDING || state === ENDED || state === UNHEALTHY) pen.stroke();
    if (state === UNHEALTHY) {
      pen.beginPath();
      pen.moveTo(x + 1, y + 1);
      pen.lineTo(x + s - 1, y + s - 1);
      pen.moveTo(x + s - 1, y + 1);
      pen.lineTo(x + 1, y + s - 1);
      pen.stroke();
    }
  }
}

/** Tells the size of an element now and whenever it changes; the answer ends that. */
export function watch_size(
  element: HTMLElement,
  tell: (width: number, height: number) => void,
): () => void {
  const observer = new ResizeObserver(() => tell(element.clientWidth, element.clientHeight));
  observer.observe(element);
  return () => observer.disconnect();
}
