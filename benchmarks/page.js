// Times on the page itself: from the key to the changed text, and from the navigation to a page that can be used.
// `window.benchPage` has the selectors: `texts` of what the stages say, `handles` of the sliders.
(() => {
  const { texts, handles } = window.benchPage;
  const shows = (text) => [...document.querySelectorAll(texts)].some((node) => node.textContent.includes(text));
  // Some tools keep their sliders in shadow roots.
  const count = (root) => [...root.querySelectorAll('*')].reduce(
    (sum, node) => sum + (node.shadowRoot ? count(node.shadowRoot) : 0), root.querySelectorAll(handles).length);

  const when = (met) => new Promise((resolve) => {
    const look = () => met() && (observer.disconnect(), resolve(performance.now()));
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    look();
  });

  const seen = (text) => [...document.querySelectorAll(texts)].some(
    (node) => node.textContent.includes(text) && node.checkVisibility({ visibilityProperty: true }))
    || (window.nbapp?.recorded?.() ?? []).some((shown) => shown.includes(text));
  const whenSeen = () => new Promise((resolve) => {
    const look = () => (seen('a gives') && seen('b gives') ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });

  // No observer sees into a shadow root: once the texts are there, look at each frame.
  const whenSliders = () => new Promise((resolve) => {
    const look = () => (count(document) === 2 ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });

  window.bench = {
    // Milliseconds from the start of the navigation until both texts can be read, and until both sliders are there too.
    read: whenSeen(),
    ready: when(() => shows('a gives') && shows('b gives')).then(whenSliders),
    // Arms the clock: milliseconds from the next key to the text.
    arm: (text) => {
      window.bench.armed = new Promise((resolve) => {
        const start = () => {
          const began = performance.now();
          when(() => shows(text)).then((ended) => resolve(ended - began));
        };
        document.addEventListener('keydown', start, { capture: true, once: true });
      });
    },
  };
})();
