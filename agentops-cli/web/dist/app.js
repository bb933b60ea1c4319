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
"use strict";
(() => {
  // node_modules/preact/dist/preact.mjs
  var n;
  var t;
  var r;
  var u;
  var i;
  var f;
  var o;
  var e;
  var l;
  var c;
  var a;
  var s;
  var h = /* @__PURE__ */ Symbol.for("pv");
  var p = {};
  var y = [];
  var v = /^m(i|n|o|s|text|space)$/;
  var w = Array.isArray;
  var d = y.slice;
  var _ = Object.assign;
  function g(n3) {
    n3 && n3.parentNode && n3.remove();
  }
  function k(n3, t4, r3) {
    var u3, i3, f3, o3 = {}, e3 = arguments.length;
    for (f3 in t4) "key" == f3 ? u3 = t4[f3] : "ref" == f3 && "function" != typeof n3 ? i3 = t4[f3] : o3[f3] = t4[f3];
    return e3 > 2 && (o3.children = e3 > 3 ? d.call(arguments, 2) : r3), m(n3, o3, u3, i3, null);
  }
  function m(r3, u3, i3, f3, o3) {
    var e3 = { type: r3, props: u3, key: i3, ref: f3, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: h, __v: o3 || ++t, __i: -1, __u: 0 };
    return !o3 && n.vnode && n.vnode(e3), e3;
  }
  function $(n3) {
    return n3.children;
  }
  function x(n3, t4) {
    this.props = n3, this.context = t4, this.__g = 0;
  }
  function S(n3, t4) {
    if (null == t4) return n3.__ && S(n3.__, n3.__i + 1);
    for (var r3; t4 < n3.__k.length; t4++) if ((r3 = n3.__k[t4]) && r3.__e) return r3.__e;
    return "function" != typeof n3.type || n3.props.__P ? null : S(n3);
  }
  function C(t4) {
    var r3, u3 = t4.__v, i3 = u3.__e, f3 = [], o3 = [], e3 = t4.__P;
    e3 && ((r3 = _({ constructor: h }, u3)).__v = u3.__v + 1, n.vnode && n.vnode(r3), z(e3, r3, u3, t4.__n, e3.namespaceURI, 32 & u3.__u ? [i3] : null, f3, i3 || S(u3), 32 & u3.__u, o3), r3.__v = u3.__v, r3.__.__k[r3.__i] = r3, E(f3, r3, o3), u3.__ = u3.__e = null, r3.__e != i3 && j(r3));
  }
  function j(n3) {
    if ((n3 = n3.__) && n3.__c && !n3.props.__P) return n3.__e = null, n3.__k.some(function(t4) {
      return t4 && (n3.__e = t4.__e);
    }), j(n3);
  }
  function L(t4) {
    (8 & t4.__g || (t4.__g |= 8, u.push(t4), f++)) && i == n.debounceRendering || ((i = n.debounceRendering) || queueMicrotask)(H);
  }
  function H() {
    try {
      for (var n3, t4 = 1; u.length; ) u.length > t4 && u.sort(o), n3 = u.shift(), t4 = u.length, 8 & n3.__g && C(n3);
    } finally {
      (f = u.length) && (i || queueMicrotask)(H);
    }
  }
  function I(n3, t4, r3, u3, i3, f3, o3, e3, l3, c3, a3) {
    var s3, h3, v3, w3, d3, _3, g3 = u3.__k || y, k3 = t4.length;
    for (l3 = q(r3, t4, g3, l3, k3), s3 = 0; s3 < k3; s3++) null != (v3 = r3.__k[s3]) && (h3 = ~v3.__i && g3[v3.__i] || p, v3.__i = s3, _3 = z(n3, v3, h3, i3, f3, o3, e3, l3, c3, a3), w3 = v3.__e, (h3.ref != v3.ref || 8 & h3.__u) && (h3.ref && G(h3.ref, null, v3, h3), v3.ref && a3.push(v3.ref, v3.__c || w3, v3)), d3 = d3 || w3, 4 & v3.__u ? (l3 = A(v3, l3, n3, !h3.__v), h3.__e && (h3.__e = null)) : "function" == typeof v3.type && void 0 !== _3 ? l3 = _3 : w3 && (l3 = w3.nextSibling), v3.__u &= -21);
    return r3.__e = d3, l3;
  }
  function q(n3, t4, r3, u3, i3) {
    var f3, o3, e3, l3, c3, a3, s3, p3, y3, v3 = r3.length, d3 = v3, _3 = 0, g3 = 0, k3 = n3.__k = Array(i3);
    for (f3 = 0; f3 < i3; f3++) null != (o3 = t4[f3]) && "boolean" != typeof o3 && "function" != typeof o3 ? ("object" != typeof o3 || o3.constructor === String ? o3 = k3[f3] = m(null, o3) : w(o3) ? o3 = k3[f3] = m($, { children: o3 }) : o3.constructor === h && o3.__b ? o3 = k3[f3] = m(o3.type, o3.props, o3.key, o3.ref, o3.__v) : k3[f3] = o3, l3 = f3 + _3, o3.__ = n3, o3.__b = n3.__b + 1, e3 = null, ~(c3 = o3.__i = P(o3, r3, l3, d3)) && (d3--, (e3 = r3[c3]) && (e3.__u |= 2)), e3 && e3.__v ? (o3.__u |= 16, c3 == l3 - 1 ? _3-- : c3 == l3 + 1 ? _3++ : c3 != l3 && (c3 > l3 ? _3-- : _3++, g3 = 1)) : (~c3 || (i3 > v3 ? _3-- : i3 < v3 && _3++), "function" != typeof o3.type && (o3.__u |= 4))) : k3[f3] = null;
    if (g3) {
      for (a3 = [], s3 = [], f3 = 0; f3 < i3; f3++) if ((o3 = k3[f3]) && 16 & o3.__u) {
        for (_3 = 0, p3 = a3.length; _3 < p3; ) a3[y3 = _3 + p3 >> 1] < o3.__i ? _3 = y3 + 1 : p3 = y3;
        a3[_3] = o3.__i, s3[f3] = _3 + 1;
      }
      for (_3 = a3.length; f3--; ) s3[f3] && (s3[f3] == _3 ? _3-- : k3[f3].__u |= 4);
    }
    if (d3) for (f3 = 0; f3 < v3; f3++) !(e3 = r3[f3]) || 2 & e3.__u || (e3.__e == u3 && (u3 = S(e3)), J(e3, e3));
    return u3;
  }
  function A(n3, t4, r3, u3) {
    var i3, f3, o3, e3;
    if ("function" == typeof n3.type) {
      if (n3.props.__P) return t4;
      if (i3 = n3.__k) for (f3 = 0; f3 < i3.length; f3++) i3[f3] && (i3[f3].__ = n3, t4 = A(i3[f3], t4, r3, false));
      return t4;
    }
    for (t4 && !t4.parentNode && (t4 = S(n3)) && !t4.parentNode && (t4 = null), o3 = n3.__e, e3 = t4; e3 && 8 == e3.nodeType; ) e3 = e3.nextSibling;
    for (o3 != e3 && (!u3 && r3.moveBefore && o3.parentNode ? r3.moveBefore(o3, t4) : r3.insertBefore(o3, t4 || null)), t4 = o3; (t4 = t4 && t4.nextSibling) && 8 == t4.nodeType && !t4.data.startsWith("$s"); ) ;
    return t4;
  }
  function P(n3, t4, r3, u3) {
    var i3, f3 = n3.key, o3 = n3.type, e3 = t4[r3], l3 = e3 && !(2 & e3.__u);
    if (null === e3 && null == f3 || l3 && f3 == e3.key && o3 == e3.type) return r3;
    if (u3 > (l3 ? 1 : 0)) {
      for (i3 = r3 - 1; i3 >= 0; i3--) if ((e3 = t4[i3]) && !(2 & e3.__u) && f3 == e3.key && o3 == e3.type) return i3;
      for (i3 = r3 + 1; i3 < t4.length; i3++) if ((e3 = t4[i3]) && !(2 & e3.__u) && f3 == e3.key && o3 == e3.type) return i3;
    }
    return -1;
  }
  function T(n3, t4, r3) {
    null == r3 && (r3 = ""), "-" == t4[0] ? n3.setProperty(t4, r3) : n3[t4] = r3;
  }
  function N(n3, t4, r3, u3, i3) {
    var f3, o3;
    if ("style" == t4) if ("string" == typeof r3) n3.style.cssText = r3;
    else {
      if ("string" == typeof u3 && (n3.style.cssText = u3 = ""), u3) for (t4 in u3) r3 && t4 in r3 || T(n3.style, t4);
      if (r3) for (t4 in r3) u3 && r3[t4] == u3[t4] || T(n3.style, t4, r3[t4]);
    }
    else if ("o" == t4[0] && "n" == t4[1]) "function" != typeof r3 && (r3 = null), "function" != typeof u3 && (u3 = null), (n3.__e || (n3.__e = {}))[t4] = r3, r3 && u3 || (o3 = a[t4] || (a[t4] = V(t4)), (n3.__a || (n3.__a = {}))[t4] = c, f3 = t4 != (t4 = t4.replace(l, "$1")), (t4 = t4.slice(2))[0] < "a" && (t4 = t4.toLowerCase()), r3 ? n3.addEventListener(t4, o3, f3) : n3.removeEventListener(t4, o3, f3));
    else {
      if ("http://www.w3.org/2000/svg" == i3) t4 = t4.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
      else if ("width" != t4 && "height" != t4 && "href" != t4 && "list" != t4 && "form" != t4 && "tabIndex" != t4 && "download" != t4 && "rowSpan" != t4 && "colSpan" != t4 && "role" != t4 && "popover" != t4 && t4 in n3) try {
        return void (n3[t4] = null == r3 ? "" : r3);
      } catch (n4) {
      }
      if ("function" == typeof r3) return;
      null == r3 || false === r3 && "-" != t4[4] ? n3.removeAttribute(t4) : n3.setAttribute(t4, "popover" == t4 && 1 == r3 ? "" : r3);
    }
  }
  function V(t4) {
    return function(r3) {
      var u3 = this.__e;
      if (u3) {
        if (u3 = u3[t4], null == r3[e]) r3[e] = c++;
        else if (r3[e] < this.__a[t4]) return;
        return u3(n.event ? n.event(r3) : r3);
      }
    };
  }
  function z(t4, r3, u3, i3, f3, o3, e3, l3, c3, a3) {
    var s3, p3, v3, d3, k3, b2, m3, M, C3, j2, L2, H2, q2, A3, O, P2, T3, N2, V2 = r3.type;
    if (r3.constructor !== h) return null;
    128 & u3.__u && (c3 = 32 & u3.__u, s3 = u3.__c.__z) && (r3.__u |= c3, p3 = o3 = [], 8 == s3.nodeType ? l3 = B(s3, o3) : o3.push(s3), l3 = o3[0] || l3), (s3 = n.__b) && s3(r3);
    n: if ("function" == typeof V2) {
      v3 = e3.length;
      try {
        if (M = r3.props, C3 = (s3 = V2.prototype) && s3.render, j2 = (s3 = V2.contextType) && i3[s3.__c], L2 = s3 ? j2 ? j2.props.value : s3.__ : i3, (d3 = u3.__c) ? (r3.__c = d3, 2 & d3.__g && (d3.__g |= 1)) : (C3 ? r3.__c = d3 = new V2(M, L2) : (r3.__c = d3 = new x(M, L2), d3.constructor = V2, d3.render = K), j2 && j2.sub(d3), d3.state || (d3.state = {}), d3.__n = i3, d3.__g |= 8, d3.__h = [], d3.__k = []), C3 && (d3.__s || (d3.__s = d3.state), V2.getDerivedStateFromProps && (d3.__s == d3.state && (d3.__s = _({}, d3.__s)), _(d3.__s, V2.getDerivedStateFromProps(M, d3.__s)))), k3 = d3.props, b2 = d3.state, d3.__v = r3, u3.__c) {
          if (M !== k3 && C3 && !V2.getDerivedStateFromProps && d3.componentWillReceiveProps && d3.componentWillReceiveProps(M, L2), r3.__v == u3.__v && !(8 & d3.__g) || !(4 & d3.__g) && d3.shouldComponentUpdate && false === d3.shouldComponentUpdate(M, d3.__s, L2)) {
            r3.__v != u3.__v && (d3.props = M, d3.state = d3.__s, d3.__g &= -9), r3.__e = u3.__e, r3.__k = u3.__k, r3.__k.some(function(n3) {
              n3 && (n3.__ = r3);
            }), y.push.apply(d3.__h, d3.__k), d3.__k = [], d3.__h.length && e3.push(d3), l3 = S(u3);
            break n;
          }
          d3.componentWillUpdate && d3.componentWillUpdate(M, d3.__s, L2), C3 && d3.componentDidUpdate && d3.__h.push(function() {
            d3.componentDidUpdate(k3, b2, m3);
          });
        } else C3 && !V2.getDerivedStateFromProps && d3.componentWillMount && d3.componentWillMount(), C3 && d3.componentDidMount && d3.__h.push(d3.componentDidMount);
        d3.context = L2, d3.props = M, d3.__P = t4, d3.__g &= -5, H2 = n.__r, q2 = C3 ? 25 : 0;
        do {
          d3.__g &= -9, H2 && H2(r3), s3 = d3.render(d3.props, d3.state = d3.__s, d3.context);
        } while (8 & d3.__g && ++q2 < 25);
        C3 && (y.push.apply(d3.__h, d3.__k), d3.__k = []), d3.state = d3.__s, d3.getChildContext && (i3 = _({}, i3, d3.getChildContext())), C3 && u3.__c && d3.getSnapshotBeforeUpdate && (m3 = d3.getSnapshotBeforeUpdate(k3, b2)), A3 = s3 && s3.type === $ && null == s3.key ? s3.props.children : s3, M.__P && (s3 = l3, f3 = (t4 = M.__P).namespaceURI, c3 = o3 = null, u3.props && u3.props.__P != t4 && (u3.__k.some(function(n3) {
          n3 && J(n3, n3);
        }), u3.__k = null), l3 = u3.__k ? S(u3, 0) : null), l3 = I(t4, w(A3) ? A3 : [A3], r3, u3, i3, f3, o3, e3, l3, c3, a3), M.__P && (r3.__e = null, l3 = s3), r3.__u &= -161, p3 && p3.some(g), d3.__h.length && e3.push(d3), 1 & d3.__g && (d3.__g &= -4);
      } catch (t5) {
        if (e3.length = v3, r3.__v = null, c3 || o3) if (t5 && t5.then) {
          if (r3.__u |= 128 | c3, o3) {
            for (~(T3 = o3.indexOf(l3 || void 0)) || (T3 = o3.length); (N2 = o3[T3 - 1]) && 8 == N2.nodeType; ) T3--;
            for (; T3 < o3.length; T3++) if (N2 = o3[T3]) if (o3[T3] = null, O) {
              if (N2 == P2) break;
            } else {
              if (8 != N2.nodeType) break;
              N2.data.startsWith("$s") && (P2 = B(O = N2));
            }
          }
          if (!O) {
            for (; l3 && 8 == l3.nodeType && l3.nextSibling; ) l3 = l3.nextSibling;
            O = l3;
          }
          (s3 = B(O = r3.__c.__z || (r3.__c.__z = O))) ? (r3.__e = O, l3 = s3) : r3.__e = l3, l3 = l3 && l3.nextSibling;
        } else o3 && o3.some(g);
        else r3.__e = u3.__e;
        r3.__k || (r3.__k = u3.__k || []), t5 && t5.then || D(r3), n.__e(t5, r3, u3);
      }
    } else l3 = r3.__e = F(u3.__e, r3, u3, i3, f3, o3, e3, c3, a3, t4);
    return (s3 = n.diffed) && s3(r3), l3;
  }
  function B(n3, t4) {
    if (n3 && 8 == n3.nodeType && n3.data.startsWith("$s")) for (var r3 = 1; n3 = n3.nextSibling; ) {
      if (8 == n3.nodeType) {
        if (n3.data.startsWith("$s")) r3++;
        else if (n3.data.startsWith("/$s") && !--r3) return n3;
      }
      t4 && t4.push(n3);
    }
  }
  function D(n3) {
    n3 && (n3.__c && (n3.__c.__g |= 4), n3.__k && n3.__k.some(D));
  }
  function E(t4, r3, u3) {
    for (var i3 = 0; i3 < u3.length; ) G(u3[i3++], u3[i3++], u3[i3++]);
    n.__c && n.__c(r3, t4), t4.some(function(r4) {
      try {
        t4 = r4.__h, r4.__h = [], t4.some(function(n3) {
          n3.call(r4);
        });
      } catch (t5) {
        n.__e(t5, r4.__v);
      }
    });
  }
  function F(t4, r3, u3, i3, f3, o3, e3, l3, c3, a3) {
    var s3, h3, y3, _3, k3, b2, m3, M, $2 = u3.props || p, x2 = r3.props, C3 = r3.type;
    if ("svg" == C3 ? f3 = "http://www.w3.org/2000/svg" : "math" == C3 ? f3 = "http://www.w3.org/1998/Math/MathML" : f3 || (f3 = "http://www.w3.org/1999/xhtml"), o3) {
      for (s3 = 0; s3 < o3.length; s3++) if ((k3 = o3[s3]) && (C3 ? k3.localName == C3 : 3 == k3.nodeType)) {
        t4 = k3, o3[s3] = null;
        break;
      }
    }
    if (!t4) {
      if (M = a3.ownerDocument || document, !C3) return M.createTextNode(x2);
      t4 = M.createElementNS(f3, C3, x2.is ? x2 : a3), l3 && (n.__m && n.__m(r3, o3), l3 = false), o3 = null;
    }
    if (C3) {
      if (a3 = "template" == C3 && t4.content || t4, o3 = "textarea" == C3 && null != x2.defaultValue ? null : o3 && d.call(a3.childNodes), !l3 && o3) for ($2 = {}, s3 = 0; s3 < t4.attributes.length; s3++) $2[(k3 = t4.attributes[s3]).name] = k3.value;
      for (s3 in $2) k3 = $2[s3], "dangerouslySetInnerHTML" == s3 ? y3 = k3 : "children" == s3 || s3 in x2 || "value" == s3 && "defaultValue" in x2 || "checked" == s3 && "defaultChecked" in x2 || N(t4, s3, null, k3, f3);
      for (s3 in x2) k3 = x2[s3], "children" == s3 ? _3 = k3 : "dangerouslySetInnerHTML" == s3 ? h3 = k3 : "value" == s3 ? b2 = k3 : "checked" == s3 ? m3 = k3 : l3 && "function" != typeof k3 || $2[s3] === k3 || N(t4, s3, k3, $2[s3], f3);
      h3 ? (l3 || y3 && (h3.__html == y3.__html || h3.__html == t4.innerHTML) || (t4.innerHTML = h3.__html), r3.__k = []) : (y3 && (t4.textContent = ""), ("foreignObject" == C3 || "http://www.w3.org/1998/Math/MathML" == f3 && v.test(C3)) && (f3 = "http://www.w3.org/1999/xhtml"), I(a3, w(_3) ? _3 : [_3], r3, u3, i3, f3, o3, e3, o3 ? o3[0] : u3.__k && S(u3, 0), l3, c3), o3 && o3.some(g)), l3 && "textarea" != C3 || (s3 = "value", "progress" == C3 && null == b2 ? t4.removeAttribute(s3) : null == b2 || b2 === t4[s3] && ("progress" != C3 || b2) || N(t4, s3, b2, $2[s3], f3), s3 = "checked", null != m3 && m3 != t4[s3] && N(t4, s3, m3, $2[s3], f3));
    } else $2 === x2 || l3 && t4.data == x2 || (t4.data = x2);
    return t4;
  }
  function G(t4, r3, u3, i3) {
    try {
      "function" == typeof t4 ? r3 ? r3.__x = t4(r3) || 1 : i3 && (i3 = i3.__c || i3.__e) && (r3 = i3.__x) && (i3.__x = null, "function" == typeof r3 ? r3() : t4(null)) : t4.current = r3;
    } catch (t5) {
      n.__e(t5, u3);
    }
  }
  function J(t4, r3, u3) {
    var i3, f3, o3, e3;
    if (n.unmount && n.unmount(t4), !(i3 = t4.ref) || i3.current && i3.current != t4.__e || G(i3, null, r3, t4), i3 = t4.__c) {
      if (i3.componentWillUnmount) try {
        i3.componentWillUnmount();
      } catch (t5) {
        n.__e(t5, r3);
      }
      i3.__P = i3.__n = null;
    }
    if (i3 = t4.__k) for (e3 = 0; e3 < i3.length; e3++) i3[e3] && J(i3[e3], r3, "function" != typeof t4.type || u3 && !t4.props.__P);
    !u3 && (i3 = t4.__c) && (i3 = i3.__z) && (f3 = B(i3, o3 = [])) && (i3 == t4.__e && o3.some(g), g(f3), g(i3)), u3 || g(t4.__e), t4.__e = t4.__c = t4.__ = null;
  }
  function K(n3, t4, r3) {
    return this.constructor(n3, r3);
  }
  function Q(t4, r3) {
    var u3, i3, f3, o3;
    n.__ && n.__(t4, r3), 9 == r3.nodeType && (r3 = r3.documentElement), i3 = (u3 = t4 && 32 & t4.__u) ? null : r3.__k, r3.__k = m($, { children: [t4] }), f3 = [], o3 = [], z(r3, r3.__k, i3 || p, p, r3.namespaceURI, i3 ? null : r3.firstChild ? d.call(r3.childNodes) : null, f3, i3 ? i3.__e : r3.firstChild, u3, o3), E(f3, r3.__k, o3), r3.__k.props.children = null;
  }
  n = { __e: function(n3, t4, r3, u3) {
    for (var i3, o3, e3; t4 = t4.__; ) if ((i3 = t4.__c) && !(1 & i3.__g)) {
      i3.__g |= 4;
      try {
        if ((e3 = (o3 = i3.constructor) && o3.getDerivedStateFromError) && i3.setState(o3.getDerivedStateFromError(n3)), i3.componentDidCatch && (i3.componentDidCatch(n3, u3 || {}), e3 = 1), e3 && 8 & i3.__g) return void (i3.__g |= 2);
      } catch (t5) {
        n3 = t5;
      }
    }
    throw f = 0, n3;
  } }, t = 0, r = function(n3) {
    return null != n3 && n3.constructor === h;
  }, x.prototype.setState = function(n3, t4) {
    var r3 = this.__s;
    r3 && r3 != this.state || (r3 = this.__s = _({}, this.state)), "function" == typeof n3 && (n3 = n3(_({}, r3), this.props)), n3 && (_(r3, n3), this.__v && (t4 && this.__k.push(t4), L(this)));
  }, x.prototype.forceUpdate = function(n3) {
    this.__v && (this.__g |= 4, n3 && this.__h.push(n3), L(this));
  }, x.prototype.render = $, u = [], f = 0, o = function(n3, t4) {
    return n3.__v.__b - t4.__v.__b;
  }, e = /* @__PURE__ */ Symbol(), l = /(PointerCapture)$|Capture$/i, c = 0, a = {}, s = 0;

  // node_modules/preact/hooks/dist/hooks.mjs
  var t2;
  var r2;
  var u2;
  var i2;
  var o2 = Object.is;
  var f2 = 0;
  var c2 = [];
  var e2 = [];
  var a2 = n;
  var v2 = a2.__b;
  var l2 = a2.__r;
  var m2 = a2.diffed;
  var h2 = a2.__c;
  var s2 = a2.unmount;
  var p2 = a2.__;
  function y2(n3, t4) {
    a2.__h && a2.__h(r2, n3, f2 || t4), f2 = 0;
    var u3 = r2.__H || (r2.__H = { __: [], __h: [] });
    return n3 >= u3.__.length && u3.__.push({}), u3.__[n3];
  }
  function d2(n3) {
    return f2 = 1, _2(G2, n3);
  }
  function _2(n3, u3, i3) {
    var f3 = y2(t2++, 2);
    if (f3.t = n3, !f3.__c && (f3.__ = [i3 ? i3(u3) : G2(void 0, u3), function(n4) {
      var t4 = (f3.__N || f3.__)[0], r3 = f3.t(t4, n4);
      o2(t4, r3) || (f3.__N = [r3, f3.__[1]], f3.__c.setState({}));
    }], f3.__c = r2, !r2.__f)) {
      r2.__f = true;
      var c3 = r2.shouldComponentUpdate;
      r2.shouldComponentUpdate = function(n4, t4, r3) {
        var u4 = this.__H;
        if (!u4) return true;
        var i4 = false, f4 = this.props != n4;
        if (u4.__.some(function(n5) {
          n5.__N && (i4 = true, o2(n5.__[0], n5.__N[0]) || (f4 = true));
        }), c3) {
          var e3 = c3.call(this, n4, t4, r3);
          return i4 ? e3 || f4 : e3;
        }
        return !i4 || f4;
      };
    }
    return f3.__;
  }
  function A2(n3, u3) {
    var i3 = y2(t2++, 3);
    !a2.__s && E2(i3.__H, u3) && (i3.__P = true, i3.__ = n3, i3.u = u3, r2.__H.__h.push(i3));
  }
  function F2(n3, u3) {
    var i3 = y2(t2++, 4);
    !a2.__s && E2(i3.__H, u3) && (i3.__P = false, i3.__ = n3, i3.u = u3, r2.__h.push(i3));
  }
  function T2(n3) {
    return f2 = 5, w2(function() {
      return { current: n3 };
    }, []);
  }
  function w2(n3, r3) {
    var u3 = y2(t2++, 7);
    return E2(u3.__H, r3) && (u3.__ = n3(), u3.__H = r3), u3.__;
  }
  function b(n3, t4) {
    return f2 = 8, w2(function() {
      return n3;
    }, t4);
  }
  function g2() {
    var n3;
    do {
      for (; n3 = e2.shift(); ) try {
        C2(n3);
      } catch (t5) {
        a2.__e(t5, { __: (n3 = n3.__P) && n3.__v });
      }
      for (; n3 = c2.shift(); ) {
        var t4 = n3.__H;
        if (n3.__P && t4) try {
          t4.__h.some(C2), t4.__h.some(D2), t4.__h = [];
        } catch (r3) {
          t4.__h = [], a2.__e(r3, n3.__v);
        }
      }
    } while (e2.length);
  }
  a2.__b = function(n3) {
    r2 = null, v2 && v2(n3);
  }, a2.__ = function(n3, t4) {
    n3 && t4.__k && t4.__k.__m && (n3.__m = t4.__k.__m), p2 && p2(n3, t4);
  }, a2.__r = function(n3) {
    l2 && l2(n3), t2 = 0;
    var i3 = (r2 = n3.__c).__H;
    i3 && (u2 == r2 ? r2.__h = [] : (i3.__h.some(C2), i3.__h.some(D2), t2 = 0), i3.__h = [], i3.__.some(function(n4) {
      n4.__N && (n4.__ = n4.__N), n4.u = n4.__N = void 0;
    })), u2 = r2;
  }, a2.diffed = function(n3) {
    m2 && m2(n3);
    var t4 = n3.__c;
    t4 && t4.__H && (t4.__H.__h.length && B2(c2.push(t4)), t4.__H.__.some(function(n4) {
      n4.u && (n4.__H = n4.u);
    })), u2 = r2 = null;
  }, a2.__c = function(n3, t4) {
    t4.some(function(n4) {
      try {
        n4.__h.some(C2), n4.__h = n4.__h.filter(function(n5) {
          return !n5.__ || D2(n5);
        });
      } catch (t5) {
        n4.__h = [function() {
          throw t5;
        }];
      }
    }), h2 && h2(n3, t4);
  }, a2.unmount = function(n3) {
    s2 && s2(n3);
    var t4, r3, u3 = n3.__c;
    u3 && u3.__H && (u3.__H.__.some(function(u4) {
      try {
        if (u4.__P && u4.__c) {
          if (void 0 === r3) {
            for (r3 = n3.__; r3 && (!r3.__c || !r3.__c.__P); ) r3 = r3.__;
            r3 = r3 && r3.__c;
          }
          u4.__P = r3, B2(e2.push(u4));
        } else C2(u4);
      } catch (n4) {
        t4 = n4;
      }
    }), u3.__H = void 0, t4 && a2.__e(t4, u3.__v));
  };
  var k2 = "function" == typeof requestAnimationFrame;
  function z2(n3) {
    var t4, r3 = function() {
      clearTimeout(u3), k2 && cancelAnimationFrame(t4), setTimeout(n3);
    }, u3 = setTimeout(r3, 35);
    k2 && (t4 = requestAnimationFrame(r3));
  }
  function B2(n3) {
    1 != n3 && i2 == a2.requestAnimationFrame || ((i2 = a2.requestAnimationFrame) || z2)(g2);
  }
  function C2(n3) {
    var t4 = r2, u3 = n3.__c;
    "function" == typeof u3 && (n3.__c = void 0, u3()), r2 = t4;
  }
  function D2(n3) {
    var t4 = r2;
    n3.__c = n3.__(), r2 = t4;
  }
  function E2(n3, t4) {
    return !n3 || n3.length != t4.length || t4.some(function(t5, r3) {
      return !o2(t5, n3[r3]);
    });
  }
  function G2(n3, t4) {
    return "function" == typeof t4 ? t4(n3) : t4;
  }

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
  function diff(a3, b2) {
    return json(`api/diff${query({ a: a3, b: b2 })}`);
  }
  function stats(by, { q: q2, state, days }) {
    return json(`api/stats${query({ by, q: q2, state, since: days && `${days}d` })}`);
  }
  async function totals(session2) {
    return embedded ? (await embeddedContent()).totals : json(`api/s/${session2}/totals`);
  }
  var END = { more: false, error: null, faults: null };
  var KINDS = ["agentops.span.kind", "openinference.span.kind"];
  var AROUND = 40;
  function searchEmbedded(session2, spans2, text) {
    const wanted = text.toLowerCase();
    const hits = [];
    for (const { id, name, kind, attributes, events, status } of Object.values(spans2)) {
      const contents = attributes.filter(([key]) => !KINDS.includes(key));
      const fields = [...contents, ["error", status.message], ...events.flatMap((event) => event.attributes)];
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
    const [answer, setAnswer] = d2(
      /** @type {Answer<T> & { key: string | null }} */
      { key: null, value: null, error: null, isLoading: true }
    );
    A2(() => {
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
    const again = T2(() => {
    });
    A2(() => {
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
    return b(() => again.current(), []);
  }
  var RETRY = 2e3;
  function isGone(error) {
    return error instanceof ServerGone;
  }
  function useNow(isTicking, every = 1e3) {
    const [now, setNow] = d2(() => Date.now());
    A2(() => {
      if (!isTicking) return void 0;
      const timer2 = setInterval(() => setNow(Date.now()), every);
      return () => clearInterval(timer2);
    }, [isTicking, every]);
    return now;
  }
  function useViewport() {
    const element = T2(null);
    const [viewport, setViewport] = d2({ width: 0, height: 0, top: 0 });
    F2(() => {
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
    const [value, setValue] = d2(() => kept(name) ?? initial);
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
    const latest = T2(pressed);
    latest.current = pressed;
    A2(() => {
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

  // node_modules/htm/dist/htm.module.js
  var n2 = function(t4, s3, r3, e3) {
    var u3;
    s3[0] = 0;
    for (var h3 = 1; h3 < s3.length; h3++) {
      var p3 = s3[h3++], a3 = s3[h3] ? (s3[0] |= p3 ? 1 : 2, r3[s3[h3++]]) : s3[++h3];
      3 === p3 ? e3[0] = a3 : 4 === p3 ? e3[1] = Object.assign(e3[1] || {}, a3) : 5 === p3 ? (e3[1] = e3[1] || {})[s3[++h3]] = a3 : 6 === p3 ? e3[1][s3[++h3]] += a3 + "" : p3 ? (u3 = t4.apply(a3, n2(t4, a3, r3, ["", null])), e3.push(u3), a3[0] ? s3[0] |= 2 : (s3[h3 - 2] = 0, s3[h3] = u3)) : e3.push(a3);
    }
    return e3;
  };
  var t3 = /* @__PURE__ */ new Map();
  function htm_module_default(s3) {
    var r3 = t3.get(this);
    return r3 || (r3 = /* @__PURE__ */ new Map(), t3.set(this, r3)), (r3 = n2(this, r3.get(s3) || (r3.set(s3, r3 = (function(n3) {
      for (var t4, s4, r4 = 1, e3 = "", u3 = "", h3 = [0], p3 = function(n4) {
        1 === r4 && (n4 || (e3 = e3.replace(/^\s*\n\s*|\s*\n\s*$/g, ""))) ? h3.push(0, n4, e3) : 3 === r4 && (n4 || e3) ? (h3.push(3, n4, e3), r4 = 2) : 2 === r4 && "..." === e3 && n4 ? h3.push(4, n4, 0) : 2 === r4 && e3 && !n4 ? h3.push(5, 0, true, e3) : r4 >= 5 && ((e3 || !n4 && 5 === r4) && (h3.push(r4, 0, e3, s4), r4 = 6), n4 && (h3.push(r4, n4, 0, s4), r4 = 6)), e3 = "";
      }, a3 = 0; a3 < n3.length; a3++) {
        a3 && (1 === r4 && p3(), p3(a3));
        for (var l3 = 0; l3 < n3[a3].length; l3++) t4 = n3[a3][l3], 1 === r4 ? "<" === t4 ? (p3(), h3 = [h3], r4 = 3) : e3 += t4 : 4 === r4 ? "--" === e3 && ">" === t4 ? (r4 = 1, e3 = "") : e3 = t4 + e3[0] : u3 ? t4 === u3 ? u3 = "" : e3 += t4 : '"' === t4 || "'" === t4 ? u3 = t4 : ">" === t4 ? (p3(), r4 = 1) : r4 && ("=" === t4 ? (r4 = 5, s4 = e3, e3 = "") : "/" === t4 && (r4 < 5 || ">" === n3[a3][l3 + 1]) ? (p3(), 3 === r4 && (h3 = h3[0]), r4 = h3, (h3 = h3[0]).push(2, 0, r4), r4 = 0) : " " === t4 || "	" === t4 || "\n" === t4 || "\r" === t4 ? (p3(), r4 = 2) : e3 += t4), 3 === r4 && "!--" === e3 && (r4 = 4, h3 = h3[0]);
      }
      return p3(), h3;
    })(s3)), r3), arguments, [])).length > 1 ? r3 : r3[0];
  }

  // src/html.js
  var html = htm_module_default.bind(k);
  function memo(component) {
    return function Memo(props) {
      this.shouldComponentUpdate = (next) => isOther(this.props, next);
      return k(
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
    const [route, setRoute] = d2(() => parse(location.hash));
    A2(() => {
      const changed = () => {
        forget();
        setRoute(parse(location.hash));
      };
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    }, []);
    return route;
  }

  // node_modules/diff/libesm/diff/base.js
  var Diff = class {
    diff(oldStr, newStr, options = {}) {
      let callback;
      if (typeof options === "function") {
        callback = options;
        options = {};
      } else if ("callback" in options) {
        callback = options.callback;
      }
      const oldString = this.castInput(oldStr, options);
      const newString = this.castInput(newStr, options);
      const oldTokens = this.removeEmpty(this.tokenize(oldString, options));
      const newTokens = this.removeEmpty(this.tokenize(newString, options));
      return this.diffWithOptionsObj(oldTokens, newTokens, options, callback);
    }
    diffWithOptionsObj(oldTokens, newTokens, options, callback) {
      var _a;
      const done = (value) => {
        value = this.postProcess(value, options);
        if (callback) {
          setTimeout(function() {
            callback(value);
          }, 0);
          return void 0;
        } else {
          return value;
        }
      };
      const newLen = newTokens.length, oldLen = oldTokens.length;
      let editLength = 1;
      let maxEditLength = newLen + oldLen;
      if (options.maxEditLength != null) {
        maxEditLength = Math.min(maxEditLength, options.maxEditLength);
      }
      const maxExecutionTime = (_a = options.timeout) !== null && _a !== void 0 ? _a : Infinity;
      const abortAfterTimestamp = Date.now() + maxExecutionTime;
      const bestPath = [{ oldPos: -1, lastComponent: void 0 }];
      let newPos = this.extractCommon(bestPath[0], newTokens, oldTokens, 0, options);
      if (bestPath[0].oldPos + 1 >= oldLen && newPos + 1 >= newLen) {
        return done(this.buildValues(bestPath[0].lastComponent, newTokens, oldTokens));
      }
      let minDiagonalToConsider = -Infinity, maxDiagonalToConsider = Infinity;
      const execEditLength = () => {
        for (let diagonalPath = Math.max(minDiagonalToConsider, -editLength); diagonalPath <= Math.min(maxDiagonalToConsider, editLength); diagonalPath += 2) {
          let basePath;
          const removePath = bestPath[diagonalPath - 1], addPath = bestPath[diagonalPath + 1];
          if (removePath) {
            bestPath[diagonalPath - 1] = void 0;
          }
          let canAdd = false;
          if (addPath) {
            const addPathNewPos = addPath.oldPos - diagonalPath;
            canAdd = addPath && 0 <= addPathNewPos && addPathNewPos < newLen;
          }
          const canRemove = removePath && removePath.oldPos + 1 < oldLen;
          if (!canAdd && !canRemove) {
            bestPath[diagonalPath] = void 0;
            continue;
          }
          if (!canRemove || canAdd && removePath.oldPos < addPath.oldPos) {
            basePath = this.addToPath(addPath, true, false, 0, options);
          } else {
            basePath = this.addToPath(removePath, false, true, 1, options);
          }
          newPos = this.extractCommon(basePath, newTokens, oldTokens, diagonalPath, options);
          if (basePath.oldPos + 1 >= oldLen && newPos + 1 >= newLen) {
            return done(this.buildValues(basePath.lastComponent, newTokens, oldTokens)) || true;
          } else {
            bestPath[diagonalPath] = basePath;
            if (basePath.oldPos + 1 >= oldLen) {
              maxDiagonalToConsider = Math.min(maxDiagonalToConsider, diagonalPath - 1);
            }
            if (newPos + 1 >= newLen) {
              minDiagonalToConsider = Math.max(minDiagonalToConsider, diagonalPath + 1);
            }
          }
        }
        editLength++;
      };
      if (callback) {
        (function exec() {
          setTimeout(function() {
            if (editLength > maxEditLength || Date.now() > abortAfterTimestamp) {
              return callback(void 0);
            }
            if (!execEditLength()) {
              exec();
            }
          }, 0);
        })();
      } else {
        while (editLength <= maxEditLength && Date.now() <= abortAfterTimestamp) {
          const ret = execEditLength();
          if (ret) {
            return ret;
          }
        }
      }
    }
    addToPath(path, added, removed, oldPosInc, options) {
      const last = path.lastComponent;
      if (last && !options.oneChangePerToken && last.added === added && last.removed === removed) {
        return {
          oldPos: path.oldPos + oldPosInc,
          lastComponent: { count: last.count + 1, added, removed, previousComponent: last.previousComponent }
        };
      } else {
        return {
          oldPos: path.oldPos + oldPosInc,
          lastComponent: { count: 1, added, removed, previousComponent: last }
        };
      }
    }
    extractCommon(basePath, newTokens, oldTokens, diagonalPath, options) {
      const newLen = newTokens.length, oldLen = oldTokens.length;
      let oldPos = basePath.oldPos, newPos = oldPos - diagonalPath, commonCount = 0;
      while (newPos + 1 < newLen && oldPos + 1 < oldLen && this.equals(oldTokens[oldPos + 1], newTokens[newPos + 1], options)) {
        newPos++;
        oldPos++;
        commonCount++;
        if (options.oneChangePerToken) {
          basePath.lastComponent = { count: 1, previousComponent: basePath.lastComponent, added: false, removed: false };
        }
      }
      if (commonCount && !options.oneChangePerToken) {
        basePath.lastComponent = { count: commonCount, previousComponent: basePath.lastComponent, added: false, removed: false };
      }
      basePath.oldPos = oldPos;
      return newPos;
    }
    equals(left, right, options) {
      if (options.comparator) {
        return options.comparator(left, right);
      } else {
        return left === right || !!options.ignoreCase && left.toLowerCase() === right.toLowerCase();
      }
    }
    removeEmpty(array) {
      const ret = [];
      for (let i3 = 0; i3 < array.length; i3++) {
        if (array[i3]) {
          ret.push(array[i3]);
        }
      }
      return ret;
    }
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    castInput(value, options) {
      return value;
    }
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    tokenize(value, options) {
      return Array.from(value);
    }
    join(chars) {
      return chars.join("");
    }
    postProcess(changeObjects, options) {
      return changeObjects;
    }
    get useLongestToken() {
      return false;
    }
    buildValues(lastComponent, newTokens, oldTokens) {
      const components = [];
      let nextComponent;
      while (lastComponent) {
        components.push(lastComponent);
        nextComponent = lastComponent.previousComponent;
        delete lastComponent.previousComponent;
        lastComponent = nextComponent;
      }
      components.reverse();
      const componentLen = components.length;
      let componentPos = 0, newPos = 0, oldPos = 0;
      for (; componentPos < componentLen; componentPos++) {
        const component = components[componentPos];
        if (!component.removed) {
          if (!component.added && this.useLongestToken) {
            let value = newTokens.slice(newPos, newPos + component.count);
            value = value.map(function(value2, i3) {
              const oldValue = oldTokens[oldPos + i3];
              return oldValue.length > value2.length ? oldValue : value2;
            });
            component.value = this.join(value);
          } else {
            component.value = this.join(newTokens.slice(newPos, newPos + component.count));
          }
          newPos += component.count;
          if (!component.added) {
            oldPos += component.count;
          }
        } else {
          component.value = this.join(oldTokens.slice(oldPos, oldPos + component.count));
          oldPos += component.count;
        }
      }
      return components;
    }
  };

  // node_modules/diff/libesm/diff/array.js
  var ArrayDiff = class extends Diff {
    tokenize(value) {
      return value.slice();
    }
    join(value) {
      return value;
    }
    removeEmpty(value) {
      return value;
    }
  };
  var arrayDiff = new ArrayDiff();
  function diffArrays(oldArr, newArr, options) {
    return arrayDiff.diff(oldArr, newArr, options);
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
      return Array.from({ length: Math.max(one.length, other.length) }, (_3, index) => [index, `[${index}]`]);
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
    return Array.from({ length: Math.max(gone.length, come.length) }, (_3, index) => ({
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
    const [said, setSaid] = d2("");
    const [problem, setProblem] = d2("");
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
    const keys = isList ? value.map((_3, index) => String(index)) : Object.keys(value);
    const [isOpen, setOpen] = d2(level < OPEN_LEVELS && keys.length <= OPEN_CHILDREN);
    const [shown2, setShown] = d2(PAGE);
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
    const [isWhole, setWhole] = d2(false);
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
  var KINDS2 = {
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
    return KINDS2[kind]?.name ?? (kind || OTHER.name);
  }
  function kindClass(kind) {
    return kind in KINDS2 ? `kind-${kind}` : "kind-other";
  }
  function KindMark({ kind, isNamed = false }) {
    const { letter, name, shape } = KINDS2[kind] ?? OTHER;
    const label = isNamed ? { role: "img", "aria-label": kindName(kind) } : { "aria-hidden": true };
    return html`<span class="mark ${kindClass(kind)} shape-${shape}" title=${name} ...${label}>${letter}</span>`;
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
    A2(() => {
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
    const last = T2({ first, length, shift: 0 });
    if (Math.abs(first - last.current.first) >= length) last.current.shift += last.current.first - first;
    last.current.first = first;
    const { shift } = last.current;
    return (index) => ((index + shift) % length + length) % length;
  }
  function useReveal(box, row, selected) {
    const last = T2({ row: -1, selected: -1 });
    A2(() => {
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
      <${KindMark} kind=${kind} isNamed />
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
    const first = session2.firstPiece(node);
    if (first !== void 0) parts.push(`first piece after ${duration(first)}`);
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
    const first = session2.firstPiece(node);
    const at = first === void 0 ? 0 : begin[node] + first;
    const isSeen = first !== void 0 && at >= axis.range.from && at <= axis.range.to;
    return html`<span key=${node} class=${classes} style=${{ left: `${100 * left}%`, width: `${100 * width}%` }}></span>
    ${isSeen && html`<span key=${`first ${node}`} class="first-piece" style=${{ left: `${100 * axis.place(at)}%` }}></span>`}`;
  }
  function TimeScale({ session: session2, axis, ticks }) {
    const times2 = ticks.map((tick) => Math.round(tick - session2.span.from));
    const texts = times2.map((time) => time === 0 ? "0" : duration(time));
    const isAlike = texts.some((text, index) => index > 0 && text === texts[index - 1]);
    const label = (index) => isAlike && index > 0 ? `+${duration(times2[index] - times2[0])}` : texts[index];
    return html`<div class="scale" aria-hidden="true"><div>
    ${ticks.map((tick, index) => html`<span key=${tick} style=${{ left: `${100 * axis.place(tick)}%` }}>${label(index)}</span>`)}
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
    const [a3, b2, row] = route.ids;
    const { value, error } = useAnswer(`${a3} ${b2}`, () => diff(a3, b2));
    if (error) return html`<${Problem} error=${error} />`;
    if (!value) return html`<main class="screen"><p class="muted loading">Comparing …</p></main>`;
    return html`<${Loaded} key=${`${a3} ${b2}`} diff=${value} ids=${[a3, b2]} row=${row} options=${route.options} />`;
  }
  function Loaded({ diff: diff2, ids, row, options }) {
    const onlyChanged = options.get("only") !== "all";
    const selected = row === void 0 ? diff2.first ?? -1 : Number(row);
    const rows2 = w2(() => shownRows(diff2, onlyChanged, selected), [diff2, onlyChanged, selected]);
    const select = (index) => go(diffAddress(ids[0], ids[1], index) + optionsText());
    const place2 = rows2.findIndex((row2) => row2.index === selected);
    const [box, view] = useViewport();
    const step = (by) => {
      const next = Math.min(Math.max(place2 + by, 0), rows2.length - 1);
      if (rows2[next]) replace(diffAddress(ids[0], ids[1], rows2[next].index) + optionsText());
    };
    A2(() => {
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
    return rows2.filter((_3, index) => wanted[index]);
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
    <span class="cell-name" style=${{ paddingLeft: `${indent(depth)}px` }}><${KindMark} kind=${kind} isNamed /> <span class="name" title=${name}>${name}</span>
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
    const parts = w2(() => diffArrays(older.match(WORDS) ?? [], newer.match(WORDS) ?? [], { timeout: 500 }), [older, newer]);
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
    const dialog = T2(
      /** @type {HTMLDialogElement | null} */
      null
    );
    F2(() => dialog.current?.showModal(), []);
    return html`<dialog class="help" ref=${dialog} onClose=${close} aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <div class="help-groups">${KEYS.map(([title, keys]) => html`<section key=${title}><h3>${title}</h3><dl>
      ${/** @type {string[][]} */
    keys.map(([key, meaning]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}</dl></section>`)}</div>
    <form method="dialog"><button type="submit" class="quiet">Close</button></form>
  </dialog>`;
  }

  // src/parts/spark.js
  function Columns({ values, titles, label }) {
    const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
    const width = 100 / Math.max(values.length, 1);
    return html`<svg class="columns" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=${label}>
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
  var EVERY = { running: 1e3, quiet: 2e3 };
  var PAGE2 = 200;
  var FIRST = 40;
  var DAY2 = 24 * 60 * 60 * 1e3;
  function ListScreen({ route, setGone }) {
    const { listed, error } = useSessions(setGone);
    const { options } = route;
    const [shown2, setShown] = d2(FIRST);
    const now = useNow(true, 1e3);
    const query2 = options.get("q") ?? "";
    const inContent = options.get("in") === "content";
    const all = w2(() => [...listed.sessions.values()], [listed]);
    const found = w2(() => filtered(all, options, now), [all, options, Math.floor(now / 6e4)]);
    const filter = { q: inContent ? null : query2, state: options.get("state"), days: options.get("since") };
    const { value: byDay } = useStats("day", filter, listed.version);
    const isSearching = inContent && query2 !== "";
    const search2 = useSearch(isSearching ? query2 : "");
    const hits = isSearching ? search2.hits : null;
    const rows2 = w2(() => sorted(hits ? found.filter(({ id }) => hits.has(id)) : found, options.get("sort")), [found, hits, options.get("sort")]);
    const longestTimes = w2(() => longest(found), [found]);
    A2(() => {
      if (listed.isLoaded && shown2 === FIRST) setShown(PAGE2);
    }, [listed, shown2]);
    const picked = (options.get("x") ?? "").split(",").filter((id) => listed.sessions.has(id));
    const pick = b((id) => {
      const next = picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id].slice(-2);
      replaceOptions({ x: next.join(",") || null });
    }, [picked.join()]);
    const [focused, setFocused] = d2(-1);
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
    const [listed, setListed] = d2(
      /** @type {Listed} */
      { sessions: /* @__PURE__ */ new Map(), folder: "", paths: [], version: null, faults: null, isLoaded: false }
    );
    const [error, setError] = d2(
      /** @type {Error | null} */
      null
    );
    const version = T2(
      /** @type {string | undefined} */
      void 0
    );
    const known = T2(
      /** @type {Map<string, Summary>} */
      /* @__PURE__ */ new Map()
    );
    usePoll(async () => {
      try {
        const since = version.current;
        const { sessions: sessions2, gone, folder, paths, faults, whole, version: next } = await sessions(since);
        version.current = next;
        setGone(false);
        setError(null);
        if (whole || sessions2.length > 0 || gone.length > 0) {
          const merged = new Map(whole ? [] : known.current);
          for (const id of gone) merged.delete(id);
          for (const session2 of sessions2) merged.set(session2.id, session2);
          known.current = merged;
          setListed({ sessions: merged, folder, paths, version: next, faults, isLoaded: true });
        }
        return [...known.current.values()].some(({ state }) => state === "running") ? EVERY.running : EVERY.quiet;
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
    const last = T2(
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
      <th scope="col" class="col-state">state</th>
    </tr></thead>
    <tbody>${rows2.map((row, index) => html`<${$} key=${row.id}><${SessionRow} row=${row} index=${index} most=${longest2.get(row.name) ?? 1}
      isPicked=${picked.includes(row.id)} pick=${pick} ...${times(row, now)} setFocused=${setFocused} />
      ${hits?.has(row.id) && html`<${HitsRow} hits=${hits.get(row.id)} />`}<//>`)}</tbody>
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
    <td class="col-took" title=${exactDuration(took2)}><span class="mini" aria-hidden="true"><span style=${{ width: `${Math.min(100 * took2 / most, 100)}%` }}></span></span><span class="took">${duration(took2)}</span></td>
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
    const [by, setBy] = d2("");
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
      <${Columns} values=${days.map(of)} titles=${titles} label=${`${name} by day: ${titles.join(", ")}`} />
      <p class="days" aria-hidden="true"><span>${days[0].name}</span><span>${days[days.length - 1].name}</span></p>
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
    const [state, setState] = d2(
      /** @type {Search} */
      { hits: /* @__PURE__ */ new Map(), count: 0, end: null, error: null }
    );
    A2(() => {
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
    const [shown2, setShown] = d2(HITS);
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
      this.firstPieces = new Map(columns.first_piece);
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
    /**
     * Returns the nanoseconds until the first piece of a stream; `undefined` for what is none.
     * @param {number} node
     */
    firstPiece(node) {
      return this.firstPieces.get(node);
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
    const found = /* @__PURE__ */ new Map();
    for (const score of scores) {
      const span2 = score.span ?? id16.slice(0, ID2);
      found.set(span2, [...found.get(span2) ?? [], score]);
    }
    return found;
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
    const [shown2, setShown] = d2(PAGE3);
    const [onlyNew, setOnlyNew] = d2(false);
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
    const [open, setOpen] = d2(isOpen);
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
    const [isWhole, setWhole] = d2(false);
    const [isOpen, setOpen] = d2(false);
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
    const [isOpen, setOpen] = d2(false);
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
    const [choice, setChoice] = d2("");
    const [error, setError] = d2("");
    const [said, setSaid] = d2("");
    const first = T2(
      /** @type {HTMLInputElement | null} */
      null
    );
    const chosen = T2(
      /** @type {HTMLElement | null} */
      null
    );
    A2(() => {
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
      <button type="button" class="quiet" aria-pressed=${choice === "number"} onClick=${choose("number")}>Score</button>
    </p>
    ${choice && html`<form key=${choice} onSubmit=${submit} noValidate>
      ${choice === "number" && html`
        <label>Score <input ref=${first} name="value" inputmode="decimal" autocomplete="off" aria-describedby="score-error" /></label>
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
    const last = T2(value);
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
    const [filter, setFilter] = d2("");
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
    const axis = w2(() => new TimeAxis(session2.span, gaps), [session2, gaps]);
    const { works, fails } = w2(() => activity(session2, axis, PARTS), [session2, axis]);
    const strip = T2(
      /** @type {HTMLElement | null} */
      null
    );
    const [drag, setDrag] = d2(
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
    const names = w2(() => inContent ? [] : find(session2, query2), [session2, query2, inContent]);
    const content2 = useContent(session2, inContent ? query2 : "");
    const inContents = w2(() => {
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
    const [found, setFound] = d2(NOTHING);
    A2(() => {
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
    const failed = w2(() => failures(session2), [session2]);
    if (whole === 0) return null;
    const name = (kind) => kind === "session" ? "own code" : `${kindName(kind)}s`;
    const text = kinds.map(({ kind, time }) => `${name(kind)} ${percent(time, whole)}`).join(", ");
    const next = failed.length > 0 ? nextAfter(session2, failed[0]) : void 0;
    const link = (node, key) => html`<${SpanLink} session=${session2} node=${node} select=${select} title=${`key ${key}`}>${session2.title(node)}<//>`;
    return html`<div class="strip">
    <div class="kind-bar" role="img" aria-label=${`critical path: ${text}`} title=${text}>
      ${kinds.map(({ kind, time }) => html`<span key=${kind} class=${kind === "session" ? "own" : kindClass(kind)} style=${{ flexGrow: time }}></span>`)}
    </div>
    <span class="muted shares">${kinds.map(({ kind, time }) => html`<span key=${kind}><span class=${`swatch ${kind === "session" ? "own" : kindClass(kind)}`} aria-hidden="true"></span>${name(kind)} ${percent(time, whole)}</span>`)}</span>
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
    const [state, setState] = d2(
      /** @type {{ id: string, session: Session | null, error: Error | null }} */
      { id, session: null, error: null }
    );
    const version = T2(
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
    A2(() => () => void (version.current = void 0), [id]);
    return state.id === id ? { ...state, refresh } : { session: null, error: null, refresh };
  }
  function Loaded2({ session: session2, route, spanId, error, refresh }) {
    const [state, setState] = d2(() => new TreeState());
    const [selectedId, setSelectedId] = d2(() => spanId ?? session2.id(0));
    const [isFollowing, setFollowing] = d2(false);
    const [width, setWidth] = useKept("detail.width", "440");
    const [wrap, setWrap] = useKept("detail.wrap", "on");
    const { options } = route;
    const id = session2.columns.id;
    const selected = w2(() => Math.max(session2.find(selectedId), 0), [session2, selectedId]);
    const isMissing = w2(() => spanId !== void 0 && session2.find(spanId) < 0, [session2, spanId]);
    const isDetailShown = spanId !== void 0 && !isMissing;
    const select = b((node, isQuiet = false) => {
      setState((last) => revealed(session2, last, node));
      setSelectedId(session2.id(node));
      const next = sessionAddress(id, session2.id(node)) + optionsText();
      if (isQuiet) replaceSoon(next);
      else go(next);
    }, [session2, id]);
    A2(() => {
      const node = spanId === void 0 ? -1 : session2.find(spanId);
      if (node < 0 || session2.id(node) === selectedId) return;
      setState((last) => revealed(session2, last, node));
      setSelectedId(session2.id(node));
    }, [spanId]);
    A2(() => {
      const node = spanId === void 0 ? -1 : session2.find(spanId);
      if (node >= 0) setState((last) => revealed(session2, last, node));
    }, []);
    A2(() => {
      if (isFollowing) setSelectedId(session2.id(newest(session2)));
    }, [session2, isFollowing]);
    const hidden = options.get("hide") ?? "";
    const shownState = w2(() => {
      const shown2 = state.copy();
      shown2.hidden = new Set(hidden.split(",").filter(Boolean));
      return shown2;
    }, [state, hidden]);
    const rows2 = w2(() => rows(session2, shownState), [session2, shownState]);
    const gaps = w2(() => idleGaps(session2), [session2]);
    const isFolding = options.get("gaps") === "fold";
    const foldedGaps = isFolding ? gaps : NO_GAPS;
    const zoom = w2(() => parseZoom(options.get("zoom")), [options.get("zoom")]);
    const axis = w2(() => new TimeAxis(zoom ?? session2.span, foldedGaps), [session2, zoom, foldedGaps]);
    const query2 = options.get("q") ?? "";
    const inContent = options.get("in") === "content";
    const found = useFound(session2, query2, inContent);
    const hits = found.nodes;
    const hitSet = w2(() => new Set(hits), [hits]);
    const callsAnswer = useAnswer(`${id}@${session2.isRunning ? "" : session2.columns.version}`, () => calls(id));
    const calls2 = w2(() => callsAnswer.value && new Calls(callsAnswer.value), [callsAnswer.value]);
    const loops = w2(() => calls2?.loops((node) => session2.kind(node) === "tool") ?? [], [session2, calls2]);
    const repeats = w2(() => new Map(loops.flatMap((loop) => loop.map((node) => [node, loop.length]))), [loops]);
    const isCritical = options.get("crit") === "1";
    const kinds = w2(() => kindsOf(session2), [session2]);
    const toggle = b((node) => setState((last) => toggled(session2, last, node)), [session2]);
    const jump = b((node) => node !== void 0 && select(node, true), [select]);
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
    const [isGone2, setGone] = d2(false);
    const [isHelp, setHelp] = d2(false);
    const lastKey = T2("");
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
    A2(() => {
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
  Q(html`<${App} />`, place);
})();
