/* Figures of Bokeh on a page that may be dark. BokehJS draws them, and asks a theme for what their authors left unsaid:
   what it gives is read in the light and in the dark (4.2 to 1), as the page of a figure may be seen in both. */
(() => {
  'use strict';
  const INK = '#757d87';
  const FAINT = `${INK}4d`;
  const papers = ['background_fill_color', 'border_fill_color'];
  const lines = ['axis_line_color', 'major_tick_line_color', 'minor_tick_line_color'];
  const words = ['major_label', 'axis_label', 'group', 'subgroup', 'label', 'title'].map(each => `${each}_text_color`);
  const COLOURS = Object.fromEntries([
    ...papers.map(each => [each, null]),
    ...[...lines, ...words].map(each => [each, INK]),
    ...['grid_line_color', 'outline_line_color'].map(each => [each, FAINT]),
  ]);
  const OF_KINDS = { Title: { text_color: INK }, Legend: { border_line_color: FAINT } };
  const theme = { get: (model, name) => OF_KINDS[model.type]?.[name] ?? COLOURS[name] };

  if (document.body.dataset.nbappTheme !== 'light') {
    let bokeh;
    Object.defineProperty(window, 'Bokeh', {
      configurable: true,
      get: () => bokeh,
      set: loaded => {
        bokeh = loaded;
        try {
          loaded.require('core/properties').use_theme(theme);
        } catch (error) {
          console.warn('Figures of Bokeh keep their own colours:', error); // another release of it
        }
      },
    });
  }
})();
