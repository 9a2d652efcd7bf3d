/** A window with a sidebar and a card: a page made of a notebook. */
import { LabIcon } from '@jupyterlab/ui-components';

export const previewIcon = new LabIcon({
  name: 'nbapp:preview',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm0 2v12h4V6zm6 0v12h10V6zm2 2h6v3h-6zm0 5h6v1.5h-6z"/>
</svg>`
});
