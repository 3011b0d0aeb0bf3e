package com.example.spirals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;

/** Points and the spiral of each. */
final class SpiralBatch implements Batch {

    private final float[] points;
    private final float[] sides;

    /** Points, x and y one after the other, and their spirals, 1 or -1. */
    SpiralBatch(float[] points, float[] sides) {
        this.points = points;
        this.sides = sides;
    }

    /** Returns the points, (N, 2). */
    NDArray points(NDManager owner) {
        return owner.create(points, new Shape(sides.length, 2));
    }

    /** Returns the spirals, (N). */
    NDArray sides(NDManager owner) {
        return owner.create(sides);
    }

    /** Returns the spirals, not copied. */
    float[] sides() {
        return sides;
    }

    @Override
    public int size() {
        return sides.length;
    }

    /** The arrays are Java's own. */
    @Override
    public void close() {}
}
