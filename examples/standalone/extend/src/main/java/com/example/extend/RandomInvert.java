package com.example.extend;

import djinn.data.Augmentation;
import djinn.data.Augmented;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Makes dark pixels bright and bright ones dark.
 *
 * @param p how often, 0 to 1
 */
public record RandomInvert(@Default("0.5") double p) implements Augmentation {

    /** Checks the probability. */
    public RandomInvert {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        if (random.nextDouble() >= p) {
            return Augmented.inPlace(image);
        }
        byte[] values = image.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) ~values[i];
        }
        return Augmented.inPlace(new Pixels(image.height(), image.width(), image.channels(), values));
    }
}
