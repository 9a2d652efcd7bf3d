/**
 * The messages of the comm `nbapp.control`, between the kernel and this extension.
 *
 * `nbapp/kernel/frontends/protocol.py` says the same in Python, and a test holds the two against each other. This file knows neither
 * what the kernel does with a message nor how one is shown.
 */
import type { IOutput } from '@jupyterlab/nbformat';

export const TARGET = 'nbapp.control';
export const PROTOCOL = 1;

/** A code cell as it stands in the document. */
export interface CellNow {
  id: string;
  source: string;
  tags: string[];
}

/** How a cell was last brought up to date; `state` is empty when it has not run in this kernel. */
export interface StepNow {
  cell: string;
  state: 'ran' | 'skipped' | 'restored' | 'failed' | 'not run' | '';
  reason: string;
  seconds: number;
  stale: boolean;
}

// --- from the front end

/** A front end is there; it is told everything. */
export interface Hello {
  kind: 'hello';
  protocol: number;
  client: string;
  cells: CellNow[];
}

/** The code cells in document order; sent when they differ. */
export interface Cells {
  kind: 'cells';
  client: string;
  cells: CellNow[];
}

/** The switch: whether a change of a widget runs cells. */
export interface Reactive {
  kind: 'reactive';
  on: boolean;
}

/** End the rerun under way. */
export interface Stop {
  kind: 'stop';
}

/** Give all widgets the values that the notebook gave them. */
export interface Reset {
  kind: 'reset';
}

/** Tell the values that the user chose, once the notebook is up to date with them. */
export interface Current {
  kind: 'current';
  client: string;
}

// --- from the kernel

/** What is on. */
export interface Status {
  kind: 'status';
  protocol: number;
  version: string;
  reactive: boolean;
}

/** Where these cells stand now. */
export interface Steps {
  kind: 'steps';
  steps: StepNow[];
}

/** What a cell shows now; `client` applies it in a document that several edit together. */
export interface Outputs {
  kind: 'outputs';
  client: string;
  cell: string;
  outputs: IOutput[];
}

/** The cell that executes, number `index` (from 1) of `total`; an empty `cell`: the rerun is over. */
export interface Busy {
  kind: 'busy';
  cell: string;
  index: number;
  total: number;
}

/** The value of a control that the user chose: the global name that holds it, and the text of `--set`. */
export interface ValueNow {
  name: string;
  text: string;
}

/** The answer to Current, for the page that asked; `left` have no text, `unnamed` have no name. */
export interface Values {
  kind: 'values';
  client: string;
  values: ValueNow[];
  left: string[];
  unnamed: number;
}

export type FromFrontEnd = Hello | Cells | Reactive | Stop | Reset | Current;
export type FromKernel = Status | Steps | Outputs | Busy | Values;
