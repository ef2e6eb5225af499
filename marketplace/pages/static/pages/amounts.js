// Amounts and times of the chain in words.
import { formatEther } from "../vendor/ethers/ethers.min.js";

export const ether = (wei) => `${formatEther(wei).replace(/\.0$/, "")} ETH`;
export const moment = (seconds) => new Date(Number(seconds) * 1000).toUTCString().replace("GMT", "UTC");
export const hours = (seconds) => `${Number(seconds) / 3600} hours`;
