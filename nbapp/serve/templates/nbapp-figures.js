/* Figures of matplotlib tell how many inches they are wide, so that none is shown too small to be read (nbapp-charts.css).
   Before there is a kernel the server finds that out: serve/page/figures.py. */
(() => {
  'use strict';
  const HEAD = 600; // characters of a PNG in base64, within which it tells its resolution
  const METRE = 0.0254; // of an inch
  const ofPng = content => {
    const head = Uint8Array.from(atob(content.slice(0, HEAD)), letter => letter.charCodeAt(0));
    const at = String.fromCharCode(...head).indexOf('pHYs');
    const numbers = new DataView(head.buffer);
    return at < 24 || head.length < at + 8 ? NaN : numbers.getUint32(16) / (numbers.getUint32(at + 4) * METRE);
  };
  const KINDS = {
    'image/png': ofPng,
    'image/svg+xml': content => Number(/<svg\b[^>]*?\bwidth="([\d.]+)pt"/.exec(content)?.[1]) / 72
  };
  const told = (kind, { data }) => {
    const isFigure = String(data['text/plain'] ?? '').startsWith('<Figure size ');
    const inches = isFigure ? KINDS[kind](data[kind]) : NaN;
    return Number.isFinite(inches) ? inches : null;
  };
  window.nbapp.atFirst.push(({ rendermime }) => {
    const create = rendermime.createRenderer;
    rendermime.createRenderer = function (kind) {
      const renderer = create.call(this, kind);
      if (kind in KINDS) {
        const { renderModel } = renderer;
        renderer.renderModel = function (model) {
          const inches = told(kind, model);
          inches === null ? this.node.style.removeProperty('--nbapp-inches') : this.node.style.setProperty('--nbapp-inches', inches);
          return renderModel.call(this, model);
        };
      }
      return renderer;
    };
  });
})();
