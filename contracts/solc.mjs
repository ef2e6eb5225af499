#!/usr/bin/env node
// A solc command made of the npm package (WebAssembly): what py-solc-x and forge need of it, offline.
import { readFileSync, writeSync } from "node:fs";
import solc from "solc";

function write(text) {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // the reader's pipe is full
    }
  }
}

if (process.argv.includes("--version")) {
  // The suffix of the WebAssembly build is unknown to parsers that expect a native solc.
  const version = solc.version().replace(".Emscripten.clang", "") + ".Linux.g++";
  write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes("--standard-json")) {
  write(solc.compile(readFileSync(0, "utf8")) + "\n");
} else {
  process.stderr.write("This solc answers --version and --standard-json (input on stdin).\n");
  process.exitCode = 1;
}
