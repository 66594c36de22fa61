// The editor: CodeMirror with HCL, as one module the page imports.
export {};
