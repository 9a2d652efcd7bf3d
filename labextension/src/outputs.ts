/**
 * Patches the outputs of a cell in place: what is equal keeps its view, so a slider being dragged keeps its handle.
 *
 * Knows nothing of kernels. The model is the document's, so what is shown is what is saved.
 */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import { JSONExt, PartialJSONValue } from '@lumino/coreutils';

const VIEW = 'application/vnd.jupyter.widget-view+json';

/** Make the cell show these outputs. */
export function patch(cell: ICodeCellModel, next: readonly IOutput[]): void {
  const outputs = cell.outputs;
  const common = Math.min(outputs.length, next.length);
  cell.trusted = true; // they come from the kernel, as when the cell is run
  for (let index = 0; index < common; index++) {
    if (!looksEqual(outputs.get(index).toJSON(), next[index])) {
      outputs.set(index, next[index]);
    }
  }
  if (outputs.length > next.length) {
    // Not `outputs.remove`: JupyterLab then leaves the output in the saved file.
    const shared = cell.sharedModel as unknown as {
      updateOutputs(start: number, end: number, outputs: IOutput[], origin: string): void;
    };
    shared.updateOutputs(next.length, outputs.length, [], 'nbapp');
  }
  for (let index = common; index < next.length; index++) {
    outputs.add(next[index]);
  }
}

/** Whether two outputs look the same: of a widget the view alone counts, its text follows its value. */
export function looksEqual(one: IOutput, other: IOutput): boolean {
  return JSONExt.deepEqual(identity(one), identity(other));
}

function identity(output: IOutput): PartialJSONValue {
  const data = output.data as { [type: string]: PartialJSONValue } | undefined;
  const view = data?.[VIEW] as { model_id: string } | undefined;
  if (view) {
    return view.model_id;
  }
  const copy: { [key: string]: unknown } = { ...output };
  delete copy.transient;
  delete copy.execution_count;
  if (Array.isArray(copy.text)) {
    copy.text = copy.text.join('');
  }
  return JSON.parse(JSON.stringify(copy));
}
