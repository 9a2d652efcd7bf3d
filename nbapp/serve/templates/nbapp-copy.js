/* Copy link to this view: an address that opens this page with the values that its controls have now. */
(() => {
  'use strict';
  const { menu } = window.nbapp;

  // Only what came by https, or from this computer, has the clipboard.
  const byHand = text => {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'nbapp-unseen';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  };
  const copied = text => navigator.clipboard?.writeText(text).then(() => true, () => byHand(text)) ?? byHand(text);

  menu('Copy link to this view', async () => {
    const address = window.location.href;
    const isCopied = await copied(address);
    menu.say(isCopied ? 'The link to this view is copied.' : `The link to this view: ${address}`, !isCopied);
  });
})();
