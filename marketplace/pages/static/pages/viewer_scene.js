// The 3D view: a model on a bed, the place of a finding, overhangs, a better way up. Draws only what changed.
import {
  Box3, Box3Helper, BoxGeometry, Color, DirectionalLight, GridHelper, HemisphereLight, Mesh, MeshBasicMaterial, PerspectiveCamera,
  Quaternion, Scene, Vector3, WebGLRenderer,
} from "../vendor/three/three.module.js";
import { fetchModel } from "./viewer_glb.js";
import { Model, UPRIGHT } from "./viewer_model.js";
import { Orbit, animate } from "./viewer_orbit.js";

const OVERVIEW = [0.5, 1.05];
// Not straight on, so that depth is seen.
const ASIDE = 0.4;
const SMALLEST_SHARE = 0.02;
const css = (name) => new Color(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
const dark = matchMedia("(prefers-color-scheme: dark)");

export class View {
  constructor(stage, name) {
    this.stage = stage;
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.canvas = this.renderer.domElement;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", `${name} in 3D. Arrow keys turn it, plus and minus zoom.`);
    stage.replaceChildren(this.canvas);
    this.scene = new Scene();
    this.camera = new PerspectiveCamera(35, 4 / 3, 0.1, 1000);
    this.camera.up.set(0, 0, 1);
    this.sky = new HemisphereLight(0xffffff, 0x8899aa, 1.5);
    this.lamp = new DirectionalLight(0xffffff, 2);
    // With the camera, so that no side is ever dark.
    this.camera.add(this.lamp);
    this.lamp.position.set(-0.6, 0.9, 0.8);
    this.scene.add(this.sky, this.camera);
    this.orbit = new Orbit(this.camera, this.canvas, () => this.draw());
    this.overhangs = false;
    this.watch = new ResizeObserver(() => this.#fit());
    this.watch.observe(stage);
    this.themed = () => this.#theme();
    dark.addEventListener("change", this.themed);
  }

  async load(url) {
    const model = new Model(await fetchModel(url));
    this.unmark();
    if (this.model) {
      this.scene.remove(this.model.group);
      this.model.dispose();
    }
    this.model = model;
    this.scene.add(model.group);
    this.#fit();
    this.#theme();
    this.home(false);
  }

  draw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.renderer.render(this.scene, this.camera);
    });
  }

  home(flying = true) {
    const middle = new Box3().setFromObject(this.model.mesh).getCenter(new Vector3());
    const distance = this.#distance(this.model.size / 2);
    if (flying) this.orbit.fly(middle, distance, ...OVERVIEW);
    else this.orbit.set(middle, distance, ...OVERVIEW, this.model.size);
  }

  // Show a place, a box in the file's own coordinates, from the side of the model on which it is.
  mark(low, high, colour) {
    this.unmark();
    const least = this.model.size * SMALLEST_SHARE;
    const box = new Box3(new Vector3(...low), new Vector3(...high));
    const size = box.getSize(new Vector3());
    box.expandByVector(new Vector3(...["x", "y", "z"].map((axis) => Math.max(0, least - size[axis]) / 2 + least / 10)));
    const paint = { transparent: true, depthTest: false };
    const middle = box.getCenter(new Vector3());
    const fill = new Mesh(new BoxGeometry(...box.getSize(size).toArray()), new MeshBasicMaterial({ ...paint, color: colour, opacity: 0.16, depthWrite: false }));
    fill.position.copy(middle);
    const edges = new Box3Helper(box, colour);
    Object.assign(edges.material, paint);
    this.marks = [fill, edges];
    this.model.inner.add(...this.marks);
    const at = this.model.place(middle.x, middle.y, middle.z);
    const away = at.clone().sub(new Box3().setFromObject(this.model.mesh).getCenter(new Vector3()));
    const [around, down] = away.length() > this.model.size * 0.02
      ? [Math.abs(away.x) + Math.abs(away.y) > 1e-6 ? Math.atan2(away.x, -away.y) + ASIDE : this.orbit.around, Math.min(2.2, Math.max(0.7, Math.acos(away.z / away.length())))]
      : OVERVIEW;
    this.orbit.fly(at, this.#distance(Math.max(size.length(), this.model.size * 0.2)), around, down);
  }

  unmark() {
    for (const part of this.marks ?? []) {
      part.removeFromParent();
      part.geometry.dispose();
      part.material.dispose();
    }
    this.marks = [];
    this.draw();
  }

  shade(overhangs) {
    this.overhangs = overhangs;
    this.#theme();
  }

  // Turn the model until `down`, a direction of the file, faces the bed; without one, as it was drawn.
  turn(down) {
    const model = this.model;
    model.down = down ? new Vector3(...down).normalize() : UPRIGHT.clone();
    const from = model.group.quaternion.clone();
    const to = new Quaternion().setFromUnitVectors(model.down, UPRIGHT);
    animate((share) => {
      model.stand(from.clone().slerp(to, share));
      if (share === 1) {
        this.#theme();
        this.home();
      }
      this.draw();
    });
  }

  close() {
    this.unmark();
    this.watch.disconnect();
    dark.removeEventListener("change", this.themed);
    cancelAnimationFrame(this.pending);
    this.pending = -1;
    this.model?.dispose();
    this.grid?.dispose();
    this.renderer.dispose();
    this.stage.replaceChildren();
  }

  // How far away something of this radius fills the view.
  #distance(radius) {
    const half = Math.atan(Math.tan((this.camera.fov * Math.PI) / 360) * Math.min(1, this.camera.aspect));
    return (radius * 1.12) / Math.sin(half);
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    this.renderer.setSize(width, height);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  #theme() {
    this.sky.groundColor = css("--calm-soft");
    this.model?.paint(new Color("#4c87db"), css("--bad"), this.overhangs);
    this.#bed();
    this.draw();
  }

  // Squares of 10 mm, or of 100 or 1 where those would be too many or too few.
  #bed() {
    this.grid?.removeFromParent();
    this.grid?.dispose();
    const longest = this.model?.size ?? 100;
    this.square = longest > 800 ? 100 : longest < 12 ? 1 : 10;
    const count = Math.ceil((longest * 1.3) / this.square / 2) * 2;
    this.grid = new GridHelper(count * this.square, count, css("--faint"), css("--line"));
    this.grid.rotation.x = Math.PI / 2;
    this.grid.position.z = -longest * 0.0005;
    this.bed = count * this.square;
    this.scene.add(this.grid);
  }
}
