"use strict";(self.rspackChunknbapp=self.rspackChunknbapp||[]).push([[266],{646(a,e,r){var p=r(601),t=r.n(p),o=r(314),n=(r.n(o))()(t());n.push([a.id,`/* Lab's own variables only, so every theme fits. */

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

.nbapp-App {
  background: var(--jp-layout-color1);
  overflow: auto;
  padding: 16px 24px 48px;
}

.nbapp-App-output,
.nbapp-App-text {
  margin: 0 auto;
  max-width: 900px;
}

.nbapp-App-output .jp-OutputArea-child + .jp-OutputArea-child,
.nbapp-App-output:not(:empty) {
  margin-bottom: 8px;
}

@media (prefers-reduced-motion: reduce) {
  .nbapp-Switch button::before {
    transition: none;
  }
}

[data-command='nbapp:share'] svg {
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
`,""]),r.d(e,{},{A:n})},314(a){a.exports=function(a){var e=[];return e.toString=function(){return this.map(function(e){var r="",p=void 0!==e[5];return e[4]&&(r+="@supports (".concat(e[4],") {")),e[2]&&(r+="@media ".concat(e[2]," {")),p&&(r+="@layer".concat(e[5].length>0?" ".concat(e[5]):""," {")),r+=a(e),p&&(r+="}"),e[2]&&(r+="}"),e[4]&&(r+="}"),r}).join("")},e.i=function(a,r,p,t,o){"string"==typeof a&&(a=[[null,a,void 0]]);var n={};if(p)for(var i=0;i<this.length;i++){var l=this[i][0];null!=l&&(n[l]=!0)}for(var d=0;d<a.length;d++){var s=[].concat(a[d]);p&&n[s[0]]||(void 0!==o&&(void 0===s[5]||(s[1]="@layer".concat(s[5].length>0?" ".concat(s[5]):""," {").concat(s[1],"}")),s[5]=o),r&&(s[2]&&(s[1]="@media ".concat(s[2]," {").concat(s[1],"}")),s[2]=r),t&&(s[4]?(s[1]="@supports (".concat(s[4],") {").concat(s[1],"}"),s[4]=t):s[4]="".concat(t)),e.push(s))}},e}},601(a){a.exports=function(a){return a[1]}},665(a,e,r){r.r(e);var p=r(72),t=r.n(p),o=r(825),n=r.n(o),i=r(659),l=r.n(i),d=r(56),s=r.n(d),c=r(540),b=r.n(c),u=r(113),h=r.n(u),f=r(646),g={};g.styleTagTransform=h(),g.setAttributes=s(),g.insert=l().bind(null,"head"),g.domAPI=n(),g.insertStyleElement=b(),t()(f.A,g);let v=f.A&&f.A.locals?f.A.locals:void 0;r.d(e,{},{default:v})},72(a){var e=[];function r(a){for(var r=-1,p=0;p<e.length;p++)if(e[p].identifier===a){r=p;break}return r}function p(a,p){for(var t={},o=[],n=0;n<a.length;n++){var i=a[n],l=p.base?i[0]+p.base:i[0],d=t[l]||0,s="".concat(l," ").concat(d);t[l]=d+1;var c=r(s),b={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==c)e[c].references++,e[c].updater(b);else{var u=function(a,e){var r=e.domAPI(e);return r.update(a),function(e){e?(e.css!==a.css||e.media!==a.media||e.sourceMap!==a.sourceMap||e.supports!==a.supports||e.layer!==a.layer)&&r.update(a=e):r.remove()}}(b,p);p.byIndex=n,e.splice(n,0,{identifier:s,updater:u,references:1})}o.push(s)}return o}a.exports=function(a,t){var o=p(a=a||[],t=t||{});return function(a){a=a||[];for(var n=0;n<o.length;n++){var i=r(o[n]);e[i].references--}for(var l=p(a,t),d=0;d<o.length;d++){var s=r(o[d]);0===e[s].references&&(e[s].updater(),e.splice(s,1))}o=l}}},659(a){var e={};a.exports=function(a,r){var p=function(a){if(void 0===e[a]){var r=document.querySelector(a);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(a){r=null}e[a]=r}return e[a]}(a);if(!p)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");p.appendChild(r)}},540(a){a.exports=function(a){var e=document.createElement("style");return a.setAttributes(e,a.attributes),a.insert(e,a.options),e}},56(a,e,r){a.exports=function(a){var e=r.nc;e&&a.setAttribute("nonce",e)}},825(a){a.exports=function(a){if("u"<typeof document)return{update:function(){},remove:function(){}};var e=a.insertStyleElement(a);return{update:function(r){var p,t,o;p="",r.supports&&(p+="@supports (".concat(r.supports,") {")),r.media&&(p+="@media ".concat(r.media," {")),(t=void 0!==r.layer)&&(p+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),p+=r.css,t&&(p+="}"),r.media&&(p+="}"),r.supports&&(p+="}"),(o=r.sourceMap)&&"u">typeof btoa&&(p+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),a.styleTagTransform(p,e,a.options)},remove:function(){var a;null===(a=e).parentNode||a.parentNode.removeChild(a)}}}},113(a){a.exports=function(a,e){if(e.styleSheet)e.styleSheet.cssText=a;else{for(;e.firstChild;)e.removeChild(e.firstChild);e.appendChild(document.createTextNode(a))}}}}]);