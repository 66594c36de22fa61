// The editor: CodeMirror with HCL, as one module the page imports.
//
// Belongs here: how the editor looks and behaves. Not here: what is wrong with a file; diagnostics
// come from the engine. Offsets are CodeMirror's: UTF-16 units.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  HighlightStyle,
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Action, type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { hcl } from "codemirror-lang-hcl";
import { type Ask, Questions, assist, assistTheme } from "./assist";
export * from "./field";
import "./lit";

export interface Options {
  text: string;
  /** The accessible name. */
  label: string;
  /** The id of the element that tells how to leave the editor. */
  describedBy: string;
  onChange: (text: string) => void;
  onRun: () => void;
  onPlan: () => void;
  onFormat: () => void;
  onAsk: Ask;
}

export interface Fix {
  label: string;
  from: number;
  to: number;
  text: string;
}

export interface Problem {
  from: number;
  to: number;
  severity: "error" | "warning";
  message: string;
  fixes: Fix[];
}

// Colours are custom properties of styles/tokens.css, so that themes switch without the editor's
// help. What is not named here has the colour of text.
const highlight = HighlightStyle.define([
  { tag: tags.comment, color: "var(--syntax-comment)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--syntax-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--syntax-number)" },
  {
    tag: [tags.keyword, tags.function(tags.variableName), tags.function(tags.name)],
    color: "var(--syntax-keyword)",
  },
  {
    tag: [tags.typeName, tags.tagName, tags.className],
    color: "var(--syntax-block)",
    fontWeight: "600",
  },
  { tag: [tags.operator, tags.punctuation, tags.bracket], color: "var(--syntax-punctuation)" },
]);

const theme = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--text)",
    backgroundColor: "transparent",
    fontSize: "13.5px",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overscrollBehavior: "contain" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 16px 0 8px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px 0 12px", minWidth: "36px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter": {
    backgroundColor: "var(--line-soft)",
  },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-selectionBackground": { background: "var(--selection)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: "var(--selection)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
  ".cm-foldGutter .cm-gutterElement": { color: "var(--muted)", padding: "0 2px" },
  ".cm-foldPlaceholder": {
    background: "var(--line-soft)",
    border: "none",
    color: "var(--muted)",
    padding: "0 6px",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--failed)",
    textUnderlineOffset: "4px",
    textDecorationSkipInk: "none",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--waiting)",
    textUnderlineOffset: "4px",
    textDecorationSkipInk: "none",
  },
  ".cm-tooltip": {
    background: "var(--raised)",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    boxShadow: "var(--shadow)",
    maxWidth: "min(440px, 90vw)",
  },
  ".cm-diagnostic": {
    padding: "8px 12px",
    borderLeft: "none",
    whiteSpace: "pre-wrap",
    fontFamily: "var(--sans)",
  },
});

/** The text is handed on after this many milliseconds even where nothing is painted. */
const HAND_ON_MS = 100;

export class Editor {
  private readonly view: EditorView;
  private readonly questions: Questions;
  private quiet = false;
  /** The timer of an edit that the page has not been told of; 0 when it knows all. */
  private untold = 0;

  constructor(parent: HTMLElement, private readonly options: Options) {
    const run = (action: () => void) => () => {
      // The page draws itself with the text first; what it does then is done with this text.
      this.hand_on();
      setTimeout(action, 0);
      return true;
    };
    this.questions = new Questions(options.onAsk);
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: options.text,
        extensions: [
          lineNumbers(),
          foldGutter({ openText: "▾", closedText: "▸" }),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          bracketMatching(),
          indentUnit.of("  "),
          EditorState.tabSize.of(2),
          EditorView.lineWrapping,
          hcl(),
          syntaxHighlighting(highlight),
          theme,
          assist(this.questions),
          assistTheme,
          EditorView.contentAttributes.of({
            "aria-label": options.label,
            "aria-describedby": options.describedBy,
            // What scrolls must be reachable without a mouse, and checkers look for this.
            tabindex: "0",
            spellcheck: "false",
            autocapitalize: "off",
            autocorrect: "off",
          }),
          keymap.of([
            { key: "Mod-Enter", run: run(options.onRun), preventDefault: true },
            { key: "Shift-Mod-Enter", run: run(options.onPlan), preventDefault: true },
            { key: "Shift-Alt-f", run: run(options.onFormat), preventDefault: true },
            ...defaultKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...lintKeymap,
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !this.quiet) this.hand_on_later();
          }),
          // Whoever leaves the editor is about to press a button.
          EditorView.domEventHandlers({ blur: () => this.hand_on() }),
        ],
      }),
    });
  }

  /**
   * A key is shown first: the page, which draws itself anew and keeps the text, is told after the
   * frame, and once for all keys until then.
   */
  private hand_on_later(): void {
    if (this.untold !== 0) return;
    const timer = window.setTimeout(() => this.hand_on(), HAND_ON_MS);
    this.untold = timer;
    requestAnimationFrame(() => {
      if (this.untold === timer) setTimeout(() => this.untold === timer && this.hand_on(), 0);
    });
  }

  private hand_on(): void {
    if (this.untold === 0) return;
    clearTimeout(this.untold);
    this.untold = 0;
    this.options.onChange(this.view.state.doc.toString());
  }

  /**
   * Replaces the whole text; does not call `onChange`. What a person typed that the page has yet to
   * hear of is newer, and stays.
   */
  set_text(text: string): void {
    if (this.untold !== 0 || text === this.view.state.doc.toString()) return;
    this.quiet = true;
    this.view.dispatch({ changes: this.changes_to(text) });
    this.quiet = false;
  }

  /** A layout keeps lines: changing line by line keeps the cursor where it is. */
  private changes_to(text: string): { from: number; to: number; insert: string }[] {
    const { doc } = this.view.state;
    const lines = text.split(/\r\n?|\n/);
    if (lines.length !== doc.lines) return [{ from: 0, to: doc.length, insert: text }];
    return lines.flatMap((line, index) => {
      const old = doc.line(index + 1);
      if (old.text === line) return [];
      const shortest = Math.min(old.length, line.length);
      let head = 0;
      while (head < shortest && old.text[head] === line[head]) head++;
      let tail = 0;
      while (tail < shortest - head && old.text.at(-1 - tail) === line.at(-1 - tail)) tail++;
      const insert = line.slice(head, line.length - tail);
      return [{ from: old.from + head, to: old.to - tail, insert }];
    });
  }

  /** Answers a question of `onAsk`. */
  answer(question: number, answer: unknown): void {
    this.questions.answer(question, answer);
  }

  /** Underlines; problems of a text that has grown shorter meanwhile are cut to fit. */
  set_problems(problems: Problem[]): void {
    const length = this.view.state.doc.length;
    const diagnostics: Diagnostic[] = problems.map((problem) => {
      let from = Math.min(problem.from, length);
      let to = Math.min(Math.max(problem.to, from), length);
      // A range of nothing but white space (what is missing at the end of a line) would not be
      // seen: take the last character before it, or the first one after it.
      if (this.view.state.sliceDoc(from, to).trim() === "") {
        const before = this.view.state.sliceDoc(0, from).trimEnd().length;
        if (before > 0) [from, to] = [before - 1, before];
        else to = Math.min(Math.max(to, from + 1), length);
      }
      const actions = problem.fixes.map((fix) => fix_action(fix, from, length));
      return { from, to, severity: problem.severity, message: problem.message, actions };
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** Puts the cursor there, into view, and the focus on the editor. */
  reveal(offset: number): void {
    const anchor = Math.min(offset, this.view.state.doc.length);
    const effects = EditorView.scrollIntoView(anchor, { y: "center" });
    this.view.dispatch({ selection: { anchor }, effects });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  destroy(): void {
    clearTimeout(this.untold);
    this.untold = 0;
    this.view.destroy();
  }
}

/** A button that mends a problem; the problem began at `from` when the fix was made. */
function fix_action(fix: Fix, from: number, length: number): Action {
  const clamp = (offset: number) => Math.max(0, Math.min(offset, length));
  return {
    name: fix.label,
    apply: (view, now) => {
      const moved = now - from;
      const [start, end] = [clamp(fix.from) + moved, clamp(fix.to) + moved];
      const changes = { from: start, to: end, insert: fix.text };
      if (changes.from < 0 || changes.to > view.state.doc.length) return;
      view.dispatch({ changes, userEvent: "input.fix" });
    },
  };
}

export function mount(parent: HTMLElement, options: Options): Editor {
  return new Editor(parent, options);
}
