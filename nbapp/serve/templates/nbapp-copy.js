/* Copy link to this view: an address that opens this page with the values that its controls have now. */
(() => {
  'use strict';
  const { ask, config, menu } = window.nbapp;
  const { nbappLink: link, nbappAsks: asks } = document.body.dataset;

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

  // Who came by a link hands on that link: the address of its page opens for who came by it.
  const shared = async address => {
    const { baseUrl } = config();
    const answer = link ? await ask(`${baseUrl}nbapp/link?link=${encodeURIComponent(link)}`) : null;
    const signed = answer?.ok ? (await answer.json()).signed : null;
    if (!signed) {
      return address;
    }
    const found = new URL(address);
    found.pathname = `${baseUrl}link/${signed}`;
    found.searchParams.delete('link');
    return found.href;
  };

  menu('Copy link to this view', async () => {
    const address = await shared(await window.nbapp.address());
    const isCopied = await copied(address);
    const needs = asks && !link ? ' Who opens it needs the token.' : '';
    menu.say((isCopied ? 'The link to this view is copied.' : `The link to this view: ${address}`) + needs, !isCopied);
  });
})();
