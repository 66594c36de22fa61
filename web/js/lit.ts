// What is pointed at or has the focus lights up wherever else it is shown: an allocation, a node or
// a deployment by its `data-id` and where the terminal names it, a group by its `data-group`. Who
// draws without elements hears of it by the event `yurt-lit`.

const LIT = "data-lit";
const SHORT_ID = /\b[0-9a-f]{8}\b/g;

let last = "";

function light(event: Event): void {
  const target = event.target instanceof Element ? event.target : null;
  const thing = target?.closest("[data-id], [data-group], .log .line");
  const id = thing?.getAttribute("data-id");
  const group = thing?.closest("[data-group]")?.getAttribute("data-group") ?? "";
  const named = thing?.matches(".line") ? (thing.textContent?.match(SHORT_ID) ?? []) : [];
  const ids = [...new Set(id ? [id] : named)];
  const now = `${ids.join(" ")}|${group}`;
  if (now === last) return;
  last = now;
  for (const lit of document.querySelectorAll(`[${LIT}]`)) lit.removeAttribute(LIT);
  const mark = (selector: string) => {
    for (const part of document.querySelectorAll(selector)) part.setAttribute(LIT, "");
  };
  if (group) {
    const same = `[data-group="${CSS.escape(group)}"]`;
    // One allocation: itself, and the rows of its group.
    mark(id ? `${same}:not([data-id])` : same);
  }
  for (const one of ids) mark(`[data-id="${CSS.escape(one)}"]`);
  if (ids.length > 0) {
    for (const line of document.querySelectorAll(".log .line")) {
      const text = line.textContent ?? "";
      if (ids.some((one) => text.includes(one))) line.setAttribute(LIT, "");
    }
  }
  document.dispatchEvent(new CustomEvent("yurt-lit", { detail: now }));
}

document.addEventListener("pointerover", light, { passive: true });
document.addEventListener("focusin", light);
