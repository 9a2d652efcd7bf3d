"use strict";(self.rspackChunknbapp=self.rspackChunknbapp||[]).push([[266],{646(p,a,n){var e=n(601),r=n.n(e),o=n(314),t=n.n(o),i=n(922),d=t()(r());d.i(i.A),d.push([p.id,`/* Lab's own variables only, so every theme fits. */

.jp-Cell[data-nbapp] {
  padding-bottom: 16px;
  position: relative;
}

.nbapp-Badge {
  bottom: 1px;
  box-sizing: border-box;
  color: var(--jp-ui-font-color2);
  font-family: var(--jp-ui-font-family);
  font-size: 10px;
  left: var(--jp-cell-collapser-width, 8px);
  line-height: 14px;
  overflow: hidden;
  padding-left: 10px;
  position: absolute;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.nbapp-Badge::before {
  background: var(--jp-border-color1);
  border-radius: 50%;
  content: '';
  height: 6px;
  left: 0;
  position: absolute;
  top: 4px;
  width: 6px;
}

.jp-Cell[data-nbapp='ran'] > .nbapp-Badge::before {
  background: var(--jp-success-color1);
}

.jp-Cell[data-nbapp='failed'] > .nbapp-Badge::before {
  background: var(--jp-error-color1);
}

.jp-Cell[data-nbapp-stale='true'] > .nbapp-Badge,
.jp-Cell[data-nbapp='failed'] > .nbapp-Badge {
  color: var(--jp-ui-font-color1);
  font-weight: 600;
}

.jp-Cell[data-nbapp-stale='true'] > .nbapp-Badge::before {
  background: var(--jp-warn-color1);
}

.jp-Cell[data-nbapp-stale='true'] > .jp-Cell-outputWrapper {
  opacity: 0.55;
}

.nbapp-mod-hideBadges .nbapp-Badge {
  display: none;
}

.nbapp-mod-hideBadges .jp-Cell[data-nbapp] {
  padding-bottom: var(--jp-cell-padding);
}

.nbapp-Switch button {
  align-items: center;
  background: none;
  border: 0;
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color1);
  cursor: pointer;
  display: flex;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  gap: 6px;
  height: 24px;
  padding: 0 6px;
}

.nbapp-Switch button:hover {
  background: var(--jp-layout-color2);
}

.nbapp-Switch button::before {
  background: radial-gradient(circle at 6px 50%, var(--jp-layout-color1) 4px, transparent 4.5px) var(--jp-border-color0);
  border-radius: 6px;
  content: '';
  height: 12px;
  transition: background-position 0.1s;
  width: 22px;
}

.nbapp-Switch button[aria-checked='true']::before {
  background: radial-gradient(circle at 16px 50%, var(--jp-layout-color1) 4px, transparent 4.5px) var(--jp-brand-color1);
}

.nbapp-Switch button:focus-visible,
.nbapp-Progress button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.nbapp-Progress {
  align-items: center;
  background: var(--jp-layout-color2);
  border-bottom: 1px solid var(--jp-border-color2);
  color: var(--jp-ui-font-color1);
  display: flex;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  gap: 8px;
  min-height: 28px;
  padding: 0 8px;
}

.nbapp-Progress.lm-mod-hidden {
  display: none;
}

.nbapp-Progress progress {
  accent-color: var(--jp-brand-color1);
  flex: 1 1 auto;
  height: 6px;
  max-width: 240px;
  min-width: 40px;
}

.nbapp-Progress button {
  background: none;
  border: 0;
  color: inherit;
  cursor: pointer;
  font: inherit;
}

.nbapp-Progress-text {
  overflow: hidden;
  padding: 0;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.nbapp-Progress button.nbapp-Progress-stop {
  border: 1px solid var(--jp-border-color1);
  border-radius: var(--jp-border-radius);
  margin-left: auto;
  padding: 1px 10px;
}

@media (prefers-reduced-motion: reduce) {
  .nbapp-Switch button::before {
    transition: none;
  }
}

[data-command='nbapp:share'] svg,
[data-command='nbapp:preview'] svg {
  margin-right: 4px;
}

.nbapp-Dialog .jp-Dialog-content {
  max-height: calc(100% - 24px);
  max-width: calc(100% - 24px);
}

.nbapp-Share,
.nbapp-Shared,
.nbapp-Share-body {
  box-sizing: border-box;
  line-height: 1.4;
  max-width: 100%;
  width: 460px;
}

.nbapp-Share p,
.nbapp-Shared p {
  margin: 0 0 8px;
}

.nbapp-Share-field,
.nbapp-Share fieldset {
  border: 0;
  margin: 0 0 12px;
  min-width: 0;
  padding: 0;
}

.nbapp-Share-label,
.nbapp-Share legend {
  display: block;
  font-weight: 600;
  margin-bottom: 4px;
  padding: 0;
}

.nbapp-Share fieldset label,
.nbapp-Share-field > label {
  display: block;
}

.nbapp-Share-hint,
.nbapp-Share-fact {
  color: var(--jp-ui-font-color2);
  overflow-wrap: anywhere;
}

.nbapp-Share-hint {
  display: block;
  margin-top: 2px;
}

.nbapp-Share fieldset .nbapp-Share-hint {
  margin: 0 0 4px 22px;
}

.nbapp-Share input[type='text'],
.nbapp-Share input[type='date'] {
  width: 100%;
}

.nbapp-Share input[type='date']:not([hidden]) {
  appearance: auto;
  display: block;
  margin-top: 6px;
}

.nbapp-Share .jp-select-wrapper {
  margin-bottom: 0;
}

.nbapp-Share input[type='radio'],
.nbapp-Share input[type='checkbox'] {
  accent-color: var(--jp-brand-color1);
  appearance: auto;
  height: auto;
  margin: 0 4px 0 0;
  vertical-align: -1px;
}

.nbapp-Share input[type='radio']:focus-visible,
.nbapp-Share-body summary:focus-visible,
.nbapp-Share button:focus-visible,
.nbapp-Shared button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: 1px;
}

.nbapp-Share progress {
  accent-color: var(--jp-brand-color1);
  width: 100%;
}

.nbapp-Share-trouble {
  background: var(--jp-layout-color2);
  border-left: 3px solid var(--jp-error-color1);
  margin-bottom: 12px;
  overflow-wrap: anywhere;
  padding: 8px 12px;
}

.nbapp-Share-fact b {
  color: var(--jp-ui-font-color1);
}

.nbapp-Share-trouble p::first-letter,
.nbapp-Shared-said span::first-letter {
  text-transform: uppercase;
}

.nbapp-Share-trouble p {
  white-space: pre-line;
}

.nbapp-Share-trouble p:last-child {
  margin: 0;
}

.nbapp-Share-body summary {
  cursor: pointer;
  padding: 4px 0;
}

.nbapp-Shared-said:empty {
  display: none;
}

.nbapp-Shared-said span {
  display: block;
}

.nbapp-Shared ul {
  list-style: none;
  margin: 0;
  padding: 0;
}

.nbapp-Shared li {
  border-top: 1px solid var(--jp-border-color2);
  padding: 8px 0;
}

.nbapp-Shared-actions {
  align-items: center;
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  margin: 6px 0;
}

.nbapp-Shared-actions > input,
.nbapp-Shared-actions > span {
  flex: 1 1 100px;
  min-width: 0;
}
`,""]),n.d(a,{},{A:d})},922(p,a,n){var e=n(601),r=n.n(e),o=n(314),t=(n.n(o))()(r());t.push([p.id,`/* A previewed page: the regions of the page of \`nbapp serve\` (serve/templates/nbapp-layout.css) in Lab's colours. */

.nbapp-App {
  background: var(--jp-layout-color1);
  container: nbapp-preview / inline-size;
  overflow: auto;
}

.nbapp-App.jp-RenderedHTMLCommon {
  padding-right: 0;
}

.nbapp-App-page {
  --nbapp-column: 864px;

  box-sizing: border-box;
  margin: 0 auto;
  max-width: calc(var(--nbapp-column) + 48px);
  padding: 16px 24px 48px;
}

.nbapp-page-wide {
  --nbapp-column: 1280px;
}

.nbapp-page-full {
  --nbapp-column: 100cqw;
}

.nbapp-App-icon {
  height: 16px;
  width: 16px;
}

.nbapp-App-output:not(:empty) {
  margin-bottom: 8px;
}

.nbapp-App .nbapp-wide,
.nbapp-App .nbapp-full {
  --nbapp-breadth: calc(100cqw - var(--nbapp-taken, 0px) - 48px);

  margin-inline: calc((100% - max(100%, var(--nbapp-breadth))) / 2);
}

.nbapp-App .nbapp-wide {
  --nbapp-breadth: min(1280px, 100cqw - var(--nbapp-taken, 0px) - 48px);
}

/* A cell that fails is seen, whatever its tags. */
.nbapp-App .nbapp-removed .jp-OutputArea-child:not(:has([data-mime-type$='.stderr'] > pre > .ansi-red-fg:first-child)) {
  display: none;
}

.nbapp-App .nbapp-sided {
  max-width: none;
  padding: 0;
}

.nbapp-App .nbapp-body {
  box-sizing: border-box;
  margin: 0 auto;
  max-width: calc(var(--nbapp-column) + 48px);
  min-width: 0;
  padding: 16px 24px 48px;
  width: 100%;
}

.nbapp-App .nbapp-side {
  background: var(--jp-layout-color2);
  box-sizing: border-box;
  padding: 8px 16px;
}

.nbapp-App .nbapp-side-button {
  align-items: center;
  background: none;
  border: 0;
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color1);
  cursor: pointer;
  display: flex;
  font: 600 var(--jp-ui-font-size1) var(--jp-ui-font-family);
  gap: 10px;
  margin-left: -8px;
  min-height: 32px;
  padding: 0 8px;
}

.nbapp-App .nbapp-side-icon {
  background: currentcolor;
  box-shadow: 0 -5px currentcolor, 0 5px currentcolor;
  height: 2px;
  width: 16px;
}

.nbapp-App .nbapp-shut .nbapp-sidebar,
.nbapp-App .nbapp-tab[hidden] {
  display: block;
  height: 0;
  inset: auto 0;
  overflow: hidden;
  position: absolute;
  visibility: hidden;
}

.nbapp-App .nbapp-row {
  display: grid;
  gap: 12px 20px;
  grid-template-columns: var(--nbapp-columns);
  margin-bottom: 12px;
}

.nbapp-App .nbapp-column {
  min-width: 0;
}

.nbapp-App :is(.nbapp-column, .nbapp-sidebar, .nbapp-card) {
  --jp-widgets-inline-width: calc(100% - 2 * var(--jp-widgets-margin, 2px)); /* ipywidgets has a margin at both sides */
}

/* Where there is little room a control stands below its label. */
.nbapp-App :is(.nbapp-column, .nbapp-sidebar) .widget-inline-hbox {
  flex-wrap: wrap;
  height: auto;
}

.nbapp-App :is(.nbapp-column, .nbapp-sidebar) .widget-inline-hbox > .widget-label {
  flex: 1 0 100%;
  margin-right: 0;
  text-align: start;
}

/* As high as beside a label: what a box of controls cannot show it cuts off, and the handles hang over their track. */
.nbapp-App :is(.nbapp-column, .nbapp-sidebar) .widget-inline-hbox > .slider-container {
  min-height: var(--jp-widgets-inline-height);
}

.nbapp-App .nbapp-card {
  border: 1px solid var(--jp-border-color1);
  border-radius: 8px;
  box-sizing: border-box;
  margin-bottom: 12px;
  padding: 12px 16px;
}

.nbapp-App .nbapp-column > .nbapp-card:only-child {
  height: 100%;
  margin-bottom: 0;
}

.nbapp-App .nbapp-card:not(:has(.nbapp-App-text, .jp-OutputArea-child)) {
  visibility: hidden;
}

.nbapp-App .nbapp-tabs {
  margin-bottom: 12px;
  position: relative;
}

.nbapp-App .nbapp-tab-bar {
  border-bottom: 1px solid var(--jp-border-color1);
  display: flex;
  gap: 4px;
  margin-bottom: 12px;
  overflow: auto hidden;
  scrollbar-width: none;
}

.nbapp-App .nbapp-tab-bar > button {
  background: none;
  border: 0;
  border-bottom: 3px solid transparent;
  color: var(--jp-ui-font-color1);
  cursor: pointer;
  flex: none;
  font: 500 var(--jp-ui-font-size2) var(--jp-ui-font-family);
  min-height: 36px;
  padding: 3px 12px 0;
}

.nbapp-App .nbapp-tab-bar > button[aria-selected='true'] {
  border-color: var(--jp-brand-color1);
  font-weight: 700;
}

.nbapp-App .nbapp-tab-title {
  display: none; /* the bar has it */
}

.nbapp-App .nbapp-expander {
  border: 1px solid var(--jp-border-color1);
  border-radius: 8px;
  margin-bottom: 12px;
}

.nbapp-App .nbapp-expander > summary {
  cursor: pointer;
  font-weight: 600;
  padding: 8px 16px;
}

.nbapp-App .nbapp-expander > :not(summary) {
  margin-inline: 16px;
}

.nbapp-App .nbapp-folded > summary {
  color: var(--jp-ui-font-color2);
  cursor: pointer;
  width: fit-content;
}

.nbapp-App .nbapp-folded:not(:has(.nbapp-App-text, .jp-OutputArea-child)) {
  display: none;
}

.nbapp-App :is(.nbapp-column, .nbapp-card, .nbapp-tab, .nbapp-sidebar) > .nbapp-place:first-of-type .nbapp-App-text > * > :first-child {
  margin-top: 0;
}

.nbapp-App :is(summary, .nbapp-tab, .nbapp-tab-bar > button, .nbapp-side-button):focus-visible,
.nbapp-Notice button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.nbapp-Notice {
  background: var(--jp-layout-color2);
  border-bottom: 1px solid var(--jp-border-color2);
  color: var(--jp-ui-font-color1);
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  line-height: 1.4;
  max-height: 40%;
  overflow: auto;
  padding: 6px 24px;
  position: sticky;
  top: 0;
  z-index: 1;
}

.nbapp-Notice[hidden] {
  display: none;
}

.nbapp-Notice p {
  margin: 2px 0;
  overflow-wrap: anywhere;
}

.nbapp-Notice button {
  background: none;
  border: 1px solid var(--jp-border-color1);
  border-radius: var(--jp-border-radius);
  color: inherit;
  cursor: pointer;
  font: inherit;
  padding: 1px 10px;
}

/* The panel is narrower than a window: what stands beside something else does so for longer than in the page. */
@container nbapp-preview (width >= 520px) {
  .nbapp-App .nbapp-sided {
    align-items: stretch;
    display: grid;
    grid-template-columns: 220px minmax(0, 1fr);
    min-height: 100%;
  }

  .nbapp-App .nbapp-sided:not(.nbapp-shut) {
    --nbapp-taken: 220px;
  }

  .nbapp-App .nbapp-sided.nbapp-shut {
    --nbapp-taken: 48px;

    grid-template-columns: 48px minmax(0, 1fr);
  }

  .nbapp-App .nbapp-side-label {
    clip-path: inset(50%);
    position: absolute;
  }
}

@container nbapp-preview (width < 360px) {
  .nbapp-App .nbapp-row {
    grid-template-columns: minmax(0, 1fr);
  }
}
`,""]),n.d(a,{},{A:t})},314(p){p.exports=function(p){var a=[];return a.toString=function(){return this.map(function(a){var n="",e=void 0!==a[5];return a[4]&&(n+="@supports (".concat(a[4],") {")),a[2]&&(n+="@media ".concat(a[2]," {")),e&&(n+="@layer".concat(a[5].length>0?" ".concat(a[5]):""," {")),n+=p(a),e&&(n+="}"),a[2]&&(n+="}"),a[4]&&(n+="}"),n}).join("")},a.i=function(p,n,e,r,o){"string"==typeof p&&(p=[[null,p,void 0]]);var t={};if(e)for(var i=0;i<this.length;i++){var d=this[i][0];null!=d&&(t[d]=!0)}for(var b=0;b<p.length;b++){var l=[].concat(p[b]);e&&t[l[0]]||(void 0!==o&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=o),n&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=n),r&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=r):l[4]="".concat(r)),a.push(l))}},a}},601(p){p.exports=function(p){return p[1]}},665(p,a,n){n.r(a);var e=n(72),r=n.n(e),o=n(825),t=n.n(o),i=n(659),d=n.n(i),b=n(56),l=n.n(b),s=n(540),c=n.n(s),u=n(113),h=n.n(u),g=n(646),x={};x.styleTagTransform=h(),x.setAttributes=l(),x.insert=d().bind(null,"head"),x.domAPI=t(),x.insertStyleElement=c(),r()(g.A,x);let f=g.A&&g.A.locals?g.A.locals:void 0;n.d(a,{},{default:f})},72(p){var a=[];function n(p){for(var n=-1,e=0;e<a.length;e++)if(a[e].identifier===p){n=e;break}return n}function e(p,e){for(var r={},o=[],t=0;t<p.length;t++){var i=p[t],d=e.base?i[0]+e.base:i[0],b=r[d]||0,l="".concat(d," ").concat(b);r[d]=b+1;var s=n(l),c={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==s)a[s].references++,a[s].updater(c);else{var u=function(p,a){var n=a.domAPI(a);return n.update(p),function(a){a?(a.css!==p.css||a.media!==p.media||a.sourceMap!==p.sourceMap||a.supports!==p.supports||a.layer!==p.layer)&&n.update(p=a):n.remove()}}(c,e);e.byIndex=t,a.splice(t,0,{identifier:l,updater:u,references:1})}o.push(l)}return o}p.exports=function(p,r){var o=e(p=p||[],r=r||{});return function(p){p=p||[];for(var t=0;t<o.length;t++){var i=n(o[t]);a[i].references--}for(var d=e(p,r),b=0;b<o.length;b++){var l=n(o[b]);0===a[l].references&&(a[l].updater(),a.splice(l,1))}o=d}}},659(p){var a={};p.exports=function(p,n){var e=function(p){if(void 0===a[p]){var n=document.querySelector(p);if(window.HTMLIFrameElement&&n instanceof window.HTMLIFrameElement)try{n=n.contentDocument.head}catch(p){n=null}a[p]=n}return a[p]}(p);if(!e)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");e.appendChild(n)}},540(p){p.exports=function(p){var a=document.createElement("style");return p.setAttributes(a,p.attributes),p.insert(a,p.options),a}},56(p,a,n){p.exports=function(p){var a=n.nc;a&&p.setAttribute("nonce",a)}},825(p){p.exports=function(p){if("u"<typeof document)return{update:function(){},remove:function(){}};var a=p.insertStyleElement(p);return{update:function(n){var e,r,o;e="",n.supports&&(e+="@supports (".concat(n.supports,") {")),n.media&&(e+="@media ".concat(n.media," {")),(r=void 0!==n.layer)&&(e+="@layer".concat(n.layer.length>0?" ".concat(n.layer):""," {")),e+=n.css,r&&(e+="}"),n.media&&(e+="}"),n.supports&&(e+="}"),(o=n.sourceMap)&&"u">typeof btoa&&(e+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),p.styleTagTransform(e,a,p.options)},remove:function(){var p;null===(p=a).parentNode||p.parentNode.removeChild(p)}}}},113(p){p.exports=function(p,a){if(a.styleSheet)a.styleSheet.cssText=p;else{for(;a.firstChild;)a.removeChild(a.firstChild);a.appendChild(document.createTextNode(p))}}}}]);