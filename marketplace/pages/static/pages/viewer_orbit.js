// A camera that goes around a point, z up: by pointer, wheel, two fingers or keys; and flies where it is told.
import { Vector3 } from "../vendor/three/three.module.js";

const POLE = 0.02;
const KEYS = {
  ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15],
};
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const within = (value, low, high) => Math.min(high, Math.max(low, value));

// Calls `step` with 0..1 as time goes; at once where motion is not wanted.
export function animate(step, milliseconds = 450) {
  if (calm()) return step(1);
  const begun = performance.now();
  const next = (now) => {
    const share = within((now - begun) / milliseconds, 0, 1);
    step(share * share * (3 - 2 * share));
    if (share < 1) requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

export class Orbit {
  constructor(camera, canvas, changed) {
    Object.assign(this, { camera, canvas, changed, target: new Vector3(), distance: 1, around: 0, down: 1, reach: 1 });
    this.fingers = new Map();
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.fingers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  // `reach`: the model's size, that bounds how near and how far the camera may be.
  set(target, distance, around, down, reach = this.reach) {
    this.reach = reach;
    this.target.copy(target);
    this.distance = within(distance, reach * 0.05, reach * 8);
    this.around = around;
    this.down = within(down, POLE, Math.PI - POLE);
    this.#apply();
  }

  fly(target, distance, around = this.around, down = this.down) {
    const [from, far, side, tilt] = [this.target.clone(), this.distance, this.around, this.down];
    const turn = Math.atan2(Math.sin(around - side), Math.cos(around - side));
    // Whoever takes the camera in hand ends its flight.
    const flight = (this.flight = {});
    animate((share) => flight === this.flight && this.set(
      from.clone().lerp(target, share), far + (distance - far) * share, side + turn * share, tilt + (down - tilt) * share,
    ));
  }

  #apply() {
    const { camera, target, distance, around, down } = this;
    camera.position.set(
      target.x + distance * Math.sin(down) * Math.sin(around),
      target.y - distance * Math.sin(down) * Math.cos(around),
      target.z + distance * Math.cos(down),
    );
    camera.near = distance / 100;
    camera.far = distance + this.reach * 20;
    camera.lookAt(target);
    camera.updateProjectionMatrix();
    this.changed();
  }

  #turn(right, below) { this.#hold(); this.set(this.target, this.distance, this.around - right, this.down - below); }

  #hold() { this.flight = null; }

  #zoom(factor) { this.#hold(); this.set(this.target, this.distance * factor, this.around, this.down); }

  #press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.#zoom(apart(before, other) / Math.max(1, apart(now, other)));
    else if (event.shiftKey || event.buttons === 2 || event.buttons === 4) this.#shift(now.x - before.x, now.y - before.y);
    else this.#turn((now.x - before.x) / 140, (now.y - before.y) / 140);
    this.fingers.set(event.pointerId, now);
  }

  #shift(right, below) {
    this.#hold();
    const step = (this.distance * 2 * Math.tan((this.camera.fov * Math.PI) / 360)) / this.canvas.clientHeight;
    const [x, y] = [new Vector3(), new Vector3()];
    this.camera.matrix.extractBasis(x, y, new Vector3());
    this.set(this.target.clone().addScaledVector(x, -right * step).addScaledVector(y, below * step), this.distance, this.around, this.down);
  }

  #wheel(event) {
    event.preventDefault();
    this.#zoom(Math.exp(within(event.deltaY, -120, 120) / 400));
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (KEYS[event.key]) this.#turn(...KEYS[event.key]);
    else if (event.key === "+" || event.key === "=") this.#zoom(0.85);
    else if (event.key === "-") this.#zoom(1 / 0.85);
    else return;
    event.preventDefault();
  }
}

const apart = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
