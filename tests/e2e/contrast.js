/* What on a page is hard to read: [text, ratio, colour, background] of each visible text, and of each control's
   value, option and placeholder, whose contrast with what is behind it is under WCAG's 4.5. Disabled controls are
   exempt there, and so are swatches whose colour is their value. */
() => {
  const parse = text => {
    const numbers = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return text.startsWith('color(') ? numbers.map((value, index) => (index < 3 ? value * 255 : value)) : numbers;
  };
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, index) => value * a + under[index] * (1 - a));
  const luminance = colour => {
    const [r, g, b] = colour.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = element => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      const style = getComputedStyle(node);
      const picture = style.backgroundImage.match(/rgba?\([^)]*\)/);
      if (picture) layers.push(parse(picture[0]));
      layers.push(parse(style.backgroundColor));
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const faint = element => {
    let opacity = 1;
    for (let node = element; node; node = node.parentElement) opacity *= Number(getComputedStyle(node).opacity);
    return opacity;
  };
  const found = [];
  const judge = (element, text, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const [r, g, b, a = 1] = parse(style.webkitTextFillColor || style.color);
    const under = behind(element);
    const colour = over([r, g, b, a * faint(element)], under);
    const got = ratio(colour, under);
    if (got < 4.5) found.push([text.trim().slice(0, 30), Math.round(got * 100) / 100, colour.map(Math.round).join(), under.map(Math.round).join()]);
  };
  const exempt = node => node.closest(':disabled, .jp-mod-disabled, [disabled], .jupyter-widget-colortag, script, style, [hidden]');
  const visible = node => node.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.replace(/[\s\u200b]/g, '') && !exempt(element) && element.localName !== 'option' && visible(element)) judge(element, node.data);
  }
  for (const option of document.querySelectorAll('main select option')) {
    const list = option.closest('select');
    if (!list.disabled && (list.multiple || list.size > 1) && visible(list)) judge(option, option.text);
  }
  for (const input of document.querySelectorAll('main :is(input, textarea, select)')) {
    if (exempt(input) || !visible(input) || ['checkbox', 'radio', 'color', 'file', 'range'].includes(input.type)) continue;
    judge(input, input.value || 'empty');
    if ((input.placeholder || '').replace(/[\s\u200b]/g, '')) judge(input, input.placeholder, '::placeholder');
  }
  return found;
}
