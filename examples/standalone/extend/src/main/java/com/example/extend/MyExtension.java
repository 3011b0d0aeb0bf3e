package com.example.extend;

import djinn.tasks.Extension;
import djinn.zoo.ModelEntry;
import java.util.List;
import java.util.Map;

/** Brings the model {@code two_convolutions}, the loss {@code poly_1} and the augmentation {@code random_invert}. */
public final class MyExtension implements Extension {

    /** Made by the service loader. */
    public MyExtension() {}

    @Override
    public List<ModelEntry> models() {
        return List.of(new ModelEntry(
                "two_convolutions",
                "classification",
                3,
                32,
                8,
                10,
                "an example",
                options -> new TwoConvolutions(options.inChannels(), options.classes())));
    }

    @Override
    public Map<String, Class<? extends Record>> losses() {
        return Map.of("poly_1", Poly1.class);
    }

    @Override
    public Map<String, Class<? extends Record>> augmentations() {
        return Map.of("random_invert", RandomInvert.class);
    }
}
