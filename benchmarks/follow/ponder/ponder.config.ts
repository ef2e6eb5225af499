import { readFileSync } from "node:fs";
import { createConfig } from "ponder";

const abi = JSON.parse(readFileSync(process.env.FILLED_ABI!, "utf8")).abi;

export default createConfig({
  chains: { local: { id: 31337, rpc: process.env.FILLED_RPC! } },
  contracts: {
    Escrow: {
      abi,
      chain: "local",
      address: process.env.FILLED_ADDRESS as `0x${string}`,
      startBlock: Number(process.env.FILLED_FIRST),
    },
  },
});
