/* What libraries leave without a name, or out of the keyboard's reach: handles of sliders, pictures, boxes that scroll. */
(() => {
  'use strict';
  const main = () => document.querySelector('main');
  let made = 0;

  // --- a handle of a slider is called as the slider is; of two, also which one it is
  const ENDS = ['from', 'to'];
  const nameHandles = slider => {
    const handles = [...slider.querySelectorAll('.noUi-handle')];
    const label = slider.closest('.jupyter-widgets')?.querySelector('.widget-label');
    const isCalled = Boolean(label?.textContent.trim());
    handles.forEach((handle, at) => {
      const own = handles.length > 1 ? ENDS[at] ?? `value ${at + 1}` : 'value';
      handle.setAttribute('aria-label', own);
      if (isCalled) {
        label.id ||= `nbapp-label-${++made}`;
        handle.id ||= `nbapp-handle-${++made}`;
        handle.setAttribute('aria-labelledby', handles.length > 1 ? `${label.id} ${handle.id}` : label.id);
      }
    });
  };

  // --- a field or button without a name gets its label's, or what can be told of it
  const isNamed = element =>
    ['aria-label', 'aria-labelledby', 'title'].some(name => element.getAttribute(name)?.trim()) ||
    [...(element.labels ?? [])].some(label => label.textContent.trim());
  // A label beside it that is another's, because both have the same id: two tables of itables.
  const beside = element => element.parentElement.querySelector(':scope > label')?.textContent.replace(/:\s*$/, '').trim();
  const nameField = field => {
    if (!isNamed(field)) {
      const widget = field.closest('.jupyter-widgets');
      const label = widget?.querySelector('.widget-label')?.textContent.trim();
      const kind = field.closest('.jupyter-widget-tagsinput') ? 'Add' : field.type === 'color' ? 'Colour' : 'Value';
      field.setAttribute('aria-label', label || beside(field) || field.placeholder?.replace('\u200b', '').trim() || kind);
    }
  };
  // An upload that says nothing when one points at it would say "null".
  const NULL = '.jupyter-widgets[title="null"]';
  const ICONS = { play: 'Play or pause', pause: 'Play or pause', retweet: 'Repeat' }; // those of Play; others say it themselves
  const nameButton = button => {
    if (!isNamed(button) && !button.textContent.trim()) {
      const icon = [...(button.querySelector('i')?.classList ?? [])].find(name => name.startsWith('fa-'))?.slice(3);
      button.setAttribute('aria-label', ICONS[icon] ?? icon?.replaceAll('-', ' ') ?? 'Button');
    }
  };

  // --- what opens a part of an Accordion is a button, which says whether it is open
  const FOLDS = '.jupyter-widget-Collapse-header';
  const nameFold = head => {
    if (head.tabIndex !== 0) {
      const fold = head.parentElement;
      const tell = () => head.setAttribute('aria-expanded', fold.classList.contains('jupyter-widget-Collapse-open'));
      head.setAttribute('role', 'button');
      head.tabIndex = 0;
      new MutationObserver(tell).observe(fold, { attributes: true, attributeFilter: ['class'] });
      tell();
    }
  };
  document.addEventListener('keydown', event => {
    if (event.target.matches?.(FOLDS) && ['Enter', ' '].includes(event.key)) {
      event.preventDefault();
      event.target.click();
    }
  });

  // --- a picture is called by the heading that it stands under
  const HEADINGS = 'main :is(h1, h2, h3, h4, h5, h6)';
  const headingOf = element => {
    const before = [...document.querySelectorAll(HEADINGS)].filter(
      heading => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING
    );
    const copy = before.at(-1)?.cloneNode(true);
    copy?.querySelectorAll('.anchor-link').forEach(link => link.remove());
    return copy?.textContent.trim();
  };
  const namePicture = picture => {
    const heading = headingOf(picture);
    picture.alt = heading ? `Picture under “${heading}”` : 'Picture';
  };

  // --- a box whose content is wider or higher than it takes the keyboard's focus, so that arrow keys move what is in it
  const BOXES = '.jp-OutputArea-output, .jp-RenderedMarkdown, .jp-InputArea-editor, .widget-html-content, .jp-RenderedHTMLCommon pre';
  const FOCUSABLE = 'a[href], button, input, select, textarea, iframe, [tabindex]';
  const scrolls = box => {
    const style = getComputedStyle(box);
    return (
      (box.scrollWidth > box.clientWidth && ['auto', 'scroll'].includes(style.overflowX)) ||
      (box.scrollHeight > box.clientHeight && ['auto', 'scroll'].includes(style.overflowY))
    );
  };
  const reach = box => {
    const needs = scrolls(box) && !box.querySelector(FOCUSABLE);
    if (needs && !box.hasAttribute('tabindex')) {
      box.tabIndex = 0;
      box.dataset.nbappReached = '';
    } else if (!needs && 'nbappReached' in box.dataset) {
      box.removeAttribute('tabindex');
      delete box.dataset.nbappReached;
    }
  };

  // Sizes are looked at when the browser has nothing better to do: a rerun does not wait for it.
  const LATEST = 500; // milliseconds
  const idle = window.requestIdleCallback ?? (work => setTimeout(work, LATEST));
  let waiting = 0;
  const look = () => {
    waiting = 0;
    main().querySelectorAll('.noUi-target').forEach(nameHandles);
    main().querySelectorAll(NULL).forEach(widget => widget.removeAttribute('title'));
    main().querySelectorAll('.jupyter-widgets :is(input, select, textarea)').forEach(nameField);
    main().querySelectorAll('.jupyter-widgets button').forEach(nameButton);
    main().querySelectorAll(FOLDS).forEach(nameFold);
    main().querySelectorAll('img:not([alt])').forEach(namePicture);
    main().querySelectorAll(BOXES).forEach(reach);
  };
  const later = () => {
    waiting ||= idle(look, { timeout: LATEST });
  };
  document.addEventListener('DOMContentLoaded', () => {
    new MutationObserver(later).observe(main(), { childList: true, subtree: true });
    window.addEventListener('resize', later);
    later();
  });
})();
