// A model as three.js draws it: facet by facet, so that each can be coloured by how far it hangs over.
import { BufferAttribute, BufferGeometry, Group, Mesh, MeshStandardMaterial, Quaternion, Vector3 } from "../vendor/three/three.module.js";

const STEEP = Math.sin(Math.PI / 4);
const ON_BED_MM = 0.05;
export const UPRIGHT = new Vector3(0, 0, -1);

export class Model {
  constructor({ points, facets, at }) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(spread(points, facets), 3));
    geometry.setAttribute("color", new BufferAttribute(new Float32Array(facets.length * 3).fill(1), 3));
    geometry.computeVertexNormals();
    geometry.computeBoundingBox();
    this.box = geometry.boundingBox;
    this.size = this.box.getSize(new Vector3()).length();
    this.mesh = new Mesh(geometry, new MeshStandardMaterial({ vertexColors: true, roughness: 0.62, metalness: 0.02, side: 2 }));
    // `inner` holds the file's own coordinates, `group` turns them and stands them on the bed.
    this.inner = new Group();
    this.inner.position.set(-at[0], -at[1], -at[2]);
    this.mesh.position.set(...at);
    this.inner.add(this.mesh);
    this.group = new Group();
    this.group.add(this.inner);
    this.down = UPRIGHT.clone();
    this.stand(new Quaternion());
  }

  // Turned so, with its lowest point on the bed.
  stand(turn) {
    this.group.quaternion.copy(turn);
    const positions = this.mesh.geometry.getAttribute("position");
    const up = new Vector3(0, 0, 1).applyQuaternion(turn.clone().invert());
    let lowest = Infinity;
    for (let at = 0; at < positions.count; at += 1) {
      lowest = Math.min(lowest, positions.getX(at) * up.x + positions.getY(at) * up.y + positions.getZ(at) * up.z);
    }
    this.group.position.set(0, 0, -lowest);
    this.group.updateMatrixWorld(true);
  }

  // Where a point of the file is in the scene.
  place(x, y, z) { return this.inner.localToWorld(new Vector3(x, y, z)); }

  // Facets that hang over, as seen with `down` towards the bed, in one colour and the rest in another.
  paint(plain, over, shown) {
    const positions = this.mesh.geometry.getAttribute("position");
    const normals = this.mesh.geometry.getAttribute("normal");
    const colours = this.mesh.geometry.getAttribute("color");
    const { down } = this;
    const depth = (at) => positions.getX(at) * down.x + positions.getY(at) * down.y + positions.getZ(at) * down.z;
    let bed = -Infinity;
    for (let at = 0; at < positions.count; at += 1) bed = Math.max(bed, depth(at));
    for (let at = 0; at < positions.count; at += 3) {
      const slope = normals.getX(at) * down.x + normals.getY(at) * down.y + normals.getZ(at) * down.z;
      const lies = Math.min(depth(at), depth(at + 1), depth(at + 2)) > bed - ON_BED_MM;
      const colour = shown && slope > STEEP && !lies ? over : plain;
      for (let corner = at; corner < at + 3; corner += 1) colours.setXYZ(corner, colour.r, colour.g, colour.b);
    }
    colours.needsUpdate = true;
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}

function spread(points, facets) {
  const corners = new Float32Array(facets.length * 3);
  facets.forEach((point, at) => corners.set(points.subarray(point * 3, point * 3 + 3), at * 3));
  return corners;
}
