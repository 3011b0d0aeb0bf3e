package com.example.spirals;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;

/** Two hidden layers: points (N, 2) to one score each, (N); above 0 is the first spiral. */
public final class SpiralNet extends ArrayBlock {

    private final Linear first;
    private final Linear second;
    private final Linear last;

    /**
     * A network.
     *
     * @param width units of each hidden layer
     */
    public SpiralNet(int width) {
        first = child("first", new Linear(2, width));
        second = child("second", new Linear(width, width));
        last = child("last", new Linear(width, 1));
    }

    @Override
    public NDArray forward(NDArray points, Pass pass) {
        NDArray x = Nonlinearity.TANH.apply(first.forward(points, pass)); // (N, width)
        x = Nonlinearity.TANH.apply(second.forward(x, pass));
        return last.forward(x, pass).flatten(); // (N, 1) to (N)
    }
}
