// Recomputes the committed trees with OpenZeppelin's own package: prints [{root, leaves: [{digest, proof}]}].
import { readFileSync } from "node:fs";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { id } from "ethers";

const trees = JSON.parse(readFileSync(process.argv[2], "utf8"));

function wordOf(type, value) {
  return type === "string" ? id(value) : value;
}

const found = trees.map(({ types, leaves }) => {
  const values = leaves.map(({ value }) => Object.values(value).map((member, at) => wordOf(types[at], member)));
  const tree = StandardMerkleTree.of(
    values,
    types.map((type) => (type === "string" ? "bytes32" : type)),
  );
  return {
    root: tree.root,
    leaves: values.map((value, index) => ({ digest: tree.leafHash(value), proof: tree.getProof(index) })),
  };
});

console.log(JSON.stringify(found));
