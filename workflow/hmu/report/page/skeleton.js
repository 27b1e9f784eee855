"use strict";
// A skeleton in space, drawn on a canvas: its motion unpacked, turned, and projected.

const skeleton = (() => {
  const { chains, head, feet, fps } = report.told.skeleton;
  const JOINTS = 22, DISTANCE = 6, MIDDLE = 0.85, REACH = 3;
  const VIEW = { yaw: (40 * Math.PI) / 180, pitch: 0.12, zoom: 1 };

  // Positions in metres, Float32Array (frames * 22 * 3), of the steps of each coordinate from frame
  // to frame, in millimetres.
  function unpack({ frames, joints }) {
    const width = JOINTS * 3, found = new Float32Array(frames * width);
    for (let coordinate = 0; coordinate < width; coordinate += 1)
      for (let frame = 0, at = 0; frame < frames; frame += 1) {
        at += joints[coordinate * frames + frame];
        found[frame * width + coordinate] = at / 1000;
      }
    return found;
  }

  // A motion with what drawing it needs: the ground it stands on, and where the eye looks.
  function motion(packed) {
    const joints = unpack(packed), { frames } = packed;
    const lowest = Array.from({ length: frames }, (_, frame) =>
      Math.min(...feet.map((joint) => joints[(frame * JOINTS + joint) * 3 + 1])));
    lowest.sort((one, other) => one - other);
    const ground = lowest[Math.floor(0.05 * (frames - 1))] - 0.02;
    const eye = new Float32Array(frames * 2);
    for (let frame = 0; frame < frames; frame += 1) {
      const [from, to] = [Math.max(0, frame - 10), Math.min(frames - 1, frame + 10)];
      for (let near = from; near <= to; near += 1)
        for (const [axis, offset] of [[0, 0], [1, 2]])
          eye[frame * 2 + axis] += joints[near * JOINTS * 3 + offset] / (to - from + 1);
    }
    return { ...packed, joints, ground, eye };
  }

  // The pose at a time in seconds, between two frames; the last one stays.
  function pose({ joints, frames, eye }, seconds) {
    const exact = Math.min(seconds * fps, frames - 1);
    const first = Math.floor(exact), next = Math.min(first + 1, frames - 1), share = exact - first;
    const between = (array, width) => Array.from({ length: width }, (_, place) =>
      array[first * width + place] * (1 - share) + array[next * width + place] * share);
    return { joints: between(joints, JOINTS * 3), eye: between(eye, 2), frame: first };
  }

  function projector(canvas, view, centre) {
    const scale = view.zoom * Math.min(canvas.height / 2.15, canvas.width / 1.7);
    const [cos, sin] = [Math.cos(view.yaw), Math.sin(view.yaw)];
    const [up, over] = [Math.cos(view.pitch), Math.sin(view.pitch)];
    return (x, y, z) => {
      const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
      const across = cos * dx + sin * dz, depth = cos * dz - sin * dx;
      const height = dy * up - depth * over, near = dy * over + depth * up;
      const size = (scale * DISTANCE) / Math.max(DISTANCE - near, 0.5);
      return [canvas.width / 2 + across * size, canvas.height / 2 - height * size, near, size];
    };
  }

  function line(context, points) {
    context.beginPath();
    points.forEach(([x, y], number) => (number ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }

  function floor(context, project, centre, ground, colour) {
    const [middleX, middleZ] = [Math.round(centre[0]), Math.round(centre[2])];
    context.strokeStyle = colour;
    context.lineWidth = 1;
    for (let step = -REACH; step <= REACH; step += 1) {
      const ends = [-REACH, REACH];
      line(context, ends.map((end) => project(middleX + step, ground, middleZ + end)));
      line(context, ends.map((end) => project(middleX + end, ground, middleZ + step)));
    }
  }

  function way(context, project, { joints, frames, ground }, colour) {
    const points = [];
    for (let frame = 0; frame < frames; frame += 2)
      points.push(project(joints[frame * JOINTS * 3], ground, joints[frame * JOINTS * 3 + 2]));
    context.strokeStyle = colour;
    context.lineWidth = context.canvas.width / 220;
    line(context, points);
  }

  // Draw a motion at a time; `view` has yaw, pitch, zoom and whether to follow, `ink` the colours.
  function draw(canvas, moving, seconds, view, ink) {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    const now = pose(moving, seconds);
    const eye = view.follow ? now.eye : moving.eye;
    const centre = [eye[0], moving.ground + MIDDLE, eye[1]];
    const project = projector(canvas, view, centre);
    floor(context, project, centre, moving.ground, ink.grid);
    way(context, project, moving, ink.way);
    const at = (joint) => now.joints.slice(joint * 3, joint * 3 + 3);
    const [x, , z] = at(0);
    const [shadeX, shadeY, , size] = project(x, moving.ground, z);
    context.fillStyle = ink.shade;
    context.beginPath();
    context.ellipse(shadeX, shadeY, 0.28 * size, 0.28 * size * Math.max(0.15, Math.abs(Math.sin(view.pitch))), 0, 0, 7);
    context.fill();
    const limbs = chains.map((chain, number) => {
      const points = chain.map((joint) => project(...at(joint)));
      const depth = points.reduce((sum, point) => sum + point[2], 0) / points.length;
      return { points, depth, colour: ink.limbs[number] };
    });
    limbs.sort((one, other) => one.depth - other.depth);
    context.lineCap = context.lineJoin = "round";
    for (const { points, colour } of limbs) {
      context.strokeStyle = colour;
      context.lineWidth = 0.055 * points[0][3];
      line(context, points);
    }
    const [headX, headY, , headSize] = project(at(head)[0], at(head)[1] + 0.06, at(head)[2]);
    context.fillStyle = ink.trunk;
    context.beginPath();
    context.arc(headX, headY, 0.1 * headSize, 0, 7);
    context.fill();
  }

  // The time line below: tokens, those that were replaced taller and in colour, and the jerk.
  function timeline(canvas, moving, seconds, longest, most, ink) {
    const context = canvas.getContext("2d");
    const { width, height } = canvas, band = height * 0.36;
    context.clearRect(0, 0, width, height);
    const place = (frame) => (frame / Math.max(longest - 1, 1)) * (width - 2) + 1;
    if (moving.tokens) {
      const replaced = new Set(moving.replaced), each = moving.frames / moving.tokens;
      for (let token = 0; token < moving.tokens; token += 1) {
        const [from, to] = [place(token * each), place(Math.min((token + 1) * each, longest - 1))];
        const hit = replaced.has(token);
        context.fillStyle = hit ? ink.marked : ink.token;
        context.fillRect(from, hit ? 0 : band * 0.45, Math.max(to - from - 1, 1), hit ? band : band * 0.55);
      }
    }
    context.strokeStyle = ink.jerk;
    context.lineWidth = Math.max(1, width / 300);
    const room = height - band - 3;
    line(context, moving.jerk.map((value, frame) =>
      [place(frame), height - 1 - room * Math.min(value / Math.max(most, 1), 1)]));
    const cursor = place(Math.min(seconds * fps, longest - 1));
    context.fillStyle = ink.cursor;
    context.fillRect(cursor - 1, 0, 2, height);
  }

  return { motion, draw, timeline, fps, VIEW };
})();
