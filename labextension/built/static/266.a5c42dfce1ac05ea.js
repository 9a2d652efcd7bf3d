"use strict";(self.rspackChunknbapp=self.rspackChunknbapp||[]).push([[266],{646(e,r,t){var o=t(601),a=t.n(o),n=t(314),p=(t.n(n))()(a());p.push([e.id,`/* Lab's own variables only, so every theme fits. */

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
`,""]),t.d(r,{},{A:p})},314(e){e.exports=function(e){var r=[];return r.toString=function(){return this.map(function(r){var t="",o=void 0!==r[5];return r[4]&&(t+="@supports (".concat(r[4],") {")),r[2]&&(t+="@media ".concat(r[2]," {")),o&&(t+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),t+=e(r),o&&(t+="}"),r[2]&&(t+="}"),r[4]&&(t+="}"),t}).join("")},r.i=function(e,t,o,a,n){"string"==typeof e&&(e=[[null,e,void 0]]);var p={};if(o)for(var i=0;i<this.length;i++){var s=this[i][0];null!=s&&(p[s]=!0)}for(var l=0;l<e.length;l++){var c=[].concat(e[l]);o&&p[c[0]]||(void 0!==n&&(void 0===c[5]||(c[1]="@layer".concat(c[5].length>0?" ".concat(c[5]):""," {").concat(c[1],"}")),c[5]=n),t&&(c[2]&&(c[1]="@media ".concat(c[2]," {").concat(c[1],"}")),c[2]=t),a&&(c[4]?(c[1]="@supports (".concat(c[4],") {").concat(c[1],"}"),c[4]=a):c[4]="".concat(a)),r.push(c))}},r}},601(e){e.exports=function(e){return e[1]}},665(e,r,t){t.r(r);var o=t(72),a=t.n(o),n=t(825),p=t.n(n),i=t(659),s=t.n(i),l=t(56),c=t.n(l),d=t(540),u=t.n(d),b=t(113),f=t.n(b),v=t(646),g={};g.styleTagTransform=f(),g.setAttributes=c(),g.insert=s().bind(null,"head"),g.domAPI=p(),g.insertStyleElement=u(),a()(v.A,g);let h=v.A&&v.A.locals?v.A.locals:void 0;t.d(r,{},{default:h})},72(e){var r=[];function t(e){for(var t=-1,o=0;o<r.length;o++)if(r[o].identifier===e){t=o;break}return t}function o(e,o){for(var a={},n=[],p=0;p<e.length;p++){var i=e[p],s=o.base?i[0]+o.base:i[0],l=a[s]||0,c="".concat(s," ").concat(l);a[s]=l+1;var d=t(c),u={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==d)r[d].references++,r[d].updater(u);else{var b=function(e,r){var t=r.domAPI(r);return t.update(e),function(r){r?(r.css!==e.css||r.media!==e.media||r.sourceMap!==e.sourceMap||r.supports!==e.supports||r.layer!==e.layer)&&t.update(e=r):t.remove()}}(u,o);o.byIndex=p,r.splice(p,0,{identifier:c,updater:b,references:1})}n.push(c)}return n}e.exports=function(e,a){var n=o(e=e||[],a=a||{});return function(e){e=e||[];for(var p=0;p<n.length;p++){var i=t(n[p]);r[i].references--}for(var s=o(e,a),l=0;l<n.length;l++){var c=t(n[l]);0===r[c].references&&(r[c].updater(),r.splice(c,1))}n=s}}},659(e){var r={};e.exports=function(e,t){var o=function(e){if(void 0===r[e]){var t=document.querySelector(e);if(window.HTMLIFrameElement&&t instanceof window.HTMLIFrameElement)try{t=t.contentDocument.head}catch(e){t=null}r[e]=t}return r[e]}(e);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(t)}},540(e){e.exports=function(e){var r=document.createElement("style");return e.setAttributes(r,e.attributes),e.insert(r,e.options),r}},56(e,r,t){e.exports=function(e){var r=t.nc;r&&e.setAttribute("nonce",r)}},825(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=e.insertStyleElement(e);return{update:function(t){var o,a,n;o="",t.supports&&(o+="@supports (".concat(t.supports,") {")),t.media&&(o+="@media ".concat(t.media," {")),(a=void 0!==t.layer)&&(o+="@layer".concat(t.layer.length>0?" ".concat(t.layer):""," {")),o+=t.css,a&&(o+="}"),t.media&&(o+="}"),t.supports&&(o+="}"),(n=t.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(n))))," */")),e.styleTagTransform(o,r,e.options)},remove:function(){var e;null===(e=r).parentNode||e.parentNode.removeChild(e)}}}},113(e){e.exports=function(e,r){if(r.styleSheet)r.styleSheet.cssText=e;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(e))}}}}]);