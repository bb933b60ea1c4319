/*!
preact 11.2.0

The MIT License (MIT)

Copyright (c) 2015-present Jason Miller

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.

diff 9.0.0

BSD 3-Clause License

Copyright (c) 2009-2015, Kevin Decker <kpdecker@gmail.com>
All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its
   contributors may be used to endorse or promote products derived from
   this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

htm 3.1.1

Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0
*/
(() => {
"use strict";
"use strict";var thirdParty=(()=>{var Y=Object.defineProperty;var Je=Object.getOwnPropertyDescriptor;var Xe=Object.getOwnPropertyNames;var Ke=Object.prototype.hasOwnProperty;var Qe=(t,e)=>{for(var _ in e)Y(t,_,{get:e[_],enumerable:!0})},Ye=(t,e,_,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let i of Xe(e))!Ke.call(t,i)&&i!==_&&Y(t,i,{get:()=>e[i],enumerable:!(n=Je(e,i))||n.enumerable});return t};var Ze=t=>Ye(Y({},"__esModule",{value:!0}),t);var lt={};Qe(lt,{diffArrays:()=>pe,h:()=>Pe,htm:()=>Be,render:()=>Se,useCallback:()=>$e,useEffect:()=>Fe,useLayoutEffect:()=>Re,useMemo:()=>Q,useRef:()=>Oe,useState:()=>Ie});var P,ve,et,T,Z,B,ge,V,ye,te,ee,tt,I=Symbol.for("pv"),G={},J=[],_t=/^m(i|n|o|s|text|space)$/,_e=Array.isArray,ne=J.slice,N=Object.assign;function A(t){t&&t.parentNode&&t.remove()}function Pe(t,e,_){var n,i,o,r={},s=arguments.length;for(o in e)o=="key"?n=e[o]:o=="ref"&&typeof t!="function"?i=e[o]:r[o]=e[o];return s>2&&(r.children=s>3?ne.call(arguments,2):_),j(t,r,n,i,null)}function j(t,e,_,n,i){var o={type:t,props:e,key:_,ref:n,__k:null,__:null,__b:0,__e:null,__c:null,constructor:I,__v:i||++ve,__i:-1,__u:0};return!i&&P.vnode&&P.vnode(o),o}function X(t){return t.children}function q(t,e){this.props=t,this.context=e,this.__g=0}function L(t,e){if(e==null)return t.__&&L(t.__,t.__i+1);for(var _;e<t.__k.length;e++)if((_=t.__k[e])&&_.__e)return _.__e;return typeof t.type!="function"||t.props.__P?null:L(t)}function nt(t){var e,_=t.__v,n=_.__e,i=[],o=[],r=t.__P;r&&((e=N({constructor:I},_)).__v=_.__v+1,P.vnode&&P.vnode(e),oe(r,e,_,t.__n,r.namespaceURI,32&_.__u?[n]:null,i,n||L(_),32&_.__u,o),e.__v=_.__v,e.__.__k[e.__i]=e,De(i,e,o),_.__=_.__e=null,e.__e!=n&&Ce(e))}function Ce(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Ce(t)}function de(t){(8&t.__g||(t.__g|=8,T.push(t),B++))&&Z==P.debounceRendering||((Z=P.debounceRendering)||queueMicrotask)(ke)}function ke(){try{for(var t,e=1;T.length;)T.length>e&&T.sort(ge),t=T.shift(),e=T.length,8&t.__g&&nt(t)}finally{(B=T.length)&&(Z||queueMicrotask)(ke)}}function xe(t,e,_,n,i,o,r,s,c,l,f){var d,p,u,h,C,m,g=n.__k||J,a=e.length;for(c=ot(_,e,g,c,a),d=0;d<a;d++)(u=_.__k[d])!=null&&(p=~u.__i&&g[u.__i]||G,u.__i=d,m=oe(t,u,p,i,o,r,s,c,l,f),h=u.__e,(p.ref!=u.ref||8&p.__u)&&(p.ref&&re(p.ref,null,u,p),u.ref&&f.push(u.ref,u.__c||h,u)),C=C||h,4&u.__u?(c=we(u,c,t,!p.__v),p.__e&&(p.__e=null)):typeof u.type=="function"&&m!==void 0?c=m:h&&(c=h.nextSibling),u.__u&=-21);return _.__e=C,c}function ot(t,e,_,n,i){var o,r,s,c,l,f,d,p,u,h=_.length,C=h,m=0,g=0,a=t.__k=Array(i);for(o=0;o<i;o++)(r=e[o])!=null&&typeof r!="boolean"&&typeof r!="function"?(typeof r!="object"||r.constructor===String?r=a[o]=j(null,r):_e(r)?r=a[o]=j(X,{children:r}):r.constructor===I&&r.__b?r=a[o]=j(r.type,r.props,r.key,r.ref,r.__v):a[o]=r,c=o+m,r.__=t,r.__b=t.__b+1,s=null,~(l=r.__i=rt(r,_,c,C))&&(C--,(s=_[l])&&(s.__u|=2)),s&&s.__v?(r.__u|=16,l==c-1?m--:l==c+1?m++:l!=c&&(l>c?m--:m++,g=1)):(~l||(i>h?m--:i<h&&m++),typeof r.type!="function"&&(r.__u|=4))):a[o]=null;if(g){for(f=[],d=[],o=0;o<i;o++)if((r=a[o])&&16&r.__u){for(m=0,p=f.length;m<p;)f[u=m+p>>1]<r.__i?m=u+1:p=u;f[m]=r.__i,d[o]=m+1}for(m=f.length;o--;)d[o]&&(d[o]==m?m--:a[o].__u|=4)}if(C)for(o=0;o<h;o++)!(s=_[o])||2&s.__u||(s.__e==n&&(n=L(s)),ie(s,s));return n}function we(t,e,_,n){var i,o,r,s;if(typeof t.type=="function"){if(t.props.__P)return e;if(i=t.__k)for(o=0;o<i.length;o++)i[o]&&(i[o].__=t,e=we(i[o],e,_,!1));return e}for(e&&!e.parentNode&&(e=L(t))&&!e.parentNode&&(e=null),r=t.__e,s=e;s&&s.nodeType==8;)s=s.nextSibling;for(r!=s&&(!n&&_.moveBefore&&r.parentNode?_.moveBefore(r,e):_.insertBefore(r,e||null)),e=r;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function rt(t,e,_,n){var i,o=t.key,r=t.type,s=e[_],c=s&&!(2&s.__u);if(s===null&&o==null||c&&o==s.key&&r==s.type)return _;if(n>(c?1:0)){for(i=_-1;i>=0;i--)if((s=e[i])&&!(2&s.__u)&&o==s.key&&r==s.type)return i;for(i=_+1;i<e.length;i++)if((s=e[i])&&!(2&s.__u)&&o==s.key&&r==s.type)return i}return-1}function me(t,e,_){_==null&&(_=""),e[0]=="-"?t.setProperty(e,_):t[e]=_}function $(t,e,_,n,i){var o,r;if(e=="style")if(typeof _=="string")t.style.cssText=_;else{if(typeof n=="string"&&(t.style.cssText=n=""),n)for(e in n)_&&e in _||me(t.style,e);if(_)for(e in _)n&&_[e]==n[e]||me(t.style,e,_[e])}else if(e[0]=="o"&&e[1]=="n")typeof _!="function"&&(_=null),typeof n!="function"&&(n=null),(t.__e||(t.__e={}))[e]=_,_&&n||(r=ee[e]||(ee[e]=it(e)),(t.__a||(t.__a={}))[e]=te,o=e!=(e=e.replace(ye,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),_?t.addEventListener(e,r,o):t.removeEventListener(e,r,o));else{if(i=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=_??"")}catch{}if(typeof _=="function")return;_==null||_===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&_==1?"":_)}}function it(t){return function(e){var _=this.__e;if(_){if(_=_[t],e[V]==null)e[V]=te++;else if(e[V]<this.__a[t])return;return _(P.event?P.event(e):e)}}}function oe(t,e,_,n,i,o,r,s,c,l){var f,d,p,u,h,C,m,g,a,y,v,D,W,M,b,he,E,H,S=e.type;if(e.constructor!==I)return null;128&_.__u&&(c=32&_.__u,f=_.__c.__z)&&(e.__u|=c,d=o=[],f.nodeType==8?s=z(f,o):o.push(f),s=o[0]||s),(f=P.__b)&&f(e);e:if(typeof S=="function"){p=r.length;try{if(g=e.props,a=(f=S.prototype)&&f.render,y=(f=S.contextType)&&n[f.__c],v=f?y?y.props.value:f.__:n,(u=_.__c)?(e.__c=u,2&u.__g&&(u.__g|=1)):(a?e.__c=u=new S(g,v):(e.__c=u=new q(g,v),u.constructor=S,u.render=st),y&&y.sub(u),u.state||(u.state={}),u.__n=n,u.__g|=8,u.__h=[],u.__k=[]),a&&(u.__s||(u.__s=u.state),S.getDerivedStateFromProps&&(u.__s==u.state&&(u.__s=N({},u.__s)),N(u.__s,S.getDerivedStateFromProps(g,u.__s)))),h=u.props,C=u.state,u.__v=e,_.__c){if(g!==h&&a&&!S.getDerivedStateFromProps&&u.componentWillReceiveProps&&u.componentWillReceiveProps(g,v),e.__v==_.__v&&!(8&u.__g)||!(4&u.__g)&&u.shouldComponentUpdate&&u.shouldComponentUpdate(g,u.__s,v)===!1){e.__v!=_.__v&&(u.props=g,u.state=u.__s,u.__g&=-9),e.__e=_.__e,e.__k=_.__k,e.__k.some(function(w){w&&(w.__=e)}),J.push.apply(u.__h,u.__k),u.__k=[],u.__h.length&&r.push(u),s=L(_);break e}u.componentWillUpdate&&u.componentWillUpdate(g,u.__s,v),a&&u.componentDidUpdate&&u.__h.push(function(){u.componentDidUpdate(h,C,m)})}else a&&!S.getDerivedStateFromProps&&u.componentWillMount&&u.componentWillMount(),a&&u.componentDidMount&&u.__h.push(u.componentDidMount);u.context=v,u.props=g,u.__P=t,u.__g&=-5,D=P.__r,W=a?25:0;do u.__g&=-9,D&&D(e),f=u.render(u.props,u.state=u.__s,u.context);while(8&u.__g&&++W<25);a&&(J.push.apply(u.__h,u.__k),u.__k=[]),u.state=u.__s,u.getChildContext&&(n=N({},n,u.getChildContext())),a&&_.__c&&u.getSnapshotBeforeUpdate&&(m=u.getSnapshotBeforeUpdate(h,C)),M=f&&f.type===X&&f.key==null?f.props.children:f,g.__P&&(f=s,i=(t=g.__P).namespaceURI,c=o=null,_.props&&_.props.__P!=t&&(_.__k.some(function(w){w&&ie(w,w)}),_.__k=null),s=_.__k?L(_,0):null),s=xe(t,_e(M)?M:[M],e,_,n,i,o,r,s,c,l),g.__P&&(e.__e=null,s=f),e.__u&=-161,d&&d.some(A),u.__h.length&&r.push(u),1&u.__g&&(u.__g&=-4)}catch(w){if(r.length=p,e.__v=null,c||o)if(w&&w.then){if(e.__u|=128|c,o){for(~(E=o.indexOf(s||void 0))||(E=o.length);(H=o[E-1])&&H.nodeType==8;)E--;for(;E<o.length;E++)if(H=o[E])if(o[E]=null,b){if(H==he)break}else{if(H.nodeType!=8)break;H.data.startsWith("$s")&&(he=z(b=H))}}if(!b){for(;s&&s.nodeType==8&&s.nextSibling;)s=s.nextSibling;b=s}(f=z(b=e.__c.__z||(e.__c.__z=b)))?(e.__e=b,s=f):e.__e=s,s=s&&s.nextSibling}else o&&o.some(A);else e.__e=_.__e;e.__k||(e.__k=_.__k||[]),w&&w.then||be(e),P.__e(w,e,_)}}else s=e.__e=ut(_.__e,e,_,n,i,o,r,c,l,t);return(f=P.diffed)&&f(e),s}function z(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var _=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))_++;else if(t.data.startsWith("/$s")&&!--_)return t}e&&e.push(t)}}function be(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(be))}function De(t,e,_){for(var n=0;n<_.length;)re(_[n++],_[n++],_[n++]);P.__c&&P.__c(e,t),t.some(function(i){try{t=i.__h,i.__h=[],t.some(function(o){o.call(i)})}catch(o){P.__e(o,i.__v)}})}function ut(t,e,_,n,i,o,r,s,c,l){var f,d,p,u,h,C,m,g,a=_.props||G,y=e.props,v=e.type;if(v=="svg"?i="http://www.w3.org/2000/svg":v=="math"?i="http://www.w3.org/1998/Math/MathML":i||(i="http://www.w3.org/1999/xhtml"),o){for(f=0;f<o.length;f++)if((h=o[f])&&(v?h.localName==v:h.nodeType==3)){t=h,o[f]=null;break}}if(!t){if(g=l.ownerDocument||document,!v)return g.createTextNode(y);t=g.createElementNS(i,v,y.is?y:l),s&&(P.__m&&P.__m(e,o),s=!1),o=null}if(v){if(l=v=="template"&&t.content||t,o=v=="textarea"&&y.defaultValue!=null?null:o&&ne.call(l.childNodes),!s&&o)for(a={},f=0;f<t.attributes.length;f++)a[(h=t.attributes[f]).name]=h.value;for(f in a)h=a[f],f=="dangerouslySetInnerHTML"?p=h:f=="children"||f in y||f=="value"&&"defaultValue"in y||f=="checked"&&"defaultChecked"in y||$(t,f,null,h,i);for(f in y)h=y[f],f=="children"?u=h:f=="dangerouslySetInnerHTML"?d=h:f=="value"?C=h:f=="checked"?m=h:s&&typeof h!="function"||a[f]===h||$(t,f,h,a[f],i);d?(s||p&&(d.__html==p.__html||d.__html==t.innerHTML)||(t.innerHTML=d.__html),e.__k=[]):(p&&(t.textContent=""),(v=="foreignObject"||i=="http://www.w3.org/1998/Math/MathML"&&_t.test(v))&&(i="http://www.w3.org/1999/xhtml"),xe(l,_e(u)?u:[u],e,_,n,i,o,r,o?o[0]:_.__k&&L(_,0),s,c),o&&o.some(A)),s&&v!="textarea"||(f="value",v=="progress"&&C==null?t.removeAttribute(f):C==null||C===t[f]&&(v!="progress"||C)||$(t,f,C,a[f],i),f="checked",m!=null&&m!=t[f]&&$(t,f,m,a[f],i))}else a===y||s&&t.data==y||(t.data=y);return t}function re(t,e,_,n){try{typeof t=="function"?e?e.__x=t(e)||1:n&&(n=n.__c||n.__e)&&(e=n.__x)&&(n.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(i){P.__e(i,_)}}function ie(t,e,_){var n,i,o,r;if(P.unmount&&P.unmount(t),!(n=t.ref)||n.current&&n.current!=t.__e||re(n,null,e,t),n=t.__c){if(n.componentWillUnmount)try{n.componentWillUnmount()}catch(s){P.__e(s,e)}n.__P=n.__n=null}if(n=t.__k)for(r=0;r<n.length;r++)n[r]&&ie(n[r],e,typeof t.type!="function"||_&&!t.props.__P);!_&&(n=t.__c)&&(n=n.__z)&&(i=z(n,o=[]))&&(n==t.__e&&o.some(A),A(i),A(n)),_||A(t.__e),t.__e=t.__c=t.__=null}function st(t,e,_){return this.constructor(t,_)}function Se(t,e){var _,n,i,o;P.__&&P.__(t,e),e.nodeType==9&&(e=e.documentElement),n=(_=t&&32&t.__u)?null:e.__k,e.__k=j(X,{children:[t]}),i=[],o=[],oe(e,e.__k,n||G,G,e.namespaceURI,n?null:e.firstChild?ne.call(e.childNodes):null,i,n?n.__e:e.firstChild,_,o),De(i,e.__k,o),e.__k.props.children=null}P={__e:function(t,e,_,n){for(var i,o,r;e=e.__;)if((i=e.__c)&&!(1&i.__g)){i.__g|=4;try{if((r=(o=i.constructor)&&o.getDerivedStateFromError)&&i.setState(o.getDerivedStateFromError(t)),i.componentDidCatch&&(i.componentDidCatch(t,n||{}),r=1),r&&8&i.__g)return void(i.__g|=2)}catch(s){t=s}}throw B=0,t}},ve=0,et=function(t){return t!=null&&t.constructor===I},q.prototype.setState=function(t,e){var _=this.__s;_&&_!=this.state||(_=this.__s=N({},this.state)),typeof t=="function"&&(t=t(N({},_),this.props)),t&&(N(_,t),this.__v&&(e&&this.__k.push(e),de(this)))},q.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),de(this))},q.prototype.render=X,T=[],B=0,ge=function(t,e){return t.__v.__b-e.__v.__b},V=Symbol(),ye=/(PointerCapture)$|Capture$/i,te=0,ee={},tt=0;var U,x,ue,Ee,se=Object.is,R=0,je=[],fe=[],k=P,Te=k.__b,Le=k.__r,Me=k.diffed,He=k.__c,Ae=k.unmount,Ne=k.__;function K(t,e){k.__h&&k.__h(x,t,R||e),R=0;var _=x.__H||(x.__H={__:[],__h:[]});return t>=_.__.length&&_.__.push({}),_.__[t]}function Ie(t){return R=1,ft(Ve,t)}function ft(t,e,_){var n=K(U++,2);if(n.t=t,!n.__c&&(n.__=[_?_(e):Ve(void 0,e),function(o){var r=(n.__N||n.__)[0],s=n.t(r,o);se(r,s)||(n.__N=[s,n.__[1]],n.__c.setState({}))}],n.__c=x,!x.__f)){x.__f=!0;var i=x.shouldComponentUpdate;x.shouldComponentUpdate=function(o,r,s){var c=this.__H;if(!c)return!0;var l=!1,f=this.props!=o;if(c.__.some(function(p){p.__N&&(l=!0,se(p.__[0],p.__N[0])||(f=!0))}),i){var d=i.call(this,o,r,s);return l?d||f:d}return!l||f}}return n.__}function Fe(t,e){var _=K(U++,3);!k.__s&&ae(_.__H,e)&&(_.__P=!0,_.__=t,_.u=e,x.__H.__h.push(_))}function Re(t,e){var _=K(U++,4);!k.__s&&ae(_.__H,e)&&(_.__P=!1,_.__=t,_.u=e,x.__h.push(_))}function Oe(t){return R=5,Q(function(){return{current:t}},[])}function Q(t,e){var _=K(U++,7);return ae(_.__H,e)&&(_.__=t(),_.__H=e),_.__}function $e(t,e){return R=8,Q(function(){return t},e)}function ct(){var t;do{for(;t=fe.shift();)try{F(t)}catch(_){k.__e(_,{__:(t=t.__P)&&t.__v})}for(;t=je.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(F),e.__h.some(ce),e.__h=[]}catch(_){e.__h=[],k.__e(_,t.__v)}}}while(fe.length)}k.__b=function(t){x=null,Te&&Te(t)},k.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),Ne&&Ne(t,e)},k.__r=function(t){Le&&Le(t),U=0;var e=(x=t.__c).__H;e&&(ue==x?x.__h=[]:(e.__h.some(F),e.__h.some(ce),U=0),e.__h=[],e.__.some(function(_){_.__N&&(_.__=_.__N),_.u=_.__N=void 0})),ue=x},k.diffed=function(t){Me&&Me(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&Ue(je.push(e)),e.__H.__.some(function(_){_.u&&(_.__H=_.u)})),ue=x=null},k.__c=function(t,e){e.some(function(_){try{_.__h.some(F),_.__h=_.__h.filter(function(n){return!n.__||ce(n)})}catch(n){_.__h=[function(){throw n}]}}),He&&He(t,e)},k.unmount=function(t){Ae&&Ae(t);var e,_,n=t.__c;n&&n.__H&&(n.__H.__.some(function(i){try{if(i.__P&&i.__c){if(_===void 0){for(_=t.__;_&&(!_.__c||!_.__c.__P);)_=_.__;_=_&&_.__c}i.__P=_,Ue(fe.push(i))}else F(i)}catch(o){e=o}}),n.__H=void 0,e&&k.__e(e,n.__v))};var We=typeof requestAnimationFrame=="function";function at(t){var e,_=function(){clearTimeout(n),We&&cancelAnimationFrame(e),setTimeout(t)},n=setTimeout(_,35);We&&(e=requestAnimationFrame(_))}function Ue(t){t!=1&&Ee==k.requestAnimationFrame||((Ee=k.requestAnimationFrame)||at)(ct)}function F(t){var e=x,_=t.__c;typeof _=="function"&&(t.__c=void 0,_()),x=e}function ce(t){var e=x;t.__c=t.__(),x=e}function ae(t,e){return!t||t.length!=e.length||e.some(function(_,n){return!se(_,t[n])})}function Ve(t,e){return typeof e=="function"?e(t):e}var ze=function(t,e,_,n){var i;e[0]=0;for(var o=1;o<e.length;o++){var r=e[o++],s=e[o]?(e[0]|=r?1:2,_[e[o++]]):e[++o];r===3?n[0]=s:r===4?n[1]=Object.assign(n[1]||{},s):r===5?(n[1]=n[1]||{})[e[++o]]=s:r===6?n[1][e[++o]]+=s+"":r?(i=t.apply(s,ze(t,s,_,["",null])),n.push(i),s[0]?e[0]|=2:(e[o-2]=0,e[o]=i)):n.push(s)}return n},qe=new Map;function Be(t){var e=qe.get(this);return e||(e=new Map,qe.set(this,e)),(e=ze(this,e.get(t)||(e.set(t,e=(function(_){for(var n,i,o=1,r="",s="",c=[0],l=function(p){o===1&&(p||(r=r.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?c.push(0,p,r):o===3&&(p||r)?(c.push(3,p,r),o=2):o===2&&r==="..."&&p?c.push(4,p,0):o===2&&r&&!p?c.push(5,0,!0,r):o>=5&&((r||!p&&o===5)&&(c.push(o,0,r,i),o=6),p&&(c.push(o,p,0,i),o=6)),r=""},f=0;f<_.length;f++){f&&(o===1&&l(),l(f));for(var d=0;d<_[f].length;d++)n=_[f][d],o===1?n==="<"?(l(),c=[c],o=3):r+=n:o===4?r==="--"&&n===">"?(o=1,r=""):r=n+r[0]:s?n===s?s="":r+=n:n==='"'||n==="'"?s=n:n===">"?(l(),o=1):o&&(n==="="?(o=5,i=r,r=""):n==="/"&&(o<5||_[f][d+1]===">")?(l(),o===3&&(c=c[0]),o=c,(c=c[0]).push(2,0,o),o=0):n===" "||n==="	"||n===`
`||n==="\r"?(l(),o=2):r+=n),o===3&&r==="!--"&&(o=4,c=c[0])}return l(),c})(t)),e),arguments,[])).length>1?e:e[0]}var O=class{diff(e,_,n={}){let i;typeof n=="function"?(i=n,n={}):"callback"in n&&(i=n.callback);let o=this.castInput(e,n),r=this.castInput(_,n),s=this.removeEmpty(this.tokenize(o,n)),c=this.removeEmpty(this.tokenize(r,n));return this.diffWithOptionsObj(s,c,n,i)}diffWithOptionsObj(e,_,n,i){var o;let r=a=>{if(a=this.postProcess(a,n),i){setTimeout(function(){i(a)},0);return}else return a},s=_.length,c=e.length,l=1,f=s+c;n.maxEditLength!=null&&(f=Math.min(f,n.maxEditLength));let d=(o=n.timeout)!==null&&o!==void 0?o:1/0,p=Date.now()+d,u=[{oldPos:-1,lastComponent:void 0}],h=this.extractCommon(u[0],_,e,0,n);if(u[0].oldPos+1>=c&&h+1>=s)return r(this.buildValues(u[0].lastComponent,_,e));let C=-1/0,m=1/0,g=()=>{for(let a=Math.max(C,-l);a<=Math.min(m,l);a+=2){let y,v=u[a-1],D=u[a+1];v&&(u[a-1]=void 0);let W=!1;if(D){let b=D.oldPos-a;W=D&&0<=b&&b<s}let M=v&&v.oldPos+1<c;if(!W&&!M){u[a]=void 0;continue}if(!M||W&&v.oldPos<D.oldPos?y=this.addToPath(D,!0,!1,0,n):y=this.addToPath(v,!1,!0,1,n),h=this.extractCommon(y,_,e,a,n),y.oldPos+1>=c&&h+1>=s)return r(this.buildValues(y.lastComponent,_,e))||!0;u[a]=y,y.oldPos+1>=c&&(m=Math.min(m,a-1)),h+1>=s&&(C=Math.max(C,a+1))}l++};if(i)(function a(){setTimeout(function(){if(l>f||Date.now()>p)return i(void 0);g()||a()},0)})();else for(;l<=f&&Date.now()<=p;){let a=g();if(a)return a}}addToPath(e,_,n,i,o){let r=e.lastComponent;return r&&!o.oneChangePerToken&&r.added===_&&r.removed===n?{oldPos:e.oldPos+i,lastComponent:{count:r.count+1,added:_,removed:n,previousComponent:r.previousComponent}}:{oldPos:e.oldPos+i,lastComponent:{count:1,added:_,removed:n,previousComponent:r}}}extractCommon(e,_,n,i,o){let r=_.length,s=n.length,c=e.oldPos,l=c-i,f=0;for(;l+1<r&&c+1<s&&this.equals(n[c+1],_[l+1],o);)l++,c++,f++,o.oneChangePerToken&&(e.lastComponent={count:1,previousComponent:e.lastComponent,added:!1,removed:!1});return f&&!o.oneChangePerToken&&(e.lastComponent={count:f,previousComponent:e.lastComponent,added:!1,removed:!1}),e.oldPos=c,l}equals(e,_,n){return n.comparator?n.comparator(e,_):e===_||!!n.ignoreCase&&e.toLowerCase()===_.toLowerCase()}removeEmpty(e){let _=[];for(let n=0;n<e.length;n++)e[n]&&_.push(e[n]);return _}castInput(e,_){return e}tokenize(e,_){return Array.from(e)}join(e){return e.join("")}postProcess(e,_){return e}get useLongestToken(){return!1}buildValues(e,_,n){let i=[],o;for(;e;)i.push(e),o=e.previousComponent,delete e.previousComponent,e=o;i.reverse();let r=i.length,s=0,c=0,l=0;for(;s<r;s++){let f=i[s];if(f.removed)f.value=this.join(n.slice(l,l+f.count)),l+=f.count;else{if(!f.added&&this.useLongestToken){let d=_.slice(c,c+f.count);d=d.map(function(p,u){let h=n[l+u];return h.length>p.length?h:p}),f.value=this.join(d)}else f.value=this.join(_.slice(c,c+f.count));c+=f.count,f.added||(l+=f.count)}}return i}};var le=class extends O{tokenize(e){return e.slice()}join(e){return e}removeEmpty(e){return e}},Ge=new le;function pe(t,e,_){return Ge.diff(t,e,_)}return Ze(lt);})();

// third_party/made.js
var { h, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, diffArrays } = thirdParty;
var made_default = thirdParty.htm;

// src/api.js
var ApiError = class extends Error {
  /**
   * @param {string} message
   * @param {string[]} [near]
   */
  constructor(message, near = []) {
    super(message);
    this.near = near;
  }
};
var ServerGone = class extends ApiError {
  constructor() {
    super("`agentops view` has ended; start it again, and this page goes on");
  }
};
var embedded = null;
function embed(data2) {
  embedded = data2;
}
var content = null;
function embeddedContent() {
  content ??= new Promise((resolve) => {
    if (document.readyState !== "loading") resolve(null);
    else document.addEventListener("DOMContentLoaded", () => resolve(null), { once: true });
  }).then(parseContent);
  return content;
}
function parseContent() {
  try {
    return JSON.parse(document.getElementById("agentops-content")?.textContent ?? "");
  } catch {
    throw new ApiError("the end of this file is missing; copy it again");
  }
}
function embeddedSession() {
  return embedded;
}
async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new ServerGone();
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(answer.error ?? `the server answered ${response.status}`, answer.near);
}
async function json(path, signal) {
  const response = await request(path, { signal });
  return response.status === 204 ? null : response.json();
}
function query(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== void 0 && value !== "");
  const text = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  return text && `?${text}`;
}
function sessions(version) {
  return json(`api/sessions${query({ version })}`);
}
async function session(id, version) {
  if (embedded) return embedded.session.version === version ? null : embedded.session;
  return json(`api/s/${id}${query({ version })}`);
}
var spans = /* @__PURE__ */ new Map();
var MOST_KEPT = 200;
async function span(session2, id) {
  if (embedded) {
    const found = (await embeddedContent()).spans[id];
    if (!found) throw new ApiError("this file was written without the content of spans");
    return found;
  }
  const key = `${session2}/${id}`;
  const kept2 = spans.get(key);
  if (kept2) return kept2;
  const document2 = await json(`api/s/${session2}/${id}`);
  if (spans.size >= MOST_KEPT) spans.delete(spans.keys().next().value);
  spans.set(key, document2);
  return document2;
}
async function giveScore(session2, score) {
  const headers = { "Content-Type": "application/json" };
  await request(`api/s/${session2}/scores`, { method: "POST", headers, body: JSON.stringify(score) });
}
async function spanText(session2, id, format) {
  return (await request(`api/s/${session2}/${id}/${format}`)).text();
}
async function calls(session2) {
  return embedded ? (await embeddedContent()).calls : json(`api/s/${session2}/calls`);
}
function diff(a, b) {
  return json(`api/diff${query({ a, b })}`);
}
function stats(by, { q, state, days }) {
  return json(`api/stats${query({ by, q, state, since: days && `${days}d` })}`);
}
async function totals(session2) {
  return embedded ? (await embeddedContent()).totals : json(`api/s/${session2}/totals`);
}
var END = { more: false, error: null, faults: null };
var AROUND = 40;
function searchEmbedded(session2, spans2, text) {
  const wanted = text.toLowerCase();
  const hits = [];
  for (const { id, name, kind, attributes, events, status } of Object.values(spans2)) {
    const fields = [...attributes, ["error", status.message], ...events.flatMap((event) => event.attributes)];
    for (const [field, value] of fields) {
      const whole = typeof value === "string" ? value : JSON.stringify(value);
      const at = whole.toLowerCase().indexOf(wanted);
      if (at < 0) continue;
      const end = at + wanted.length;
      const around2 = { before: whole.slice(Math.max(at - AROUND, 0), at), hit: whole.slice(at, end), after: whole.slice(end, end + AROUND) };
      hits.push({ session: session2.id, session_name: session2.name, span: id, kind, name, field, ...around2 });
    }
  }
  return hits;
}
async function search(text, session2, signal, found) {
  if (embedded) return found(searchEmbedded(embedded.session, (await embeddedContent()).spans, text), END);
  const response = await request(`api/search${query({ q: text, session: session2, case: 0 })}`, { signal });
  const reader = (
    /** @type {ReadableStream<Uint8Array>} */
    response.body.getReader()
  );
  const decoder = new TextDecoder();
  let rest = "";
  for (; ; ) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    const answers = lines.filter(Boolean).map((line) => JSON.parse(line));
    const end = answers.find((answer) => answer.done);
    const hits = answers.filter((answer) => !answer.done);
    if (hits.length > 0 || end) found(hits, end ?? null);
    if (done) return;
  }
}

// src/hooks.js
function useAnswer(key, ask) {
  const [answer, setAnswer] = useState(
    /** @type {Answer<T> & { key: string | null }} */
    { key: null, value: null, error: null, isLoading: true }
  );
  useEffect(() => {
    if (key === null) return void 0;
    const stop = new AbortController();
    ask(stop.signal).then(
      (value) => stop.signal.aborted || setAnswer({ key, value, error: null, isLoading: false }),
      (error) => stop.signal.aborted || setAnswer({ key, value: null, error, isLoading: false })
    );
    return () => stop.abort();
  }, [key]);
  return answer.key === key ? answer : { value: null, error: null, isLoading: key !== null };
}
function usePoll(ask, inputs) {
  const again = useRef(() => {
  });
  useEffect(() => {
    let timer2;
    let isStopped = false;
    const poll = async () => {
      clearTimeout(timer2);
      if (isStopped || document.hidden) return;
      const wait = await ask();
      clearTimeout(timer2);
      if (!isStopped && wait !== null) timer2 = setTimeout(poll, wait);
    };
    const lookedAt = () => document.hidden || poll();
    document.addEventListener("visibilitychange", lookedAt);
    again.current = poll;
    poll();
    return () => {
      isStopped = true;
      clearTimeout(timer2);
      document.removeEventListener("visibilitychange", lookedAt);
    };
  }, inputs);
  return useCallback(() => again.current(), []);
}
var RETRY = 2e3;
function isGone(error) {
  return error instanceof ServerGone;
}
function useNow(isTicking, every = 1e3) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return void 0;
    const timer2 = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer2);
  }, [isTicking, every]);
  return now;
}
function useViewport() {
  const element = useRef(null);
  const [viewport, setViewport] = useState({ width: 0, height: 0, top: 0 });
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return void 0;
    const measure = () => {
      const next = { width: box.clientWidth, height: box.clientHeight, top: box.scrollTop };
      setViewport(
        (last) => last.width === next.width && last.height === next.height && last.top === next.top ? last : next
      );
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    box.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", measure);
    };
  }, []);
  return [element, viewport];
}
function useKept(name, initial) {
  const [value, setValue] = useState(() => kept(name) ?? initial);
  const keep = (next) => {
    setValue(next);
    try {
      localStorage.setItem(`agentops.${name}`, next);
    } catch {
    }
  };
  return [value, keep];
}
function kept(name) {
  try {
    return localStorage.getItem(`agentops.${name}`);
  } catch {
    return null;
  }
}
function useKeys(pressed) {
  const latest = useRef(pressed);
  latest.current = pressed;
  useEffect(() => {
    const listen = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open]")) return;
      if (latest.current(event.key, event)) event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
function isTyping(event) {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

// src/html.js
var html = made_default.bind(h);
function memo(component) {
  return function Memo(props) {
    this.shouldComponentUpdate = (next) => isOther(this.props, next);
    return h(
      /** @type {any} */
      component,
      props
    );
  };
}
function isOther(last, next) {
  for (const key in next) if (next[key] !== last[key]) return true;
  return false;
}

// src/route.js
var SCREENS = (
  /** @type {const} */
  { "": "list", s: "session", d: "diff" }
);
var ID = /^[0-9a-f]{1,32}$/;
function parse(hash) {
  const [path, options] = split(hash.replace(/^#\/?/, ""));
  const [first, ...ids] = path.split("/").filter(Boolean);
  const screen = SCREENS[
    /** @type {keyof typeof SCREENS} */
    first ?? ""
  ];
  const isKnown = screen !== void 0 && ids.every((id) => ID.test(id)) && isComplete(screen, ids);
  return { screen: isKnown ? screen : "unknown", ids, options: new URLSearchParams(options) };
}
function split(text) {
  const at = text.indexOf("?");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
function isComplete(screen, ids) {
  const least = { list: 0, session: 1, diff: 2 }[screen] ?? 0;
  const most = { list: 0, session: 2, diff: 3 }[screen] ?? 0;
  return ids.length >= least && ids.length <= most;
}
function address(path, options = {}) {
  const known = Object.entries(options).filter(([, value]) => value !== null && value !== void 0 && value !== "");
  const text = new URLSearchParams(
    /** @type {[string, string][]} */
    known
  ).toString();
  return `#/${path}${text && `?${text}`}`;
}
function sessionAddress(id, span2) {
  return address(span2 ? `s/${id}/${span2}` : `s/${id}`);
}
function diffAddress(older, newer, row) {
  return address(row === void 0 ? `d/${older}/${newer}` : `d/${older}/${newer}/${row}`);
}
function optionsText() {
  const [, options] = split(location.hash);
  return options && `?${options}`;
}
function replaceOptions(changes) {
  if (awaited !== null) replace(awaited);
  const [path] = split(location.hash.replace(/^#\/?/, ""));
  const options = parse(location.hash).options;
  for (const [key, value] of Object.entries(changes)) {
    if (value) options.set(key, value);
    else options.delete(key);
  }
  replace(address(path, Object.fromEntries(options)));
}
var PAUSE = 150;
var awaited = null;
var timer;
function replaceSoon(hash) {
  forget();
  awaited = hash;
  const shown2 = location.hash;
  timer = setTimeout(() => {
    if (location.hash === shown2) replace(hash);
  }, PAUSE);
}
function forget() {
  clearTimeout(timer);
  awaited = null;
}
function replace(hash) {
  forget();
  if (hash === location.hash) return;
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
function go(hash) {
  forget();
  location.hash = hash;
}
function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => {
      forget();
      setRoute(parse(location.hash));
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

// src/format.js
var MICRO = 1e3;
var MILLI = 1e6;
var SECOND = 1e9;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
var KIB = 1024;
var GROUPED = new Intl.NumberFormat("en");
var NONE = "\u2013";
function threeDigits(number, unit) {
  const whole = Math.floor(number / unit);
  const digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
  const scale = 10 ** digits;
  return (Math.floor(number * scale / unit) / scale).toFixed(digits);
}
function duration(nanos) {
  if (nanos === null || nanos === void 0) return NONE;
  if (nanos < 0) return `\u2212${duration(-nanos)}`;
  if (nanos >= HOUR) return `${Math.floor(nanos / HOUR)} h ${Math.floor(nanos % HOUR / MINUTE)} min`;
  if (nanos >= MINUTE) return `${Math.floor(nanos / MINUTE)} min ${Math.floor(nanos % MINUTE / SECOND)} s`;
  if (nanos >= SECOND) return `${threeDigits(nanos, SECOND)} s`;
  if (nanos >= MILLI) return `${threeDigits(nanos, MILLI)} ms`;
  if (nanos >= MICRO) return `${threeDigits(nanos, MICRO)} \xB5s`;
  return `${nanos} ns`;
}
function exactDuration(nanos) {
  return nanos === null || nanos === void 0 ? NONE : `${GROUPED.format(nanos)} ns`;
}
function count(number) {
  if (number === null || number === void 0) return NONE;
  if (number < 0) return `\u2212${count(-number)}`;
  if (number >= 1e9) return `${threeDigits(number, 1e9)}G`;
  if (number >= 1e6) return `${threeDigits(number, 1e6)}M`;
  if (number >= 1e3) return `${threeDigits(number, 1e3)}k`;
  return String(number);
}
function tokens(input2, output2) {
  const isUnknown = (input2 ?? null) === null && (output2 ?? null) === null;
  return isUnknown ? NONE : `${count(input2)} \u2192 ${count(output2)}`;
}
function dollars(usd) {
  if (usd === null || usd === void 0) return NONE;
  let digits = 2;
  while (digits < 12 && usd > 0 && usd * 10 ** digits < 10) digits += 1;
  const [whole, part] = Math.abs(usd).toFixed(digits).split(".");
  return `${usd < 0 ? "\u2212" : ""}$${GROUPED.format(Number(whole))}.${part}`;
}
function bytes(number) {
  if (number >= KIB ** 3) return `${threeDigits(number, KIB ** 3)} GiB`;
  if (number >= KIB ** 2) return `${threeDigits(number, KIB ** 2)} MiB`;
  if (number >= KIB) return `${threeDigits(number, KIB)} KiB`;
  return `${number} B`;
}
function percent(part, whole) {
  if (!(whole > 0)) return NONE;
  const share2 = 100 * part / whole;
  return share2 > 0 && share2 < 1 ? "< 1 %" : `${Math.floor(share2)} %`;
}
function counted(number, noun) {
  return `${GROUPED.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}
function millis(nanos) {
  return Number(BigInt(nanos) / 1000000n);
}
function ago(milliseconds) {
  const age = Math.max(milliseconds, 0) * MILLI;
  if (age >= DAY) return `${Math.floor(age / DAY)} d ago`;
  if (age >= HOUR) return `${Math.floor(age / HOUR)} h ago`;
  if (age >= MINUTE) return `${Math.floor(age / MINUTE)} min ago`;
  return `${Math.floor(age / SECOND)} s ago`;
}
function moment(nanos, now = Date.now()) {
  const date = new Date(millis(nanos));
  const time = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date(now).toDateString() ? time : `${day(date)} ${time}`;
}
function day(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
function exactMoment(nanos) {
  return `${new Date(millis(nanos)).toISOString().slice(0, 19)}.${nanos.slice(-9)} UTC`;
}

// src/model/json_text.js
function parsed(text) {
  if (typeof text !== "string") return text !== null && typeof text === "object" ? text : void 0;
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return void 0;
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}

// src/model/attributes.js
function attribute(span2, key) {
  return span2.attributes.findLast(([name]) => name === key)?.[1];
}
function input(span2) {
  return span2.input === null ? void 0 : attribute(span2, span2.input);
}
function output(span2) {
  return span2.output === null ? void 0 : attribute(span2, span2.output);
}
function parameters(span2) {
  const known = span2.attributes.filter(([key]) => key.startsWith("gen_ai.request.") && key !== "gen_ai.request.model");
  return known.map(([key, value]) => [key.slice("gen_ai.request.".length).replaceAll("_", " "), value]);
}
function otherAttributes(span2) {
  const elsewhere = [span2.input, span2.output, "gen_ai.system_instructions", "gen_ai.tool.definitions"];
  return span2.attributes.filter(([key]) => !elsewhere.includes(key) && !DOCUMENT.test(key));
}
var DOCUMENT = /^(?:gen_ai\.)?retrieval\.documents(?:\.(\d+)\.document\.(.+))?$/;
function documents(span2) {
  const found = [];
  for (const [key, value] of span2.attributes) {
    const match = DOCUMENT.exec(key);
    if (!match) continue;
    if (match[1] === void 0) found.push(...[parsed(value) ?? []].flat().map(plain));
    else (found[Math.min(Number(match[1]), MOST_DOCUMENTS)] ??= {})[match[2]] = value;
  }
  return found.filter(Boolean);
}
var MOST_DOCUMENTS = 1e4;
function plain(document2) {
  if (document2 === null || typeof document2 !== "object") return { content: document2 };
  const inner = document2.document ?? document2;
  return Object.fromEntries(Object.entries(inner).map(([key, value]) => [key.replace(/^document\./, ""), value]));
}
function usage(span2) {
  const number = (key) => {
    const value = attribute(span2, key);
    return value === void 0 || value === null ? null : Number(value);
  };
  return {
    input: number("gen_ai.usage.input_tokens"),
    output: number("gen_ai.usage.output_tokens"),
    cached: number("gen_ai.usage.cache_read.input_tokens"),
    written: number("gen_ai.usage.cache_creation.input_tokens"),
    reasoning: number("gen_ai.usage.reasoning.output_tokens"),
    cost: number("agentops.usage.cost_usd"),
    inputCost: number("agentops.usage.input_cost_usd"),
    outputCost: number("agentops.usage.output_cost_usd")
  };
}

// src/model/json_changes.js
var MOST = 200;
function jsonChanges(older, newer) {
  const changes = [];
  const left = [["", older, newer]];
  while (left.length > 0 && changes.length < MOST) {
    const [path, one, other] = (
      /** @type {[string, any, any]} */
      left.pop()
    );
    const keys = bothKeys(one, other);
    if (keys) left.push(...keys.reverse().map(([key, step]) => (
      /** @type {[string, any, any]} */
      [path + step, one[key], other[key]]
    )));
    else if (!isSame(one, other)) changes.push({ path, older: one, newer: other });
  }
  return changes;
}
function bothKeys(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) {
    return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => [index, `[${index}]`]);
  }
  const areObjects = [one, other].every((value) => value !== null && typeof value === "object" && !Array.isArray(value));
  if (!areObjects) return null;
  return [.../* @__PURE__ */ new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, `.${key}`]);
}
function isSame(one, other) {
  return one === other || typeof one === "object" && JSON.stringify(one) === JSON.stringify(other);
}

// src/model/message_changes.js
function messageChanges(older, newer) {
  const [before2, after2] = [older, newer].map((list2) => list2.map(({ role, parts }) => JSON.stringify([role, parts])));
  const shorter = Math.min(before2.length, after2.length);
  let start = 0;
  while (start < shorter && before2[start] === after2[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before2[before2.length - 1 - end] === after2[after2.length - 1 - end]) end += 1;
  const [gone, come] = [older.slice(start, older.length - end), newer.slice(start, newer.length - end)];
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({
    number: start + index + 1,
    older: gone[index] ?? null,
    newer: come[index] ?? null
  }));
}
function textOf({ parts }) {
  return parts.map(partText).join("\n\n");
}
function partText(part) {
  const shown2 = (value) => typeof value === "string" ? value : JSON.stringify(value);
  if (part.type === "call") return `${part.name}(${shown2(part.input)})`;
  return shown2(part.type === "result" ? part.output : part.type === "other" ? part.value : part.text);
}

// src/model/messages.js
function messages(value, role) {
  const read = typeof value === "string" ? parsedOr(value) : value;
  if (typeof read === "string") return read ? [{ role, parts: [{ type: "text", text: read }], finish: null }] : null;
  const list2 = Array.isArray(read) ? read : isObject(read) && Array.isArray(read.messages) ? read.messages : null;
  if (!list2 || list2.length === 0) return null;
  if (list2.every(isMessage)) return list2.map((message) => messageOf(message, role));
  const parts = list2.flatMap(partsOf);
  return parts.some((part) => part.type !== "other") ? [{ role, parts, finish: null }] : null;
}
function prompt(instructions, input2) {
  const [system, sent] = [messages(instructions, "system"), messages(input2, "user")];
  return system || sent ? [...system ?? [], ...sent ?? []] : null;
}
function parsedOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
function isMessage(value) {
  return isObject(value) && (typeof value.role === "string" || Array.isArray(value.parts));
}
function messageOf(message, role) {
  const content2 = message.parts ?? message.content ?? [];
  const parts = (Array.isArray(content2) ? content2 : [content2]).flatMap(partsOf);
  const calls2 = Array.isArray(message.tool_calls) ? message.tool_calls.map(callOf) : [];
  const isResult = message.role === "tool" && message.tool_call_id !== void 0;
  const all = isResult ? [resultOf(message.tool_call_id, content2)] : [...parts, ...calls2];
  return { role: message.role ?? role, parts: all, finish: message.finish_reason || null };
}
function partsOf(part) {
  if (part === null || part === void 0 || part === "") return [];
  if (typeof part === "string") return [{ type: "text", text: part }];
  if (!isObject(part)) return [{ type: "other", name: typeof part, value: part }];
  const text = part.content ?? part.text ?? part.thinking;
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      return typeof text === "string" ? [{ type: "text", text }] : [{ type: "other", name: "text", value: text }];
    case "reasoning":
    case "thinking":
      return [{ type: "reasoning", text: typeof text === "string" ? text : JSON.stringify(part) }];
    case "tool_call":
    case "tool_use":
    case "function":
    case "function_call":
      return [callOf(part)];
    case "tool_call_response":
    case "tool_result":
    case "function_call_output":
      return [resultOf(part.id ?? part.tool_use_id ?? part.call_id, part.response ?? part.result ?? part.content ?? part.output)];
    default:
      return [{ type: "other", name: String(part.type ?? "part"), value: part }];
  }
}
function callOf(call) {
  const called = isObject(call.function) ? call.function : call;
  const input2 = called.arguments ?? called.input ?? null;
  return {
    type: "call",
    name: String(called.name ?? "tool"),
    id: call.id ?? call.call_id ?? null,
    input: typeof input2 === "string" ? parsedOr(input2) : input2
  };
}
function resultOf(id, output2) {
  const texts = Array.isArray(output2) ? output2.flatMap(partsOf) : [];
  const isText = texts.length > 0 && texts.every((part) => part.type === "text");
  const text = isText ? texts.map((part) => (
    /** @type {any} */
    part.text
  )).join("\n") : output2;
  return { type: "result", id: id ?? null, output: text };
}
function lengthOf(message) {
  return message.parts.reduce((sum2, part) => sum2 + partLength(part), 0);
}
function partLength(part) {
  const value = part.type === "call" ? part.input : part.type === "result" ? part.output : part.type === "other" ? part.value : part.text;
  return typeof value === "string" ? value.length : (JSON.stringify(value) ?? "").length;
}

// src/parts/copy.js
async function copy(text) {
  if (typeof text === "string") return navigator.clipboard.writeText(text);
  const blob = text.then((text2) => new Blob([text2], { type: "text/plain" }));
  const [, copied] = await Promise.allSettled([text, navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })])]);
  await text;
  if (copied.status === "rejected") throw copied.reason;
}
function CopyButton({ text, label, title }) {
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");
  const press = async () => {
    setProblem("");
    try {
      await copy(typeof text === "string" ? text : text());
      setSaid("Copied");
      setTimeout(() => setSaid(""), 1500);
    } catch (error) {
      setProblem(error instanceof DOMException ? "the browser does not allow it" : (
        /** @type {Error} */
        error.message
      ));
    }
  };
  return html`<button type="button" class="quiet" title=${title} onClick=${press} aria-live="polite">${said || label}</button>
    ${problem && html`<span class="problem" role="alert">Not copied: ${problem}.</span>`}`;
}

// src/parts/json_tree.js
var TEXT = 2e3;
var PAGE = 100;
var OPEN_LEVELS = 2;
var OPEN_CHILDREN = 20;
var CUT = /…\[truncated\]$/;
var BASE64 = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)$/;
var BARE_BASE64 = /^[A-Za-z0-9+/]{256,}={0,2}$/;
function JsonTree({ value, name, level = 0 }) {
  if (value === null || typeof value !== "object") {
    return html`<div class="json-line"><${Name} name=${name} /><${Leaf} value=${value} /></div>`;
  }
  return html`<${Branch} value=${value} name=${name} level=${level} />`;
}
function Name({ name }) {
  return name === void 0 ? null : html`<span class="json-key">${name}</span><span class="muted">: </span>`;
}
function Branch({ value, name, level }) {
  const isList = Array.isArray(value);
  const keys = isList ? value.map((_, index) => String(index)) : Object.keys(value);
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS && keys.length <= OPEN_CHILDREN);
  const [shown2, setShown] = useState(PAGE);
  if (keys.length === 0) {
    return html`<div class="json-line"><${Name} name=${name} /><span class="muted">${isList ? "[]" : "{}"}</span></div>`;
  }
  const about = isList ? counted(keys.length, "item") : counted(keys.length, "key");
  return html`<div class="json-branch">
    <button type="button" class="json-twisty" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <span class="twisty" aria-hidden="true">${isOpen ? "\u25BE" : "\u25B8"}</span>
      <${Name} name=${name} />
      <span class="muted">${isList ? "[" : "{"} ${about} ${isList ? "]" : "}"}</span>
    </button>
    ${isOpen && html`<div class="json-children">
      ${keys.slice(0, shown2).map((key) => html`<${JsonTree} key=${key} value=${value[key]} name=${key} level=${level + 1} />`)}
      ${keys.length > shown2 && html`<button type="button" class="quiet" onClick=${() => setShown(shown2 + PAGE)}>
        ${counted(keys.length - shown2, "more item")}
      </button>`}
    </div>`}
  </div>`;
}
function Leaf({ value }) {
  if (typeof value === "string") return html`<${LongText} text=${value} quoted />`;
  return html`<span class="json-${value === null ? "null" : typeof value}">${String(value)}</span>`;
}
function LongText({ text, quoted = false }) {
  const [isWhole, setWhole] = useState(false);
  const media = mediaOf(text);
  if (media) return html`<span class="muted">${media}</span> <${CopyButton} text=${text} label="Copy" />`;
  const isCut = text.length > TEXT && !isWhole;
  const shown2 = isCut ? text.slice(0, TEXT) : text;
  const note = CUT.test(text.slice(-80));
  return html`<span class=${quoted ? "json-string" : "plain-text"}>${quoted ? `"${shown2}` : shown2}${quoted && !isCut ? '"' : ""}</span>
    ${isCut && html` <button type="button" class="quiet" onClick=${() => setWhole(true)}>show all ${bytes(text.length)}</button>`}
    ${note && html` <span class="note">cut when it was recorded</span>`}`;
}
function mediaOf(text) {
  const data2 = text.length > 64 && text.startsWith("data:") ? BASE64.exec(text) : null;
  if (data2) return `${data2[1]}, ${bytes(Math.floor(data2[2].length * 3 / 4))}`;
  const isMixed = [/[A-Z]/, /[a-z]/, /[0-9+/]/].every((letters) => letters.test(text.slice(0, 256)));
  return isMixed && BARE_BASE64.test(text) ? `base64, ${bytes(Math.floor(text.length * 3 / 4))}` : null;
}
function Value({ value, name }) {
  const tree = parsed(value);
  if (tree !== void 0) return html`<div class="json"><${JsonTree} value=${tree} name=${name} /></div>`;
  return html`<pre class="text">${name && `${name}: `}<${LongText} text=${String(value)} /></pre>`;
}

// src/parts/kind.js
var KINDS = {
  session: { letter: "S", name: "session", shape: "circle" },
  agent: { letter: "A", name: "agent", shape: "diamond" },
  llm: { letter: "L", name: "model call", shape: "bar" },
  tool: { letter: "T", name: "tool", shape: "square" },
  retriever: { letter: "R", name: "retriever", shape: "square" },
  guardrail: { letter: "G", name: "guardrail", shape: "shield" },
  task: { letter: "K", name: "task", shape: "round" },
  workflow: { letter: "W", name: "workflow", shape: "round" },
  operation: { letter: "O", name: "operation", shape: "round" },
  chain: { letter: "C", name: "chain", shape: "round" },
  text: { letter: "X", name: "text", shape: "round" }
};
var OTHER = { letter: "\xB7", name: "span", shape: "round" };
function kindName(kind) {
  return KINDS[kind]?.name ?? (kind || OTHER.name);
}
function kindClass(kind) {
  return kind in KINDS ? `kind-${kind}` : "kind-other";
}
function KindMark({ kind }) {
  const { letter, name, shape } = KINDS[kind] ?? OTHER;
  return html`<span class="mark ${kindClass(kind)} shape-${shape}" title=${name} aria-hidden="true">${letter}</span>`;
}

// src/parts/markdown.js
var FENCE = /^\s*(```|~~~)\s*([\w+-]*)\s*$/;
var HEADING = /^(#{1,6})\s+(.*)$/;
var ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
var QUOTE = /^\s*>\s?(.*)$/;
var RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
var INLINE = /(`+)([^`].*?)\1(?!`)|\*\*(\S(?:.*?\S)?)\*\*|(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])/g;
function Markdown({ text }) {
  return html`<div class="markdown">${blocks(text.split("\n"))}</div>`;
}
function blocks(lines) {
  const made = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = blockAt(lines, at);
    if (block) made.push(block);
    at = next;
  }
  return made;
}
function blockAt(lines, at) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  const fence = FENCE.exec(line);
  if (fence) return code(lines, at, fence[1]);
  const heading = HEADING.exec(line);
  if (heading) return [html`<p class="heading level-${Math.min(heading[1].length, 4)}">${inline(heading[2])}</p>`, at + 1];
  if (RULE.test(line)) return [html`<hr />`, at + 1];
  if (ITEM.test(line)) return list(lines, at);
  if (QUOTE.test(line)) {
    const [quoted, next2] = taken(lines, at, (text) => QUOTE.exec(text)?.[1]);
    return [html`<blockquote>${blocks(quoted)}</blockquote>`, next2];
  }
  const [paragraph, next] = taken(lines, at, (text) => text.trim() && !isStart(text) ? text : void 0);
  return next > at ? [html`<p>${inline(paragraph.join("\n"))}</p>`, next] : [html`<p>${inline(line)}</p>`, at + 1];
}
function isStart(line) {
  return FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || QUOTE.test(line) || RULE.test(line);
}
function taken(lines, at, take) {
  const found = [];
  for (; at < lines.length; at += 1) {
    const text = take(lines[at]);
    if (text === void 0) break;
    found.push(text);
  }
  return [found, at];
}
function code(lines, at, fence) {
  const [body, end] = taken(lines, at + 1, (text) => text.trim() === fence ? void 0 : text);
  return [html`<pre class="code">${body.join("\n")}</pre>`, end + 1];
}
function list(lines, at) {
  const [items, next] = taken(lines, at, (text) => ITEM.test(text) ? text : void 0);
  const parts = items.map((text) => {
    const [, indent2, number, content2] = (
      /** @type {RegExpExecArray} */
      ITEM.exec(text)
    );
    const level = Math.min(Math.floor(indent2.length / 2), 5);
    return html`<li class="indent-${level}"><span class="bullet">${number ? `${number}.` : "\u2022"}</span><span>${inline(content2)}</span></li>`;
  });
  return [html`<ul>${parts}</ul>`, next];
}
function inline(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(from, match.index));
    const [whole, , inCode, strong, weak] = match;
    if (inCode !== void 0) parts.push(html`<code>${inCode}</code>`);
    else if (strong !== void 0) parts.push(html`<strong>${strong}</strong>`);
    else parts.push(html`<em>${weak}</em>`);
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}

// src/parts/tree_grid.js
var ROW = 24;
var BEYOND = 6;
var OUTER = { levels: 8, pixels: 14 };
var INNER = { levels: 20, pixels: 4 };
var LABEL = 72;
var NUMBERS = 290;
var NARROW = 600;
function TreeGrid(props) {
  const { session: session2, rows: rows2, axis, selected, pressed } = props;
  const [box, view] = useViewport();
  const row = rows2.at(selected);
  useReveal(box, row, selected);
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, []);
  const { first, last } = drawnRows(view, rows2.length);
  const slotOf = useSlots(first, Math.ceil(view.height / ROW) + 2 * BEYOND + 1);
  const drawn = [];
  for (let index = first; index < last; index += 1) drawn.push({ index, slot: slotOf(index) });
  if (row >= 0 && (row < first || row >= last)) drawn.push({ index: row, slot: -1 });
  const down = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event.key, event)) event.preventDefault();
  };
  const room = view.width < NARROW ? view.width : view.width * 0.62 - NUMBERS;
  const ticks = axis.ticks(Math.min(Math.max(Math.floor(room / LABEL), 2), 6));
  return html`<${TimeScale} session=${session2} axis=${axis} ticks=${ticks} />
  <div class="grid-box"><${Ticks} axis=${axis} ticks=${ticks} /><div class="grid" ref=${box} role="treegrid" aria-label=${`spans of ${session2.columns.name}`} tabindex="0"
    aria-rowcount=${rows2.length} aria-activedescendant=${row >= 0 ? `row-${session2.id(rows2.nodes[row])}` : void 0} onKeyDown=${down}>
    <div class="grid-rows" role="rowgroup" style=${{ height: `${rows2.length * ROW}px` }}>
      ${drawn.map(({ index, slot }) => html`<${Row} key=${slot} ...${shown(props, index)} isSelected=${index === row} />`)}
    </div>
  </div></div>`;
}
function useSlots(first, length) {
  const last = useRef({ first, length, shift: 0 });
  if (Math.abs(first - last.current.first) >= length) last.current.shift += last.current.first - first;
  last.current.first = first;
  const { shift } = last.current;
  return (index) => ((index + shift) % length + length) % length;
}
function useReveal(box, row, selected) {
  const last = useRef({ row: -1, selected: -1 });
  useEffect(() => {
    const element = box.current;
    if (!element || row < 0) return;
    const before2 = last.current;
    last.current = { row, selected };
    if (before2.selected === selected && before2.row >= 0) {
      element.scrollTop += (row - before2.row) * ROW;
      return;
    }
    scrollToRow(element, row);
  }, [row, selected]);
}
function scrollToRow(box, row) {
  const top = row * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
}
function drawnRows(view, length) {
  const first = Math.max(Math.floor(view.top / ROW) - BEYOND, 0);
  return { first, last: Math.min(Math.ceil((view.top + view.height) / ROW) + BEYOND, length) };
}
function shown({ session: session2, rows: rows2, state, axis, hits, repeats, select, toggle, showCritical }, index) {
  const node = rows2.nodes[index];
  const folded = rows2.folded[index];
  const isExpanded = session2.hasChildren(node) ? !state.shut.has(session2.id(node)) : folded > 0 ? false : void 0;
  const times2 = folded === 0 ? repeats.get(node) : void 0;
  return { session: session2, node, folded, index, isExpanded, isHit: hits.has(node), times: times2, axis, showCritical, select, toggle };
}
var Row = memo(DrawnRow);
function DrawnRow({ session: session2, node, folded, index, isExpanded, isHit, times: times2, axis, showCritical, select, toggle, isSelected }) {
  const { columns } = session2;
  const id = session2.id(node);
  const kind = session2.kind(node);
  const isParent = session2.hasChildren(node);
  const error = session2.error(node);
  const depth = columns.depth[node];
  const classes = [
    "row",
    isSelected && "selected",
    error !== null && "failed",
    session2.isOpen(node) && "open",
    isHit && "hit"
  ].filter(Boolean).join(" ");
  return html`<div role="row" id=${`row-${id}`} class=${classes} style=${{ transform: `translateY(${index * ROW}px)` }}
    aria-rowindex=${index + 1} aria-level=${depth + 1} aria-expanded=${isExpanded} aria-selected=${isSelected} ...${position(session2, node)}
    onClick=${() => select(node)} onDblClick=${() => (isParent || folded > 0) && toggle(node)}>
    <div role="gridcell" class="cell-name" style=${{ paddingLeft: `${indent(depth) + 4}px` }}>
      <${Twisty} isExpanded=${isExpanded} toggle=${() => toggle(node)} />
      <${KindMark} kind=${kind} /><span class="visually-hidden">${kindName(kind)}</span>
      <span class="name" title=${session2.title(node)}>${session2.title(node)}</span>
      ${depth > OUTER.levels + INNER.levels && html`<span class="muted">level ${depth}</span>`}
      ${folded > 0 && html`<span class="fold">×${folded}</span>`}
      ${times2 !== void 0 && html`<span class="fold" title=${`called ${times2} times with the same input (key r)`}>⟳${times2}</span>`}
      ${error !== null && html`<span class="error" title=${error}><span aria-hidden="true">✗ </span><span class="visually-hidden">failed: </span>${firstLine(error)}</span>`}
      ${error === null && columns.errors[node] > 0 && isParent && !isExpanded && html`<span class="error" title="failed spans below">✗${columns.errors[node]}</span>`}
      ${session2.scores(node).length > 0 && html`<${ScoreMark} scores=${session2.scores(node)} />`}
      ${session2.model(node) && html`<span class="muted model">${session2.model(node)}</span>`}
    </div>
    <div role="gridcell" class="cell-sum" title=${isParent ? "of all model calls below" : "of this call"}>${sum(session2, node, folded)}</div>
    <div role="gridcell" class="cell-cost">${columns.cost[node] === null ? "" : dollars(columns.cost[node])}</div>
    <div role="gridcell" class="cell-bar" aria-label=${barText(session2, node)}>
      <${Bar} session=${session2} node=${node} folded=${folded} axis=${axis} showCritical=${showCritical} />
    </div>
    <div role="gridcell" class="cell-time" title=${exactDuration(columns.took[node])}>${took(session2, node, folded)}</div>
  </div>`;
}
function ScoreMark({ scores }) {
  const text = scores.map(({ name, value, label }) => [name, value, label].filter((part) => part !== null).join(" ")).join(", ");
  return html`<span class="scored" title=${text}><span aria-hidden="true">★</span><span class="visually-hidden">score: ${text}</span></span>`;
}
function indent(depth) {
  const inner = Math.min(Math.max(depth - OUTER.levels, 0), INNER.levels);
  return Math.min(depth, OUTER.levels) * OUTER.pixels + inner * INNER.pixels;
}
function Twisty({ isExpanded, toggle }) {
  if (isExpanded === void 0) return html`<span class="twisty" aria-hidden="true"></span>`;
  const press = (event) => {
    event.stopPropagation();
    toggle();
  };
  return html`<span class="twisty" aria-hidden="true" onClick=${press} onDblClick=${(event) => event.stopPropagation()}>${isExpanded ? "\u25BE" : "\u25B8"}</span>`;
}
function position(session2, node) {
  const parent = session2.parents[node];
  if (parent < 0) return { "aria-setsize": 1, "aria-posinset": 1 };
  const { size } = session2.columns;
  let [place2, all] = [0, 0];
  for (const sibling of session2.children(parent)) {
    all += 1;
    if (sibling <= node) place2 += 1;
    if (all > 1e3) return { "aria-setsize": -1, "aria-posinset": Math.max(Math.min(node - parent, size[parent] - 1), 1) };
  }
  return { "aria-setsize": all, "aria-posinset": place2 };
}
function firstLine(text) {
  const [line] = text.split("\n", 1);
  return line || "failed";
}
function sum(session2, node, folded) {
  const { input: input2, output: output2 } = session2.columns;
  if (folded === 0) return input2[node] === null && output2[node] === null ? "" : tokens(input2[node], output2[node]);
  const total = (column) => {
    let sum2 = null;
    for (let other = node; other < node + folded; other += 1) sum2 = column[other] === null ? sum2 : (sum2 ?? 0) + Number(column[other]);
    return sum2;
  };
  const [all, written] = [total(input2), total(output2)];
  return all === null && written === null ? "" : tokens(all, written);
}
function took(session2, node, folded) {
  const { took: took2 } = session2.columns;
  if (session2.isOpen(node)) return "open";
  if (folded === 0) return duration(took2[node]);
  let [least, most] = [Infinity, 0];
  for (let other = node; other < node + folded; other += 1) {
    least = Math.min(least, took2[other]);
    most = Math.max(most, took2[other]);
  }
  return `\u2264 ${duration(most)}`;
}
function barText(session2, node) {
  const { begin, took: took2, critical } = session2.columns;
  const parts = [
    `${kindName(session2.kind(node))} ${session2.title(node)}`,
    session2.isOpen(node) ? "still open" : duration(took2[node]),
    `starts at ${duration(begin[node] - session2.span.from)}`
  ];
  if (critical[node] > 0) parts.push(`${duration(critical[node])} of it on the critical path`);
  return parts.join(", ");
}
function Bar({ session: session2, node, folded, axis, showCritical }) {
  const many = Math.min(Math.max(folded, 1), 40);
  const bars = [];
  for (let index = 0; index < many; index += 1) {
    const other = node + Math.floor(index * Math.max(folded, 1) / many);
    bars.push(bar(session2, other, axis, showCritical));
  }
  return html`${bars}`;
}
function bar(session2, node, axis, showCritical) {
  const { begin, took: took2, critical } = session2.columns;
  const isOpen = session2.isOpen(node);
  const end = isOpen ? session2.span.to : begin[node] + took2[node];
  if (end < axis.range.from || begin[node] > axis.range.to) return null;
  const left = axis.place(begin[node]);
  const width = axis.place(end) - left;
  const isWaiting = showCritical ? !(critical[node] > 0) : session2.hasChildren(node);
  const classes = ["bar", kindClass(session2.kind(node)), isWaiting && "waits", isOpen && "open"].filter(Boolean).join(" ");
  return html`<span key=${node} class=${classes} style=${{ left: `${100 * left}%`, width: `${100 * width}%` }}></span>`;
}
function TimeScale({ session: session2, axis, ticks }) {
  return html`<div class="scale" aria-hidden="true"><div>
    ${ticks.map((tick) => html`<span key=${tick} style=${{ left: `${100 * axis.place(tick)}%` }}>${duration(Math.round(tick - session2.span.from))}</span>`)}
  </div></div>`;
}
function Ticks({ axis, ticks }) {
  return html`<div class="ticks" aria-hidden="true"><div>
    ${ticks.map((tick) => html`<span key=${tick} style=${{ left: `${100 * axis.place(tick)}%` }}></span>`)}
  </div></div>`;
}

// src/parts/state.js
var STATES = {
  running: { word: "running", mark: "\u25CF", tone: "runs" },
  ok: { word: "ok", mark: "\u2713", tone: "ok" },
  failed: { word: "failed", mark: "\u2717", tone: "error" },
  aborted: { word: "aborted", mark: "\u2717", tone: "error" },
  indeterminate: { word: "cancelled", mark: "\u2013", tone: "warn" },
  shutdown: { word: "shut down", mark: "\u2013", tone: "warn" },
  unfinished: { word: "no end", mark: "?", tone: "warn" }
};
function StateMark({ state }) {
  const { word, mark, tone } = STATES[state] ?? { word: state, mark: "?", tone: "warn" };
  return html`<span class=${`state ${tone}`}><span aria-hidden="true">${mark}</span> ${word}</span>`;
}

// src/screens/problem.js
function Problem({ error }) {
  const near = error.near ?? [];
  return html`<main class="screen problem-screen">
    <h1>This cannot be shown</h1>
    <p role="alert">${error.message}</p>
    ${near.length > 0 && html`<p>Sessions that may be meant:</p>
      <ul>${near.map((id) => html`<li key=${id}><a class="mono" href=${sessionAddress(id)}>${id.slice(0, 8)}</a></li>`)}</ul>`}
    <p><a href="#/">All sessions</a></p>
  </main>`;
}

// src/screens/diff.js
var WORDS = /[\p{L}\p{M}\p{N}_]+|\r?\n|[^\S\r\n]+|./gsu;
var LONGEST = 2e4;
function DiffScreen({ route }) {
  const [a, b, row] = route.ids;
  const { value, error } = useAnswer(`${a} ${b}`, () => diff(a, b));
  if (error) return html`<${Problem} error=${error} />`;
  if (!value) return html`<main class="screen"><p class="muted loading">Comparing …</p></main>`;
  return html`<${Loaded} key=${`${a} ${b}`} diff=${value} ids=${[a, b]} row=${row} options=${route.options} />`;
}
function Loaded({ diff: diff2, ids, row, options }) {
  const onlyChanged = options.get("only") !== "all";
  const selected = row === void 0 ? diff2.first ?? -1 : Number(row);
  const rows2 = useMemo(() => shownRows(diff2, onlyChanged, selected), [diff2, onlyChanged, selected]);
  const select = (index) => go(diffAddress(ids[0], ids[1], index) + optionsText());
  const place2 = rows2.findIndex((row2) => row2.index === selected);
  const [box, view] = useViewport();
  const step = (by) => {
    const next = Math.min(Math.max(place2 + by, 0), rows2.length - 1);
    if (rows2[next]) replace(diffAddress(ids[0], ids[1], rows2[next].index) + optionsText());
  };
  useEffect(() => {
    if (box.current && place2 >= 0) scrollToRow(box.current, place2);
  }, [place2]);
  const choose = (index) => (event) => {
    event.preventDefault();
    select(index);
  };
  useKeys((key) => {
    const actions = (
      /** @type {Record<string, () => void>} */
      {
        j: () => step(1),
        ArrowDown: () => step(1),
        k: () => step(-1),
        ArrowUp: () => step(-1),
        a: () => replaceOptions({ only: onlyChanged ? "all" : null }),
        e: () => diff2.first !== null && select(diff2.first),
        y: () => void copy(location.href).catch(() => {
        })
      }
    );
    const action = actions[key];
    action?.();
    return action !== void 0;
  });
  const { first, last } = drawnRows(view, rows2.length);
  return html`<main class="screen diff">
    <header class="session-head">
      <a class="quiet" href="#/">‹ Sessions</a>
      <h1>Compare</h1>
      <p class="actions"><a href=${diffAddress(ids[1], ids[0])} onClick=${(event) => {
    event.preventDefault();
    replace(diffAddress(ids[1], ids[0]) + optionsText());
  }}>Swap</a></p>
    </header>
    <${Sides} sessions=${diff2.sessions} />
    <p class="sentence" role="status">${inline(diff2.sentence)}
      ${diff2.asked !== null && diff2.asked !== selected && html` <a href=${diffAddress(ids[0], ids[1], diff2.asked)} onClick=${choose(diff2.asked)}>Show that call</a>`}</p>
    <div class="toolbar">
      <button type="button" class="quiet" aria-pressed=${!onlyChanged} onClick=${() => replaceOptions({ only: onlyChanged ? "all" : null })} title="key a">Show equal spans</button>
      ${diff2.first !== null && html`<button type="button" class="quiet" onClick=${choose(diff2.first)} title="key e">First difference</button>`}
      <span class="muted">${summary(diff2)}</span>
    </div>
    <div class="panes">
      <section class="tree" aria-label="both trees">
        <div class="grid diff-grid" ref=${box} tabindex="0" role="list" aria-label="rows of both trees">
          <div class="grid-rows" style=${{ height: `${rows2.length * ROW}px` }}>
            ${rows2.slice(first, last).map(({ row: row2, index }, at) => html`<${Row2} key=${index} row=${row2} top=${(first + at) * ROW}
              isSelected=${index === selected} isFirst=${index === diff2.first} select=${() => select(index)} />`)}
          </div>
        </div>
        ${rows2.length === 0 && html`<p class="empty">Both sessions did the same.</p>`}
      </section>
      <aside class="detail" aria-label="selected row">
        ${selected >= 0 && diff2.rows[selected] && html`<${Changes} key=${selected} row=${diff2.rows[selected]} sessions=${diff2.sessions} />`}
      </aside>
    </div>
  </main>`;
}
function shownRows(diff2, onlyChanged, selected) {
  const rows2 = diff2.rows.map((row, index) => ({ row, index }));
  if (!onlyChanged) return rows2;
  const wanted = new Uint8Array(rows2.length);
  const path = [];
  rows2.forEach(({ row }, index) => {
    path.length = row.depth;
    path[row.depth] = index;
    if (row.state !== "same" || index === selected) {
      for (const above of path) if (above !== void 0) wanted[above] = 1;
    }
  });
  return rows2.filter((_, index) => wanted[index]);
}
function summary({ rows: rows2 }) {
  const number = (state) => rows2.reduce((sum2, row) => sum2 + Number(row.state === state), 0);
  return `${number("changed")} changed, ${number("added")} added, ${number("removed")} removed, ${number("same")} the same`;
}
function Sides({ sessions: sessions2 }) {
  const [older, newer] = sessions2;
  const figures = [
    ["time", ({ took: took2 }) => took2, duration],
    ["tokens in", ({ input: input2 }) => input2, count],
    ["tokens out", ({ output: output2 }) => output2, count],
    ["cost", ({ cost }) => cost, dollars],
    ["model calls", ({ llm }) => llm, count],
    ["tools", ({ tools }) => tools, count],
    ["spans", ({ spans: spans2 }) => spans2, count],
    ["errors", ({ errors }) => errors, count]
  ];
  const head = (sign, session2) => html`<span class="side-head"><span class="sign">${sign}</span>
    <a href=${sessionAddress(session2.id)}>${session2.name || "\u2013"} <span class="mono">${session2.id.slice(0, 8)}</span></a>
    <span class="muted" title=${exactMoment(session2.start)}>${moment(session2.start)}</span> <${StateMark} state=${session2.state} /></span>`;
  const shown2 = figures.filter(([, of]) => of(older) !== null || of(newer) !== null);
  return html`<div class="sides">
    <p>${head("\u2212", older)}${head("+", newer)}</p>
    <dl>${shown2.map(([name, of, format]) => html`<div key=${name}><dt>${name}</dt>
      <dd>${of(older) === of(newer) ? format(of(older)) : `${format(of(older))} \u2192 ${format(of(newer))}`}${" "}
        <span class="muted" title=${difference(of(older), of(newer), format)}>${share(of(older), of(newer))}</span></dd></div>`)}</dl>
  </div>`;
}
function difference(older, newer, format) {
  if (older === null && newer === null) return "";
  const by = (newer ?? 0) - (older ?? 0);
  if (by === 0) return "=";
  const share2 = older ? ` ${by > 0 ? "+" : "\u2212"}${percent(Math.abs(by), older)}` : "";
  return `${by > 0 ? "+" : "\u2212"}${format(Math.abs(by))}${share2}`;
}
function share(older, newer) {
  if (!older || newer === null || older === newer) return "";
  return `${newer > older ? "+" : "\u2212"}${percent(Math.abs(newer - older), older)}`;
}
var SIGNS = { same: " ", changed: "~", added: "+", removed: "\u2212" };
function Row2({ row, top, isSelected, isFirst, select }) {
  const { state, depth, kind, older, newer, changes } = row;
  const name = row.call ?? row.name;
  const both = older && newer;
  const error = newer?.error ?? older?.error ?? null;
  return html`<div role="listitem" class=${`row diff-row ${state} ${isSelected ? "selected" : ""}`} style=${{ transform: `translateY(${top}px)` }} onClick=${select} aria-current=${isSelected}>
    <span class="sign"><span aria-hidden="true">${SIGNS[state]}</span><span class="visually-hidden">${state}</span></span>
    <span class="cell-name" style=${{ paddingLeft: `${indent(depth)}px` }}><${KindMark} kind=${kind} /><span class="visually-hidden">${kindName(kind)}</span> <span class="name" title=${name}>${name}</span>
      ${isFirst && html`<span class="note">first difference</span>`}
      ${error !== null && html`<span class="error">✗ ${error.split("\n", 1)[0] || "failed"}</span>`}</span>
    <span class="muted changes">${changes.join(", ")}</span>
    <span class="cell-time">${older ? duration(older.took) : ""}</span>
    <span class="cell-time">${newer ? duration(newer.took) : ""}</span>
    <span class="cell-time by">${both ? difference(older.took, newer.took, duration).replace(/ [+−].*/, "") : state === "added" ? "new" : "gone"}</span>
  </div>`;
}
function Changes({ row, sessions: sessions2 }) {
  const [older, newer] = [row.older, row.newer];
  const read = (side, span2) => span2 ? span(sessions2[side].id, span2.span) : null;
  const { value, error } = useAnswer(`${older?.span} ${newer?.span}`, () => Promise.all([read(0, older), read(1, newer)]));
  return html`<div class="pane-content">
    <header class="pane-head"><h2><${KindMark} kind=${row.kind} /> <span class="pane-title">${row.name}</span> <span class="muted">${row.state}</span></h2>
      <p class="actions">${older && html`<a href=${sessionAddress(sessions2[0].id, older.span)}>older span</a>`}
        ${newer && html`<a href=${sessionAddress(sessions2[1].id, newer.span)}>newer span</a>`}</p>
      ${older && newer && (older.input ?? newer.input) !== null && html`<p class="facts"><span>${tokens(older.input, older.output)} ⟶ ${tokens(newer.input, newer.output)} tokens</span></p>`}</header>
    ${error && html`<p class="problem" role="alert">${error.message}</p>`}
    ${older?.error !== newer?.error && html`<${TextChange} title="Error" older=${older?.error} newer=${newer?.error} />`}
    ${value && html`<${ValueChange} title="Input" spans=${value} of=${input} messagesOf=${row.kind === "llm" ? saw : null} />
      <${ValueChange} title="Output" spans=${value} of=${output} messagesOf=${row.kind === "llm" ? wrote : null} />`}
  </div>`;
}
var saw = (span2) => prompt(attribute(span2, "gen_ai.system_instructions"), input(span2));
var wrote = (span2) => messages(output(span2), "assistant");
function ValueChange({ title, spans: spans2, of, messagesOf }) {
  const [older, newer] = spans2.map((span2) => span2 && of(span2));
  const lists = messagesOf ? spans2.map((span2) => span2 && messagesOf(span2)) : [];
  if (lists[0] && lists[1]) return html`<${MessagesChange} title=${title} older=${lists[0]} newer=${lists[1]} />`;
  const trees = [older, newer].map(parsed);
  if (trees.every((tree) => tree !== void 0)) {
    const changes = jsonChanges(trees[0], trees[1]);
    return html`<section><h3>${title}</h3>
      ${changes.length === 0 && html`<p class="muted">The same.</p>`}
      ${changes.map((change) => html`<div class="json-change" key=${change.path}><p class="mono">${change.path || "\xB7"}</p>
        <${TextChange} older=${change.older} newer=${change.newer} /></div>`)}</section>`;
  }
  return html`<${TextChange} title=${title} older=${older} newer=${newer} />`;
}
function MessagesChange({ title, older, newer }) {
  const changes = messageChanges(older, newer);
  const same = Math.max(older.length, newer.length) - changes.length;
  return html`<section><h3>${title}</h3>
    <p class="muted">${changes.length === 0 ? "The same." : same === 0 ? "" : `The same ${counted(same, "message")}, but for ${changes.map(({ number }) => `#${number}`).slice(0, 20).join(", ")}.`}</p>
    ${changes.map(({ number, older: older2, newer: newer2 }) => html`<div class="json-change" key=${number}>
      <p><strong>#${number} ${(newer2 ?? older2)?.role}</strong> <span class="muted">${older2 === null ? "new" : newer2 === null ? "gone" : ""}</span></p>
      <${TextChange} older=${older2 && textOf(older2)} newer=${newer2 && textOf(newer2)} isCounted /></div>`)}</section>`;
}
function TextChange({ title, older, newer, isCounted = false }) {
  const [before2, after2] = [older, newer].map((value) => value === void 0 || value === null ? null : typeof value === "string" ? value : JSON.stringify(value));
  if (before2 === null && after2 === null) return null;
  const body = before2 === after2 ? html`<p class="muted">The same.</p>` : before2 === null || after2 === null || before2.length + after2.length > LONGEST ? html`${before2 !== null && html`<pre class="text removed"><${LongText} text=${before2} /></pre>`}${after2 !== null && html`<pre class="text added"><${LongText} text=${after2} /></pre>`}` : html`<${Words} older=${before2} newer=${after2} isCounted=${isCounted} />`;
  return html`<section>${title && html`<h3>${title}</h3>`}${body}</section>`;
}
function Words({ older, newer, isCounted }) {
  const parts = useMemo(() => diffArrays(older.match(WORDS) ?? [], newer.match(WORDS) ?? [], { timeout: 500 }), [older, newer]);
  if (!parts) return html`<pre class="text removed"><${LongText} text=${older} /></pre><pre class="text added"><${LongText} text=${newer} /></pre>`;
  const words = (side) => parts.filter((part) => part[side]).reduce((sum2, part) => sum2 + (part.value.join("").match(/\S+/g)?.length ?? 0), 0);
  return html`${isCounted && html`<p class="muted">+${words("added")} −${words("removed")} words</p>`}<pre class="text words">${parts.map((part, index) => {
    const text = part.value.join("");
    return part.added ? html`<ins key=${index}>${text}</ins>` : part.removed ? html`<del key=${index}>${text}</del>` : html`<span key=${index}>${text}</span>`;
  })}</pre>`;
}

// src/screens/help.js
var KEYS = [
  ["Everywhere", [["/", "search"], ["?", "this help"], ["Esc", "out of it"], ["[ ]", "previous, next session"], ["g l", "list of sessions"], ["y", "copy the link"], ["x", "select for a comparison"]]],
  ["List", [["j k", "down, up"], ["c", "compare the two that are selected"]]],
  ["Tree", [["\u2191 \u2193 j k", "up, down"], ["\u2192", "open, then the first child"], ["\u2190", "shut, then the parent"], ["Home End PgUp PgDn", "further"], ["*", "open the siblings"], ["\u21E7 \u2190", "shut all"], ["Enter", "to the detail, Esc back"]]],
  ["Jumps", [["e E", "next, previous failure"], ["m M", "next, previous model call"], ["r R", "next, previous repeated call"], ["n N", "next, previous hit"], [".", "what came next, as after a failure"]]],
  ["Time", [["z", "zoom to the span"], ["+ \u2212", "closer, wider"], ["0", "the whole session"], ["c", "critical path"], ["f", "follow what runs"]]],
  ["Detail", [["1 \u2026 5", "tabs"], ["o", "open what is folded"], ["w", "wrap lines, or not"]]],
  ["Comparison", [["j k", "down, up"], ["e", "first difference"], ["a", "equal spans, too"]]]
];
function Help({ close }) {
  const dialog = useRef(
    /** @type {HTMLDialogElement | null} */
    null
  );
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="help" ref=${dialog} onClose=${close} aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <div class="help-groups">${KEYS.map(([title, keys]) => html`<section key=${title}><h3>${title}</h3><dl>
      ${/** @type {string[][]} */
  keys.map(([key, meaning]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}</dl></section>`)}</div>
    <form method="dialog"><button type="submit" class="quiet">Close</button></form>
  </dialog>`;
}

// src/parts/spark.js
function Columns({ values, titles, label, className = "" }) {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const width = 100 / Math.max(values.length, 1);
  return html`<svg class="columns ${className}" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.map((value, index) => {
    const height = value ? Math.max(30 * value / most, 1.5) : 0.5;
    return html`<rect x=${index * width + width * 0.1} y=${32 - height} width=${width * 0.8} height=${height} class=${value ? "" : "none"}>
        <title>${titles[index]}</title>
      </rect>`;
  })}
  </svg>`;
}
function Area({ values, label }) {
  const most = Math.max(1, ...Array.from(values));
  const points = Array.from(values, (value, index) => `L${index} ${(20 - 19 * value / most).toFixed(1)}h1`);
  return html`<svg class="area" viewBox="0 0 ${values.length} 20" preserveAspectRatio="none" role="img" aria-label=${label}>
    <path d="M0 20${points.join("")}V20Z" />
  </svg>`;
}

// src/parts/totals_table.js
var CALLS = { agent: "runs", day: "sessions" };
function TotalsTable({ by, rows: rows2 }) {
  const hasTokens = rows2.some(({ input: input2, output: output2 }) => input2 !== null || output2 !== null);
  const hasCost = rows2.some(({ cost }) => cost !== null);
  const hasErrors = rows2.some(({ errors }) => errors > 0);
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${`totals by ${by}`}><table class="sums">
    <thead><tr><th scope="col">${by}</th><th scope="col">${CALLS[by] ?? "calls"}</th>
      ${hasTokens && html`<th scope="col">tokens</th>`}${hasCost && html`<th scope="col">cost</th>`}
      <th scope="col">p50</th><th scope="col">p95</th>${hasErrors && html`<th scope="col">errors</th>`}</tr></thead>
    <tbody>${rows2.map((row) => html`<tr key=${row.name}><th scope="row">${row.name}</th><td>${count(row.calls)}</td>
      ${hasTokens && html`<td>${tokens(row.input, row.output)}</td>`}${hasCost && html`<td>${dollars(row.cost)}</td>`}
      <td>${duration(row.p50)}</td><td>${duration(row.p95)}</td>
      ${hasErrors && html`<td class=${row.errors > 0 ? "error" : ""}>${row.errors > 0 ? count(row.errors) : ""}</td>`}</tr>`)}</tbody>
  </table></div>`;
}

// src/parts/fault_line.js
function FaultLine({ faults }) {
  return html`<details class="faults"><summary>${counted(faults.count, "thing")} could not be read</summary>
    <ul>${faults.text.map((text) => html`<li key=${text}>${text}</li>`)}</ul></details>`;
}

// src/screens/list.js
var EVERY = 1e3;
var PAGE2 = 200;
var FIRST = 40;
var DAY2 = 24 * 60 * 60 * 1e3;
function ListScreen({ route, setGone }) {
  const { listed, error } = useSessions(setGone);
  const { options } = route;
  const [shown2, setShown] = useState(FIRST);
  const now = useNow(true, 1e3);
  const query2 = options.get("q") ?? "";
  const inContent = options.get("in") === "content";
  const all = useMemo(() => [...listed.sessions.values()], [listed]);
  const found = useMemo(() => filtered(all, options, now), [all, options, Math.floor(now / 6e4)]);
  const filter = { q: inContent ? null : query2, state: options.get("state"), days: options.get("since") };
  const { value: byDay } = useStats("day", filter, listed.version);
  const isSearching = inContent && query2 !== "";
  const search2 = useSearch(isSearching ? query2 : "");
  const hits = isSearching ? search2.hits : null;
  const rows2 = useMemo(() => sorted(hits ? found.filter(({ id }) => hits.has(id)) : found, options.get("sort")), [found, hits, options.get("sort")]);
  const longestTimes = useMemo(() => longest(found), [found]);
  useEffect(() => {
    if (listed.isLoaded && shown2 === FIRST) setShown(PAGE2);
  }, [listed, shown2]);
  const picked = (options.get("x") ?? "").split(",").filter((id) => listed.sessions.has(id));
  const pick = useCallback((id) => {
    const next = picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id].slice(-2);
    replaceOptions({ x: next.join(",") || null });
  }, [picked.join()]);
  const [focused, setFocused] = useState(-1);
  const compare = () => picked.length === 2 && go(diffOf(listed.sessions, picked));
  useKeys((key) => {
    const move = (to) => {
      const next = Math.min(Math.max(to, 0), Math.min(rows2.length, shown2) - 1);
      setFocused(next);
      document.querySelector(`[data-row="${next}"] a`)?.focus();
    };
    const actions = (
      /** @type {Record<string, () => void>} */
      {
        j: () => move(focused + 1),
        k: () => move(focused - 1),
        x: () => rows2[focused] && pick(rows2[focused].id),
        c: compare,
        Escape: () => replaceOptions({ q: null, x: null })
      }
    );
    const action = actions[key];
    action?.();
    return action !== void 0;
  });
  return html`<main class="screen list">
    <header class="list-head">
      <h1>Sessions <span class="mono muted" title=${listed.paths.join("\n") || void 0}>${listed.folder}</span></h1>
      <${Totals} rows=${found} all=${all.length} sums=${byDay?.all ?? null} />
    </header>
    <${Filters} options=${options} />
    ${all.length > 0 && html`<${Charts} byDay=${byDay} filter=${filter} version=${listed.version} />`}
    ${error && !isGone(error) && html`<p class="problem" role="alert">${error.message}</p>`}
    ${isSearching && html`<${SearchStatus} search=${search2} />`}
    <${Table} rows=${rows2.slice(0, shown2)} longest=${longestTimes} picked=${picked} pick=${pick} sort=${options.get("sort")} now=${now} setFocused=${setFocused} hits=${hits} />
    ${rows2.length > shown2 && html`<p><button type="button" class="quiet" onClick=${() => setShown(shown2 + PAGE2)}>${counted(rows2.length - shown2, "more session")}</button></p>`}
    ${listed.isLoaded && rows2.length === 0 && !isSearching && html`<${Empty} all=${all.length} folder=${listed.folder} />`}
    ${picked.length > 0 && html`<footer class="picked">
      <span>${picked.length} of 2 selected</span>
      <button type="button" class="primary" disabled=${picked.length < 2} onClick=${compare} title="key c">Compare</button>
      ${picked.map((id) => html`<a key=${id} class="quiet" href=${`s/${id}.html`} download=${`session-${id.slice(0, 8)}.html`}>Export ${picked.length > 1 ? id.slice(0, 8) : ""}</a>`)}
      <button type="button" class="quiet" onClick=${() => replaceOptions({ x: null })}>Clear</button>
    </footer>`}
    ${listed.faults && html`<${FaultLine} faults=${listed.faults} />`}
  </main>`;
}
function useSessions(setGone) {
  const [listed, setListed] = useState(
    /** @type {Listed} */
    { sessions: /* @__PURE__ */ new Map(), folder: "", paths: [], version: null, faults: null, isLoaded: false }
  );
  const [error, setError] = useState(
    /** @type {Error | null} */
    null
  );
  const version = useRef(
    /** @type {string | undefined} */
    void 0
  );
  usePoll(async () => {
    try {
      const since = version.current;
      const { sessions: sessions2, gone, folder, paths, faults, whole, version: next } = await sessions(since);
      version.current = next;
      setGone(false);
      setError(null);
      if (whole || sessions2.length > 0 || gone.length > 0) {
        setListed((last) => {
          const merged = new Map(whole ? [] : last.sessions);
          for (const id of gone) merged.delete(id);
          for (const session2 of sessions2) merged.set(session2.id, session2);
          return { sessions: merged, folder, paths, version: next, faults, isLoaded: true };
        });
      }
      return EVERY;
    } catch (error2) {
      version.current = void 0;
      setGone(isGone(error2));
      setError(
        /** @type {Error} */
        error2
      );
      return RETRY;
    }
  }, []);
  return { listed, error };
}
function filtered(all, options, now) {
  const query2 = options.get("in") === "content" ? "" : (options.get("q") ?? "").toLowerCase();
  const state = options.get("state");
  const days = Number(options.get("since"));
  const matches = (session2) => (!query2 || [session2.name, session2.id, session2.user ?? "", ...session2.tags, ...session2.step].some((text) => text.toLowerCase().includes(query2))) && (!state || (state === "failed" ? ["failed", "aborted"].includes(session2.state) : session2.state === state)) && (!days || now - millis(session2.start) <= days * DAY2);
  return all.filter(matches);
}
var ORDERS = {
  name: (one, other) => one.name.localeCompare(other.name),
  started: newestFirst,
  took: (one, other) => other.took - one.took,
  spans: (one, other) => other.spans - one.spans,
  llm: (one, other) => other.llm - one.llm,
  tokens: (one, other) => (other.input ?? -1) + (other.output ?? 0) - (one.input ?? -1) - (one.output ?? 0),
  cost: (one, other) => (other.cost ?? -1) - (one.cost ?? -1),
  errors: (one, other) => other.errors - one.errors
};
function newestFirst(one, other) {
  return one.start.length - other.start.length === 0 ? one.start < other.start ? 1 : -1 : other.start.length - one.start.length;
}
function sorted(rows2, by) {
  const isRunning = (session2) => Number(session2.state === "running");
  const order = ORDERS[by ?? "started"] ?? newestFirst;
  return [...rows2].sort((one, other) => isRunning(other) - isRunning(one) || order(one, other) || newestFirst(one, other));
}
function longest(rows2) {
  const found = /* @__PURE__ */ new Map();
  for (const { name, took: took2 } of rows2) found.set(name, Math.max(found.get(name) ?? 1, took2));
  return found;
}
function diffOf(sessions2, picked) {
  const [older, newer] = picked.map((id) => (
    /** @type {Summary} */
    sessions2.get(id)
  )).sort((one, other) => -newestFirst(one, other));
  return diffAddress(older.id, newer.id);
}
function useStats(by, filter, version) {
  const answer = useAnswer(version && JSON.stringify([by, filter, version]), () => stats(by, filter));
  const last = useRef(
    /** @type {{ by: string, value: import("../types.js").StatsDocument | null }} */
    { by, value: null }
  );
  if (answer.value || last.current.by !== by) last.current = { by, value: answer.value };
  return { ...answer, value: last.current.value };
}
function Totals({ rows: rows2, all, sums }) {
  return html`<p class="facts" role="status">
    <span>${rows2.length === all ? counted(all, "session") : `${rows2.length.toLocaleString("en")} of ${counted(all, "session")}`}</span>
    ${sums && html`<span>${tokens(sums.input, sums.output)} tokens</span>
    <span>${dollars(sums.cost)}</span>
    ${sums.errors > 0 && html`<span class="error">${counted(sums.errors, "error")}</span>`}`}
  </p>`;
}
var STATES2 = [["", "all"], ["running", "running"], ["ok", "ok"], ["failed", "failed"]];
var SINCE = [["", "any time"], ["1", "24 h"], ["7", "7 d"], ["30", "30 d"]];
function Filters({ options }) {
  const state = options.get("state") ?? "";
  const typed = (event) => replaceOptions({ q: event.target.value || null });
  const left = (event) => event.key === "Escape" && event.target.blur();
  return html`<div class="toolbar">
    <label class="find wide"><span class="visually-hidden">Search</span>
      <input type="search" data-search placeholder="/ search" value=${options.get("q") ?? ""} onInput=${typed} onKeyDown=${left} /></label>
    <div class="segments" role="radiogroup" aria-label="where to search">
      ${[["", "names"], ["content", "content"]].map(([value, label]) => html`<button type="button" key=${value} role="radio"
        aria-checked=${(options.get("in") ?? "") === value} onClick=${() => replaceOptions({ in: value || null })}>${label}</button>`)}
    </div>
    <div class="segments" role="radiogroup" aria-label="state">
      ${STATES2.map(([value, label]) => html`<button type="button" key=${value} role="radio" aria-checked=${state === value}
        onClick=${() => replaceOptions({ state: value || null })}>${label}</button>`)}
    </div>
    <label class="select"><span class="visually-hidden">Started within</span>
      <select value=${options.get("since") ?? ""} onChange=${(event) => replaceOptions({ since: event.target.value || null })}>
        ${SINCE.map(([value, label]) => html`<option key=${value} value=${value} selected=${(options.get("since") ?? "") === value}>${label}</option>`)}
      </select></label>
  </div>`;
}
var HEADS = [
  ["name", "name"],
  ["started", "started"],
  ["took", "took"],
  ["spans", "spans"],
  ["llm", "model calls"],
  ["tokens", "tokens in \u2192 out"],
  ["cost", "cost"],
  ["errors", "errors"]
];
function Table({ rows: rows2, longest: longest2, picked, pick, sort, now, setFocused, hits }) {
  if (rows2.length === 0) return null;
  const by = sort ?? "started";
  return html`<div class="table-box" tabindex="0" role="region" aria-label="sessions"><table class="sessions">
    <thead><tr>
      <th scope="col"><span class="visually-hidden">select</span></th>
      ${HEADS.map(([key, label]) => html`<th scope="col" key=${key} class=${`col-${key}`} aria-sort=${by === key ? key === "name" ? "ascending" : "descending" : void 0}>
        <button type="button" onClick=${() => replaceOptions({ sort: key === "started" ? null : key })}>${label}${by === key ? html`<span aria-hidden="true"> ${key === "name" ? "\u25B4" : "\u25BE"}</span>` : ""}</button></th>`)}
      <th scope="col">state</th>
    </tr></thead>
    <tbody>${rows2.map((row, index) => html`<${SessionRow} key=${row.id} row=${row} index=${index} most=${longest2.get(row.name) ?? 1}
      isPicked=${picked.includes(row.id)} pick=${pick} ...${times(row, now)} setFocused=${setFocused} />
      ${hits?.has(row.id) && html`<${HitsRow} key=${`hits ${row.id}`} hits=${hits.get(row.id)} />`}`)}</tbody>
  </table></div>`;
}
function times(row, now) {
  const age = now - millis(row.start);
  const started = age < DAY2 ? ago(age) : moment(row.start, now);
  return { started, took: row.state === "running" ? Math.max(age * 1e6, 0) : row.took };
}
var SessionRow = memo(DrawnRow2);
function DrawnRow2({ row, index, most, isPicked, pick, started, took: took2, setFocused }) {
  return html`<tr data-row=${index} class=${isPicked ? "selected" : ""} onFocusCapture=${() => setFocused(index)}>
    <td><input type="checkbox" checked=${isPicked} onChange=${() => pick(row.id)} aria-label=${`select ${row.name} ${row.id.slice(0, 8)}`} /></td>
    <td class="col-name"><a href=${sessionAddress(row.id)} title=${row.name}>${row.name || "\u2013"}</a>${" "}
      <span class="mono muted">${row.id.slice(0, 8)}</span>${row.tags.map((tag) => html`${" "}<span class="tag" key=${tag}>${tag}</span>`)}${" "}${row.user && html`<span class="muted user">${row.user}</span>`}</td>
    <td title=${exactMoment(row.start)}>${started}</td>
    <td class="col-took" title=${exactDuration(took2)}><span class="mini" aria-hidden="true"><span style=${{ width: `${Math.min(100 * took2 / most, 100)}%` }}></span></span>${duration(took2)}</td>
    <td>${count(row.spans)}</td>
    <td>${count(row.llm)}</td>
    <td>${tokens(row.input, row.output)}</td>
    <td>${dollars(row.cost)}</td>
    <td class=${row.errors > 0 ? "error" : ""}>${row.errors > 0 ? `\u2717${count(row.errors)}` : ""}</td>
    <td class="col-state"><${StateMark} state=${row.state} />${row.step.length > 0 && html`<span class="step" title=${row.step.join(" \u203A ")}>${row.step[row.step.length - 1]}</span>`}</td>
  </tr>`;
}
function Empty({ all, folder }) {
  if (all > 0) return html`<p class="empty">No session matches. <button type="button" class="quiet" onClick=${() => replaceOptions({ q: null, state: null, since: null })}>Clear the filters</button></p>`;
  return html`<div class="empty">
    <p>Sessions appear here as programs write them to <span class="mono">${folder}</span>.</p>
    <pre class="code">${`let _guard = agentops::init()?;   // in main

#[agentops::session]
fn ask(question: &str) -> String { \u2026 }`}</pre>
    <p>Run it, or an example: <code>cargo run -p agentops-examples --example quickstart</code></p>
  </div>`;
}
function Charts({ byDay, filter, version }) {
  const [isOpen, setOpen] = useKept("charts", innerWidth < 600 ? "shut" : "open");
  const [by, setBy] = useState("");
  return html`<section class="charts" aria-label="totals">
    <button type="button" class="quiet" aria-expanded=${isOpen === "open"} onClick=${() => setOpen(isOpen === "open" ? "shut" : "open")}><span class="twisty" aria-hidden="true">${isOpen === "open" ? "\u25BE" : "\u25B8"}</span> By day</button>
    ${isOpen === "open" && html`<div class="multiples">${byDay && html`<${DayCharts} stats=${byDay} />`}</div>
    <div class="segments" role="group" aria-label="totals by">
      ${["model", "agent", "tool", "day"].map((key) => html`<button type="button" key=${key} aria-pressed=${by === key} onClick=${() => setBy(by === key ? "" : key)}>by ${key}</button>`)}
    </div>
    ${by && html`<${Stats} by=${by} filter=${filter} version=${version} />`}`}
  </section>`;
}
function DayCharts({ stats: stats2 }) {
  const days = shownDays(stats2.rows);
  const chart = (name, of, text, total = "") => {
    const titles = days.map((day2) => `${day2.name}: ${text(day2)}`);
    return html`<figure>
      <figcaption>${name} <span class="muted">${total}</span></figcaption>
      <${Columns} values=${days.map(of)} titles=${titles} label=${`${name} by day: ${titles.join(", ")}`} className=${name.replace(/ .*/, "")} />
    </figure>`;
  };
  const latency = ({ p50: p502, p95: p952 }) => `p50 ${duration(p502)}, p95 ${duration(p952)}`;
  const { p50, p95, cost } = stats2.all;
  return html`
    ${cost !== null && chart("cost per day", ({ cost: cost2 }) => cost2, ({ cost: cost2 }) => dollars(cost2))}
    ${chart("tokens per day", ({ input: input2, output: output2 }) => (input2 ?? 0) + (output2 ?? 0), ({ input: input2, output: output2 }) => tokens(input2, output2))}
    ${chart("latency", ({ p50: p502 }) => p502, latency, p50 === null ? "" : `p50 ${duration(p50)} \xB7 p95 ${duration(p95)}`)}`;
}
var DAYS = { least: 14, most: 30 };
function shownDays(rows2) {
  const days = new Map(rows2.map((row) => [row.name, row]));
  const first = rows2.reduce((first2, { name }) => name < first2 ? name : first2, "9999");
  const shown2 = [];
  for (let back = 0; back < DAYS.most; back += 1) {
    const name = new Date(Date.now() - back * DAY2).toISOString().slice(0, 10);
    if (back >= DAYS.least && name < first) break;
    shown2.unshift(days.get(name) ?? { name, input: null, output: null, cost: null, p50: null, p95: null });
  }
  return shown2;
}
function Stats({ by, filter, version }) {
  const { value, error } = useStats(by, filter, version);
  if (error) return html`<p class="problem" role="alert">${error.message}</p>`;
  if (!value) return html`<p class="muted">Reading all sessions …</p>`;
  if (value.rows.length === 0) return html`<p class="muted">There are no such calls.</p>`;
  return html`<${TotalsTable} by=${by} rows=${value.rows} />`;
}
var PAUSE2 = 250;
function useSearch(query2) {
  const [state, setState] = useState(
    /** @type {Search} */
    { hits: /* @__PURE__ */ new Map(), count: 0, end: null, error: null }
  );
  useEffect(() => {
    const stop = new AbortController();
    setState({ hits: /* @__PURE__ */ new Map(), count: 0, end: null, error: null });
    const found = (hits, end) => setState((last) => {
      const all = new Map(last.hits);
      for (const hit of hits) all.set(hit.session, [...all.get(hit.session) ?? [], hit]);
      return { ...last, hits: all, count: last.count + hits.length, end };
    });
    const timer2 = query2 && setTimeout(() => {
      search(query2, null, stop.signal, found).catch((error) => stop.signal.aborted || setState((last) => ({ ...last, error })));
    }, PAUSE2);
    return () => {
      clearTimeout(timer2 || void 0);
      stop.abort();
    };
  }, [query2]);
  return state;
}
function SearchStatus({ search: { count: count2, end, error } }) {
  const status = end ? `${counted(count2, "hit")}${end.more ? ", and more that are not listed" : ""}` : `${counted(count2, "hit")} so far \u2026`;
  return html`<div class="hits-status">
    <p class="muted" role="status">${status}</p>
    ${(error || end?.error) && html`<p class="problem" role="alert">${error ? error.message : end.error}</p>`}
    ${end?.faults && html`<${FaultLine} faults=${end.faults} />`}
  </div>`;
}
var HITS = 5;
function HitsRow({ hits }) {
  const [shown2, setShown] = useState(HITS);
  return html`<tr class="hits-row"><td colspan="10"><ul class="hits">${hits.slice(0, shown2).map((hit, index) => html`<li key=${index}>
      <a href=${sessionAddress(hit.session, hit.span)}><${KindMark} kind=${hit.kind} /> ${hit.name}</a>
      <span class="muted">${hit.field}</span>
      <p><${LongText} text=${hit.before} /><mark>${hit.hit}</mark><${LongText} text=${hit.after} /></p>
    </li>`)}</ul>
    ${hits.length > shown2 && html`<button type="button" class="quiet" onClick=${() => setShown(Infinity)}>${counted(hits.length - shown2, "more hit")}</button>`}
  </td></tr>`;
}

// src/model/failures.js
function isOrigin(session2, node) {
  if (session2.error(node) === null) return false;
  for (const child of session2.children(node)) if (session2.error(child) !== null) return false;
  return true;
}
function failures(session2) {
  const found = [];
  for (let node = 0; node < session2.length; node += 1) if (isOrigin(session2, node)) found.push(node);
  return found.sort((one, other) => session2.end(one) - session2.end(other));
}
function nextAfter(session2, node) {
  const end = session2.end(node);
  for (let inner = node; session2.parents[inner] >= 0; inner = session2.parents[inner]) {
    let next;
    for (const sibling of session2.children(session2.parents[inner])) {
      const begin = session2.columns.begin[sibling];
      const isFirst = next === void 0 || begin < session2.columns.begin[next];
      if (sibling !== inner && begin >= end && isFirst) next = sibling;
    }
    if (next !== void 0) return next;
  }
  return void 0;
}

// src/model/session.js
var CANCELLED = 1;
var LATE = 2;
var UNFINISHED = 4;
var OPEN = 8;
var ID2 = 16;
var FEWEST_FOLDED = 3;
var Session = class {
  /** @param {SessionColumns} columns */
  constructor(columns) {
    this.columns = columns;
    this.length = columns.nodes;
    this.parents = parents(columns);
    this.runs = runs(columns);
    this.span = extent(columns);
    this.scored = scoresBySpan(columns);
  }
  /** @param {number} node */
  id(node) {
    return this.columns.id16.slice(node * ID2, node * ID2 + ID2);
  }
  /**
   * Finds the node with an id, or with the only id that begins like this.
   * @param {string} id
   */
  find(id) {
    const { id16 } = this.columns;
    for (let at = id16.indexOf(id); at >= 0; at = id16.indexOf(id, at + 1)) {
      if (at % ID2 === 0) return at / ID2;
    }
    return -1;
  }
  /** @param {number} node */
  kind(node) {
    return this.columns.strings[this.columns.kind[node]];
  }
  /** @param {number} node */
  title(node) {
    return this.columns.strings[this.columns.title[node]] || NO_NAME;
  }
  /** @param {number} node */
  model(node) {
    return this.#text(this.columns.model[node]);
  }
  /** @param {number} node */
  agent(node) {
    return this.#text(this.columns.agent[node]);
  }
  /**
   * Returns the message of a failed span, which may be empty; `null` for others.
   * @param {number} node
   */
  error(node) {
    return this.#text(this.columns.error[node]);
  }
  /** @param {number} index */
  #text(index) {
    return index < 0 ? null : this.columns.strings[index];
  }
  /**
   * Returns the scores of a span; those of the session are those of its root, too.
   * @param {number} node
   */
  scores(node) {
    return this.scored.get(this.id(node)) ?? NO_SCORES;
  }
  /** @param {number} node */
  isOpen(node) {
    return (this.columns.marks[node] & OPEN) !== 0;
  }
  /** @param {number} node */
  hasChildren(node) {
    return this.columns.size[node] > 1;
  }
  /**
   * Returns the nodes below a node, without those below them.
   * @param {number} node
   */
  *children(node) {
    const { size } = this.columns;
    for (let child = node + 1; child < node + size[node]; child += size[child]) yield child;
  }
  /** @param {number} node */
  end(node) {
    return this.columns.begin[node] + this.columns.took[node];
  }
  /**
   * Returns the nodes above a node, the innermost first.
   * @param {number} node
   */
  *above(node) {
    for (let parent = this.parents[node]; parent >= 0; parent = this.parents[parent]) yield parent;
  }
  get hasCost() {
    return this.columns.cost[0] !== null;
  }
  get hasTokens() {
    return this.columns.input[0] !== null || this.columns.output[0] !== null;
  }
  get isRunning() {
    return this.columns.state === "running";
  }
};
var NO_NAME = "\u2013";
var NO_SCORES = [];
function scoresBySpan({ scores, id16 }) {
  return Map.groupBy(scores, ({ span: span2 }) => span2 ?? id16.slice(0, ID2));
}
function parents({ depth, nodes }) {
  const parents2 = new Int32Array(nodes);
  const path = [];
  for (let node = 0; node < nodes; node += 1) {
    path.length = depth[node];
    parents2[node] = depth[node] > 0 ? path[depth[node] - 1] : -1;
    path[depth[node]] = node;
  }
  return parents2;
}
function runs({ nodes, size, depth, kind, title, error, marks }) {
  const runs2 = new Int32Array(nodes);
  const isPlain = (node) => size[node] === 1 && error[node] < 0 && marks[node] === 0;
  for (let node = 0; node < nodes; ) {
    let next = node + 1;
    if (isPlain(node)) {
      const isEqual = (other) => depth[other] === depth[node] && kind[other] === kind[node] && title[other] === title[node];
      while (next < nodes && isPlain(next) && isEqual(next)) next += 1;
      if (next - node >= FEWEST_FOLDED) runs2[node] = next - node;
    }
    node = next;
  }
  return runs2;
}
function extent({ nodes, begin, took: took2 }) {
  let [from, to] = [0, 1];
  for (let node = 0; node < nodes; node += 1) {
    from = Math.min(from, begin[node]);
    to = Math.max(to, begin[node] + took2[node]);
  }
  return { from, to };
}

// src/parts/span_link.js
function SpanLink({ session: session2, node, select, title, children }) {
  const choose = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(node);
  };
  return html`<a href=${sessionAddress(session2.columns.id, session2.id(node))} title=${title} onClick=${choose}>${children ?? `${kindName(session2.kind(node))} ${session2.title(node)}`}</a>`;
}

// src/parts/context_bar.js
var ROLES = ["system", "user", "assistant", "tool", "other"];
function ContextBar({ context, label, width = 1 }) {
  const shown2 = context ?? { other: 1 };
  const text = context ? `${label}: ${shares(context)}` : label;
  return html`<div class="context-bar" style=${{ width: `${Math.max(100 * width, 0.5)}%` }} role="img" aria-label=${text} title=${text}>
    ${ROLES.filter((role) => shown2[role] > 0).map((role) => html`<span key=${role} class="role-${role}" style=${{ flexGrow: shown2[role] }}></span>`)}
  </div>`;
}
function shares(context) {
  const whole = Object.values(context).reduce((sum2, length) => sum2 + length, 0);
  return ROLES.filter((role) => context[role] > 0).map((role) => `${role} ${percent(context[role], whole)}`).join(", ");
}

// src/detail/agent_turns.js
var MOST2 = 200;
var LISTED = 4;
function AgentTurns({ session: session2, node, calls: calls2, select }) {
  const turns = turnsOf(session2, node);
  if (turns.length === 0) return html`<p class="empty">No model was called by this agent itself.</p>`;
  const most = Math.max(1, ...turns.map((turn) => session2.columns.input[turn] ?? 0));
  return html`
    <p class="muted">Tokens of the context at each turn, by what they are of. What grows is what the agent carries along.</p>
    <ol class="turns">
      ${turns.slice(0, MOST2).map((turn, index) => html`<${Turn} key=${session2.id(turn)} session=${session2} turn=${turn} number=${index + 1}
        before=${turns[index - 1]} next=${turns[index + 1]} calls=${calls2} most=${most} select=${select} />`)}
    </ol>
    ${turns.length > MOST2 && html`<p class="muted">${turns.length - MOST2} more turns are not listed.</p>`}
  `;
}
function turnsOf(session2, node) {
  const { size } = session2.columns;
  const turns = [];
  for (let inner = node + 1; inner < node + size[node]; ) {
    const kind = session2.kind(inner);
    if (kind === "llm") turns.push(inner);
    inner += kind === "agent" ? size[inner] : 1;
  }
  return turns;
}
function Turn({ session: session2, turn, number, before: before2, next, calls: calls2, most, select }) {
  const { input: input2, output: output2, cost, took: took2 } = session2.columns;
  const tools = toolsBetween(session2, turn, next);
  const grown = before2 === void 0 || input2[turn] === null || input2[before2] === null ? null : Number(input2[turn]) - Number(input2[before2]);
  return html`<li>
    <p class="turn-head">
      <${SpanLink} session=${session2} node=${turn} select=${select}>${number}. ${session2.title(turn)}<//>
      <span class="muted">${tokens(input2[turn], output2[turn])}${grown !== null ? ` (${grown < 0 ? "" : "+"}${count(grown)})` : ""} · ${duration(took2[turn])} · ${dollars(cost[turn])}</span>
    </p>
    <${ContextBar} context=${calls2?.context.get(turn)} label=${`context ${count(input2[turn])} tokens`} width=${(input2[turn] ?? 0) / most} />
    <${Added} session=${session2} turn=${turn} calls=${calls2} />
    ${tools.length > 0 && html`<p class="muted">then ${tools.join(", ")}</p>`}
  </li>`;
}
function Added({ session: session2, turn, calls: calls2 }) {
  const added = (calls2?.added.get(turn) ?? []).toSorted((one, other) => other[2] - one[2]);
  const whole = added.reduce((sum2, [, , characters]) => sum2 + characters, 0);
  if (whole === 0) return null;
  const parts = added.map(([role, tool, characters]) => `${role === "tool" && tool >= 0 ? `result of ${session2.title(tool)}` : role} ${percent(characters, whole)}`);
  const more = parts.length - LISTED;
  return html`<p class="muted" title="by characters">added: ${parts.slice(0, LISTED).join(", ")}${more > 0 && `, ${more} more`}</p>`;
}
function toolsBetween(session2, turn, next) {
  const { begin } = session2.columns;
  const names = /* @__PURE__ */ new Map();
  for (const sibling of session2.children(session2.parents[turn])) {
    const isBetween = begin[sibling] >= session2.end(turn) && (next === void 0 || begin[sibling] < begin[next]);
    if (isBetween && session2.kind(sibling) !== "llm") names.set(session2.title(sibling), (names.get(session2.title(sibling)) ?? 0) + 1);
  }
  return [...names].map(([name, times2]) => times2 > 1 ? `${name} \xD7${times2}` : name);
}

// src/detail/conversation.js
var TEXT2 = 8e3;
var PAGE3 = 20;
function Conversation({ span: span2, context, before: before2, toolOf }) {
  const wrote2 = messages(output(span2), "assistant");
  const saw2 = prompt(attribute(span2, "gen_ai.system_instructions"), input(span2));
  if (!wrote2 && !saw2) {
    return html`<p class="empty">Neither input nor output of this call is recorded. Content is recorded unless
      <code>capture_content(false)</code>, <code>capture_input = false</code> or <code>capture_output = false</code> is set.</p>`;
  }
  return html`<div class="conversation">
    <section>
      <h3>Wrote</h3>
      ${wrote2 ? wrote2.map((message, index) => html`<${MessageView} key=${index} message=${message} isOpen toolOf=${toolOf} />`) : html`<p class="muted">Nothing is recorded.</p>`}
    </section>
    <${Saw} messages=${saw2 ?? []} span=${span2} context=${context} before=${before2} toolOf=${toolOf} />
    <${Settings} span=${span2} />
    <${Tools} definitions=${attribute(span2, "gen_ai.tool.definitions")} />
  </div>`;
}
function Saw({ messages: messages2, span: span2, context, before: before2, toolOf }) {
  const old = before2?.same ?? 0;
  const [shown2, setShown] = useState(PAGE3);
  const [onlyNew, setOnlyNew] = useState(false);
  const listed = messages2.map((message, index) => ({ message, index })).filter(({ index }) => !onlyNew || index >= old);
  const newest2 = listed.toReversed();
  return html`<section>
    <h3>Saw <span class="muted">newest first, ${counted(messages2.length, "message")}</span>
      ${old > 0 && html`<label class="inline"><input type="checkbox" checked=${onlyNew} onChange=${() => setOnlyNew(!onlyNew)} />
        only the ${messages2.length - old} since the call before</label>`}
    </h3>
    <${Context} span=${span2} context=${context} before=${before2} />
    ${newest2.slice(0, shown2).map(
    ({ message, index }, place2) => html`<${MessageView} key=${index} message=${message} number=${index + 1} isOpen=${place2 === 0 && message.role !== "system"}
        isOld=${index < old} toolOf=${toolOf} />`
  )}
    ${newest2.length > shown2 && html`<button type="button" class="quiet" onClick=${() => setShown(shown2 + PAGE3)}>${counted(newest2.length - shown2, "earlier message")}</button>`}
    ${messages2.length === 0 && html`<p class="muted">Nothing is recorded.</p>`}
  </section>`;
}
function Context({ span: span2, context, before: before2 }) {
  const { input: input2, cached, written } = usage(span2);
  const lines = [
    context && `context${input2 === null ? "" : ` ${exact(input2)} tokens`}: ${shares(context)}`,
    [
      cached !== null && input2 !== null && `${exact(cached)} of ${exact(input2)} tokens from the cache (${percent(cached, input2)})`,
      written !== null && written > 0 && `${exact(written)} written to it`,
      before2 && prefixText(before2)
    ].filter(Boolean).join("; ")
  ].filter(Boolean);
  return html`<div class="context">
    ${context && Object.keys(context).length > 1 && html`<${ContextBar} context=${context} label="context by characters" />`}
    ${lines.map((line) => html`<p key=${line} class="muted">${line}</p>`)}
  </div>`;
}
function prefixText({ same, all }) {
  return same < all ? `the prefix of the call before breaks at message ${same + 1}` : `begins with all of the call before (${counted(all, "message")})`;
}
function exact(number) {
  return number.toLocaleString("en");
}
function Settings({ span: span2 }) {
  const { input: input2, output: output2, cost, inputCost, outputCost } = usage(span2);
  const set = parameters(span2);
  const isExplained = cost !== null && inputCost !== null && outputCost !== null;
  if (set.length === 0 && !isExplained) return null;
  return html`<section class="settings">
    <h3>Settings and cost</h3>
    ${set.length > 0 && html`<p>${set.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ")}</p>`}
    ${isExplained && html`<p>${dollars(cost)}: ${dollars(inputCost)} for ${exact(input2 ?? 0)} tokens in, ${dollars(outputCost)} for ${exact(output2 ?? 0)} out</p>`}
  </section>`;
}
function MessageView({ message, number, isOpen, isOld = false, toolOf }) {
  const [open, setOpen] = useState(isOpen);
  const { role, parts, finish } = message;
  const about = [bytes(lengthOf(message)), finish && finish !== "unknown" && `finish: ${finish}`, isOld && "as before"].filter(Boolean).join(" \xB7 ");
  return html`<article class="message role-${ROLES.includes(role) ? role : "other"}">
    <button type="button" class="message-head" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <span class="twisty" aria-hidden="true">${open ? "\u25BE" : "\u25B8"}</span>
      <strong>${role}</strong>
      ${number !== void 0 && html`<span class="muted">#${number}</span>`}
      ${!open && html`<span class="preview">${preview(message)}</span>`}
      <span class="muted about">${about}</span>
    </button>
    ${open && html`<div class="message-body">${parts.map((part, index) => html`<${PartView} key=${index} part=${part} toolOf=${toolOf} />`)}</div>`}
  </article>`;
}
function preview(message) {
  const [part] = message.parts;
  if (!part) return "empty";
  if (part.type === "call") return `calls ${part.name}`;
  if (part.type === "result") return `result ${short(part.output)}`;
  return short(part.type === "other" ? part.value : part.text);
}
function short(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return text.slice(0, 160).replace(/\s+/g, " ");
}
function PartView({ part, toolOf }) {
  const [isWhole, setWhole] = useState(false);
  const [isOpen, setOpen] = useState(false);
  switch (part.type) {
    case "text":
      return html`<${Markdown} text=${isWhole ? part.text : part.text.slice(0, TEXT2)} />
        ${part.text.length > TEXT2 && !isWhole && html`<button type="button" class="quiet" onClick=${() => setWhole(true)}>show all ${bytes(part.text.length)}</button>`}`;
    case "reasoning":
      return html`<div class="part">
        <button type="button" class="part-head" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
          <span class="twisty" aria-hidden="true">${isOpen ? "\u25BE" : "\u25B8"}</span> reasoning <span class="muted">${bytes(part.text.length)}</span>
        </button>
        ${isOpen && html`<pre class="text"><${LongText} text=${part.text} /></pre>`}
      </div>`;
    case "call": {
      const link = part.id && toolOf(part.id);
      return html`<div class="part">
        <p class="part-head">calls <strong class="mono">${part.name}</strong> ${link && html`<a href=${link}>go to the tool</a>`}</p>
        <${Value} value=${part.input} />
      </div>`;
    }
    case "result": {
      const link = part.id && toolOf(part.id);
      return html`<div class="part">
        <p class="part-head">result ${link && html`<a href=${link}>go to the tool</a>`}</p>
        <${Value} value=${part.output} />
      </div>`;
    }
    default:
      return html`<div class="part"><p class="part-head">${part.name}</p><${Value} value=${part.value} /></div>`;
  }
}
function Tools({ definitions }) {
  const [isOpen, setOpen] = useState(false);
  if (definitions === void 0) return null;
  return html`<section>
    <button type="button" class="part-head" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <span class="twisty" aria-hidden="true">${isOpen ? "\u25BE" : "\u25B8"}</span> Tools that it could call
    </button>
    ${isOpen && html`<${Value} value=${definitions} />`}
  </section>`;
}

// src/detail/input_output.js
function InputOutput({ span: span2 }) {
  const scores = span2.attributes.filter(([key]) => key.startsWith("gen_ai.evaluation."));
  const found = documents(span2);
  return html`
    <${Side} title="Input" value=${input(span2)} />
    ${found.length > 0 && html`<${Documents} documents=${found} />`}
    ${(found.length === 0 || output(span2) !== void 0) && html`<${Side} title="Output" value=${output(span2)} />`}
    ${scores.length > 0 && html`<section><h3>Scores</h3><div class="json"><${JsonTree} value=${Object.fromEntries(scores)} /></div></section>`}
  `;
}
function Side({ title, value }) {
  return html`<section class="side">
    <h3>${title} ${value !== void 0 && html`<${CopyButton} label="Copy" text=${typeof value === "string" ? value : JSON.stringify(value)} />`}</h3>
    ${value === void 0 ? html`<p class="muted">Nothing is recorded.</p>` : html`<${Value} value=${value} />`}
  </section>`;
}
function Documents({ documents: documents2 }) {
  return html`<section>
    <h3>${counted(documents2.length, "document")}</h3>
    <ol class="documents">
      ${documents2.map(({ score, id, content: content2, text, ...rest }, index) => html`<li key=${index}>
        <p class="document-head"><span class="muted">${index + 1}</span>
          ${score !== void 0 && html`<strong title=${`score ${score}`}>${Number(score).toPrecision(3)}</strong>`}
          <span class="mono">${id}</span></p>
        <${Body} value=${content2 ?? text} />
        ${Object.entries(rest).map(([key, value]) => html`<${Value} key=${key} name=${key} value=${value} />`)}
      </li>`)}
    </ol>
  </section>`;
}
function Body({ value }) {
  if (value === void 0) return null;
  return typeof value === "string" ? html`<p class="document-text"><${LongText} text=${value} /></p>` : html`<${Value} value=${value} />`;
}

// src/detail/scores.js
var THUMBS = [
  { key: "up", value: 1, label: "correct" },
  { key: "down", value: 0, label: "incorrect" }
];
var THUMB_NAME = "correctness";
var NUMBER_NAME = "quality";
function Scores({ session: session2, node, refresh }) {
  const scores = session2.scores(node);
  const mayScore = session2.columns.may_score && !session2.isOpen(node);
  if (scores.length === 0 && !mayScore) return null;
  return html`<section class="scores" aria-label="scores">
    ${scores.length > 0 && html`<ul>${scores.map((score, index) => html`<li key=${index}>
      <span class="scored" aria-hidden="true">★</span> <strong>${score.name || "\u2013"}</strong> ${scoreText(score)}${" "}
      <span class="muted" title=${exactMoment(score.time)}>${[score.author, moment(score.time)].filter(Boolean).join(", ")}</span>
      ${score.explanation && html`<p><${LongText} text=${score.explanation} /></p>`}
    </li>`)}</ul>`}
    ${mayScore && html`<${ScoreForm} session=${session2} node=${node} refresh=${refresh} />`}
  </section>`;
}
function scoreText({ value, label }) {
  return [value, label].filter((part) => part !== null).join(" ");
}
function ScoreForm({ session: session2, node, refresh }) {
  const [choice, setChoice] = useState("");
  const [error, setError] = useState("");
  const [said, setSaid] = useState("");
  const first = useRef(
    /** @type {HTMLInputElement | null} */
    null
  );
  const chosen = useRef(
    /** @type {HTMLElement | null} */
    null
  );
  useEffect(() => {
    if (choice) first.current?.focus();
  }, [choice]);
  const choose = (next) => (event) => {
    chosen.current = event.currentTarget;
    setError("");
    setSaid("");
    setChoice(choice === next ? "" : next);
  };
  const leave = () => {
    setChoice("");
    setError("");
    chosen.current?.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    const fields = event.currentTarget.elements;
    const thumb = THUMBS.find(({ key }) => key === choice);
    const text = thumb ? "" : fields.value.value.trim();
    const value = thumb ? thumb.value : Number(text.replace(",", "."));
    if (!thumb && (text === "" || !Number.isFinite(value))) {
      setError("Write a number, such as 0.8.");
      fields.value.focus();
      return;
    }
    try {
      await giveScore(session2.columns.id, {
        span: node === 0 ? null : session2.id(node),
        name: thumb ? THUMB_NAME : fields.name.value.trim() || NUMBER_NAME,
        value,
        label: thumb ? thumb.label : null,
        explanation: fields.explanation.value.trim() || null
      });
      leave();
      setSaid("The score is saved.");
      refresh();
    } catch (error2) {
      setError(
        /** @type {Error} */
        error2.message
      );
    }
  };
  const left = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  };
  return html`<div class="score-form" onKeyDown=${choice ? left : void 0}>
    <p class="actions">
      ${THUMBS.map(({ key, label }) => html`<button type="button" key=${key} class="quiet thumb" aria-pressed=${choice === key} title=${label}
        aria-label=${`score as ${label}`} onClick=${choose(key)}><${Thumb} isUp=${key === "up"} /></button>`)}
      <button type="button" class="quiet" aria-pressed=${choice === "number"} onClick=${choose("number")}>Number</button>
    </p>
    ${choice && html`<form key=${choice} onSubmit=${submit} noValidate>
      ${choice === "number" && html`
        <label>Number <input ref=${first} name="value" inputmode="decimal" autocomplete="off" aria-describedby="score-error" /></label>
        <label>of <input name="name" value=${NUMBER_NAME} maxlength="100" autocomplete="off" /></label>`}
      <label class="wide">Comment <input ref=${choice === "number" ? null : first} name="explanation" maxlength="10000" autocomplete="off" /></label>
      <button type="submit" class="primary">Save</button>
    </form>`}
    <p id="score-error" class=${error ? "problem" : "visually-hidden"} role=${error ? "alert" : "status"}>${error || said}</p>
  </div>`;
}
function Thumb({ isUp }) {
  return html`<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" class=${isUp ? "" : "down"}>
    <path d="M1.5 7h2.5v7H1.5zM4 7.2 7 1.5c1.3 0 1.9.9 1.6 2.2L8 6.2h4.7c1 0 1.7.9 1.5 1.8l-1 4.6c-.2.8-.8 1.4-1.6 1.4H4" />
  </svg>`;
}

// src/detail/session_about.js
var MOST3 = 20;
var METADATA = "agentops.metadata.";
function SessionAbout({ session: session2, span: span2, select }) {
  const { user, tags, program, related } = session2.columns;
  const metadata = (span2?.attributes ?? []).filter(([key]) => key.startsWith(METADATA));
  const rows2 = [
    ["user", user],
    ["tags", tags.join(", ")],
    ["program", program],
    ...metadata.map(([key, value]) => [key.slice(METADATA.length), typeof value === "string" ? value : JSON.stringify(value)]),
    ["budget", span2 && limits(span2)],
    ["budget exceeded", span2 && exceeded(span2)],
    ["started by", related.started_by && html`<${SessionLink} related=${related.started_by} isOuter />`],
    ["started here", related.started.length > 0 && related.started.map((inner) => html`<p key=${inner.id}><${SessionLink} related=${inner} /></p>`)]
  ].filter(([, value]) => value);
  return html`
    ${rows2.length > 0 && html`<table class="attributes about"><tbody>
      ${rows2.map(([key, value]) => html`<tr key=${key}><th scope="row">${key}</th><td>${typeof value === "string" ? html`<${LongText} text=${value} />` : value}</td></tr>`)}
    </tbody></table>`}
    <${Failures} session=${session2} select=${select} />
  `;
}
function limits(span2) {
  const limit = (name) => attribute(span2, `agentops.session.budget.${name}`);
  const parts = ["tokens", "usd", "seconds"].filter((name) => limit(name) !== void 0).map((name) => `${limit(name).toLocaleString("en")} ${name}`);
  return parts.join(", ").replace(" usd", " US dollars");
}
function exceeded(span2) {
  const event = span2.events.find(({ name }) => name === "agentops.session.budget_exceeded");
  if (!event) return null;
  const about = Object.fromEntries(event.attributes);
  const text = about["exception.message"] ?? about["agentops.session.budget.limit"] ?? "";
  return html`<span class="error">${text}</span> after ${duration(Number(BigInt(event.time) - BigInt(span2.start)))}`;
}
function SessionLink({ related: { id, span: span2, name, state }, isOuter = false }) {
  const short2 = html`<span class="mono muted">${id.slice(0, 8)}</span>`;
  if (name === null) return html`<span>session ${short2}, which is not here</span>`;
  return html`<a href=${isOuter ? sessionAddress(id, span2) : sessionAddress(id)}>session ${name || "\u2013"} ${short2}</a> ${state && html`<${StateMark} state=${state} />`}`;
}
function Failures({ session: session2, select }) {
  const failed = failures(session2);
  if (failed.length === 0) return null;
  return html`<section>
    <h3>Failures</h3>
    <ul class="failures">${failed.slice(0, MOST3).map((node) => html`<li key=${session2.id(node)}>
      <${SpanLink} session=${session2} node=${node} select=${select} /> <span class="error">${(session2.error(node) ?? "").split("\n", 1)[0] || "failed"}</span></li>`)}</ul>
    ${failed.length > MOST3 && html`<p class="muted">${failed.length - MOST3} more (key e)</p>`}
  </section>`;
}

// src/detail/session_totals.js
function SessionTotals({ session: session2 }) {
  const { id, version } = session2.columns;
  const { value, error } = useAnswer(`${id} ${version}`, () => totals(id));
  const last = useRef(value);
  last.current = value ?? last.current;
  return html`
    <${ByKind} session=${session2} />
    ${error && html`<p class="problem" role="alert">${error.message}</p>`}
    ${GROUPS.map(([by, title]) => {
    const rows2 = last.current?.[by].rows ?? [];
    return rows2.length > 0 && html`<section key=${by}><h3>${title}</h3><${TotalsTable} by=${by} rows=${rows2} /></section>`;
  })}
  `;
}
var GROUPS = [["model", "Models"], ["agent", "Agents"], ["tool", "Tools"]];
function ByKind({ session: session2 }) {
  const whole = session2.columns.by_kind.reduce((sum2, { time }) => sum2 + time, 0);
  return html`<section>
    <h3>Time on the critical path</h3>
    <table class="sums"><tbody>
      ${session2.columns.by_kind.map(({ kind, time }) => html`<tr key=${kind}>
        <th scope="row">${kind === "session" ? "own code" : kindName(kind)}</th><td>${duration(time)}</td><td>${percent(time, whole)}</td>
      </tr>`)}
    </tbody></table>
  </section>`;
}

// src/detail/tables.js
function Attributes({ span: span2 }) {
  const [filter, setFilter] = useState("");
  const has = ([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`.toLowerCase().includes(filter);
  const shown2 = otherAttributes(span2).filter((pair) => !filter || has(pair));
  return html`
    <label class="filter">Filter <input type="search" value=${filter} onInput=${(event) => setFilter(event.target.value.toLowerCase())} /></label>
    <${Table2} attributes=${shown2} />
    <h3>Resource</h3>
    <${Table2} attributes=${span2.resource} />
    <p class="muted">scope ${span2.scope.name} ${span2.scope.version}</p>
  `;
}
function Table2({ attributes }) {
  if (attributes.length === 0) return html`<p class="muted">None.</p>`;
  return html`<table class="attributes"><tbody>
    ${attributes.map(([key, value], index) => html`<tr key=${index}><th scope="row">${key}</th><td><${Cell} value=${value} /></td></tr>`)}
  </tbody></table>`;
}
function Cell({ value }) {
  return parsed(value) !== void 0 ? html`<${Value} value=${value} />` : html`<${LongText} text=${String(value)} />`;
}
function Events({ span: span2 }) {
  const after2 = (time) => duration(Number(BigInt(time) - BigInt(span2.start)));
  return html`
    ${span2.events.length === 0 && html`<p class="muted">No events.</p>`}
    ${span2.events.map((event, index) => html`<section key=${index}>
      <h3>${event.name} <span class="muted" title=${exactMoment(event.time)}>after ${after2(event.time)}</span></h3>
      <${Table2} attributes=${event.attributes} />
    </section>`)}
    ${span2.links.length > 0 && html`<h3>Links</h3>`}
    ${span2.links.map((link, index) => html`<section key=${index}>
      <p>${link.is_here ? html`<a href=${sessionAddress(link.trace, link.span)}>${link.trace.slice(0, 8)}/${link.span.slice(0, 8)}</a>` : html`<span class="mono">${link.trace}/${link.span}</span>`}</p>
      <${Table2} attributes=${link.attributes} />
    </section>`)}
  `;
}
function Raw({ span: span2 }) {
  const text = JSON.stringify(span2, null, 2);
  return html`
    <p class="muted">
      ${span2.place && html`<span class="mono">${span2.place.file}</span> at byte ${span2.place.offset.toLocaleString("en")}.`}
      Started ${new Date(millis(span2.start)).toISOString()}. <${CopyButton} label="Copy" text=${text} />
    </p>
    <pre class="text"><${LongText} text=${text} /></pre>
  `;
}

// src/detail/span_pane.js
var TABS = [
  { name: "chat", label: "Conversation", kinds: ["llm"] },
  { name: "turns", label: "Turns", kinds: ["agent"] },
  { name: "totals", label: "Totals", kinds: ["session"] },
  { name: "io", label: "Input/output", kinds: null },
  { name: "attributes", label: "Attributes", kinds: null },
  { name: "events", label: "Events", kinds: null },
  { name: "raw", label: "Raw", kinds: null }
];
var SpanPane = memo(DrawnPane);
function tabsOf(kind) {
  return TABS.filter(({ kinds }) => !kinds || kinds.includes(kind));
}
function DrawnPane({ session: session2, node, calls: calls2, tab, setTab: setTab2, select, refresh }) {
  const id = session2.id(node);
  const kind = session2.kind(node);
  const isOpen = session2.isOpen(node);
  const { value: span2, error, isLoading } = useAnswer(isOpen ? null : `${session2.columns.id}/${id}`, () => span(session2.columns.id, id));
  const tabs = tabsOf(kind);
  const chosen = tabs.find(({ name }) => name === tab) ?? tabs[0];
  return html`<div class="pane-content">
    <${Head} session=${session2} node=${node} span=${span2} />
    <${Around} session=${session2} node=${node} calls=${calls2} select=${select} />
    <${Scores} key=${id} session=${session2} node=${node} refresh=${refresh} />
    <div class="tabs" role="tablist" aria-label="What is known of the span">
      ${tabs.map(
    ({ name, label }, index) => html`<button type="button" role="tab" id=${`tab-${name}`} aria-selected=${name === chosen.name}
          aria-controls="tab-panel" title=${`key ${index + 1}`} onClick=${() => setTab2(name)}>${label}</button>`
  )}
    </div>
    <div role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${chosen.name}`} class="tab-panel" tabindex="0">
      ${error && html`<p class="problem" role="alert">${error.message}</p>`}
      ${isLoading && html`<p class="muted">Reading the span …</p>`}
      ${isOpen && html`<p class="empty">This span has not ended. What it was given and what it returns is written when it ends.</p>`}
      ${(span2 || isOpen && ["turns", "totals"].includes(chosen.name)) && html`<${Panel} name=${chosen.name} session=${session2} node=${node} span=${span2} calls=${calls2} select=${select} />`}
    </div>
  </div>`;
}
function Panel({ name, session: session2, node, span: span2, calls: calls2, select }) {
  const address2 = (other) => sessionAddress(session2.columns.id, session2.id(other));
  switch (name) {
    case "chat": {
      const toolOf = (call) => {
        const tool = calls2?.toolOf(call);
        return tool === void 0 ? null : address2(tool);
      };
      return html`<${Conversation} key=${span2.id} span=${span2} context=${calls2?.context.get(node)} before=${calls2?.before.get(node)} toolOf=${toolOf} />`;
    }
    case "turns":
      return html`<${AgentTurns} session=${session2} node=${node} calls=${calls2} select=${select} />`;
    case "totals":
      return html`<${SessionAbout} session=${session2} span=${span2} select=${select} /><${SessionTotals} session=${session2} />`;
    case "io":
      return html`<${InputOutput} key=${span2.id} span=${span2} />`;
    case "attributes":
      return html`<${Attributes} key=${span2.id} span=${span2} />`;
    case "events":
      return html`<${Events} key=${span2.id} span=${span2} />`;
    default:
      return html`<${Raw} key=${span2.id} span=${span2} />`;
  }
}
function Head({ session: session2, node, span: span2 }) {
  const { columns } = session2;
  const kind = session2.kind(node);
  const error = session2.error(node);
  const id = session2.id(node);
  const marks = [
    [CANCELLED, "cancelled"],
    [LATE, "started after its session had ended"],
    [UNFINISHED, "cut off: its process ended first"]
  ].filter(([bit]) => columns.marks[node] & Number(bit));
  return html`<header class="pane-head">
    <h2><${KindMark} kind=${kind} /> <span class="visually-hidden">${kindName(kind)}</span>
      <span class="pane-title">${session2.title(node)}</span>
      ${session2.model(node) && html`<span class="muted model">${session2.model(node)}</span>`}</h2>
    <p class="facts">
      <span title=${exactDuration(columns.took[node])}>${session2.isOpen(node) ? "still open" : duration(columns.took[node])}</span>
      ${span2 && html`<span title=${exactMoment(span2.start)}>at ${moment(span2.start)}</span>`}
      ${kind === "llm" && span2 ? html`<${CallFacts} span=${span2} />` : html`<${SumFacts} session=${session2} node=${node} />`}
      ${marks.map(([, text]) => html`<span class="note">${text}</span>`)}
    </p>
    ${error !== null && html`<pre class="error-text">${error || "failed without a message"}</pre>`}
    <p class="actions">
      <${CopyButton} label="Copy link" title="key y" text=${() => linkTo(columns.id, id)} />
      <${CopyButton} label="Copy id" text=${`${columns.id.slice(0, 8)}/${id.slice(0, 8)}`} title="as agentops show takes it" />
      ${!embeddedSession() && span2 && html`
        ${kind === "llm" && html`<${CopyButton} label="Copy as curl" text=${() => spanText(columns.id, id, "curl")} title="a command for a shell, with the key as a variable" />`}
        <${CopyButton} label="Copy as Markdown" text=${() => spanText(columns.id, id, "md")} title="for an issue, or for a coding agent" />`}
      ${span2?.code && html`<${CopyButton} label=${`${span2.code.path}:${span2.code.line}`} text=${`${span2.code.path}:${span2.code.line}`} title="copy the place in the source" />`}
    </p>
  </header>`;
}
function linkTo(session2, span2) {
  return location.href.replace(/#.*$/, "") + sessionAddress(session2, span2);
}
function CallFacts({ span: span2 }) {
  const { input: input2, output: output2, cached, reasoning, cost } = usage(span2);
  const finish = attribute(span2, "gen_ai.response.finish_reasons");
  const first = attribute(span2, "gen_ai.response.time_to_first_chunk");
  return html`<span>${tokens(input2, output2)} tokens</span>
    ${cached !== null && html`<span title="read from the provider's cache">${count(cached)} cached${input2 ? ` (${percent(cached, input2)})` : ""}</span>`}
    ${reasoning !== null && html`<span>${count(reasoning)} reasoning</span>`}
    <span>${dollars(cost)}</span>
    ${first !== void 0 && html`<span title="until the first chunk came">first after ${duration(Number(first) * 1e9)}</span>`}
    ${finish !== void 0 && html`<span>finish: ${[finish].flat().join(", ")}</span>`}`;
}
function SumFacts({ session: session2, node }) {
  const { columns } = session2;
  const [input2, output2, cost] = [columns.input[node], columns.output[node], columns.cost[node]];
  return html`${(input2 !== null || output2 !== null) && html`<span title="of all model calls below">${tokens(input2, output2)} tokens</span>`}
    ${cost !== null && html`<span>${dollars(cost)}</span>`}`;
}
function Around({ session: session2, node, calls: calls2, select }) {
  const kind = session2.kind(node);
  const asker = calls2?.askerOf(node);
  const before2 = calls2?.before.get(node)?.call;
  const same = calls2?.sameAs(node) ?? [];
  const next = kind === "tool" || session2.error(node) !== null ? nextAfter(session2, node) : void 0;
  const id = session2.id(node);
  const started = session2.columns.related.started.filter(({ span: span2 }) => span2 === id);
  const link = (other) => html`<${SpanLink} session=${session2} node=${other} select=${select} />`;
  const parts = [
    asker !== void 0 && html`<span>asked for by ${link(asker)}</span>`,
    before2 !== void 0 && html`<span>call before: ${link(before2)}</span>`,
    same.length > 1 && html`<span class="note">called ${same.length} times with the same input: ${link(same.find((call) => call > node) ?? same[0])}</span>`,
    next !== void 0 && html`<span>${session2.error(node) === null ? "then" : "then went on with"} ${link(next)} <span class="muted">(key .)</span></span>`,
    started.length > 0 && html`<span>started ${started.map((related) => html`<${SessionLink} related=${related} />`)}</span>`
  ].filter(Boolean);
  return parts.length > 0 && html`<p class="around">${parts}</p>`;
}

// src/model/calls.js
var Calls = class {
  /** @param {CallsDocument} document */
  constructor(document2) {
    const { strings, node, digest, call_id, asked, context, prefix, added } = document2;
    this.before = new Map(prefix.map(([call, before2, same, all]) => [call, { call: before2, same, all }]));
    this.added = new Map(added);
    this.context = new Map(context);
    this.tools = /* @__PURE__ */ new Map();
    this.ids = /* @__PURE__ */ new Map();
    this.askers = new Map(asked.map(([asker, id]) => [strings[id], asker]));
    this.equal = /* @__PURE__ */ new Map();
    this.digests = /* @__PURE__ */ new Map();
    node.forEach((call, index) => {
      if (call_id[index] >= 0) {
        this.tools.set(strings[call_id[index]], call);
        this.ids.set(call, strings[call_id[index]]);
      }
      if (digest[index] < 0) return;
      this.digests.set(call, digest[index]);
      const equal = this.equal.get(digest[index]);
      if (equal) equal.push(call);
      else this.equal.set(digest[index], [call]);
    });
  }
  /**
   * Returns the tool that a call of a model became.
   * @param {string} id
   */
  toolOf(id) {
    return this.tools.get(id);
  }
  /**
   * Returns the model call that asked for a tool.
   * @param {number} node
   */
  askerOf(node) {
    const id = this.ids.get(node);
    return id === void 0 ? void 0 : this.askers.get(id);
  }
  /**
   * Returns the groups of calls of one kind with the same name and input, the largest first.
   * @param {(node: number) => boolean} matches
   */
  loops(matches) {
    const groups = [...this.equal.values()].filter((group) => group.length > 1 && matches(group[0]));
    return groups.sort((one, other) => other.length - one.length);
  }
  /**
   * Returns all calls with the same name and input, with itself.
   * @param {number} node
   */
  sameAs(node) {
    const digest = this.digests.get(node);
    return digest !== void 0 && this.equal.get(digest) || [];
  }
};

// src/model/rows.js
var TreeState = class _TreeState {
  constructor() {
    this.shut = /* @__PURE__ */ new Set();
    this.unfolded = /* @__PURE__ */ new Set();
    this.hidden = /* @__PURE__ */ new Set();
  }
  copy() {
    const copy2 = new _TreeState();
    copy2.shut = new Set(this.shut);
    copy2.unfolded = new Set(this.unfolded);
    copy2.hidden = new Set(this.hidden);
    return copy2;
  }
};
var Rows = class {
  /**
   * @param {Int32Array} nodes
   * @param {Int32Array} folded 0 for a span, else the length of a folded run that begins with it
   */
  constructor(nodes, folded) {
    this.nodes = nodes;
    this.folded = folded;
    this.length = nodes.length;
  }
  /**
   * Returns the row in which a node stands, as itself or in a run; the row of what hides it otherwise.
   * @param {number} node
   */
  at(node) {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = low + high >> 1;
      if (this.nodes[middle] <= node) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
};
function rows(session2, state) {
  const { size } = session2.columns;
  const nodes = new Int32Array(session2.length);
  const folded = new Int32Array(session2.length);
  const shut = nodesOf(session2, state.shut, (node) => size[node] > 1);
  const unfolded = nodesOf(session2, state.unfolded, (node) => session2.runs[node] > 0);
  const wanted = state.hidden.size > 0 ? wantedNodes(session2, state.hidden) : null;
  let length = 0;
  for (let node = 0; node < session2.length; ) {
    if (wanted && !wanted[node]) {
      node += size[node];
      continue;
    }
    const run = session2.runs[node];
    const isFolded = run > 0 && !unfolded.has(node);
    nodes[length] = node;
    folded[length] = isFolded ? run : 0;
    length += 1;
    node += isFolded ? run : shut.has(node) ? size[node] : 1;
  }
  return new Rows(nodes.subarray(0, length), folded.subarray(0, length));
}
function nodesOf(session2, ids, mayBe) {
  const nodes = /* @__PURE__ */ new Set();
  if (ids.size === 0) return nodes;
  for (let node = 0; node < session2.length; node += 1) {
    if (mayBe(node) && ids.has(session2.id(node))) nodes.add(node);
  }
  return nodes;
}
function wantedNodes(session2, hidden) {
  const wanted = new Uint8Array(session2.length);
  for (let node = session2.length - 1; node >= 0; node -= 1) {
    if (!hidden.has(session2.kind(node))) wanted[node] = 1;
    const parent = session2.parents[node];
    if (wanted[node] && parent >= 0) wanted[parent] = 1;
  }
  return wanted;
}
function revealed(session2, state, node) {
  const next = state.copy();
  for (const parent of session2.above(node)) next.shut.delete(session2.id(parent));
  next.hidden.delete(session2.kind(node));
  for (let first = node; first >= 0 && session2.parents[first] === session2.parents[node]; first -= 1) {
    if (session2.runs[first] > node - first && node > first) next.unfolded.add(session2.id(first));
    if (session2.runs[first] > 0 || session2.columns.size[first] > 1) break;
  }
  const isSame2 = next.shut.size === state.shut.size && next.unfolded.size === state.unfolded.size && next.hidden.size === state.hidden.size;
  return isSame2 ? state : next;
}

// src/model/time_axis.js
var SHORTEST_GAP = 0.05;
var FOLDED_GAP = 0.015;
function idleGaps(session2) {
  const { size, begin, took: took2 } = session2.columns;
  const leaves = [];
  for (let node = 0; node < session2.length; node += 1) {
    if (size[node] === 1 && !session2.isOpen(node)) leaves.push(node);
  }
  leaves.sort((one, other) => begin[one] - begin[other]);
  const { from, to } = session2.span;
  const shortest = (to - from) * SHORTEST_GAP;
  const gaps = [];
  let busyUntil = from;
  for (const node of leaves) {
    if (begin[node] - busyUntil >= shortest) gaps.push({ from: busyUntil, to: begin[node] });
    busyUntil = Math.max(busyUntil, begin[node] + took2[node]);
  }
  if (to - busyUntil >= shortest) gaps.push({ from: busyUntil, to });
  return gaps;
}
var TimeAxis = class {
  /**
   * @param {Range} range
   * @param {Range[]} [gaps] which are folded
   */
  constructor(range, gaps = []) {
    this.range = range;
    this.gaps = gaps.filter((gap) => gap.from < range.to && gap.to > range.from);
    this.segments = segments(range, this.gaps);
  }
  /**
   * Returns the place of a moment, from 0 at the left to 1 at the right.
   * @param {number} time
   */
  place(time) {
    const { from, to } = this.range;
    if (time <= from) return 0;
    if (time >= to) return 1;
    const segment = this.segments.find((segment2) => time < segment2.to) ?? this.segments[this.segments.length - 1];
    const share2 = (time - segment.from) / (segment.to - segment.from || 1);
    return segment.left + share2 * (segment.right - segment.left);
  }
  /**
   * Returns the moment at a place.
   * @param {number} place
   */
  time(place2) {
    const last = this.segments[this.segments.length - 1];
    const segment = this.segments.find((segment2) => place2 < segment2.right) ?? last;
    const share2 = (place2 - segment.left) / (segment.right - segment.left || 1);
    return segment.from + share2 * (segment.to - segment.from);
  }
  /**
   * Returns moments of round distances, which are labelled.
   * @param {number} most how many there may be
   */
  ticks(most) {
    const { from, to } = this.range;
    const rough = (to - from) / most;
    const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step2) => step2 >= rough) ?? power * 10;
    const ticks = [];
    for (let tick = Math.ceil(from / step) * step; tick <= to && ticks.length < 12; tick += step) {
      const isInGap = this.gaps.some((gap) => tick > gap.from && tick < gap.to);
      if (!isInGap) ticks.push(tick);
    }
    return ticks;
  }
};
function segments(range, gaps) {
  const parts = [];
  let from = range.from;
  for (const gap of gaps) {
    const start = Math.max(gap.from, range.from);
    const end = Math.min(gap.to, range.to);
    if (start > from) parts.push({ from, to: start, isGap: false });
    parts.push({ from: start, to: end, isGap: true });
    from = end;
  }
  if (from < range.to) parts.push({ from, to: range.to, isGap: false });
  if (parts.length === 0) parts.push({ ...range, isGap: false });
  const busy = parts.reduce((sum2, part) => sum2 + (part.isGap ? 0 : part.to - part.from), 0);
  const folded = parts.filter((part) => part.isGap).length * FOLDED_GAP;
  const room = busy > 0 ? 1 - folded : 1;
  let left = 0;
  return parts.map((part) => {
    const width = part.isGap && busy > 0 ? FOLDED_GAP : room * (part.to - part.from) / (busy || part.to - part.from || 1);
    const segment = { ...part, left, right: left + width };
    left = segment.right;
    return segment;
  });
}

// src/model/activity.js
function activity(session2, axis, parts) {
  const change = new Int32Array(parts + 1);
  const fails = new Uint8Array(parts);
  const part = (time) => Math.min(Math.floor(axis.place(time) * parts), parts - 1);
  const { size, begin, took: took2, error } = session2.columns;
  for (let node = 0; node < session2.length; node += 1) {
    if (size[node] > 1 || session2.isOpen(node)) continue;
    const last = part(begin[node] + took2[node]);
    change[part(begin[node])] += 1;
    change[last + 1] -= 1;
    if (error[node] >= 0) fails[last] = 1;
  }
  const works = new Int32Array(parts);
  let sum2 = 0;
  for (let index = 0; index < parts; index += 1) {
    sum2 += change[index];
    works[index] = sum2;
  }
  return { works, fails };
}

// src/parts/minimap.js
var PARTS = 240;
var SHORTEST = 5e-3;
function DrawnMinimap({ session: session2, gaps, zoom, setZoom: setZoom2 }) {
  const axis = useMemo(() => new TimeAxis(session2.span, gaps), [session2, gaps]);
  const { works, fails } = useMemo(() => activity(session2, axis, PARTS), [session2, axis]);
  const strip = useRef(
    /** @type {HTMLElement | null} */
    null
  );
  const [drag, setDrag] = useState(
    /** @type {[number, number] | null} */
    null
  );
  const place2 = (event) => {
    const box = (
      /** @type {HTMLElement} */
      strip.current.getBoundingClientRect()
    );
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  const down = (event) => {
    if (event.button !== 0) return;
    strip.current?.setPointerCapture(event.pointerId);
    setDrag([place2(event), place2(event)]);
  };
  const move = (event) => drag && setDrag([drag[0], place2(event)]);
  const up = (event) => {
    if (!drag) return;
    const [from, to] = [drag[0], place2(event)].sort((one, other) => one - other);
    setDrag(null);
    setZoom2(to - from < SHORTEST ? null : { from: axis.time(from), to: axis.time(to) });
  };
  const shown2 = drag ? [...drag].sort((one, other) => one - other) : zoom ? [axis.place(zoom.from), axis.place(zoom.to)] : null;
  return html`<div class="minimap" ref=${strip} onPointerDown=${down} onPointerMove=${move} onPointerUp=${up}
    title=${zoom ? "click for the whole session" : "drag to zoom"}>
    <${Area} values=${works} label=${`spans at work over ${duration(session2.span.to - session2.span.from)}`} />
    ${Array.from(fails).map((fails2, part) => fails2 > 0 && html`<span key=${part} class="fails" style=${{ left: `${100 * part / PARTS}%` }}></span>`)}
    ${axis.gaps.map((gap) => html`<span key=${gap.from} class="gap" style=${{ left: `${100 * axis.place(gap.from)}%`, width: `${100 * (axis.place(gap.to) - axis.place(gap.from))}%` }}
      title=${`${duration(gap.to - gap.from)} without work`}></span>`)}
    ${shown2 && html`<span class="view" style=${{ left: `${100 * shown2[0]}%`, width: `${100 * (shown2[1] - shown2[0])}%` }}></span>`}
  </div>`;
}
var Minimap = memo(DrawnMinimap);

// src/parts/splitter.js
var LEAST = 280;
var STEP = 20;
function Splitter({ width, setWidth }) {
  const bounded = (next) => Math.round(Math.min(Math.max(next, LEAST), Math.max(innerWidth - 360, LEAST)));
  const down = (event) => (
    /** @type {HTMLElement} */
    event.currentTarget.setPointerCapture(event.pointerId)
  );
  const move = (event) => {
    if (
      /** @type {HTMLElement} */
      event.currentTarget.hasPointerCapture(event.pointerId)
    ) setWidth(bounded(innerWidth - event.clientX));
  };
  const key = (event) => {
    const change = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (change === void 0) return;
    event.preventDefault();
    setWidth(bounded(width + change));
  };
  return html`<div class="splitter" role="separator" aria-orientation="vertical" aria-label="width of the detail" aria-valuenow=${width}
    aria-valuemin=${LEAST} aria-valuemax=${2e3} tabindex="0" onPointerDown=${down} onPointerMove=${move} onKeyDown=${key}></div>`;
}

// src/model/find.js
function find(session2, text) {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  const { strings, title, model, agent, error, kind } = session2.columns;
  const has = Uint8Array.from([false, ...strings.map((string) => string.toLowerCase().includes(wanted))], Number);
  const isId = /^[0-9a-f]{4,16}$/.test(wanted);
  const found = [];
  for (let node = 0; node < session2.length; node += 1) {
    const isFound = has[title[node] + 1] || has[kind[node] + 1] || has[model[node] + 1] || has[agent[node] + 1] || has[error[node] + 1] || isId && session2.id(node).startsWith(wanted);
    if (isFound) found.push(node);
  }
  return found;
}

// src/screens/session_find.js
var PAUSE3 = 200;
function useFound(session2, query2, inContent) {
  const names = useMemo(() => inContent ? [] : find(session2, query2), [session2, query2, inContent]);
  const content2 = useContent(session2, inContent ? query2 : "");
  const inContents = useMemo(() => {
    const hits = /* @__PURE__ */ new Map();
    for (const hit of content2.hits) {
      const node = session2.find(hit.span);
      if (node >= 0) hits.set(node, [...hits.get(node) ?? [], hit]);
    }
    return { nodes: [...hits.keys()].sort((one, other) => one - other), hits };
  }, [session2, content2.hits]);
  return inContent ? { ...inContents, isSearching: content2.isSearching, problem: content2.problem } : { nodes: names, hits: NO_HITS, isSearching: false, problem: null };
}
var NO_HITS = /* @__PURE__ */ new Map();
var NOTHING = { hits: (
  /** @type {SearchHit[]} */
  []
), isSearching: false, problem: (
  /** @type {string | null} */
  null
) };
function useContent(session2, text) {
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    setFound({ ...NOTHING, isSearching: text !== "" });
    if (!text) return void 0;
    const stop = new AbortController();
    const add = (hits, end) => stop.signal.aborted || setFound((last) => ({
      hits: [...last.hits, ...hits],
      isSearching: !end,
      problem: end?.error ?? (end?.more ? "only the first 1,000 hits are shown" : null)
    }));
    const timer2 = setTimeout(() => search(text, session2.columns.id, stop.signal, add).catch((error) => stop.signal.aborted || setFound({ ...NOTHING, problem: error.message })), PAUSE3);
    return () => {
      clearTimeout(timer2);
      stop.abort();
    };
  }, [text, session2.columns.id, session2.length]);
  return found;
}
function FindBox({ query: query2, found, inContent, selected, next, previous }) {
  const { nodes, isSearching, problem } = found;
  const place2 = nodes.indexOf(selected);
  const said = isSearching && nodes.length === 0 ? "searching \u2026" : nodes.length === 0 ? "no hit" : place2 >= 0 ? `hit ${place2 + 1} of ${nodes.length}` : counted(nodes.length, "hit");
  const typed = (event) => replaceOptions({ q: event.target.value || null });
  const entered = (event) => {
    if (event.key === "Enter") (event.shiftKey ? previous : next)();
    else if (event.key === "Escape") event.target.blur();
    else return;
    event.preventDefault();
  };
  return html`<label class="find"><span class="visually-hidden">Find in session</span>
      <input type="search" data-search placeholder="/ find in session" value=${query2} onInput=${typed} onKeyDown=${entered} /></label>
    ${(query2 || inContent) && html`<button type="button" class="quiet" aria-pressed=${inContent} title="search inputs, outputs, messages, events and errors, too"
      onClick=${() => replaceOptions({ in: inContent ? null : "content" })}>In contents</button>`}
    ${query2 && html`<span class="muted" role="status">${said}</span>`}
    ${problem && html`<span class="problem">${problem}</span>`}`;
}
function HitText({ hits }) {
  if (!hits) return null;
  const [{ field, before: before2, hit, after: after2 }] = hits;
  return html`<p class="hit-text"><span class="muted">${field}</span> ${before2}<mark>${hit}</mark>${after2}
    ${hits.length > 1 && html`<span class="muted"> · ${hits.length - 1} more in this span</span>`}</p>`;
}

// src/screens/session_head.js
var SessionHead = memo(DrawnHead);
var Strip = memo(DrawnStrip);
function DrawnHead({ session: session2 }) {
  const { columns } = session2;
  const now = useNow(session2.isRunning);
  const sent = Number(BigInt(columns.now) - BigInt(columns.start));
  const runs2 = session2.isRunning ? sent + (now - Number(BigInt(columns.now) / 1000000n)) * 1e6 : columns.took[0];
  const isEmbedded = embeddedSession();
  return html`<header class="session-head">
    ${!isEmbedded && html`<a class="quiet" href="#/">‹ Sessions</a>`}
    <h1>${columns.name || "\u2013"} <span class="mono muted" title=${columns.id}>${columns.id.slice(0, 8)}</span></h1>
    <p class="facts">
      <${StateMark} state=${columns.state} />
      ${columns.step.length > 0 && html`<span class="step">${columns.step.join(" \u203A ")}</span>`}
      <span title=${exactMoment(columns.start)}>${moment(columns.start)}</span>
      <span title=${exactDuration(runs2)}>${duration(Math.max(runs2, 0))}</span>
      <span>${counted(columns.nodes, "span")}</span>
      ${session2.hasTokens && html`<span>${tokens(columns.input[0], columns.output[0])} tokens</span>`}
      ${session2.hasCost && html`<span>${dollars(columns.cost[0])}</span>`}
      ${columns.errors[0] > 0 && html`<span class="error">✗${columns.errors[0]}<span class="visually-hidden"> failed</span></span>`}
      ${columns.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
      ${columns.scores.length > 0 && html`<${ScoreFact} session=${session2} />`}
    </p>
    ${columns.faults && html`<${FaultLine} faults=${columns.faults} />`}
    ${!isEmbedded && html`<p class="actions"><a href=${address("", { x: columns.id })}>Compare</a>
      <a href=${`s/${columns.id}.html`} download=${`${columns.name || "session"}-${columns.id.slice(0, 8)}.html`}>Export page</a>
      <a href=${`s/${columns.id}.md`}>Markdown</a>
      <a href=${`s/${columns.id}.jsonl`} download>OTLP</a></p>`}
    ${isEmbedded && html`<p class="muted">${isEmbedded.about}</p>`}
  </header>`;
}
function ScoreFact({ session: session2 }) {
  const { scores } = session2.columns;
  const [first, ...others] = session2.scores(0);
  const text = first && others.length === 0 && scores.length === 1 ? `${first.name} ${scoreText(first)}` : counted(scores.length, "score");
  return html`<span class="score-fact" title=${scores.map((score) => `${score.name} ${scoreText(score)}`).join(", ")}><span class="scored" aria-hidden="true">★</span> ${text}</span>`;
}
function DrawnStrip({ session: session2, loops, select }) {
  const { by_kind: kinds } = session2.columns;
  const whole = kinds.reduce((sum2, { time }) => sum2 + time, 0);
  const failed = useMemo(() => failures(session2), [session2]);
  if (whole === 0) return null;
  const name = (kind) => kind === "session" ? "own code" : `${kindName(kind)}s`;
  const text = kinds.map(({ kind, time }) => `${name(kind)} ${percent(time, whole)}`).join(", ");
  const next = failed.length > 0 ? nextAfter(session2, failed[0]) : void 0;
  const link = (node, key) => html`<${SpanLink} session=${session2} node=${node} select=${select} title=${`key ${key}`}>${session2.title(node)}<//>`;
  return html`<div class="strip">
    <div class="kind-bar" role="img" aria-label=${`critical path: ${text}`} title=${text}>
      ${kinds.map(({ kind, time }) => html`<span key=${kind} class=${kind === "session" ? "own" : kindClass(kind)} style=${{ flexGrow: time }}></span>`)}
    </div>
    <span class="muted">${text}</span>
    ${failed.length > 0 && html`<span class="muted failure"><span class="error">✗ ${link(failed[0], "e")} failed</span>${next !== void 0 && html`, then went on with ${link(next, ".")}`}${failed.length > 1 && ` \xB7 ${failed.length - 1} more`}</span>`}
    ${loops.length > 0 && html`<span class="muted loop">⟳ ${link(loops[0][0], "r")} called ${loops[0].length} times with the same input${loops.length > 1 && ` \xB7 ${loops.length - 1} more`}</span>`}
  </div>`;
}

// src/screens/session_tools.js
function SessionTools(props) {
  const { find: find2, kinds, hidden, isCritical, shutAll, openAll, gaps, isFolding, session: session2, isFollowing, setFollowing } = props;
  const idle = gaps.reduce((sum2, gap) => sum2 + gap.to - gap.from, 0);
  const whole = session2.span.to - session2.span.from;
  const flip = (kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    replaceOptions({ hide: [...next].join(",") || null });
  };
  return html`<div class="toolbar">
    ${find2}
    <div class="kinds" role="group" aria-label="kinds that are shown">
      ${kinds.map((kind) => html`<button type="button" key=${kind} class="kind-toggle" aria-pressed=${!hidden.has(kind)} title=${`${kindName(kind)}s`} onClick=${() => flip(kind)}>
        <${KindMark} kind=${kind} /><span class="visually-hidden">${kindName(kind)}</span></button>`)}
    </div>
    <button type="button" class="quiet" onClick=${shutAll} title="⇧←">Shut all</button>
    <button type="button" class="quiet" onClick=${openAll}>Open all</button>
    <button type="button" class="quiet" aria-pressed=${isCritical} title="key c" onClick=${() => replaceOptions({ crit: isCritical ? null : "1" })}>Critical path</button>
    ${gaps.length > 0 && html`<button type="button" class="quiet" aria-pressed=${isFolding} onClick=${() => replaceOptions({ gaps: isFolding ? null : "fold" })}
      title=${`${duration(idle)} of ${duration(whole)} without work`}>Fold ${counted(gaps.length, "gap")} (${percent(idle, whole)} idle)</button>`}
    ${session2.isRunning && html`<button type="button" class="quiet" aria-pressed=${isFollowing} title="key f" onClick=${() => setFollowing(!isFollowing)}>Follow</button>`}
  </div>`;
}

// src/screens/session.js
var EVERY2 = 1e3;
var SPANS_A_SECOND = 2e4;
function SessionScreen({ route, setGone }) {
  const [id, spanId] = route.ids;
  const { session: session2, error, refresh } = useSession(id, setGone);
  if (!session2 && error) return html`<${Problem} error=${error} />`;
  if (!session2) return html`<main class="screen"><p class="muted loading">Reading the session …</p></main>`;
  if (session2.length === 0) {
    return html`<main class="screen"><p class="empty">This session has no spans yet. They appear here as they end.</p></main>`;
  }
  return html`<${Loaded2} key=${id} session=${session2} route=${route} spanId=${spanId} error=${isGone(error) ? null : error} refresh=${refresh} />`;
}
function useSession(id, setGone) {
  const [state, setState] = useState(
    /** @type {{ id: string, session: Session | null, error: Error | null }} */
    { id, session: null, error: null }
  );
  const version = useRef(
    /** @type {string | undefined} */
    void 0
  );
  const refresh = usePoll(async () => {
    try {
      const columns = await session(id, version.current);
      setGone(false);
      if (columns) {
        version.current = columns.version;
        setState({ id, session: new Session(columns), error: null });
        if (columns.state !== "running") return embeddedSession() ? null : 5 * EVERY2;
        return Math.max(EVERY2, EVERY2 * columns.nodes / SPANS_A_SECOND);
      }
      return EVERY2;
    } catch (error) {
      setGone(isGone(error));
      setState((last) => ({ ...last, id, error: (
        /** @type {Error} */
        error
      ) }));
      return RETRY;
    }
  }, [id]);
  useEffect(() => () => void (version.current = void 0), [id]);
  return state.id === id ? { ...state, refresh } : { session: null, error: null, refresh };
}
function Loaded2({ session: session2, route, spanId, error, refresh }) {
  const [state, setState] = useState(() => new TreeState());
  const [selectedId, setSelectedId] = useState(() => spanId ?? session2.id(0));
  const [isFollowing, setFollowing] = useState(false);
  const [width, setWidth] = useKept("detail.width", "440");
  const [wrap, setWrap] = useKept("detail.wrap", "on");
  const { options } = route;
  const id = session2.columns.id;
  const selected = useMemo(() => Math.max(session2.find(selectedId), 0), [session2, selectedId]);
  const isMissing = useMemo(() => spanId !== void 0 && session2.find(spanId) < 0, [session2, spanId]);
  const isDetailShown = spanId !== void 0 && !isMissing;
  const select = useCallback((node, isQuiet = false) => {
    setState((last) => revealed(session2, last, node));
    setSelectedId(session2.id(node));
    const next = sessionAddress(id, session2.id(node)) + optionsText();
    if (isQuiet) replaceSoon(next);
    else go(next);
  }, [session2, id]);
  useEffect(() => {
    const node = spanId === void 0 ? -1 : session2.find(spanId);
    if (node < 0 || session2.id(node) === selectedId) return;
    setState((last) => revealed(session2, last, node));
    setSelectedId(session2.id(node));
  }, [spanId]);
  useEffect(() => {
    const node = spanId === void 0 ? -1 : session2.find(spanId);
    if (node >= 0) setState((last) => revealed(session2, last, node));
  }, []);
  useEffect(() => {
    if (isFollowing) setSelectedId(session2.id(newest(session2)));
  }, [session2, isFollowing]);
  const hidden = options.get("hide") ?? "";
  const shownState = useMemo(() => {
    const shown2 = state.copy();
    shown2.hidden = new Set(hidden.split(",").filter(Boolean));
    return shown2;
  }, [state, hidden]);
  const rows2 = useMemo(() => rows(session2, shownState), [session2, shownState]);
  const gaps = useMemo(() => idleGaps(session2), [session2]);
  const isFolding = options.get("gaps") === "fold";
  const foldedGaps = isFolding ? gaps : NO_GAPS;
  const zoom = useMemo(() => parseZoom(options.get("zoom")), [options.get("zoom")]);
  const axis = useMemo(() => new TimeAxis(zoom ?? session2.span, foldedGaps), [session2, zoom, foldedGaps]);
  const query2 = options.get("q") ?? "";
  const inContent = options.get("in") === "content";
  const found = useFound(session2, query2, inContent);
  const hits = found.nodes;
  const hitSet = useMemo(() => new Set(hits), [hits]);
  const callsAnswer = useAnswer(`${id}@${session2.isRunning ? "" : session2.columns.version}`, () => calls(id));
  const calls2 = useMemo(() => callsAnswer.value && new Calls(callsAnswer.value), [callsAnswer.value]);
  const loops = useMemo(() => calls2?.loops((node) => session2.kind(node) === "tool") ?? [], [session2, calls2]);
  const repeats = useMemo(() => new Map(loops.flatMap((loop) => loop.map((node) => [node, loop.length]))), [loops]);
  const isCritical = options.get("crit") === "1";
  const kinds = useMemo(() => kindsOf(session2), [session2]);
  const toggle = useCallback((node) => setState((last) => toggled(session2, last, node)), [session2]);
  const jump = useCallback((node) => node !== void 0 && select(node, true), [select]);
  const tab = options.get("tab");
  const nextHit = () => jump(hits.find((node) => node > selected) ?? hits[0]);
  const previousHit = () => jump(hits.findLast((node) => node < selected) ?? hits[hits.length - 1]);
  const pressed = (key, event) => {
    const at = rows2.at(selected);
    const row = (index) => jump(rows2.nodes[Math.min(Math.max(index, 0), rows2.length - 1)]);
    const page = Math.max(Math.floor(
      /** @type {HTMLElement} */
      (event.target.clientHeight || 480) / ROW
    ) - 1, 1);
    const moves = (
      /** @type {Record<string, () => void>} */
      {
        ArrowDown: () => row(at + 1),
        j: () => row(at + 1),
        ArrowUp: () => row(at - 1),
        k: () => row(at - 1),
        Home: () => row(0),
        End: () => row(rows2.length - 1),
        PageDown: () => row(at + page),
        PageUp: () => row(at - page),
        ArrowRight: () => isShut(session2, shownState, rows2, at) ? toggle(selected) : session2.hasChildren(selected) && row(at + 1),
        ArrowLeft: () => {
          if (event.shiftKey) return setState((last) => allShut(session2, last));
          if (session2.hasChildren(selected) && !isShut(session2, shownState, rows2, at)) return toggle(selected);
          return session2.parents[selected] >= 0 && jump(session2.parents[selected]);
        },
        "*": () => setState((last) => siblingsOpen(session2, last, selected)),
        Enter: () => {
          select(selected);
          document.getElementById("tab-panel")?.focus();
        }
      }
    );
    const move = moves[key];
    move?.();
    return move !== void 0;
  };
  useKeys((key) => {
    const tabs = tabsOf(session2.kind(selected));
    const actions = (
      /** @type {Record<string, () => void>} */
      {
        e: () => jump(after(selected, session2.length, (node) => isOrigin(session2, node))),
        E: () => jump(before(selected, (node) => isOrigin(session2, node))),
        m: () => jump(after(selected, session2.length, (node) => session2.kind(node) === "llm")),
        M: () => jump(before(selected, (node) => session2.kind(node) === "llm")),
        r: () => jump(after(selected, session2.length, (node) => repeats.has(node))),
        R: () => jump(before(selected, (node) => repeats.has(node))),
        n: nextHit,
        N: previousHit,
        ".": () => jump(nextAfter(session2, selected)),
        z: () => setZoom(around(session2, selected)),
        "+": () => setZoom(scaled(axis.range, 0.5, session2, selected)),
        "-": () => setZoom(scaled(axis.range, 2, session2, selected)),
        0: () => setZoom(null),
        c: () => replaceOptions({ crit: isCritical ? null : "1" }),
        f: () => setFollowing(!isFollowing),
        o: unfold,
        w: () => setWrap(wrap === "on" ? "off" : "on"),
        x: () => void (embeddedSession() || go(address("", { x: id }))),
        y: () => void copy(linkTo(id, session2.id(selected))).catch(() => {
        }),
        Escape: () => isDetailShown ? leaveDetail() : void 0,
        ...Object.fromEntries(tabs.map(({ name }, index) => [String(index + 1), () => replaceOptions({ tab: name })]))
      }
    );
    const action = actions[key];
    action?.();
    return action !== void 0;
  });
  const leaveDetail = () => {
    replace(sessionAddress(id) + optionsText());
    document.querySelector(".grid")?.focus();
  };
  return html`<main class=${`screen session ${isDetailShown ? "with-detail" : ""}`} style=${{ "--detail": `${width}px` }}>
    <${SessionHead} session=${session2} />
    ${error && html`<p class="note wide" role="alert">${error.message}. What was read of it stays here.</p>`}
    <${Strip} session=${session2} loops=${loops} select=${select} />
    <${Minimap} session=${session2} gaps=${foldedGaps} zoom=${zoom} setZoom=${setZoom} />
    <div class="panes">
      <section class=${`tree ${session2.hasCost ? "" : "without-cost"} ${session2.hasTokens ? "" : "without-sums"}`} aria-label="tree of spans">
        <${SessionTools} kinds=${kinds}
          find=${html`<${FindBox} query=${query2} found=${found} inContent=${inContent} selected=${selected} next=${nextHit} previous=${previousHit} />`} hidden=${shownState.hidden} isCritical=${isCritical}
          shutAll=${() => setState((last) => allShut(session2, last))} openAll=${() => setState((last) => allOpen(last))}
          gaps=${gaps} isFolding=${isFolding} session=${session2} isFollowing=${isFollowing} setFollowing=${setFollowing} />
        <${HitText} hits=${found.hits.get(selected)} />
        ${isMissing && html`<p class="note wide">There is no span ${spanId} in this session${session2.isRunning ? " yet" : ""}.</p>`}
        <${TreeGrid} session=${session2} rows=${rows2} state=${shownState} axis=${axis} selected=${selected} showCritical=${isCritical}
          hits=${hitSet} repeats=${repeats} select=${select} toggle=${toggle} pressed=${pressed} />
      </section>
      <${Splitter} width=${Number(width)} setWidth=${(next) => setWidth(String(next))} />
      <aside class=${`detail wrap-${wrap}`} aria-label="selected span">
        <button type="button" class="back quiet" onClick=${leaveDetail}>‹ Tree</button>
        <${SpanPane} session=${session2} node=${selected} calls=${calls2} tab=${tab} setTab=${setTab} select=${select} refresh=${refresh} />
      </aside>
    </div>
  </main>`;
}
var NO_GAPS = [];
function setZoom(range) {
  replaceOptions({ zoom: range && `${Math.round(range.from)}-${Math.round(range.to)}` });
}
function setTab(name) {
  replaceOptions({ tab: name });
}
function parseZoom(text) {
  const match = /^(-?\d+)-(-?\d+)$/.exec(text ?? "");
  const [from, to] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return to > from ? { from, to } : null;
}
function kindsOf(session2) {
  const found = new Set(session2.columns.kind);
  return [...found].map((index) => session2.columns.strings[index]).sort();
}
var UNFOLDED = 100;
function unfold() {
  const buttons = (isOpen) => (
    /** @type {NodeListOf<HTMLElement>} */
    document.querySelectorAll(`#tab-panel [aria-expanded=${isOpen}]`)
  );
  const shut = [...buttons(false)];
  for (const button of shut.length > 0 ? shut.slice(0, UNFOLDED) : buttons(true)) button.click();
}
function newest(session2) {
  const { begin } = session2.columns;
  let last = 0;
  for (let node = 1; node < session2.length; node += 1) if (begin[node] >= begin[last]) last = node;
  return last;
}
function after(node, length, matches) {
  for (let step = 1; step <= length; step += 1) {
    const next = (node + step) % length;
    if (matches(next)) return next;
  }
  return void 0;
}
function before(node, matches) {
  for (let next = node - 1; next >= 0; next -= 1) if (matches(next)) return next;
  return void 0;
}
function around(session2, node) {
  const [from, to] = [session2.columns.begin[node], session2.isOpen(node) ? session2.span.to : session2.end(node)];
  const margin = Math.max((to - from) * 0.05, 1);
  return { from: from - margin, to: to + margin };
}
function scaled(range, factor, session2, node) {
  const length = (range.to - range.from) * factor;
  const whole = session2.span.to - session2.span.from;
  if (length >= whole) return null;
  const middle = session2.columns.begin[node] + session2.columns.took[node] / 2;
  const from = Math.min(Math.max(middle - length / 2, session2.span.from), session2.span.to - length);
  return { from, to: from + Math.max(length, 10) };
}
function isShut(session2, state, rows2, at) {
  return rows2.folded[at] > 0 || session2.hasChildren(rows2.nodes[at]) && state.shut.has(session2.id(rows2.nodes[at]));
}
function toggled(session2, state, node) {
  const next = state.copy();
  const id = session2.id(node);
  const set = session2.hasChildren(node) ? next.shut : next.unfolded;
  if (!set.delete(id)) set.add(id);
  return next;
}
function allShut(session2, state) {
  const next = state.copy();
  for (let node = 1; node < session2.length; node += 1) if (session2.hasChildren(node)) next.shut.add(session2.id(node));
  next.unfolded.clear();
  return next;
}
function allOpen(state) {
  const next = state.copy();
  next.shut.clear();
  return next;
}
function siblingsOpen(session2, state, node) {
  const next = state.copy();
  const parent = session2.parents[node];
  if (parent < 0) next.shut.delete(session2.id(node));
  else for (const sibling of session2.children(parent)) next.shut.delete(session2.id(sibling));
  return next;
}

// src/main.js
function App() {
  const route = useRoute();
  const [isGone2, setGone] = useState(false);
  const [isHelp, setHelp] = useState(false);
  const lastKey = useRef("");
  useKeys((key) => {
    const before2 = lastKey.current;
    lastKey.current = key;
    if (key === "/") {
      const search2 = (
        /** @type {HTMLInputElement | null} */
        document.querySelector("[data-search]")
      );
      search2?.focus();
      search2?.select();
      return true;
    }
    if (key === "?") {
      setHelp(true);
      return true;
    }
    if (key === "l" && before2 === "g" && !embeddedSession()) {
      go("#/");
      return true;
    }
    if ((key === "[" || key === "]") && route.screen === "session") {
      beside(route.ids[0], key === "]" ? 1 : -1);
      return true;
    }
    return false;
  });
  useEffect(() => {
    document.title = { list: "agentops", session: `session ${route.ids[0]?.slice(0, 8)} \u2013 agentops`, diff: "compare \u2013 agentops", unknown: "agentops" }[route.screen];
  }, [route]);
  return html`
    ${isGone2 && html`<p class="gone" role="alert">\`agentops view\` has ended. Start it again, and this page goes on; what was read stays here.</p>`}
    <${Screen} route=${route} setGone=${setGone} />
    <button type="button" class="help-button quiet" onClick=${() => setHelp(true)} title="key ?"><span aria-hidden="true">?</span><span class="visually-hidden">keys</span></button>
    ${isHelp && html`<${Help} close=${() => setHelp(false)} />`}
  `;
}
function Screen({ route, setGone }) {
  if (route.screen === "session") return html`<${SessionScreen} route=${route} setGone=${setGone} />`;
  if (route.screen === "diff") return html`<${DiffScreen} route=${route} />`;
  if (route.screen === "list") return html`<${ListScreen} route=${route} setGone=${setGone} />`;
  return html`<${Problem} error=${new Error("this address names no session; it may have been cut when it was copied")} />`;
}
async function beside(id, step) {
  if (embeddedSession()) return;
  const { sessions: sessions2 } = await sessions();
  const sorted2 = sessions2.sort((one, other) => BigInt(one.start) < BigInt(other.start) ? -1 : 1);
  const next = sorted2[sorted2.findIndex((session2) => session2.id === id) + step];
  if (next) go(sessionAddress(next.id));
}
var data = document.getElementById("agentops-session");
if (data) {
  const embedded2 = JSON.parse(data.textContent ?? "null");
  embed(embedded2);
  if (!location.hash || location.hash === "#/") replace(sessionAddress(embedded2.session.id));
}
var place = (
  /** @type {HTMLElement} */
  document.getElementById("app")
);
place.replaceChildren();
render(html`<${App} />`, place);
})();
