package com.example.spirals;

import djinn.metrics.Metric;

/** How far the worst point is on its side: below 0 if there is a wrong one. */
final class SmallestMargin implements Metric {

    private double least = Double.NaN;

    /** Takes in a score and its target, -1 or 1. */
    void add(double score, double target) {
        least = Double.isNaN(least) ? score * target : Math.min(least, score * target);
    }

    @Override
    public double value() {
        return least;
    }

    @Override
    public double[] state() {
        return new double[] {least};
    }

    @Override
    public void merge(double[] state) {
        if (!Double.isNaN(state[0])) {
            add(state[0], 1);
        }
    }
}
