/* The address has the values of the controls that were moved, so that it can be kept and sent: `?region=East&n=7`. The
   kernel says which (nbapp/kernel/address.py). Back, Forward, and an address that was changed by hand, move them. */
(() => {
  'use strict';
  const { ask, config, manager, model } = window.nbapp;
  const { moved, isBack, isElsewhere } = window.nbappVisit;
  const PAUSE = 200; // milliseconds: browsers take no more than some changes of the address in a second
  const REST = 1000; // milliseconds after which Back leads here
  const LONGEST = 1500; // characters of a query: what is longer is cut off in mails and by proxies
  const VIEW = 'nbapp-view';
  const isFrame = window.top !== window; // its history is that of the page around it

  const pairs = () => [...new URLSearchParams(window.location.search)];
  let names = [];
  const composed = async ({ query }) => {
    const address = new URL(window.location.href);
    for (const name of new Set(address.searchParams.keys())) {
      if (names.includes(name) || name === VIEW) {
        address.searchParams.delete(name);
      }
    }
    const others = new URLSearchParams(address.search);
    query.forEach(([name, text]) => address.searchParams.append(name, text));
    if (address.search.length > LONGEST) {
      const { baseUrl, kernelId } = config();
      const answer = await ask(`${baseUrl}nbapp/view/${kernelId}`, 'POST', JSON.stringify(query));
      if (!answer?.ok) {
        return null;
      }
      others.append(VIEW, (await answer.json()).view);
      address.search = others;
    }
    return address;
  };

  const told = sentences => {
    const box = document.getElementById('nbapp-told');
    if (box && sentences.length) {
      box.querySelector('p').textContent = sentences.join(' ');
      box.hidden = false;
    }
  };

  window.nbapp.address = async () => window.location.href;
  manager.then(async widgets => {
    const about = await model(widgets, 'nbapp-address');
    const read = () => JSON.parse(about.get('value') || '{"query": [], "names": [], "told": [], "visits": 0}');
    let { visits } = read(); // how often the controls were sent elsewhere, and in what was heard last
    let heard = visits;
    let isAtRest = false;
    let resting = 0;
    let waiting = 0;
    let number = 0;
    let search = window.location.search;

    const arrives = () => {
      search = window.location.search;
      moved();
      clearTimeout(resting);
      resting = setTimeout(() => (isAtRest = true), REST);
    };
    const write = async () => {
      const news = read();
      const mine = ++number;
      names = news.names;
      const address = news.visits >= visits ? await composed(news) : null;
      if (address === null || mine !== number || news.visits < visits) {
        return; // another is on its way
      }
      if (address.href === window.location.href) {
        arrives();
        return;
      }
      const state = { nbapp: news.query };
      if (isAtRest && !isFrame) {
        window.history.pushState(state, '', address);
      } else {
        window.history.replaceState(state, '', address);
      }
      isAtRest = false;
      arrives();
    };
    const goes = query => {
      visits += 1;
      isAtRest = false;
      about.send({ query }, {});
    };

    about.on('change:value', () => {
      const news = read();
      if (news.visits > heard) {
        heard = news.visits;
        told(news.told);
      }
      clearTimeout(waiting);
      waiting = setTimeout(write, PAUSE);
    });
    window.addEventListener('popstate', event => {
      if (window.location.search !== search) { // else only the place in the page is another
        arrives();
        goes(event.state?.nbapp ?? pairs());
      }
    });
    window.nbapp.address = async () => { // what is still to come, too
      clearTimeout(waiting);
      await write();
      return window.location.href;
    };
    if (isBack && isElsewhere) {
      arrives();
      goes(window.history.state?.nbapp ?? pairs());
    } else {
      write();
    }
  });
})();
