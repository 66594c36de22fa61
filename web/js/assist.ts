// Help in the editor: completion, what a word means, fixes.
//
// Belongs here: how the editor asks and shows. Not here: what may stand anywhere or what anything
// means; the engine answers. Offsets are CodeMirror's: UTF-16 units.

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  autocompletion,
  clearSnippet,
  closeCompletion,
  snippet,
} from "@codemirror/autocomplete";
import { type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { EditorView, type Tooltip, hoverTooltip, keymap, showTooltip } from "@codemirror/view";

/** What may stand somewhere. */
interface Offer {
  from: number;
  items: { label: string; insert: string; kind: string; detail: string; documentation: string }[];
}

/** What a word means. */
interface Word {
  from: number;
  to: number;
  title: string;
  holds: string;
  text: string;
}

export type Ask = (word: boolean, question: number, text: string, offset: number) => void;

/** A question is forgotten after this many milliseconds: the engine may have died. */
const PATIENCE_MS = 3000;

interface Waiting {
  word: boolean;
  resolve: (answer: unknown) => void;
}

/** The questions under way; of each kind only the last one matters. */
export class Questions {
  private last = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly tell: Ask) {}

  ask(word: boolean, text: string, offset: number): Promise<unknown> {
    for (const [question, other] of this.waiting) {
      if (other.word === word) this.answer(question, null);
    }
    const question = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(question, { word, resolve });
      setTimeout(() => this.answer(question, null), PATIENCE_MS);
      this.tell(word, question, text, offset);
    });
  }

  answer(question: number, answer: unknown): void {
    this.waiting.get(question)?.resolve(answer);
    this.waiting.delete(question);
  }
}

/** Completion, hover and the key that shows what the word at the cursor means. */
export function assist(questions: Questions): Extension {
  const word = async (view: EditorView, offset: number) =>
    (await questions.ask(true, view.state.doc.toString(), offset)) as Word | null;
  return [
    // Closes whatever help is open, and still is the Escape that lets Tab leave the editor.
    Prec.highest(
      keymap.of([
        {
          key: "Escape",
          run: (view) => {
            closeCompletion(view);
            clearSnippet(view);
            if (view.state.field(explained)) view.dispatch({ effects: explain.of(null) });
            return false;
          },
        },
      ]),
    ),
    autocompletion({
      override: [(context) => complete(questions, context)],
      icons: false,
      // Names are told apart by what they are, not by colour alone.
      addToOptions: [{ render: kindOf, position: 90 }],
    }),
    hoverTooltip(async (view, offset) => {
      const found = await word(view, offset);
      return found && tooltip(found);
    }),
    explained,
    keymap.of([
      {
        key: "Mod-k Mod-i",
        run: (view) => {
          const { head } = view.state.selection.main;
          void word(view, head).then((found) => {
            if (view.state.selection.main.head !== head) return;
            const say = found
              ? `${found.title}: ${found.holds}. ${found.text}`
              : "Nothing is known of this.";
            view.dispatch({ effects: [explain.of(found), EditorView.announce.of(say)] });
          });
          return true;
        },
      },
    ]),
  ];
}

/** What, once typed, asks for completions by itself: a word, `.`, `$`, `${` or `"`. */
const ASKS = /(?:(?:^|[^\w-])[A-Za-z_][\w-]*|[.$"]|\$\{)$/;

async function complete(
  questions: Questions,
  context: CompletionContext,
): Promise<CompletionResult | null> {
  const line = context.state.doc.lineAt(context.pos);
  const before = context.state.sliceDoc(line.from, context.pos);
  if (!context.explicit && !ASKS.test(before)) return null;
  const answer = await questions.ask(false, context.state.doc.toString(), context.pos);
  const offer = answer as Offer | null;
  if (context.aborted || !offer || offer.items.length === 0) return null;
  const typed = context.state.sliceDoc(offer.from, context.pos);
  // What stands there whole needs no help, and Enter is wanted for the next line.
  if (!context.explicit && offer.items.some((item) => item.label === typed)) return null;
  return { from: offer.from, options: offer.items.map(option) };
}

function option(item: Offer["items"][number], index: number): Completion {
  const { label, insert, detail } = item;
  return {
    label,
    detail,
    type: item.kind,
    info: item.documentation || undefined,
    // The engine's order, where matches are equally good.
    boost: Math.max(-99, 99 - index),
    // `${` is text here; only `#{` begins a field.
    apply: insert.includes("#{") ? snippet(insert.replaceAll("${", "$\\{")) : insert,
  };
}

function kindOf(completion: Completion): Node {
  const kind = document.createElement("span");
  kind.className = "cm-completion-kind";
  kind.textContent = completion.type === "runtime" ? "at run time" : (completion.type ?? "");
  return kind;
}

const explain = StateEffect.define<Word | null>();

/** What the key showed last; gone with the next edit or step of the cursor. */
const explained = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(explain)) return effect.value && tooltip(effect.value);
    }
    return transaction.docChanged || transaction.selection ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

function tooltip(word: Word): Tooltip {
  return {
    pos: word.from,
    end: word.to,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-word";
      const head = dom.appendChild(document.createElement("p"));
      head.appendChild(document.createElement("code")).textContent = word.title;
      head.append(` ${word.holds}`);
      dom.appendChild(document.createElement("p")).textContent = word.text;
      return { dom };
    },
  };
}

/** How all of it looks. */
export const assistTheme = EditorView.theme({
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    padding: "3px 10px",
    display: "flex",
    gap: "12px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--selection)",
    color: "var(--text)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail, .cm-completion-kind": {
    fontFamily: "var(--sans)",
    fontSize: "12px",
    fontStyle: "normal",
    color: "var(--muted)",
    marginLeft: "0",
  },
  "li[aria-selected] .cm-completionDetail, li[aria-selected] .cm-completion-kind": {
    color: "var(--text)",
  },
  ".cm-completionDetail": { marginLeft: "auto" },
  ".cm-completionInfo": { padding: "8px 12px", fontFamily: "var(--sans)" },
  ".cm-word": { padding: "8px 12px", fontFamily: "var(--sans)" },
  ".cm-word p": { margin: "0" },
  ".cm-word code": { fontFamily: "var(--mono)", fontWeight: "600" },
  ".cm-snippetField": { backgroundColor: "var(--selection)" },
  ".cm-diagnosticAction": {
    border: "1px solid var(--field-line)",
    borderRadius: "4px",
    background: "var(--surface)",
    color: "var(--text)",
    font: "inherit",
    padding: "2px 8px",
  },
});
