// What is pointed at or has the focus lights up wherever else it is shown: everything with the same
// `data-group`.

const LIT = "data-lit";

function light(event: Event): void {
  const target = event.target instanceof Element ? event.target : null;
  const name = target?.closest("[data-group]")?.getAttribute("data-group");
  for (const lit of document.querySelectorAll(`[${LIT}]`)) lit.removeAttribute(LIT);
  if (!name) return;
  for (const part of document.querySelectorAll(`[data-group="${CSS.escape(name)}"]`)) {
    part.setAttribute(LIT, "");
  }
}

document.addEventListener("pointerover", light, { passive: true });
document.addEventListener("focusin", light);
