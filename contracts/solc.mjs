#!/usr/bin/env node
// A solc command made of the npm package (WebAssembly): what py-solc-x and forge need of it, offline.
import { readFileSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import solc from "solc";

/** A source that the input does not carry, read from below --base-path as a native solc would. */
function read(name) {
  const place = process.argv.indexOf("--base-path");
  if (place === -1) return { error: "The input carries no such source." };
  try {
    return { contents: readFileSync(resolve(process.argv[place + 1], name), "utf8") };
  } catch (error) {
    return { error: error.message };
  }
}

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
  write(solc.compile(readFileSync(0, "utf8"), { import: read }) + "\n");
} else {
  process.stderr.write("This solc answers --version and --standard-json (input on stdin).\n");
  process.exitCode = 1;
}
