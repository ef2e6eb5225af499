// The site's own GLB (designs/mesh/glb.py): points in mm, facets, and where the middle of the model is.
const JSON_CHUNK = 0x4e4f534a;

export async function fetchModel(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The preview could not be loaded: the site answered ${answer.status}.`);
  return parse(await answer.arrayBuffer());
}

function parse(data) {
  const view = new DataView(data);
  const length = view.getUint32(12, true);
  if (view.getUint32(16, true) !== JSON_CHUNK) throw new Error("The preview is no GLB.");
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, length)));
  const start = 20 + length + 8;
  const [points, facets] = told.accessors;
  const at = (accessor) => start + told.bufferViews[accessor.bufferView].byteOffset;
  const Whole = facets.componentType === 5123 ? Uint16Array : Uint32Array;
  return {
    points: new Float32Array(data.slice(at(points), at(points) + points.count * 12)),
    facets: new Whole(data.slice(at(facets), at(facets) + facets.count * Whole.BYTES_PER_ELEMENT)),
    at: told.nodes[1].translation,
  };
}
