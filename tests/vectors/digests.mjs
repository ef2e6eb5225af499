// Recomputes the committed vectors with ethers: prints {typed: [{digest, signer}], json: [digest]}.
import { readFileSync } from "node:fs";
import { TypedDataEncoder, concat, getBytes, keccak256, recoverAddress, toUtf8Bytes } from "ethers";

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));

function fieldsOf(typeString) {
  const inside = typeString.slice(typeString.indexOf("(") + 1, -1);
  return inside.split(",").map((member) => {
    const [type, name] = member.split(" ");
    return { name, type };
  });
}

const typed = vectors.typed.map((vector) => {
  const domain = {
    name: vector.domain,
    version: "1",
    chainId: vectors.chain_id,
    verifyingContract: vectors.escrow,
  };
  const types = { [vector.type]: fieldsOf(vector.type_string) };
  const digest = TypedDataEncoder.hash(domain, types, vector.message);
  return { digest, signer: recoverAddress(digest, vector.signature) };
});

const json = vectors.json.map(({ canonical }) => {
  const bytes = toUtf8Bytes(canonical);
  return { digest: keccak256(bytes), salted: keccak256(concat([getBytes("0x" + "01".repeat(32)), bytes])) };
});

console.log(JSON.stringify({ typed, json }));
