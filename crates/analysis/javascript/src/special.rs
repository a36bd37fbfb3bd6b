//! Names that need more than a table entry.

/// What a `catch` is given: the errors of clients hold the server's answer.
pub(crate) const ERROR: &str = "<error>";

/// What a call of a name does beyond its table entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// Nothing.
    None,
    /// Gives the module named by its argument.
    Require,
    /// Gives back its first argument (interop helpers, `promisify`).
    Identity,
    /// Gives back its first argument with all others joined into it.
    Assign,
    /// Gives what its argument holds: keys, values, entries, a copy.
    View,
    /// Calls the first argument with an array of arguments: `Reflect.apply`.
    Apply,
    /// Makes an object of the first argument with an array of arguments: `Reflect.construct`.
    Construct,
    /// `Reflect.get`.
    Get,
    /// `Object.getPrototypeOf`.
    Prototype,
    /// `new Promise(executor)`.
    Promise,
    /// `String.fromCharCode`.
    CharCode,
    /// `Buffer.from` and relatives: depends on the encoding.
    Buffer,
    /// `atob`.
    Atob,
    /// `encodeURIComponent`.
    Escape,
    /// `unescape`, `decodeURIComponent`.
    Percent,
    /// Decompression of constants.
    Inflate,
    /// `crypto.createDecipheriv`: an object that holds a key.
    Decipher,
    /// `crypto.createHash`.
    Hash,
    /// `update` of either.
    Update,
    /// `decipher.final()`, `hash.digest()`.
    Final,
    /// Decrypts with a passphrase: crypto-js.
    Passphrase,
    /// `Buffer.concat`.
    Pieces,
    /// Gives a number or truth value: nothing to follow.
    Scalar,
    /// `String(x)`.
    Text,
    /// Joins paths.
    Path,
    /// The temporary or home folder: a known hole in a path.
    Folder,
    /// Runs a callback or text later.
    Timer,
    /// Makes a function from text.
    Function,
    /// Evaluates text.
    Eval,
    /// Runs a callback at once or soon, with what the network sends.
    Server,
    /// Stands before an object: what is asked of it goes through the handler.
    Proxy,
    /// `stream.pipeline(source, …, target)`.
    Pipeline,
    /// Opens a connection, perhaps one to this machine.
    Connect,
    /// Listens to the events of a page or worker.
    Listen,
    /// A side of a stream that gives what it is given: the stream itself.
    Side,
    /// Reads something as a property rather than by a call.
    Property,
}

impl Special {
    /// By canonical name.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "require"
            | "import"
            | "module.require"
            | "process.mainModule.require"
            | "require.main.require"
            | "module._load"
            | "module.Module._load"
            | "__require"
            | "process.getBuiltinModule"
            | "__non_webpack_require__"
            // a module with hooks: it is loaded, too
            | "module.register"
            | "import-fresh" => Self::Require,
            "util.promisify"
            | "util.callbackify"
            | "util.deprecate"
            | "promisify"
            | "pify"
            | "es6-promisify"
            | "es6-promisify.promisify"
            | "universalify.fromCallback"
            | "universalify.fromPromise"
            | "thenify"
            | "bluebird.promisify"
            | "_interopRequireDefault"
            | "_interopRequireWildcard"
            | "_interopDefault"
            | "_interopDefaultLegacy"
            | "_interopNamespace"
            | "__importStar"
            | "__importDefault"
            | "__toESM"
            | "__toModule"
            | "__esModule"
            | "interopDefault"
            | "tslib.__importStar"
            | "tslib.__importDefault"
            | "Object"
            | "Object.freeze"
            | "Object.seal"
            | "@babel/runtime/helpers/interopRequireDefault"
            | "@babel/runtime/helpers/interopRequireWildcard"
            | "Promise.resolve"
            | "bluebird.promisifyAll"
            | "Object.create"
            | "lodash.once"
            | "stream.Readable.from"
            | "stream.Readable.fromWeb"
            // an address in the form that a library wants
            | "@solana/web3.js.PublicKey"
            | "ethers.getAddress"
            | "ethers.utils.getAddress"
            | "viem.getAddress"
            | "web3.utils.toChecksumAddress" => Self::Identity,
            "stream.pipeline" | "stream/promises.pipeline" | "stream.promises.pipeline" => {
                Self::Pipeline
            }
            "net.connect" | "net.createConnection" => Self::Connect,
            "Object.assign"
            | "lodash.merge"
            | "lodash.assign"
            | "lodash.extend"
            | "lodash.defaults"
            | "_.extend"
            | "_.assign"
            | "_.merge"
            | "$.extend"
            | "extend"
            | "deepmerge"
            | "object-assign"
            | "tslib.__assign"
            | "__assign"
            | "_extends"
            | "Object.defineProperty" => Self::Assign,
            "Object.keys"
            | "Object.values"
            | "Object.entries"
            | "Object.fromEntries"
            | "Object.getOwnPropertyNames"
            | "Reflect.ownKeys"
            | "Array.from"
            | "Array.of"
            | "Promise.all"
            | "Promise.allSettled"
            | "Promise.race"
            | "Promise.any"
            | "JSON.parse"
            | "Map"
            | "Set"
            | "Array"
            | "structuredClone"
            | "Uint8Array"
            | "Blob"
            | "Headers"
            | "URL"
            | "url.URL"
            | "url.parse"
            | "url.format"
            | "Response" => Self::View,
            "Reflect.apply" => Self::Apply,
            "Reflect.construct" => Self::Construct,
            "Reflect.get" => Self::Get,
            "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => Self::Prototype,
            "Promise" | "bluebird" => Self::Promise,
            "String.fromCharCode" | "String.fromCodePoint" => Self::CharCode,
            "Buffer.from" | "Buffer" => Self::Buffer,
            "atob" | "base-64.decode" | "js-base64.decode" | "js-base64.Base64.decode" => {
                Self::Atob
            }
            "encodeURIComponent" | "querystring.escape" => Self::Escape,
            "unescape" | "decodeURIComponent" | "decodeURI" | "querystring.unescape" => {
                Self::Percent
            }
            "zlib.inflateSync"
            | "zlib.gunzipSync"
            | "zlib.inflateRawSync"
            | "zlib.unzipSync"
            | "pako.inflate"
            | "pako.ungzip"
            | "pako.inflateRaw" => Self::Inflate,
            "crypto.createDecipheriv" | "browserify-aes.createDecipheriv" => Self::Decipher,
            "crypto.createHash" => Self::Hash,
            "crypto.Decipher.update" | "crypto.Hash.update" => Self::Update,
            "crypto.Decipher.final" | "crypto.Hash.digest" => Self::Final,
            "crypto-js.AES.decrypt" | "crypto-js/aes.decrypt" => Self::Passphrase,
            "Buffer.concat" => Self::Pieces,
            "Number"
            | "parseInt"
            | "parseFloat"
            | "Boolean"
            | "isNaN"
            | "isFinite"
            | "Array.isArray"
            | "Number.parseInt"
            | "Number.parseFloat"
            | "Number.isInteger"
            | "Date"
            | "Date.parse"
            | "Symbol"
            | "Symbol.for"
            | "RegExp"
            | "Error"
            | "TypeError"
            | "RangeError"
            | "BigInt"
            | "fs.existsSync"
            | "fs.exists"
            | "fs.statSync"
            | "fs.lstatSync"
            | "fs.accessSync"
            | "fs.stat"
            | "path.isAbsolute"
            | "Buffer.isBuffer"
            | "Buffer.byteLength"
            | "Object.is"
            | "Reflect.has"
            | "Object.prototype.hasOwnProperty"
            | "crypto.timingSafeEqual" => Self::Scalar,
            "String" | "String.raw" => Self::Text,
            "path.join" | "path.resolve" | "path.posix.join" | "path.win32.join"
            | "path.posix.resolve" | "upath.join" | "pathe.join" | "pathe.resolve" => Self::Path,
            "path.basename"
            | "path.dirname"
            | "path.extname"
            | "path.normalize"
            | "path.relative"
            | "path.parse"
            | "path.format"
            | "path.toNamespacedPath"
            | "url.fileURLToPath"
            | "url.pathToFileURL"
            | "require.resolve"
            | "os.tmpdir"
            | "process.cwd" => Self::Folder,
            "setTimeout"
            | "setInterval"
            | "setImmediate"
            | "process.nextTick"
            | "queueMicrotask"
            | "requestAnimationFrame"
            | "requestIdleCallback"
            | "timers.setTimeout"
            | "timers.setInterval" => Self::Timer,
            "Function" | "GeneratorFunction" | "AsyncFunction" | "AsyncGeneratorFunction" => {
                Self::Function
            }
            "eval" => Self::Eval,
            "addEventListener" | "document.addEventListener" | "document.body.addEventListener" => {
                Self::Listen
            }
            "stream.Transform.readable" | "stream.Transform.writable" => Self::Side,
            "Proxy" => Self::Proxy,
            "http.createServer"
            | "https.createServer"
            | "net.createServer"
            | "tls.createServer"
            | "http2.createServer"
            | "http2.createSecureServer" => Self::Server,
            _ if is_property(name) => Self::Property,
            _ if name.starts_with("Math.")
                || name.starts_with("console.")
                || name.starts_with("Number.") =>
            {
                Self::Scalar
            }
            _ => Self::None,
        }
    }
}

/// Names whose value is read, not called.
fn is_property(name: &str) -> bool {
    matches!(
        name,
        "process.env"
            | "Bun.env"
            | "import.meta.env"
            | "document.cookie"
            | "localStorage"
            | "sessionStorage"
            | "process.stdin"
            | "Bun.stdin"
            | "Deno.stdin"
            | "<error>.response"
            | "XMLHttpRequest.responseText"
            | "XMLHttpRequest.response"
            | "XMLHttpRequest.responseXML"
            | "ethereum"
            | "solana"
            | "tronWeb"
            | "phantom.solana"
            | "FetchEvent.request.headers"
            | "FetchEvent.request.body"
            | "KeyboardEvent.key"
            | "KeyboardEvent.code"
            | "KeyboardEvent.keyCode"
            | "KeyboardEvent.which"
            | "KeyboardEvent.charCode"
    )
}

/// Facts about the machine that every client sends along: no source of a chain.
pub(crate) fn is_ordinary_fact(name: &str) -> bool {
    name.starts_with("navigator.")
        || name.starts_with("screen.")
        || matches!(
            name,
            "process.platform"
                | "process.arch"
                | "process.version"
                | "process.report"
                | "os.platform"
                | "os.arch"
                | "os.type"
                | "os.release"
                | "os.version"
                | "os.machine"
                | "os.cpus"
                | "os.totalmem"
                | "os.freemem"
                | "os.uptime"
                | "os.loadavg"
                | "os.homedir"
                | "process.getuid"
                | "process.geteuid"
                | "process.getgid"
                | "process.getegid"
        )
}

/// Members of a value that are measures, not content.
pub(crate) fn is_measure(key: &str) -> bool {
    matches!(
        key,
        "length"
            | "size"
            | "status"
            | "statusCode"
            | "statusText"
            | "statusMessage"
            | "ok"
            | "byteLength"
            | "pid"
            | "exitCode"
            | "killed"
            | "signal"
            | "readyState"
            | "connected"
            | "destroyed"
            | "aborted"
            | "isTTY"
    )
}

/// Methods and functions whose result is a truth value, number or nothing.
pub(crate) fn is_predicate(name: &str) -> bool {
    let last = name.rsplit(['.', '#']).next().unwrap_or(name);
    matches!(
        last,
        "includes"
            | "indexOf"
            | "lastIndexOf"
            | "startsWith"
            | "endsWith"
            | "test"
            | "localeCompare"
            | "search"
            | "some"
            | "every"
            | "has"
            | "hasOwnProperty"
            | "charCodeAt"
            | "codePointAt"
            | "forEach"
            | "log"
            | "error"
            | "warn"
            | "info"
            | "debug"
            | "assert"
            | "equal"
            | "strictEqual"
            | "deepEqual"
            | "isArray"
            | "existsSync"
            | "compare"
            | "satisfies"
            | "validate"
            | "findIndex"
    ) || ["is", "has", "should", "can", "supports"].iter().any(|p| {
        last.strip_prefix(p)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}
