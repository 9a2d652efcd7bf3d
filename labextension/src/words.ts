/** What is said of a cell, in the reader's language. Knows nothing of where it is shown. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { StepNow } from './wire';

/** How long, as a person would say it. */
export function duration(seconds: number): string {
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A few words for the badge of a cell. */
export function short(step: StepNow, words: TranslationBundle): string {
  if (step.stale && step.state !== 'not run') {
    return words.__('stale');
  }
  switch (step.state) {
    case 'ran':
      return words.__('ran %1', duration(step.seconds));
    case 'skipped':
      return step.seconds < 0.1 ? words.__('skipped') : words.__('%1 saved', duration(step.seconds));
    case 'restored':
      return words.__('restored');
    case 'failed':
      return words.__('failed');
    case 'not run':
      return words.__('not run');
    default:
      return '';
  }
}

/** Why, in a sentence. */
export function long(step: StepNow, words: TranslationBundle): string {
  const saved = duration(step.seconds);
  switch (step.state) {
    case 'ran':
      return words.__('Ran in %1: %2.', saved, step.reason);
    case 'skipped':
      return words.__('Skipped, %1 saved: %2.', saved, step.reason);
    case 'restored':
      return words.__('An earlier result was brought back, %1 saved: %2.', saved, step.reason.replace(/^brought back: /, ''));
    case 'failed':
      return words.__('Failed after %1: %2.', saved, step.reason);
    case 'not run':
      return words.__('Not run, so what it shows may be out of date: %1.', step.reason);
    default:
      return words.__('It has not run since nbapp was loaded.');
  }
}
