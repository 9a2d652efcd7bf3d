// Times on the page itself: from the key to the changed text, and from the navigation to a page that can be used.
(() => {
  const TEXTS = '.jp-RenderedText, .jp-RenderedHTMLCommon, .widget-html-content';
  const shows = (text) => [...document.querySelectorAll(TEXTS)].some((node) => node.textContent.includes(text));
  const handles = () => document.querySelectorAll('.noUi-handle').length;

  const when = (met) => new Promise((resolve) => {
    const look = () => met() && (observer.disconnect(), resolve(performance.now()));
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    look();
  });

  window.bench = {
    // Milliseconds from the start of the navigation until both texts and both sliders are there.
    ready: when(() => shows('a gives') && shows('b gives') && handles() === 2),
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
