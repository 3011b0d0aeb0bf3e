package com.example.spirals;

import djinn.tasks.Extension;
import java.util.Map;

/** Makes the task and the loss known by name, to recipes and to {@code djinn}. */
public final class SpiralExtension implements Extension {

    /** Made by the service loader. */
    public SpiralExtension() {}

    @Override
    public Map<String, Class<? extends Record>> tasks() {
        return Map.of("spirals", SpiralRecipe.class);
    }

    @Override
    public Map<String, Class<? extends Record>> losses() {
        return Map.of("squared_hinge", SquaredHinge.class);
    }
}
