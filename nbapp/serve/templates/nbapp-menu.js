/* The page's menu, as WAI-ARIA's menu button has it: arrow keys go through it, Escape shuts it. It knows no entry: each
   script of the page adds its own by `window.nbapp.menu(label, act)`, and says by `window.nbapp.menu.say(text)` what
   became of it. */
(() => {
  'use strict';
  const menu = document.getElementById('nbapp-menu');
  const button = menu.querySelector('button');
  const list = menu.querySelector('ul');
  const items = () => [...list.querySelectorAll('button')];

  const open = isOpen => {
    list.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  const focus = index => items().at(index % items().length).focus();
  const shut = () => {
    open(false);
    button.focus();
  };

  button.addEventListener('click', event => {
    open(list.hidden);
    say('');
    if (!list.hidden && event.detail === 0) { // by the keyboard
      focus(0);
    }
  });
  button.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      open(true);
      focus(event.key === 'ArrowDown' ? 0 : -1);
    }
  });
  list.addEventListener('keydown', event => {
    const at = items().indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      focus(to);
    }
  });
  menu.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      shut();
    }
  });
  menu.addEventListener('focusout', event => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) {
      open(false);
    }
  });
  document.addEventListener('pointerdown', event => {
    if (!menu.contains(event.target)) {
      open(false);
    }
  });

  // --- what became of an entry that was chosen: for a while, or until something else is to be told
  const LONG = 4000; // milliseconds
  const said = menu.querySelector('p');
  let hiding = 0;
  const say = (text, isToStay = false) => {
    clearTimeout(hiding);
    said.textContent = text;
    hiding = isToStay ? 0 : setTimeout(() => (said.textContent = ''), LONG);
  };

  // `act` is called when the entry is chosen; entries stand in the order in which the scripts of the page come.
  window.nbapp.menu = (label, act) => {
    const item = document.createElement('button');
    Object.assign(item, { type: 'button', textContent: label, tabIndex: -1 });
    item.setAttribute('role', 'menuitem');
    item.addEventListener('click', () => {
      shut();
      act();
    });
    const line = document.createElement('li');
    line.setAttribute('role', 'none');
    line.append(item);
    list.append(line);
    menu.hidden = false;
  };
  window.nbapp.menu.say = say;
})();
