/* The page taken away as it stands: as a file, and on paper. */
(() => {
  'use strict';
  const { ask, config, menu, notice } = window.nbapp;
  menu('Download as HTML', async () => {
    menu.say('Writing the page down…', true);
    const { baseUrl, kernelId } = config();
    let answer = await ask(`${baseUrl}nbapp/still/${kernelId}`);
    while (answer?.status === 202) {
      menu.say('The page is written down when its cells have ended…', true);
      answer = await ask(`${baseUrl}nbapp/still/${kernelId}`);
    }
    const file = answer?.ok ? await answer.blob().catch(() => null) : null;
    if (!file) {
      menu.say('');
      notice(answer?.status === 409 ? 'This app has changed. Reload the page to download it.' : 'The page could not be written down. Try again.');
      return;
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = `${document.title || 'app'}.html`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    menu.say('Downloaded');
  });
  menu('Print or save as PDF', () => window.print());
})();
