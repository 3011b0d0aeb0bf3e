package com.example.extend;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;

/** Two convolutions, the mean over all places, a linear layer: (N, C, H, W) to (N, K). */
public final class TwoConvolutions extends ArrayBlock {

    private static final int WIDTH = 32;

    private final Conv2d first;
    private final Conv2d second;
    private final Linear head;

    /**
     * A network.
     *
     * @param channels C
     * @param classes K
     */
    public TwoConvolutions(int channels, int classes) {
        first = child("first", new Conv2d(channels, WIDTH, Window.of(3).padding(1)));
        second = child("second", new Conv2d(WIDTH, WIDTH, Window.of(3).padding(1)));
        head = child("head", new Linear(WIDTH, classes));
    }

    @Override
    public NDArray forward(NDArray images, Pass pass) {
        NDArray x = Nonlinearity.RELU.apply(first.forward(images, pass)); // (N, 32, H, W)
        x = Nonlinearity.RELU.apply(second.forward(x, pass));
        return head.forward(x.mean(new int[] {3}).mean(new int[] {2}), pass); // (N, 32) to (N, K)
    }
}
